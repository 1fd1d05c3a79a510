"""What stands in for items that frontdesk cannot type: they never cost the whole response."""

from collections.abc import Callable
from datetime import UTC, datetime
from secrets import token_hex
from typing import Any, ClassVar, Final, Literal, Self

import msgspec

from frontdesk.codec.plain import is_object
from frontdesk.models.base import Model, in_utc, odd_date

__all__ = ["MARK", "NO_MOMENT", "RELEASES", "Fallback", "Unknown"]

MARK: Final = f"frontdesk.{token_hex(8)}."
"""How the tag of a stand-in begins. Drawn anew in each process, so that no JSON can hold it."""

NO_MOMENT: Final = datetime(1, 1, 1, tzinfo=UTC)
"""The date of what has none that can be read."""

RELEASES: "dict[str, Callable[[dict[str, Any]], Any]]" = {}
"""The tag of each stand-in, and what turns it back into the item that the API sent."""


class Fallback(Model, kw_only=True):
    """Base of the stand-ins in a tagged union.

    The tag of a stand-in begins with ``MARK``, which the API cannot send: ``claim`` makes one of
    what the API sent, ``release`` returns what the API sent.
    """

    @classmethod
    def claim(cls, raw: Any) -> Self | None:
        """Stand in for an item of the API, or ``None`` when this class is not meant for it."""
        raise NotImplementedError

    @classmethod
    def release(cls, wrapped: dict[str, Any]) -> Any:
        """Turn an encoded stand-in back into the item that the API sent."""
        raise NotImplementedError


class Unknown(Fallback, kw_only=True, tag_field="type", tag=f"{MARK}unknown"):
    """An item of a new type, or one that lacks what its type promises.

    ``raw`` is all of it: an object, unless something else stood in the list.
    """

    type: ClassVar[Literal["unknown"]] = "unknown"
    dates: ClassVar[tuple[str, ...]] = ()
    """The names on the wire of the dates that its properties read."""
    raw: Any

    @property
    def original_type(self) -> str:
        """The type on the wire; empty if it has none."""
        return self._text("type") or ""

    @property
    def id(self) -> str:
        """Its id, empty if it has none."""
        return self._text("id") or ""

    def _get(self, name: str) -> Any:
        return self.raw.get(name) if is_object(self.raw) else None

    def _text(self, name: str) -> str | None:
        value = self._get(name)
        return value if isinstance(value, str) else None

    def _date(self, name: str) -> datetime | None:
        """Read a date in every spelling that typed items may have."""
        value = self._get(name)
        try:
            date = msgspec.convert(value, datetime | None)
        except msgspec.ValidationError:
            date = odd_date(value) if isinstance(value, str) else None
        try:
            return in_utc(date)
        except ValueError:
            return None

    def unreadable_dates(self) -> list[str]:
        """Name the dates that it has and that cannot be read."""
        return [
            name for name in self.dates if self._get(name) is not None and self._date(name) is None
        ]

    @classmethod
    def claim(cls, raw: Any) -> Self | None:
        """Stand in for anything."""
        return cls(raw=raw)

    @classmethod
    def release(cls, wrapped: dict[str, Any]) -> Any:
        """Give back what came."""
        return wrapped["raw"]


RELEASES[f"{MARK}unknown"] = Unknown.release
