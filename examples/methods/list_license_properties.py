from frontdesk import ConfigurationClient

with ConfigurationClient() as configuration:
    chats = configuration.list_license_properties(namespace="chats")["chats"]
    print(chats["max_agent_active_chats"])
