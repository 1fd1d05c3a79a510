from frontdesk import ConfigurationClient

with ConfigurationClient() as configuration:
    configuration.delete_tag(name="support")
    print([tag.name for tag in configuration.list_tags()])
