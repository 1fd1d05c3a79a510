from frontdesk import ConfigurationClient

with ConfigurationClient() as configuration:
    configuration.reactivate_email(agent_id="smith@example.com")
