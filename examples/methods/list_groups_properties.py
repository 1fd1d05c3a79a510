from frontdesk import ConfigurationClient

with ConfigurationClient() as configuration:
    for group in configuration.list_groups_properties(group_ids=[]):
        print(group.id, group.properties)
