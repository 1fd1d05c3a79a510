"""Keeps one grant fresh: when to refresh it, who may, and what comes first, as a conversation.

Whoever renews a grant has its lease; what the server responds is stored before anybody uses it, and
only in place of the grant that it was made of::

    load ── fit for use ──▶ token
      │
    acquire ── taken ──▶ the present token while it lasts, else wait and load again
      │
    load ── renewed meanwhile ──▶ token
      │
    POST /v2/token ── invalid_grant ──▶ load once more, then LoginRequired
      │
    replace ── another one was stored meanwhile ──▶ that one
      │
    release ──▶ token
"""

import logging
import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from math import inf
from typing import Final, TypeVar

import msgspec

from frontdesk.auth._tokens import Token
from frontdesk.auth.grants import TokenGrant, now_in_utc
from frontdesk.auth.protocol import Accounts, server_date
from frontdesk.auth.renewal import TRY_AGAIN, margin_of
from frontdesk.auth.steps import Pause, Steps, StoreWork, sent
from frontdesk.auth.stores.base import TokenStore, put_grant
from frontdesk.core.http_messages import Reply
from frontdesk.core.retry import Retry
from frontdesk.errors import (
    InvalidArgument,
    LoginRequired,
    NotTheAPI,
    TemporarilyUnavailable,
    TokenStoreError,
    TokenStoreUnavailable,
    TransportError,
)

__all__ = ["GrantKeeper"]

R = TypeVar("R")

FIRST_POLL: Final = 0.02
LONGEST_POLL: Final = 0.25
POLL_GROWTH: Final = 1.5
SHORTLY: Final = 1.0
"""Seconds after which to look again whether another process has renewed the token."""
LEASES_TO_WAIT: Final = 3
"""How many leases of others to wait for, each as long as one may last."""

log: Final = logging.getLogger("frontdesk")


class GrantKeeper:
    """Keeps the grant of one key in a store fresh."""

    def __init__(
        self,
        accounts: Accounts,
        store: TokenStore,
        key: str,
        *,
        retry: Retry,
        renew_before: float,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = now_in_utc,
    ) -> None:
        self.accounts = accounts
        self.store = store
        self.key = key
        self._retry = retry
        self._renew_before = renew_before
        self._clock = clock
        self._now = now
        self._lease_seconds = 2 * accounts.timeout + 10.0
        self._ahead = timedelta(0)
        """By how much the clock of the server is ahead of ours, since its last response."""
        self._end: tuple[str, float] = ("", -inf)
        """The id of the last grant that was looked at, and when it ends, in the clock's time."""
        self._ended: tuple[str, LoginRequired] | None = None
        """The id of the grant that the server refused to renew."""
        self._unsaved: tuple[str, TokenGrant] | None = None
        """A grant that could not be stored, and the id of the one that it is to replace."""

    def put(self, grant: TokenGrant) -> Steps[TokenGrant]:
        """Store the grant of a log-in, which is newer than whatever is there; return it."""
        stored: TokenGrant = yield StoreWork(partial(put_grant, self.store, self.key, grant))
        return stored

    def token(self, refused: Token | None) -> Steps[Token]:
        """Return a token that is fit for use, renewed if need be."""
        grant = yield self._loading()
        if grant is None:
            raise self._nothing_stored()
        if grant.client_id not in (None, self.accounts.client_id):
            raise InvalidArgument(
                "key", f"{self.key!r} has the token of another client id in this store"
            )
        token = self._fit(grant, refused)
        if token is not None:
            return token
        try:
            return (yield from self._under_lease(grant, refused))
        except (LoginRequired, NotTheAPI, TemporarilyUnavailable, TransportError) as error:
            last = self._lasting(grant, refused, TRY_AGAIN)
            if last is None:
                raise
            log.warning(
                "the token of %r ends in %.0f s and could not be renewed: %s",
                self.key, self._left(grant), error,
            )  # fmt: skip
            return last

    def forget(self) -> Steps[bool]:
        """Revoke the grant, and delete it; return whether the server had it.

        Under the lease: nobody renews the grant meanwhile, and stores a token that lives on.
        """
        owner = secrets.token_hex(16)
        return (yield from self._with_lease(owner, self._forgotten(owner)))

    def _forgotten(self, owner: str) -> Steps[bool]:
        yield from self._waiting_for_lease(owner)
        grant = yield self._loading()
        if grant is None:
            return False
        live = grant
        if self._unsaved is not None and self._unsaved[0] == grant.id:
            live = self._unsaved[1]  # what the server has given since, and the store did not take
        request = self.accounts.revoke(live.refresh_token or live.access_token)
        reply = yield from sent(request, self.accounts.error_of, self._retry, repeatable=True)
        revoked = self.accounts.revoked(reply)
        present = yield self._loading()
        # A log-in that was finished meanwhile needs no lease, and stays.
        if present is not None and present.id == grant.id:
            yield StoreWork(partial(self.store.delete, self.key))
        return revoked

    def _waiting_for_lease(self, owner: str) -> Steps[None]:
        latest = self._clock() + LEASES_TO_WAIT * self._lease_seconds
        poll = FIRST_POLL
        while not (yield self._acquiring(owner)):
            if self._clock() >= latest:
                raise self._held_too_long()
            yield Pause(poll)
            poll = min(poll * POLL_GROWTH, LONGEST_POLL)

    def _under_lease(self, grant: TokenGrant, refused: Token | None) -> Steps[Token]:
        owner = secrets.token_hex(16)
        return (yield from self._with_lease(owner, self._in_turn(owner, grant, refused)))

    def _with_lease(self, owner: str, steps: Steps[R]) -> Steps[R]:
        """Go through steps that take the lease for an owner, and give it back at their end."""
        try:
            result = yield from steps
        except GeneratorExit:
            raise  # nothing can be done any more; the lease ends by itself
        except BaseException:
            # Also what stopped the taking of the lease: it may have been taken all the same.
            yield self._releasing(owner)
            raise
        yield self._releasing(owner)
        return result

    def _in_turn(self, owner: str, grant: TokenGrant, refused: Token | None) -> Steps[Token]:
        """Refresh the grant once nobody else does, unless somebody did."""
        latest = self._clock() + LEASES_TO_WAIT * self._lease_seconds
        poll = FIRST_POLL
        while True:
            until = self._clock() + self._lease_seconds
            if (yield self._acquiring(owner)):
                return (yield from self._refreshed(refused, until))
            last = self._lasting(grant, refused, SHORTLY)
            if last is not None:
                return last
            if self._clock() >= latest:
                raise self._held_too_long()
            yield Pause(poll)
            poll = min(poll * POLL_GROWTH, LONGEST_POLL)
            present = yield self._loading()
            token = self._fit(present, refused)
            if token is not None:
                return token
            if present is None:
                raise self._nothing_stored()
            grant = present

    def _refreshed(self, refused: Token | None, until: float) -> Steps[Token]:
        """Refresh the grant, with its lease; it has to be done before ``until``."""
        grant = yield self._loading()
        token = self._fit(grant, refused)
        if token is not None:
            return token
        if grant is None:
            raise self._nothing_stored()
        fresh = yield from self._fresh_of(grant, refused, until)
        if fresh is None:
            return (yield from self._stored_instead(refused))
        self._unsaved = (grant.id, fresh)
        stored = yield self._replacing(fresh, grant)
        self._unsaved = None
        if not stored:
            return (yield from self._stored_instead(refused, fresh))
        return self._bearer(fresh)

    def _fresh_of(
        self, grant: TokenGrant, refused: Token | None, until: float
    ) -> Steps[TokenGrant | None]:
        """Get the next grant from the server; ``None`` if another process was faster."""
        if self._unsaved is not None and self._unsaved[0] == grant.id:
            return self._unsaved[1]
        if self._ended is not None and self._ended[0] == grant.id:
            raise _again(self._ended[1])
        if grant.refresh_token is None:
            raise LoginRequired("the token has ended, and came without a refresh token")
        sent_at = self._clock()
        request = self.accounts.refresh(grant.refresh_token)
        try:
            reply = yield from sent(
                request, self.accounts.error_of, self._retry,
                repeatable=False, until=until, clock=self._clock,
            )  # fmt: skip
            fresh = self.accounts.grant_of(reply, grant)
        except LoginRequired as error:
            # One whose lease had run out may have used the refresh token, and stored the next one.
            present = yield self._loading()
            if present is not None and present.id != grant.id:
                return None
            self._ended = (grant.id, _again(error))
            raise
        self._learn(reply)
        self._end = (fresh.id, sent_at + fresh.expires_in)
        return fresh

    def _stored_instead(
        self, refused: Token | None, fresh: TokenGrant | None = None
    ) -> Steps[Token]:
        """Return the token that was stored in place of ours."""
        present = yield self._loading()
        if present is None:
            raise self._nothing_stored()
        if fresh is not None and present.id == fresh.id:
            return self._bearer(fresh)  # it was ours: only the confirmation had been lost
        token = self._lasting(present, refused, SHORTLY) or self._fit(present, refused)
        if token is None:
            raise TemporarilyUnavailable(f"the token of {self.key!r} is being changed by others")
        return token

    def _fit(self, grant: TokenGrant | None, refused: Token | None) -> Token | None:
        """Return the token of a grant unless it was refused, or is to be renewed."""
        if grant is None or grant.bearer() == refused:
            return None
        left = self._left(grant)
        return (
            self._bearer(grant) if left > margin_of(grant.expires_in, self._renew_before) else None
        )

    def _lasting(self, grant: TokenGrant, refused: Token | None, pause: float) -> Token | None:
        """Return the token of a grant that is to be renewed but has not ended, for a short time."""
        left = self._left(grant)
        if left <= 0 or grant.bearer() == refused:
            return None
        return self._bearer(grant, renew_in=min(pause, left))

    def _bearer(self, grant: TokenGrant, *, renew_in: float | None = None) -> Token:
        left = self._left(grant)
        if renew_in is None:
            margin = margin_of(grant.expires_in, self._renew_before)
            renew_in = max(left - margin, min(SHORTLY, max(left, 0.0)))
        # By the clock here, which is the one that an RTM session compares it with.
        ends = self._now() + timedelta(seconds=left)
        renew_at = self._clock() + renew_in
        return msgspec.structs.replace(
            grant, issued_at=ends - timedelta(seconds=grant.expires_in)
        ).bearer(renew_at=renew_at)

    def _left(self, grant: TokenGrant) -> float:
        """Return the seconds that a grant has left.

        One that was issued here, or looked at before, is measured by a clock that nobody sets.
        """
        if self._end[0] != grant.id:
            left = (grant.expires_at - (self._now() + self._ahead)).total_seconds()
            # A clock that is behind must not make it live longer than it ever did.
            self._end = (grant.id, self._clock() + min(left, grant.expires_in))
        return self._end[1] - self._clock()

    def _learn(self, reply: Reply) -> None:
        date = server_date(reply)
        if date is not None:
            self._ahead = date - self._now().astimezone(UTC)

    def _held_too_long(self) -> TokenStoreUnavailable:
        return TokenStoreUnavailable(
            f"others have been renewing the token of {self.key!r} for "
            f"{LEASES_TO_WAIT * self._lease_seconds:g} s; see whether one hangs"
        )

    def _nothing_stored(self) -> LoginRequired:
        return LoginRequired(f"no token is stored under {self.key!r}")

    def _loading(self) -> StoreWork:
        return StoreWork(partial(self.store.load, self.key))

    def _replacing(self, grant: TokenGrant, expected: TokenGrant | None) -> StoreWork:
        return StoreWork(partial(self.store.replace, self.key, grant, expected))

    def _acquiring(self, owner: str) -> StoreWork:
        return StoreWork(partial(self.store.acquire, self.key, owner, self._lease_seconds))

    def _releasing(self, owner: str) -> StoreWork:
        return StoreWork(partial(_released, self.store, self.key, owner))


def _released(store: TokenStore, key: str, owner: str) -> None:
    """Give a lease back; it ends by itself where that fails."""
    try:
        store.release(key, owner)
    except TokenStoreError as error:
        log.warning("the lease of %r could not be given back: %s", key, error)


def _again(error: LoginRequired) -> LoginRequired:
    return type(error)(
        error.description,
        error=error.error,
        sub_error=error.sub_error,
        status=error.status,
        request_id=error.request_id,
    )
