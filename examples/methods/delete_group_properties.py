from frontdesk import ConfigurationClient

with ConfigurationClient() as configuration:
    configuration.update_group_properties(
        group_id=1, properties={"chats": {"queue.routing_priority": 5}}
    )
    configuration.delete_group_properties(id=1, properties={"chats": ["queue.routing_priority"]})
