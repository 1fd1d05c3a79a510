import os

from frontdesk import ConfigurationClient

# The client id of your application, which is the namespace of its properties.
owner = os.environ.get("FRONTDESK_CLIENT_ID", "0805e283233042b37f460ed8fbf22160")

with ConfigurationClient() as configuration:
    configuration.register_property(
        name="order_number",
        owner_client_id=owner,
        type="int",
        access={"chat": {"agent": ["read", "write"]}},
    )

    # Other applications may read it from now on; this cannot be undone.
    configuration.publish_property(name="order_number", owner_client_id=owner, access_type=["read"])
