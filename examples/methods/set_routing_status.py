from frontdesk import AgentClient

with AgentClient() as client:
    client.set_routing_status(status="not_accepting_chats", agent_id="jones@example.com")
    statuses = {each.agent_id: each.status for each in client.list_routing_statuses()}
    assert statuses["jones@example.com"] == "not_accepting_chats"
