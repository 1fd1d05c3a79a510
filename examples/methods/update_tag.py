from frontdesk import ConfigurationClient

with ConfigurationClient() as configuration:
    configuration.update_tag(name="support", group_ids=[0, 1])
    print([tag.group_ids for tag in configuration.list_tags() if tag.name == "support"])
