"""The handlers of the Configuration API, a module per subject.

``_SINGLE`` names each of them: a new method goes there too. Those of the batch methods follow from
the others.
"""

from typing import Final

from frontdesk.sandbox.apis.batches import batches_of
from frontdesk.sandbox.apis.configuration import auto_access, tags, webhooks
from frontdesk.sandbox.apis.handler import MethodHandler

__all__ = ["HANDLERS"]

_SINGLE: Final[tuple[MethodHandler, ...]] = (
    auto_access.add_auto_access,
    auto_access.delete_auto_access,
    auto_access.list_auto_accesses,
    auto_access.update_auto_access,
    tags.create_tag,
    tags.delete_tag,
    tags.list_tags,
    tags.update_tag,
    webhooks.disable_license_webhooks,
    webhooks.enable_license_webhooks,
    webhooks.get_license_webhooks_state,
    webhooks.list_webhook_names,
    webhooks.list_webhooks,
    webhooks.register_webhook,
    webhooks.unregister_webhook,
)

HANDLERS: Final[tuple[MethodHandler, ...]] = (*_SINGLE, *batches_of(_SINGLE))
