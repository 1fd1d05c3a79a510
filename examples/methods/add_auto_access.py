from frontdesk import ConfigurationClient

with ConfigurationClient() as configuration:
    rule = configuration.add_auto_access(
        description="Shoppers talk to Sales",
        access={"groups": [2]},
        conditions={"url": {"values": [{"value": "/shop/"}]}},
    )
    print(rule.id)
