import os

from frontdesk import ConfigurationClient

# The client id of your application.
owner = os.environ.get("FRONTDESK_CLIENT_ID", "0805e283233042b37f460ed8fbf22160")

with ConfigurationClient() as configuration:
    template = configuration.create_bot_template(name="Parcels", owner_client_id=owner)
    new = configuration.reset_bot_template_secret(id=template.id, owner_client_id=owner)
    assert new.secret != template.secret
