from frontdesk import AgentClient

with AgentClient() as client:
    for agent in client.list_routing_statuses():
        print(agent.agent_id, agent.status)
