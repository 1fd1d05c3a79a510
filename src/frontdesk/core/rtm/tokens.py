"""Which token a session uses, which one follows it, and when to ask for another.

A token counts once the server has taken it, with a log-in or an ``update_session``. Until then it
is the *next* one: kept, offered again after a fault, and used at once when the present one ends.
"""

from math import inf
from typing import Final

from msgspec import Struct

from frontdesk.auth import Token

__all__ = ["ASK_AGAIN", "Tokens"]

ASK_AGAIN: Final = 10.0
"""Seconds to the next try when no new token could be had, or the server did not take it."""
LEAST_PAUSE: Final = 1.0
"""Seconds between two renewals at least, however short the tokens live."""
LAST_SHARE: Final = 0.2
"""The last part of a token's life, in which it is renewed if it lives shorter than five times
``renew_before``."""


class Held(Struct, frozen=True):
    """A token and when it ends, in the clock's time."""

    token: Token
    ends: float = inf


class Tokens:
    """The tokens of one session."""

    def __init__(self, renew_before: float) -> None:
        self.renew_at: float = inf
        """When to offer the next token to the server, or to ask for one, in the clock's time."""
        self.asked: bool = False
        """A token has been asked for, and has not come yet."""
        self.refused: Token | None = None
        """What the server does not accept any more; another one has to be found."""
        self._refused_when_asked: Token | None = None
        self._renew_before = renew_before
        self._present: Held | None = None
        self._next: Held | None = None
        self._tried: Held | None = None
        self._taken_by = 0

    def ask(self) -> Token | None:
        """Take note that a token is asked for; return the one that is of no use any more."""
        self.asked, self._refused_when_asked = True, self.refused
        self.renew_at = inf
        if self.refused is not None or self._present is None:
            return self.refused
        return self._present.token

    def give(self, token: Token, ends_in: float | None, now: float) -> bool:
        """Take the token that was asked for; return whether it is a new one."""
        self.asked = False
        held = Held(token, inf if ends_in is None else now + ends_in)
        if self._present is not None and token == self._present.token:
            self._present = held
            # It was asked for too early, or comes out of a cache that is not aware of the end.
            soon = held.ends - now <= self._renew_before
            self.renew_at = now + ASK_AGAIN if soon else self._renewal_of(held, now)
            return False
        self._next = held
        return True

    def is_stale(self, token: Token) -> bool:
        """Whether a refused token was sent before its refusal could be known to the source."""
        return token == self.refused and self._refused_when_asked != self.refused

    def for_login(self, now: float) -> Token | None:
        """Return the token to log in with; ``None`` when one has to be asked for."""
        for held in (self._present, self._next):
            if held is not None and held.ends > now:
                self._tried = held
                return held.token
        self._tried = None
        return None

    def try_next(self) -> Token:
        """Log in with the token that has just come, even if its life is said to be over."""
        self._tried = self._next or self._present
        assert self._tried is not None
        self.refused = None
        return self._tried.token

    @property
    def in_use(self) -> Token:
        """The token that the present connection logs in with."""
        held = self._tried or self._present
        assert held is not None
        return held.token

    @property
    def next(self) -> Token | None:
        """The token that the server is to take."""
        return None if self._next is None else self._next.token

    def offer(self, now: float) -> Token | None:
        """Return the next token if there is one that lives; ``None`` when to ask for one."""
        self.renew_at = inf
        if self._next is not None and self._next.ends > now:
            return self._next.token
        return None

    def took(self, token: Token, number: int, now: float) -> None:
        """Take note that the server took a token, with the request of this number.

        The request that was sent last decides, in whichever order the responses come.
        """
        if number < self._taken_by:
            return
        self._taken_by = number
        held = next(
            (
                candidate
                for candidate in (self._tried, self._next, self._present)
                if candidate is not None and candidate.token == token
            ),
            Held(token),
        )
        if self._next is not None and self._next.token == token:
            self._next = None
        if self._tried is not None and self._tried.token == token:
            self._tried = None
        self._present = held
        self.renew_at = self._renewal_of(held, now)

    def not_taken(self, token: Token, now: float, *, refused: bool) -> None:
        """Take note that the server did not take the next token; try again later."""
        if refused and self._next is not None and self._next.token == token:
            self._next = None
        self.renew_at = now + ASK_AGAIN

    def refuse(self, now: float) -> bool:
        """Take note that the token in use is not accepted; return whether there is another one."""
        used = self._tried or self._present
        self.refused = None if used is None else used.token
        if self._present is not None and self._present.token == self.refused:
            self._present = None
        if self._next is not None and self._next.token == self.refused:
            self._next = None
        return self.for_login(now) is not None

    def _renewal_of(self, held: Held, now: float) -> float:
        life = held.ends - now
        if life <= 0:
            # Over before it came: either this clock is wrong, or the source will not do better.
            return now + ASK_AGAIN
        return now + max(LEAST_PAUSE, life - min(self._renew_before, life * LAST_SHARE))
