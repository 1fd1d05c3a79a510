from frontdesk import ConfigurationClient

with ConfigurationClient() as configuration:
    agent = configuration.create_agent(
        id="kim@example.com", name="Kim", groups=[{"id": 1, "priority": "normal"}]
    )
    print(agent.id)
