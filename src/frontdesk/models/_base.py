"""What all received structures share."""

from datetime import UTC, datetime
from typing import Any

from msgspec import Struct

__all__ = ["Model", "Properties", "in_utc"]

Properties = dict[str, dict[str, Any]]
"""Namespace -> property name -> value (text, number or boolean).

A namespace is a client id or a reserved word such as ``routing``.
Source: https://platform.text.com/docs/messaging/agent-chat-api/data-structures#properties
"""


class Model(Struct, kw_only=True, gc=False, omit_defaults=True):
    """Base of every received structure.

    Fields that the API does not send are ``None``; fields that frontdesk does not know are ignored.
    """


def in_utc(value: datetime | None) -> datetime | None:
    """The same moment in UTC: a few dates of customers arrive with another offset."""
    if value is None or value.tzinfo is UTC:
        return value
    return value.astimezone(UTC)
