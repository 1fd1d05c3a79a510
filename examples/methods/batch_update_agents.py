from frontdesk import ConfigurationClient

with ConfigurationClient() as configuration:
    agents = configuration.list_agents(filters={"group_ids": [1]})
    batch = configuration.batch_update_agents(
        requests=[{"id": agent.id, "max_chats_count": 4} for agent in agents]
    )
    print([response.error for response in batch.responses])
