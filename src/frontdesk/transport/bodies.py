"""Bodies of responses, decompressed within the limit of their size."""

import zlib
from typing import Final

from frontdesk.transport.failures import Failures

__all__ = ["decoded"]

GZIP: Final = 16 + zlib.MAX_WBITS
PLAIN: Final = ("", "identity")
ASKED_FOR: Final = ("gzip", "x-gzip")


def decoded(data: bytes, encoding: str | None, limit: int | None, failures: Failures) -> bytes:
    """Undo the encoding that a ``Content-Encoding`` names; only ``gzip`` is asked for.

    Raises ``ResponseTooLarge`` before more than ``limit`` bytes have come out, ``NotTheAPI`` for
    another encoding, ``ConnectionClosed`` for data that is damaged or cut short.
    """
    name = (encoding or "").strip().lower()
    if name in PLAIN:
        if limit is not None and len(data) > limit:
            raise failures.too_large(limit)
        return data
    if name not in ASKED_FOR:
        raise failures.unasked_encoding(encoding or "")
    if not data:
        return data
    try:
        whole = _unzipped(data, limit)
    except zlib.error:
        whole = None
    if whole is None:
        raise failures.lost("its gzip is damaged or cut short")
    if limit is not None and len(whole) > limit:
        raise failures.too_large(limit)
    return whole


def _unzipped(data: bytes, limit: int | None) -> bytes:
    """Decompress, one byte beyond the limit at most."""
    members: list[bytes] = []
    size = 0
    while data:
        member = zlib.decompressobj(GZIP)
        try:
            part = member.decompress(data, 0 if limit is None else limit - size + 1)
        except zlib.error:
            if members:
                break  # gzip allows for padding behind the last member
            raise
        members.append(part)
        size += len(part)
        if limit is not None and size > limit:
            break
        if not member.eof:
            raise zlib.error("incomplete")
        data = member.unused_data
    return members[0] if len(members) == 1 else b"".join(members)
