"""Token sources by a clock that tests move, and what they are made of."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from frontdesk.auth import AsyncOAuth, MemoryTokenStore, OAuth, TokenGrant


class Times:
    """A clock that the test moves, and the time of day that goes with it."""

    def __init__(self) -> None:
        self.passed = 0.0
        self.jumped = timedelta(0)
        """By how much somebody has set the clock of the day."""

    def clock(self) -> float:
        return 1000.0 + self.passed

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.passed) + self.jumped


def timed(source: Any, times: Times) -> Any:
    """Let a token source go by the clock of the test."""
    source._clock = times.clock
    source._keeper._clock = times.clock
    source._keeper._now = times.now
    return source


def stored(store: MemoryTokenStore, key: str = "default") -> TokenGrant:
    grant = store.load(key)
    assert grant is not None
    return grant


def public_app(accounts: Any, transport: Any) -> Any:
    """The app without a secret, in a program of the transport's kind."""
    is_async = asyncio.iscoroutinefunction(transport.send)
    return (AsyncOAuth if is_async else OAuth)(
        "app-public", accounts_url=accounts.url, transport=transport
    )


def ended(accounts: Any) -> TokenGrant:
    """A grant whose access token is over."""
    pair = accounts.issue(accounts.apps["app-public"])
    return TokenGrant(
        access_token=pair.access, refresh_token=pair.refresh, client_id="app-public", id="ended",
        issued_at=datetime.now(UTC) - timedelta(hours=9), expires_in=28_800,
    )  # fmt: skip
