"""Registers webhooks and removes them."""

import json
import os

from livechat.configuration import ConfigurationApi

OWNER = os.environ["LC_CLIENT_ID"]
configuration = ConfigurationApi.get_client(
    token=f"Bearer {os.environ['LC_TOKEN']}", base_url=os.environ["LC_HOST"], disable_logging=True
)
for action in ("incoming_chat", "incoming_event"):
    hook = configuration.register_webhook(
        action, "a secret", "http://127.0.0.1:9/hook", owner_client_id=OWNER, type="license"
    )
    hook.raise_for_status()
hooks = configuration.list_webhooks(OWNER).json()
print(sorted((hook["action"], hook["url"], hook.get("description")) for hook in hooks))
for hook in hooks:
    configuration.unregister_webhook(hook["id"], OWNER)
print(len(configuration.list_webhooks(OWNER).json()))
state = configuration.get_license_webhooks_state(OWNER).json()
print(json.dumps({"done": state["license_webhooks_enabled"]}))
