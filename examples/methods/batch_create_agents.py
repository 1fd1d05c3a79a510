from frontdesk import ConfigurationClient

with ConfigurationClient() as configuration:
    batch = configuration.batch_create_agents(
        requests=[
            {"id": "new@example.com", "name": "New Agent"},
            {"id": "newer@example.com", "name": "Newer Agent", "role": "administrator"},
        ]
    )
    print([response.id for response in batch.responses])
