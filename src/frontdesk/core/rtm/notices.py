"""What the session itself tells its subscribers, beside the pushes of the server."""

from typing import Final

from msgspec import Struct

from frontdesk.redaction import redacted

__all__ = ["ConnectionLost", "Notice", "PushesLost", "Reconnected", "Recovered"]

MOST_CHATS: Final = 1000
"""Chats that a ``PushesLost`` names."""


class Notice(Struct, frozen=True):
    """Base of what comes from frontdesk and not from the server."""

    def __repr__(self) -> str:
        # The error of a user's token function may be in it.
        return redacted(super().__repr__())


class PushesLost(Notice, frozen=True, kw_only=True):
    """This subscriber has missed pushes, at this place of the stream.

    ``overflow`` is how many did not fit its queue: the oldest were dropped. ``interruption``: the
    connection was down meanwhile, and pushes that cannot be read back may have been missed.
    ``chats``: of these chats even pushes that usually are read back may be among them, because
    the API does not show everything; at most 1,000 are named.
    """

    overflow: int = 0
    interruption: bool = False
    chats: tuple[str, ...] = ()

    def __add__(self, other: "PushesLost") -> "PushesLost":
        return PushesLost(
            overflow=self.overflow + other.overflow,
            interruption=self.interruption or other.interruption,
            chats=tuple(dict.fromkeys(self.chats + other.chats))[:MOST_CHATS],
        )


class ConnectionLost(Notice, frozen=True, kw_only=True):
    """The connection is down because of ``error``; the next attempt is in ``retry_in`` seconds."""

    error: Exception
    retry_in: float


class Reconnected(Notice, frozen=True, kw_only=True):
    """The session is back.

    ``seconds`` it was away; ``recovered`` pushes were read back, with ``requests`` requests.
    ``complete`` is false if that was switched off, has failed so far, or could not be exact in
    ``chats``. After a failure it is tried again; a ``Recovered`` tells when it is done.
    """

    seconds: float
    recovered: int = 0
    requests: int = 0
    complete: bool = True
    chats: tuple[str, ...] = ()


class Recovered(Notice, frozen=True, kw_only=True):
    """What was missed has been read back, later than right after the reconnect or by hand.

    ``recovered`` pushes, with ``requests`` requests. ``complete`` is false if it could not be
    exact in ``chats``, because the API does not show everything that happened.
    """

    recovered: int = 0
    requests: int = 0
    complete: bool = True
    chats: tuple[str, ...] = ()
