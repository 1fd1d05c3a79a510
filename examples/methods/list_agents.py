from frontdesk import ConfigurationClient

with ConfigurationClient() as configuration:
    for agent in configuration.list_agents(filters={"group_ids": [1]}):
        print(agent.id, agent.name, agent.role)
