"""Pages: where one begins, which pages are beside it, and the opaque ids that lead there.

Pages are bounded by what the rows are listed by: row numbers, which never change and rise with the
time of creation, or the place that a chat had when the walk began. So a walk in one direction meets
everything once, whatever is added or changed meanwhile.
"""

import base64
import binascii
import zlib
from collections.abc import Callable
from hashlib import blake2b
from typing import Any, Generic, Literal, Protocol, TypeVar

import msgspec
from msgspec import Struct

from frontdesk.errors import ValidationError

__all__ = [
    "Cursor",
    "NumberedRows",
    "PageIds",
    "Place",
    "RowPage",
    "Rows",
    "SortOrder",
    "page",
]

K = TypeVar("K")
SortOrder = Literal["asc", "desc"]

LIFETIME = 30 * 24 * 3600 * 1_000_000
"""How long a page id lives, in microseconds. The docs say one month."""

_SEAL_BYTES = 9


class Place(Struct, frozen=True, array_like=True):
    """Where a page is: after a row in the order of the list, or before it.

    ``at`` is what the row is listed by, if that is not its number.
    """

    num: int
    after: bool = True
    at: int = 0


class Cursor(Struct, frozen=True, array_like=True):
    """What a page id stands for: a place in the list that the first request of the walk asked for.

    ``request`` is the JSON of that request. ``issued_at`` and ``began_at``, when the walk began,
    are in microseconds since 1970.
    """

    method: str
    issued_at: int
    request: bytes
    place: Place
    began_at: int = 0


class Rows(Protocol[K]):
    """A list of rows that can be read from any place in either direction.

    A key is what a row is listed by: its number, or a time and its number.
    """

    def take(self, limit: int, *, than: K | None, older: bool) -> list[K]:
        """Return the keys of the next rows that are older (or newer) than one, nearest first.

        With no ``than``, from the newest (or oldest) on.
        """
        ...

    def place(self, key: K, *, after: bool) -> Place:
        """Return the place after a row, or before it."""
        ...

    def key(self, place: Place, offset: int = 0) -> K:
        """Return the key that a place is beside, or one that is a step newer (1) or older (-1)."""
        ...


class NumberedRows:
    """The places of rows that are listed by their numbers."""

    def place(self, key: int, *, after: bool) -> Place:
        """Return the place after a row, or before it."""
        return Place(key, after)

    def key(self, place: Place, offset: int = 0) -> int:
        """Return the number that a place is beside, or the one next to it."""
        return place.num + offset


class RowPage(Struct, Generic[K], frozen=True):
    """The rows of a page, and the places of the pages beside it, None where there is no row."""

    keys: list[K]
    following: Place | None = None
    preceding: Place | None = None


def page(
    rows: Rows[K],
    place: Place | None,
    sort_order: SortOrder,
    limit: int,
    enough: Callable[[list[K]], int] | None = None,
) -> RowPage[K]:
    """Read one page.

    Args:
        rows: What is listed.
        place: Where the page is; defaults to the beginning.
        sort_order: ``desc`` lists the newest first.
        limit: How many rows a page has.
        enough: Returns how many of the rows read make the page, instead of all.
    """
    after = place is None or place.after
    older = (sort_order == "desc") == after
    keys = rows.take(limit, than=None if place is None else rows.key(place), older=older)
    if enough is not None:
        keys = keys[: enough(keys)]
    if not keys:
        return _empty(rows, place, older=older)
    if not after:
        keys.reverse()
    forward = sort_order == "desc"
    more = rows.take(1, than=keys[-1], older=forward)
    before = rows.take(1, than=keys[0], older=not forward)
    return RowPage(
        keys,
        following=rows.place(keys[-1], after=True) if more else None,
        preceding=rows.place(keys[0], after=False) if before else None,
    )


def _empty(rows: Rows[K], place: Place | None, *, older: bool) -> RowPage[K]:
    """Return the page at a place whose rows are gone: it still leads back."""
    if place is None:
        return RowPage([])
    edge = rows.key(place, -1 if older else 1)
    back = (
        rows.place(edge, after=not place.after)
        if rows.take(1, than=edge, older=not older)
        else None
    )
    return RowPage([], preceding=back) if place.after else RowPage([], following=back)


class PageIds:
    """Turns cursors into opaque page ids and back.

    Args:
        key: Seals the ids, so that only those of the same license are taken.
    """

    def __init__(self, key: str) -> None:
        self._key = key.encode()[:64]
        self._encode = msgspec.msgpack.Encoder().encode
        self._decode: Any = msgspec.msgpack.Decoder(Cursor).decode

    def write(self, cursor: Cursor) -> str:
        """Return the page id of a cursor."""
        data = zlib.compress(self._encode(cursor), 6)
        return base64.urlsafe_b64encode(self._seal(data) + data).decode().rstrip("=")

    def read(self, page_id: str, method: str, now: int) -> Cursor:
        """Return the cursor of a page id.

        Raises ``ValidationError`` for an id that was not issued here, that another method issued,
        or that has expired.
        """
        cursor = self._open(page_id)
        if cursor.method != method:
            raise ValidationError(f"`page_id` belongs to `{cursor.method}`, not to `{method}`")
        if now - cursor.issued_at > LIFETIME:
            raise ValidationError("`page_id` has expired; begin again without it")
        return cursor

    def _open(self, page_id: str) -> Cursor:
        try:
            sealed = base64.b64decode(
                page_id + "=" * (-len(page_id) % 4), altchars=b"-_", validate=True
            )
            seal, data = sealed[:_SEAL_BYTES], sealed[_SEAL_BYTES:]
            if seal == self._seal(data):
                return self._decode(zlib.decompress(data))  # type: ignore[no-any-return]
        except (binascii.Error, ValueError, zlib.error, msgspec.MsgspecError):
            pass
        raise ValidationError("`page_id` is not one that this method gave out")

    def _seal(self, data: bytes) -> bytes:
        return blake2b(data, key=self._key, digest_size=_SEAL_BYTES).digest()
