from frontdesk import ConfigurationClient

with ConfigurationClient() as configuration:
    configuration.delete_agent(id="tanaka@example.com")
