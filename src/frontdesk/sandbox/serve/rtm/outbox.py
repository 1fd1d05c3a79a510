"""Frames on their way out, gathered so that what belongs together goes at once."""

import asyncio
from collections.abc import Callable

from frontdesk.sandbox.serve.rtm.connection import Connection, Parcel

__all__ = ["Outbox"]


class Outbox:
    """The frames that the next flush writes, in the order in which they were added.

    ``loop`` is set once the server runs; connections that delay what they are sent need it.

    Args:
        clock: seconds that never go back.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self.loop: asyncio.AbstractEventLoop | None = None
        self._clock = clock
        self._parcels: dict[Connection, Parcel] = {}

    def add(self, connection: Connection, frame: bytes, *, responses: int = 0) -> None:
        """Have a frame written with the next flush; ``responses`` of it are responses."""
        parcel = self._parcels.get(connection)
        if parcel is None:
            parcel = self._parcels[connection] = Parcel()
        parcel.frames.append(frame)
        parcel.responses += responses

    def send(self, connection: Connection, frame: bytes) -> None:
        """Write a frame, after all that was added before."""
        self.add(connection, frame)
        self.flush()

    def flush(self) -> None:
        """Write everything that was added."""
        if not self._parcels:
            return
        now = self._clock()
        parcels, self._parcels = self._parcels, {}
        for connection, parcel in parcels.items():
            connection.send(parcel, now, self._later)

    def _later(self, seconds: float, connection: Connection) -> None:
        assert self.loop is not None
        self.loop.call_later(seconds, connection.send_held)
