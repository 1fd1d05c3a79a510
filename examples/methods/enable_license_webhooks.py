import os

from frontdesk import ConfigurationClient

owner = os.environ.get("FRONTDESK_CLIENT_ID", "0805e283233042b37f460ed8fbf22160")

with ConfigurationClient() as configuration:
    configuration.enable_license_webhooks(owner_client_id=owner)
