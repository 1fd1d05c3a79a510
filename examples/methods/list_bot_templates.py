import os

from frontdesk import ConfigurationClient

# The client id of your application.
owner = os.environ.get("FRONTDESK_CLIENT_ID", "0805e283233042b37f460ed8fbf22160")

with ConfigurationClient() as configuration:
    configuration.create_bot_template(name="Parcels", owner_client_id=owner)
    for template in configuration.list_bot_templates(owner_client_id=owner):
        print(template.id, template.name)
