import os

from frontdesk import AgentClient, ConfigurationClient

# The client id of your application, and your organization.
owner = os.environ.get("FRONTDESK_CLIENT_ID", "0805e283233042b37f460ed8fbf22160")
organization = os.environ["FRONTDESK_ORGANIZATION_ID"]

with ConfigurationClient() as configuration:
    bot = configuration.create_bot(name="Parcels", owner_client_id=owner)
    issued = configuration.issue_bot_token(
        bot_id=bot.id, client_id=owner, bot_secret=bot.secret, organization_id=organization
    )

with AgentClient(issued.token) as client:
    # From now on the bot gets chats. The token ends after 24 hours.
    client.set_routing_status(status="accepting_chats")
