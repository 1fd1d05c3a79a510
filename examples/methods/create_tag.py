from frontdesk import ConfigurationClient

with ConfigurationClient() as configuration:
    configuration.create_tag(name="chargeback", group_ids=[0])
    print(configuration.list_tags()[0])
