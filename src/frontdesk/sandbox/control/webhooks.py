"""The controls of webhooks: who is registered, and what was sent."""

from typing import Any, Final

import msgspec
from msgspec import Struct

from frontdesk.errors import ValidationError
from frontdesk.sandbox.backend import Backend
from frontdesk.sandbox.control.request import ControlRequest
from frontdesk.sandbox.webhooks.delivery import Delivery

__all__ = ["WebhooksControl"]

_STATES: Final = (None, "waiting", "delivered", "dead")


class WebhooksControl:
    """Shows registrations and deliveries, and forgets deliveries.

    Args:
        backend: what is controlled.
    """

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    def list(self, _: ControlRequest) -> Any:
        """The registrations, and how many webhooks wait and were sent."""
        with self._backend.lock:
            registrations = list(self._backend.world.store.company.webhooks.values())
        return {
            "webhooks": [_without_secret(registration) for registration in registrations],
            "counts": self._backend.webhooks.counts,
        }

    def list_deliveries(self, request: ControlRequest) -> Any:
        """The webhooks with their attempts, all or those of ``?state=``."""
        state = request.query.get("state")
        if state not in _STATES:
            raise ValidationError("`state` must be waiting, delivered or dead")
        return {
            "counts": self._backend.webhooks.counts,
            "deliveries": [
                _shown(delivery)
                for delivery in self._backend.webhooks.all()
                if state in (None, delivery.state)
            ],
        }

    def clear_deliveries(self, _: ControlRequest) -> None:
        """Forget the webhooks, those that wait too."""
        self._backend.webhooks.clear()


def _without_secret(registration: Struct) -> dict[str, Any]:
    content: dict[str, Any] = msgspec.to_builtins(registration)
    del content["secret_key"]
    return content


def _shown(delivery: Delivery) -> dict[str, Any]:
    return {
        "number": delivery.number,
        "state": delivery.state,
        "url": delivery.url,
        "created_at": delivery.created_at,
        "attempts": delivery.attempts,
        "webhook": delivery.webhook,
    }
