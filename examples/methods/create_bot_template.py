import os

from frontdesk import ConfigurationClient

# The client id of your application.
owner = os.environ.get("FRONTDESK_CLIENT_ID", "0805e283233042b37f460ed8fbf22160")

with ConfigurationClient() as configuration:
    template = configuration.create_bot_template(
        name="Parcels",
        default_group_priority="first",
        owner_client_id=owner,
        affect_existing_installations=True,
    )
    # The bot that is made from it has its id, and its secret.
    print(configuration.get_bot(id=template.id).name)
