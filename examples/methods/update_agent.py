from frontdesk import ConfigurationClient

with ConfigurationClient() as configuration:
    configuration.update_agent(
        id="jones@example.com", max_chats_count=4, groups=[{"id": 2, "priority": "first"}]
    )
