import os

from frontdesk import ConfigurationClient

# The client id of your application, and a secret that comes with every webhook.
owner = os.environ.get("FRONTDESK_CLIENT_ID", "0805e283233042b37f460ed8fbf22160")
secret = os.environ.get("WEBHOOK_SECRET", "keep this where you keep your tokens")

with ConfigurationClient() as configuration:
    registered = configuration.register_webhook(
        action="incoming_event",
        url=os.environ.get("WEBHOOK_URL", "http://127.0.0.1:8000/webhooks"),
        secret_key=secret,
        owner_client_id=owner,
        type="license",
    )
    print(registered.id)
