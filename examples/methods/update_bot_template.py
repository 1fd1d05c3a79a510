import os

from frontdesk import ConfigurationClient

# The client id of your application.
owner = os.environ.get("FRONTDESK_CLIENT_ID", "0805e283233042b37f460ed8fbf22160")

with ConfigurationClient() as configuration:
    template = configuration.create_bot_template(
        name="Parcels", owner_client_id=owner, affect_existing_installations=True
    )
    configuration.update_bot_template(
        id=template.id,
        name="Parcels 2",
        owner_client_id=owner,
        affect_existing_installations=True,
    )
    print(configuration.get_bot(id=template.id).name)
