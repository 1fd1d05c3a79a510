from frontdesk import ConfigurationClient

with ConfigurationClient() as configuration:
    for group in configuration.list_groups():
        print(group.id, group.name, group.routing_status)
