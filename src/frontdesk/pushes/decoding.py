"""From the payload of a push to its structure, and back."""

from typing import Any

import msgspec

from frontdesk.codec.damage import DamageReports, OnDamage
from frontdesk.errors import InvalidArgument
from frontdesk.pushes.base import Push
from frontdesk.pushes.reading import Api, pushes_of, read_push

__all__ = ["decode", "payload_of"]


def decode(
    action: str,
    payload: bytes | str | msgspec.Raw | Any,
    *,
    api: Api = "agent",
    strict: bool = False,
    on_damage: OnDamage | None = None,
) -> Push:
    """Make the push of a name and its payload, JSON or parsed JSON.

    One odd value costs that value, and is reported as ``frontdesk.decode`` does. A push that
    frontdesk does not know, or whose payload cannot be repaired, becomes an ``UnknownPush`` that
    keeps everything. Where the payload is one thing, it may also come wrapped (``{"group": …}``).

    Args:
        action: The name of the push on the wire.
        payload: Its payload.
        api: Who gets it: ``agent``, or ``customer`` for the pushes of the Customer Chat API.
        strict: Raise ``DecodeError`` instead of repairing; a push of a new name is still decoded.
        on_damage: Called with each ``Damage``.

    Raises:
        DecodeError: The payload is not JSON.
        InvalidArgument: There is no such API.
    """
    if api not in ("agent", "customer"):
        raise InvalidArgument("api", f"must be `agent` or `customer`, not {api!r}")
    reports = DamageReports(strict=strict, on_damage=on_damage)
    return read_push(action, payload, reports, pushes=pushes_of(api))


def payload_of(push: Push) -> Any:
    """Return what of a push goes on the wire, for ``frontdesk.encode``."""
    return push.on_the_wire()
