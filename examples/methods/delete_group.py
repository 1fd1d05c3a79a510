from frontdesk import ConfigurationClient

with ConfigurationClient() as configuration:
    configuration.delete_group(id=3)
