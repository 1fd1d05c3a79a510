"""Ending a connection without a word."""

import asyncio
import socket
import struct
from contextlib import suppress
from typing import Final

__all__ = ["cut"]

_NO_LINGER: Final = struct.pack("ii", 1, 0)
"""Linger for no time: closing then resets the connection."""


def cut(transport: asyncio.Transport, *, reset: bool) -> None:
    """End a connection: with a reset, or with a mere end of the stream."""
    if not reset:
        transport.close()
        return
    connection = transport.get_extra_info("socket")
    if connection is not None:
        with suppress(OSError):
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
    transport.abort()
