"""What all received structures share."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar, Final, TypeVar

from msgspec import NODEFAULT, Struct

from frontdesk.codec.damage import Damage
from frontdesk.models.brief import representation

__all__ = ["Model", "Properties", "Result", "attach", "in_utc", "odd_date"]

Properties = dict[str, dict[str, Any]]
"""Namespace -> property name -> value (text, number or boolean).

A namespace is a client id or a reserved word such as ``routing``.
Source: https://platform.text.com/docs/messaging/agent-chat-api/data-structures#properties
"""


ODD_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:?\d\d.*", re.ASCII | re.IGNORECASE)

Timestamp = TypeVar("Timestamp", datetime, datetime | None)


class Model(Struct, kw_only=True, gc=False, omit_defaults=True, repr_omit_defaults=True):
    """Base of every received structure.

    Fields that the API does not send are ``None``; fields that frontdesk does not know are ignored.
    """

    never_guessed: ClassVar[frozenset[str]] = frozenset()
    """Fields whose default must not replace a malformed value."""
    kept_whole: ClassVar[frozenset[str]] = frozenset()
    """Lists that lose no item: one that cannot be repaired makes the whole structure unfit."""
    not_shown: ClassVar[frozenset[str]] = frozenset()
    """Secrets, which the representation leaves out."""

    @classmethod
    def placeholder(cls, name: str, fields: dict[str, Any]) -> Any:
        """Return what to take for a required field that is missing or malformed.

        ``fields`` are those that could be read. ``NODEFAULT`` if the structure is of no use then.
        """
        return NODEFAULT

    def on_the_wire(self) -> Any:
        """Return what is encoded for this structure."""
        return self

    __repr__ = representation


class Result(Model, kw_only=True, gc=True, dict=True):
    """Base of what is decoded as a whole: the result of a method, a push, a webhook."""

    # Kept beside the fields, so that it costs nothing while there is none, is not encoded, and does
    # not make two results different.
    @property
    def damage(self) -> tuple[Damage, ...]:
        """What was not what the API promises and was repaired, here and in everything inside."""
        damage: tuple[Damage, ...] = vars(self).get("damage", ())
        return damage


def in_utc(value: Timestamp) -> Timestamp:
    """The same time in UTC: a few dates arrive with another offset, or with none.

    Raises:
        ValueError: It is out of range in UTC.
    """
    if value is None or value.tzinfo is UTC:
        return value
    if value.tzinfo is None:
        return value.replace(tzinfo=UTC)
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise ValueError("date out of range") from None


def odd_date(text: str) -> datetime | None:
    """Read spellings of ISO 8601 that msgspec does not, such as an offset without a colon.

    ``None`` if it is none of them, or no date.
    """
    try:
        return datetime.fromisoformat(text.upper()) if ODD_DATE.fullmatch(text) else None
    except ValueError:
        return None


def attach(value: object, damage: Sequence[Damage]) -> None:
    """Keep damage with the structure it was found in, if that is one of the results."""
    if damage and isinstance(value, Result):
        vars(value)["damage"] = (*value.damage, *damage)
