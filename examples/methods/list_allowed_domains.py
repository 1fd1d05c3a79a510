from frontdesk import ConfigurationClient

with ConfigurationClient(version="3.7") as configuration:
    print(configuration.list_allowed_domains().domains)
