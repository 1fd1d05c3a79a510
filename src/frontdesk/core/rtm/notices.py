"""What the session itself tells its subscribers, beside the pushes of the server."""

from msgspec import Struct

__all__ = ["ConnectionLost", "Notice", "PushesLost", "Reconnected"]


class Notice(Struct, frozen=True, kw_only=True, gc=False):
    """Base of what comes from frontdesk and not from the server."""


class PushesLost(Notice, frozen=True, kw_only=True, gc=False):
    """This subscriber has missed pushes, at this place of the stream.

    ``overflow`` is how many did not fit its queue: the oldest were dropped. ``interruption``: the
    connection was down meanwhile, and pushes that cannot be read back may have been missed.
    """

    overflow: int = 0
    interruption: bool = False

    def __add__(self, other: "PushesLost") -> "PushesLost":
        return PushesLost(
            overflow=self.overflow + other.overflow,
            interruption=self.interruption or other.interruption,
        )


class ConnectionLost(Notice, frozen=True, kw_only=True, gc=False):
    """The connection is down because of ``error``; the next attempt is in ``retry_in`` seconds."""

    error: Exception
    retry_in: float


class Reconnected(Notice, frozen=True, kw_only=True, gc=False):
    """The session is back.

    ``seconds`` it was away; ``recovered`` events were read back, with ``requests`` requests;
    ``complete`` is false if that was switched off or failed.
    """

    seconds: float
    recovered: int = 0
    requests: int = 0
    complete: bool = True
