from frontdesk import ConfigurationClient

with ConfigurationClient() as configuration:
    configuration.suspend_agent(id="tanaka@example.com")
    configuration.unsuspend_agent(id="tanaka@example.com")
