"""What all received structures share."""

from datetime import UTC, datetime
from typing import Any, TypeVar

from msgspec import Struct

__all__ = ["Model", "Properties", "in_utc"]

Properties = dict[str, dict[str, Any]]
"""Namespace -> property name -> value (text, number or boolean).

A namespace is a client id or a reserved word such as ``routing``.
Source: https://platform.text.com/docs/messaging/agent-chat-api/data-structures#properties
"""


Moment = TypeVar("Moment", datetime, datetime | None)


class Model(Struct, kw_only=True, gc=False, omit_defaults=True, repr_omit_defaults=True):
    """Base of every received structure.

    Fields that the API does not send are ``None``; fields that frontdesk does not know are ignored.
    """


def in_utc(value: Moment) -> Moment:
    """The same moment in UTC: a few dates of customers arrive with another offset, or with none."""
    if value is None or value.tzinfo is UTC:
        return value
    if value.tzinfo is None:
        return value.replace(tzinfo=UTC)
    return value.astimezone(UTC)
