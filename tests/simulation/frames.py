"""Reading the requests out of the bytes that an RTM client writes."""

from collections.abc import Callable
from typing import Final

import msgspec
from websockets.frames import Opcode
from websockets.utils import apply_mask

HEADERS_END: Final = b"\r\n\r\n"


class _Request(msgspec.Struct):
    action: str = ""
    request_id: str = ""


_decode = msgspec.json.Decoder(_Request).decode


class FrameTap:
    """Calls ``tell`` with action and id of each request in the bytes of one connection."""

    def __init__(self, tell: Callable[[str, str], object]) -> None:
        self._tell = tell
        self._buffer = b""
        self._opened = False

    def feed(self, data: bytes) -> None:
        """Take the next bytes."""
        self._buffer += data
        if not self._opened:
            head, found, rest = self._buffer.partition(HEADERS_END)
            if not found:
                return
            assert head.startswith(b"GET ")
            self._opened, self._buffer = True, rest
        while (frame := self._frame()) is not None:
            opcode, payload = frame
            if opcode == Opcode.TEXT:
                request = _decode(payload)
                self._tell(request.action, request.request_id)

    def _frame(self) -> tuple[int, bytes] | None:
        """Take a whole, masked frame off the buffer; clients here send no fragments."""
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        opcode, length, start = buffer[0] & 0x0F, buffer[1] & 0x7F, 2
        if length == 126:
            length, start = int.from_bytes(buffer[2:4], "big"), 4
        elif length == 127:
            length, start = int.from_bytes(buffer[2:10], "big"), 10
        end = start + 4 + length
        if len(buffer) < end:
            return None
        self._buffer = buffer[end:]
        return opcode, apply_mask(buffer[start + 4 : end], buffer[start : start + 4])
