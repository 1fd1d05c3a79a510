import os

from frontdesk import ConfigurationClient

# The client id of your application, which is the namespace of its properties.
owner = os.environ.get("FRONTDESK_CLIENT_ID", "0805e283233042b37f460ed8fbf22160")

with ConfigurationClient() as configuration:
    for name, definition in configuration.list_properties(owner_client_id=owner).items():
        print(name, definition.type, *definition.access)
