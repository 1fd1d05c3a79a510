"""What stands in for items that frontdesk cannot type, so that they never cost the whole answer."""

from datetime import datetime
from typing import Any, Self

import msgspec

from frontdesk.models._base import Model, in_utc

__all__ = ["Fallback", "Unknown"]


class Fallback(Model, kw_only=True):
    """Base of the stand-ins in a tagged union.

    The tag of a stand-in begins with ``frontdesk.``, which the API never sends: ``claim`` makes
    one of what the API sent, ``release`` gives back what the API sent.
    """

    @classmethod
    def claim(cls, raw: dict[str, Any]) -> Self | None:
        """Stand in for an item of the API, or ``None`` when this class is not meant for it."""
        raise NotImplementedError

    @classmethod
    def release(cls, wrapped: dict[str, Any]) -> dict[str, Any]:
        """Turn an encoded stand-in back into the item that the API sent."""
        raise NotImplementedError


class Unknown(Fallback, kw_only=True, tag_field="type", tag="frontdesk.unknown"):
    """An item of a new type, or one that lacks what its type promises; ``raw`` is all of it."""

    raw: dict[str, Any]

    @property
    def type(self) -> str:
        """The type on the wire."""
        return self._text("type") or ""

    @property
    def id(self) -> str:
        """Its id, empty if it has none."""
        return self._text("id") or ""

    def _text(self, name: str) -> str | None:
        value = self.raw.get(name)
        return value if isinstance(value, str) else None

    def _moment(self, name: str) -> datetime | None:
        try:
            return in_utc(msgspec.convert(self.raw.get(name), datetime | None))
        except msgspec.ValidationError:
            return None

    @classmethod
    def claim(cls, raw: dict[str, Any]) -> Self | None:
        """Stand in for anything."""
        return cls(raw=raw)

    @classmethod
    def release(cls, wrapped: dict[str, Any]) -> dict[str, Any]:
        """Give back what came."""
        raw: dict[str, Any] = wrapped["raw"]
        return raw
