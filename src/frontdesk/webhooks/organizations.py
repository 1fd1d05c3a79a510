"""Whose webhooks are accepted, in an app for many organizations."""

import logging
from typing import Protocol

from frontdesk.errors import InvalidArgument
from frontdesk.redaction import excerpt, log_failure

__all__ = ["Organizations", "check_organizations", "refusal_of"]

logger: logging.Logger = logging.getLogger("frontdesk.webhooks")


class Organizations(Protocol):
    """Knows whose webhooks are to be accepted, such as ``Clients`` and ``AsyncClients``."""

    async def serves(self, organization_id: str) -> bool:
        """Tell whether an organization has the app installed."""
        ...


def check_organizations(value: Organizations | None) -> Organizations | None:
    """Refuse what cannot tell whose webhooks are accepted; raises ``InvalidArgument``."""
    if value is not None and not callable(getattr(value, "serves", None)):
        raise InvalidArgument("organizations", "must have a method `serves`, as Clients have")
    return value


async def refusal_of(organizations: Organizations, organization_id: str) -> tuple[int, str] | None:
    """Return status and text for a webhook that is not accepted; ``None`` if it is."""
    try:
        if await organizations.serves(organization_id):
            return None
    except Exception as error:  # noqa: BLE001 - it is logged
        # The server sends it again; by then the store may be back.
        log_failure(logger, "the store of installations failed", error=error)
        return 503, "the store of installations cannot be used"
    return 404, f"the organization {excerpt(organization_id, 64)!r} has not installed this app"
