from frontdesk import ConfigurationClient

with ConfigurationClient() as configuration:
    group = configuration.get_group(id=1, fields=["agent_priorities"])
    print(group.name, group.agent_priorities)
