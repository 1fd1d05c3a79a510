"""Serving over standard input and output, as hosts start servers of their own."""

import os
import sys
from collections import deque
from functools import partial
from typing import Any, Final, Self, cast

from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server

from frontdesk.concurrency.threads import run_in_thread

__all__ = ["serve_stdio"]

CHUNK: Final = 65_536
THREAD: Final = "frontdesk-mcp-input"


class _StandardInput:
    """The lines of the standard input, read in a thread that does not keep the process alive.

    The library's own reader cannot be cancelled: Ctrl-C would take effect with the next line.
    """

    def __init__(self) -> None:
        # Not from the buffer of `sys.stdin`: the interpreter cannot end while a thread reads it.
        self._descriptor = sys.stdin.fileno()
        self._lines: deque[bytes] = deque()
        self._rest = bytearray()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> str:
        while not self._lines:
            data = await run_in_thread(partial(os.read, self._descriptor, CHUNK), THREAD)
            if not data:
                raise StopAsyncIteration
            *whole, rest = data.split(b"\n")
            for line in whole:
                self._lines.append(bytes(self._rest) + line)
                self._rest.clear()
            self._rest += rest
        return self._lines.popleft().decode("utf-8", "replace")


async def serve_stdio(server: Server[Any]) -> None:
    """Serve a server over standard input and output, until the input ends.

    Whatever else the process prints goes to the standard error meanwhile.
    """
    lines = cast("Any", _StandardInput())
    async with stdio_server(stdin=lines) as (incoming, outgoing):
        await server.run(incoming, outgoing, server.create_initialization_options())
