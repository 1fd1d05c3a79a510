from frontdesk import AgentClient

with AgentClient() as client:
    print(client.get_license_info())
