from frontdesk import ConfigurationClient

with ConfigurationClient() as configuration:
    configuration.update_license_properties(
        properties={"chats": {"queue.enabled": True, "chat_inactive_after_min": 10}}
    )
