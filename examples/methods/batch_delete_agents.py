from frontdesk import ConfigurationClient

with ConfigurationClient() as configuration:
    ids = ["new@example.com", "newer@example.com"]
    configuration.batch_create_agents(
        requests=[{"id": agent_id, "name": "New Agent"} for agent_id in ids]
    )
    batch = configuration.batch_delete_agents(requests=[{"id": agent_id} for agent_id in ids])
    print([response.error for response in batch.responses])
