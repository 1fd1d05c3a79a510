from frontdesk import ConfigurationClient

with ConfigurationClient() as configuration:
    rule = configuration.add_auto_access(
        access={"groups": [1]},
        conditions={"domain": {"values": [{"value": "help.example.com", "exact_match": True}]}},
    )
    configuration.delete_auto_access(id=rule.id)
