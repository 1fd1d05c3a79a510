"""Tokens that are renewed once for all who wait for them."""

import asyncio
import copy
import os
import time
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Any, Final

from msgspec import Struct

from frontdesk.auth._tokens import Token
from frontdesk.concurrency.forks import ForkSafeLock
from frontdesk.concurrency.threads import start_in_thread

__all__ = ["TRY_AGAIN", "AsyncRenewedToken", "RenewedToken", "margin_of"]

LAST_SHARE: Final = 0.2
"""The last part of a token's life in which it is renewed, if it lives shorter than five margins."""
TRY_AGAIN: Final = 10.0
"""Seconds until the next try, when a token that is still good could not be renewed."""


def margin_of(life: float, renew_before: float) -> float:
    """Return how many seconds before its end a token is renewed."""
    return min(renew_before, life * LAST_SHARE)


class Landing(Struct, frozen=True):
    """How a renewal ended: with a token, an error, or neither if whoever did it was stopped."""

    token: Token | None = None
    error: Exception | None = None

    def token_for(self, refused: Token | None) -> Token | None:
        """Return the token unless it is the one that was refused; raise the error."""
        if self.error is not None:
            # A copy for each: the traceback of one error would grow with all who raise it.
            raise _copied(self.error)
        return self.token if self.token != refused else None


class Flight:
    """A renewal under way, and the future of all who wait for it."""

    def __init__(self) -> None:
        self.pid: int = os.getpid()
        self.future: Future[Landing] = Future()
        # So that nobody who waits can cancel it for the others.
        self.future.set_running_or_notify_cancel()
        self.task: asyncio.Task[None] | None = None


class RenewedToken:
    """A token source for any number of clients; a ``TokenProvider``.

    Whoever needs a token while it is being renewed waits for that renewal, in whichever thread or
    event loop: one request serves them all.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = ForkSafeLock()
        self._present: Token | None = None
        self._flight: Flight | None = None

    def token(self, refused: Token | None = None) -> Token:
        """Return a token that is fit for use; waits while it is being renewed.

        Args:
            refused: the token that the server does not accept any more; it is not returned again.

        Raises:
            LoginRequired: The user has to log in again.
            OAuthError: The server refuses, for another reason.
            TokenStoreError: What keeps the token cannot be used.
            TransportError: There is no response.
        """
        while True:
            boarded = self._board(refused)
            if isinstance(boarded, Token):
                return boarded
            flight, is_first = boarded
            if is_first:
                return self._fly(flight, refused)
            token = flight.future.result().token_for(refused)
            if token is not None:
                return token

    async def token_async(self, refused: Token | None = None) -> Token:
        """Return a token that is fit for use, without keeping the event loop from its work.

        Otherwise as ``token``.
        """
        while True:
            boarded = self._board(refused)
            if isinstance(boarded, Token):
                return boarded
            flight, is_first = boarded
            if is_first:
                self._take_off(flight, refused)
            landing = await asyncio.wrap_future(flight.future)
            token = landing.token_for(None if is_first else refused)
            if token is not None:
                return token

    def _renewed(self, refused: Token | None) -> Token:
        """Get a token from where it comes from; in one thread at a time."""
        raise NotImplementedError

    def _take_off(self, flight: Flight, refused: Token | None) -> None:
        """Have the renewal carried out; its outcome goes to the flight's future."""
        # In a thread, which neither a cancellation of the task nor the end of its loop stops
        # between the response and the store.
        try:
            start_in_thread(partial(self._fly, flight, refused), "frontdesk-tokens")
        except RuntimeError:  # no new threads while the interpreter ends
            self._land(flight, Landing())
            raise

    def _fly(self, flight: Flight, refused: Token | None) -> Token:
        landing = Landing()
        try:
            token = self._renewed(refused)
            landing = Landing(token)
        except Exception as error:
            landing = Landing(error=_copied(error))
            raise
        finally:
            self._land(flight, landing)
        return token

    def _board(self, refused: Token | None) -> Token | tuple[Flight, bool]:
        """Return the token if it is fit, else the renewal, and whether to carry it out."""
        with self._lock:
            present = self._present
            if (
                present is not None
                and present != refused
                and (present.renew_at is None or self._clock() < present.renew_at)
            ):
                return present
            flight = self._flight
            # Nobody carries out in the child of a fork what a thread of the parent had begun.
            if flight is not None and flight.pid == os.getpid():
                return flight, False
            self._flight = flight = Flight()
            return flight, True

    def _land(self, flight: Flight, landing: Landing) -> None:
        with self._lock:
            if self._flight is flight:
                self._flight = None
            if landing.token is not None:
                self._present = landing.token
        flight.future.set_result(landing)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


class AsyncRenewedToken(RenewedToken):
    """A token source that is renewed by a task, for async clients only."""

    def _take_off(self, flight: Flight, refused: Token | None) -> None:
        # A task of its own, so that a cancellation of the caller does not end it for others.
        flight.task = asyncio.create_task(self._fly_async(flight, refused))

    async def _renewed_async(self, refused: Token | None) -> Token:
        """Get a token from where it comes from; in one task at a time."""
        raise NotImplementedError

    async def _fly_async(self, flight: Flight, refused: Token | None) -> None:
        landing = Landing()
        try:
            landing = Landing(await self._renewed_async(refused))
        except Exception as error:  # noqa: BLE001 - those who wait get it
            landing = Landing(error=_copied(error))
        finally:
            self._land(flight, landing)


def _copied(error: Exception) -> Exception:
    """Return a copy of an error with what caused it; the error itself if it cannot be copied."""
    try:
        again: Any = copy.copy(error)
    except Exception:  # noqa: BLE001 - a class of the user's may do anything
        return error
    if type(again) is not type(error):
        return error
    again.__cause__ = error.__cause__
    again.__suppress_context__ = True
    return again
