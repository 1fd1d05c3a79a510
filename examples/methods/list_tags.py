from frontdesk import ConfigurationClient

with ConfigurationClient() as configuration:
    for tag in configuration.list_tags(filters={"group_ids": [0]}):
        print(tag.name, tag.group_ids)
