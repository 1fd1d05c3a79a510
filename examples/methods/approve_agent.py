from frontdesk import ConfigurationClient

with ConfigurationClient() as configuration:
    configuration.create_agent(id="kim@example.com", name="Kim", awaiting_approval=True)
    configuration.approve_agent(id="kim@example.com")
