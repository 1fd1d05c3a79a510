from frontdesk import ConfigurationClient

with ConfigurationClient() as configuration:
    # In group 1 agents pick their chats themselves.
    configuration.update_group_properties(
        group_id=1, properties={"chats": {"manual_routing.override": 1}}
    )
