from frontdesk import ConfigurationClient

with ConfigurationClient() as configuration:
    agent = configuration.get_agent(id="jones@example.com", fields=["groups", "max_chats_count"])
    print(agent.name, agent.max_chats_count, agent.groups)
