"""How a session connects, logs in and keeps alive; and the steps it asks its driver for."""

import logging
import random
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal, Protocol, TypeAlias

from msgspec import UNSET, Meta, Struct, UnsetType, field

from frontdesk.actions import Action
from frontdesk.auth import Token
from frontdesk.codec.damage import DamageReports
from frontdesk.core.observation import Observer
from frontdesk.core.retry import Meter, Retry, check_pauses
from frontdesk.core.rtm.reasons import Verdict
from frontdesk.core.rtm.recovery.recovery import Recovery
from frontdesk.models import Application, LoginResponse
from frontdesk.pushes import Push
from frontdesk.spec.checks import Checked

__all__ = [
    "AskToken",
    "Backoff",
    "Cut",
    "Ended",
    "LoginOptions",
    "Lost",
    "Open",
    "Ping",
    "Ready",
    "SessionContext",
    "SessionSettings",
    "Side",
    "Step",
]

Seconds = Annotated[float, Meta(gt=0)]
Level = Literal["my", "chatting", "invited", "online", "highest_available"]


class Backoff(Checked, frozen=True, kw_only=True):
    """How long to wait before connecting again, in seconds.

    The pause is drawn at random from 0 to a ceiling that starts at ``first_pause`` and doubles up
    to ``longest_pause``, so that many clients do not come back at the same time. The ceiling
    starts anew only after a session that lasted ``stable_after``.
    """

    first_pause: Annotated[float, Meta(ge=0)] = 0.5
    longest_pause: Annotated[float, Meta(ge=0)] = 30.0
    stable_after: Annotated[float, Meta(ge=0)] = 5.0

    def _rules(self) -> None:
        check_pauses(self)

    def pause(self, attempt: int, rng: random.Random) -> float:
        """Seconds to wait before the given attempt; the first is 1."""
        ceiling = self.first_pause * 2.0 ** min(attempt - 1, 30)
        return rng.random() * min(self.longest_pause, ceiling)


class LoginOptions(Checked, frozen=True, kw_only=True):
    """What the log-in says beside the token."""

    timezone: str | UnsetType = UNSET
    application: Application | UnsetType = UNSET
    away: bool | UnsetType = UNSET
    customer_monitoring_level: Level | UnsetType = UNSET
    pushes: dict[str, list[str]] | UnsetType = UNSET


class SessionSettings(Checked, frozen=True, kw_only=True):
    """How a session behaves. Times are in seconds."""

    timeout: Seconds = 20.0
    """For each of the session's own requests, and for the log-in."""
    token_timeout: Seconds = 20.0
    """For the function that returns the token."""
    ping: Literal["message", "frame"] = "message"
    """The API's own ``ping``, which proves that the API still responds, or a WebSocket one."""
    ping_interval: Seconds = 15.0
    ping_timeout: Seconds = 10.0
    """Silence after a ping that means the connection is dead."""
    close_timeout: Seconds = 5.0
    """For the responses still due, the log-out and the closing handshake."""
    reconnect: bool = True
    backoff: Backoff = Backoff()
    renew_before: Seconds = 60.0
    """How long before its end a token is renewed; one that lives less than five times as long is
    renewed after four fifths of its life."""
    logout: bool = True
    """Log out when the session is closed."""
    login: LoginOptions = LoginOptions()


class Side(Protocol):
    """What differs between the sessions of agents and those of customers."""

    dismissal: str
    """The push with which the server ends a connection."""
    swaps_tokens: bool
    """Whether a connection can go on with another token."""
    pushes: Mapping[str, type[Push]]
    """The pushes by their names on the wire."""
    verdicts: Mapping[str, Verdict]
    """What to do, by the reason with which the server ends a connection."""

    def login(
        self, token: Token, options: LoginOptions, *, again: bool, away: bool | UnsetType
    ) -> Action[Any]:
        """Return the request that logs in."""
        ...

    def recovery(self) -> Recovery:
        """Return what finds out what an interruption has cost, for a new session."""
        ...


class SessionContext(Struct, frozen=True, kw_only=True):
    """What the sessions of a client share: time, chance, retries, and where to report."""

    clock: Callable[[], float]
    """Seconds that never go back."""
    rng: random.Random
    retry: Retry
    """Governs the first connection, before ``SessionSettings.reconnect`` takes over."""
    meter: Meter
    logger: logging.Logger = field(default_factory=lambda: logging.getLogger("frontdesk.rtm"))
    reports: DamageReports | None = None
    """Takes damage in the responses to a session's own requests; defaults to the log."""
    side: Side | None = None
    """Whose session it is; defaults to an agent's."""
    observer: Observer | None = None
    """Who hears of the session's own requests."""
    address: str = ""
    """Base URL of the service, for the observer."""


class AskToken(Struct, frozen=True):
    """Get a token; ``refused`` is the one that is of no use any more."""

    refused: Token | None = None


class Open(Struct, frozen=True):
    """Open a connection to a data centre."""

    region: str | None


class Ping(Struct):
    """Send a WebSocket ping."""


class Cut(Struct, frozen=True):
    """End the connection: at once, or with a closing handshake."""

    at_once: bool


class Ready(Struct, frozen=True):
    """The session is logged in; ``again`` after it had been before."""

    login: LoginResponse
    again: bool


class Lost(Struct, frozen=True):
    """The connection ended; ``retry_in`` seconds to the next attempt."""

    error: Exception
    retry_in: float


class Ended(Struct, frozen=True):
    """The session is over; ``error`` is ``None`` if it was asked for."""

    error: Exception | None


Step: TypeAlias = bytes | AskToken | Open | Ping | Cut | Ready | Lost | Ended
"""What a driver is asked to do; ``bytes`` are a frame to send as text."""
