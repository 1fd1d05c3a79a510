from frontdesk import ConfigurationClient

with ConfigurationClient(version="3.7") as configuration:
    print(configuration.list_translations(group_id=0, language="en").phrases)
