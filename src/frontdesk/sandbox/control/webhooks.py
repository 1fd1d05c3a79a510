"""The controls of webhooks: who is registered, and what was sent."""

from typing import Any, Literal

import msgspec
from msgspec import UNSET, Struct, UnsetType

from frontdesk.sandbox.backend import Backend
from frontdesk.sandbox.control.request import ControlRequest
from frontdesk.sandbox.webhooks.delivery import Delivery
from frontdesk.spec.checks import Checked

__all__ = ["DeliveriesQuery", "WebhooksControl"]


class DeliveriesQuery(Checked, frozen=True, kw_only=True):
    """The state of the webhooks that are listed; defaults to all."""

    state: Literal["waiting", "delivered", "dead"] | UnsetType = UNSET


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
        query: DeliveriesQuery = request.query
        return {
            "counts": self._backend.webhooks.counts,
            "deliveries": [
                _shown(delivery) for delivery in self._backend.webhooks.all(query.state or None)
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
        "next_attempt_at": delivery.next_attempt_at,
        "webhook": delivery.webhook,
    }
