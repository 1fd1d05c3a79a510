"""The export list of ``frontdesk.webhooks``: its own names, and the pushes that are webhooks."""

from pathlib import Path

from tools.render.exports import exports_of
from tools.render.files import SRC

from frontdesk.webhooks import PAYLOADS

__all__ = ["files"]

_EXPORTS = {
    "frontdesk.pushes": [
        payload.__name__
        for payload in PAYLOADS.values()
        if payload.__module__.startswith("frontdesk.pushes.")
    ],
    "frontdesk.webhooks.responses": ["WebhookResponse"],
    "frontdesk.webhooks.handlers": ["AnyWebhook"],
    "frontdesk.webhooks.journal": ["Journal"],
    "frontdesk.webhooks.organizations": ["Organizations"],
    "frontdesk.webhooks.parsing": [
        "AdditionalData",
        "Initiator",
        "UnknownWebhook",
        "Webhook",
        "parse",
    ],
    "frontdesk.webhooks.payloads": [
        "PAYLOADS",
        "ActiveChat",
        "CustomerSessionFieldsUpdated",
        "Payload",
        "RoutingStatusSet",
    ],
    "frontdesk.webhooks.processing": ["Counts", "HandlerRetry"],
    "frontdesk.webhooks.receiver": ["Receiver"],
    "frontdesk.webhooks.deduplication": ["MemorySeen", "SeenStore"],
}


def files() -> dict[Path, str]:
    """Return the text of the package's ``__init__.py``."""
    return {SRC / "webhooks" / "__init__.py": exports_of("webhooks", _EXPORTS, [])}
