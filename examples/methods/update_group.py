from frontdesk import ConfigurationClient

with ConfigurationClient() as configuration:
    members = configuration.get_group(id=2, fields=["agent_priorities"]).agent_priorities or {}
    configuration.update_group(id=2, agent_priorities={**members, "jones@example.com": "last"})
