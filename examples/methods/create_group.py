from frontdesk import ConfigurationClient

with ConfigurationClient() as configuration:
    group = configuration.create_group(
        name="Returns", language_code="en", agent_priorities={"jones@example.com": "first"}
    )
    print(group.id)
