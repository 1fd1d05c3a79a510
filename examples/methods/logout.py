from frontdesk import AgentClient

with AgentClient() as client:
    client.set_routing_status(status="accepting_chats")
    client.logout()
