from frontdesk import ConfigurationClient

with ConfigurationClient() as configuration:
    germans = configuration.add_auto_access(
        access={"groups": [3]},
        conditions={"geolocation": {"values": [{"country_code": "DE"}]}},
    )
    shoppers = configuration.add_auto_access(
        access={"groups": [2]},
        conditions={"url": {"values": [{"value": "/shop/"}]}},
    )

    # Shoppers go to Sales wherever they are.
    configuration.update_auto_access(id=shoppers.id, next_id=germans.id)
