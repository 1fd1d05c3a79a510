"""Pages: where one begins, which pages are beside it, and the opaque ids that lead there.

Pages are bounded by row numbers, which never change and rise with the time of creation. So a walk
in one direction meets everything once, whatever is added or changed meanwhile.
"""

import base64
import binascii
import zlib
from collections.abc import Callable
from hashlib import blake2b
from typing import Any, Literal, Protocol

import msgspec
from msgspec import Struct

from frontdesk.errors import ValidationError

__all__ = ["Cursor", "PageIds", "Place", "RowPage", "Rows", "SortOrder", "page"]

SortOrder = Literal["asc", "desc"]

LIFETIME = 30 * 24 * 3600 * 1_000_000
"""How long a page id lives, in microseconds. The docs say one month."""

_SEAL_BYTES = 9


class Place(Struct, frozen=True, array_like=True):
    """Where a page is: after a row in the order of the list, or before it."""

    num: int
    after: bool = True


class Cursor(Struct, frozen=True, array_like=True):
    """What a page id stands for: a place in the list that the first request of the walk asked for.

    ``request`` is the JSON of that request, ``issued_at`` is in microseconds since 1970.
    """

    method: str
    issued_at: int
    request: bytes
    place: Place


class Rows(Protocol):
    """A list of rows that can be read from any place in either direction."""

    def take(self, limit: int, *, than: int | None, older: bool) -> list[int]:
        """Return the numbers of the next rows that are older (or newer) than one, nearest first.

        With no ``than``, from the newest (or oldest) on.
        """
        ...


class RowPage(Struct, frozen=True):
    """The rows of a page, and the places of the pages beside it, None where there is no row."""

    numbers: list[int]
    following: Place | None = None
    preceding: Place | None = None


def page(
    rows: Rows,
    place: Place | None,
    sort_order: SortOrder,
    limit: int,
    enough: Callable[[list[int]], int] | None = None,
) -> RowPage:
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
    numbers = rows.take(limit, than=None if place is None else place.num, older=older)
    if enough is not None:
        numbers = numbers[: enough(numbers)]
    if not numbers:
        return _empty(rows, place, older=older)
    if not after:
        numbers.reverse()
    forward = sort_order == "desc"
    more = rows.take(1, than=numbers[-1], older=forward)
    before = rows.take(1, than=numbers[0], older=not forward)
    return RowPage(
        numbers,
        following=Place(numbers[-1], after=True) if more else None,
        preceding=Place(numbers[0], after=False) if before else None,
    )


def _empty(rows: Rows, place: Place | None, *, older: bool) -> RowPage:
    """Return the page at a place whose rows are gone: it still leads back."""
    if place is None:
        return RowPage([])
    edge = place.num - 1 if older else place.num + 1
    back = Place(edge, after=not place.after) if rows.take(1, than=edge, older=not older) else None
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
