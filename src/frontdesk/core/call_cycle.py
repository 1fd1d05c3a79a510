"""One API call as a conversation, without any input or output of its own.

``exchange`` is a generator. It yields what to do next (a ``Request`` to send, a ``Sleep``, a
``NeedToken``), and is sent what came of it (a ``Reply``, nothing, a ``Token``) or thrown the
``TransportError`` that happened. It returns the final response::

    exchange ── NeedToken ─▶ driver ── asks the user's getter, once ──▶ Token
        │
        ├── Request ──▶ driver ── transport.send ──▶ Reply | TransportError
        │      ▲
        │      ├── misdirected_request: once more, with the region that the server named
        │      ├── authentication: once more, with a token asked for again
        │      └── Sleep, where a retry is safe (see ``retry.Retry``), or for the ``Limiter``
        ▼
    result(Outcome(reply, error))
"""

import logging
import random
import re
import sys
import warnings
from collections.abc import Callable, Generator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from types import FrameType
from typing import Any, Final, TypeVar

import msgspec
from msgspec import UNSET, Struct, UnsetType

from frontdesk.auth import Token
from frontdesk.codec.damage import DamageReports
from frontdesk.core.http_messages import Body, Headers, Reply, Request
from frontdesk.core.limiter import Limiter
from frontdesk.core.observation import (
    UNWATCHED,
    CallEnd,
    CallStart,
    CallWatch,
    Observer,
    default_observer,
    watch_call,
)
from frontdesk.core.responses import error_of, is_good, retry_after
from frontdesk.core.retry import Meter, Retry
from frontdesk.errors import (
    AuthenticationError,
    BudgetExceeded,
    FrontdeskError,
    MisdirectedRequest,
    TooManyRequests,
    TransportError,
)
from frontdesk.redaction import excerpt, log_failure, one_line

__all__ = [
    "Call",
    "ClientSettings",
    "DeprecatedVersionWarning",
    "FirstTry",
    "MethodRoute",
    "NeedToken",
    "Outcome",
    "Outgoing",
    "Shared",
    "Sleep",
    "Step",
    "exchange",
    "first_try",
    "is_plain",
    "wait_for_turn",
]

R = TypeVar("R")

MAX_CACHED_HEADERS: Final = 8
REGION: Final = re.compile(r"[a-z0-9-]{1,16}")
PACKAGE: Final = __name__.partition(".")[0]

log: Final = logging.getLogger(PACKAGE)


class DeprecatedVersionWarning(DeprecationWarning):
    """The API version in use is legacy or deprecated; the message says until when."""


class Sleep(Struct, frozen=True, gc=False):
    """Wait that many seconds."""

    seconds: float


class NeedToken(Struct, frozen=True, gc=False):
    """Get a token; ``refused`` is the one that the server did not accept."""

    refused: Token | None = None


Step = Request | Sleep | NeedToken


class Outgoing(Struct, frozen=True, gc=False):
    """What a call sends, whatever the connection."""

    action: str
    path: str
    body: bytes | Body
    content_type: str = "application/json"
    """Empty for a request without a body."""
    repeatable: bool = False
    verb: str = "POST"
    needs_token: bool = True

    def __repr__(self) -> str:
        return f"Outgoing({self.action!r}, {self.path!r})"


class MethodRoute(Struct, frozen=True, gc=False):
    """Where a version of the API has a method, and what else each call of it needs."""

    name: str
    path: str
    repeatable: bool
    verb: str = "POST"
    needs_token: bool = True


class Outcome(Struct, frozen=True):
    """How a call ended: the last reply, and the error if it is one."""

    reply: Reply
    error: FrontdeskError | None


class Call(Struct, frozen=True):
    """One finished call, handed to ``on_call``."""

    action: str
    """Wire name of the method."""
    seconds: float
    """From the start of the call to its end, pauses included."""
    status: int
    """HTTP status of the last response, 0 without one."""
    attempts: int
    """Requests sent."""
    bytes: int
    """Size of the last response's body."""
    error: BaseException | None
    """What the call failed with."""


class Shared:
    """What all copies of a client share: token, region, warnings already given.

    ``on_region`` is called with a region that a server has named in place of the present one; it
    raises nothing.
    """

    __slots__ = ("on_region", "region", "token", "warned")

    def __init__(self, region: str | None) -> None:
        self.region: str | None = region
        self.on_region: Callable[[str], object] | None = None
        self.token: Token | None = None
        self.warned: set[str] = set()

    def learn_region(self, region: str) -> None:
        """Take note of the region that a server has named."""
        is_new = region != self.region
        self.region = region
        if is_new and self.on_region is not None:
            self.on_region(region)

    def fit_token(self, now: float) -> Token | None:
        """Return the token unless there is none yet, or it is time to ask for another one."""
        token = self.token
        if token is None or (token.renew_at is not None and now >= token.renew_at):
            return None
        return token


def _now() -> datetime:
    return datetime.now(UTC)


class ClientSettings(Struct, frozen=True, kw_only=True):
    """How a client makes its calls; ``with_options`` makes a changed copy."""

    base_url: str
    version: tuple[int, int]
    headers: Mapping[str, str]
    timeout: float
    max_response_bytes: int | None
    retry: Retry
    meter: Meter
    on_call: Callable[[Call], object] | None
    logger: logging.Logger | None
    clock: Callable[[], float]
    """Seconds that never go back."""
    rng: random.Random
    shared: Shared
    limiter: Limiter | None
    """What learns the rate that the server allows; ``None`` learns nothing."""
    paced: bool = False
    """Whether each request waits for the limiter's turn."""
    now: Callable[[], datetime] = _now
    """The time of day, to know when a token ends, and how far away the date of a header is."""
    reports: DamageReports = msgspec.field(default_factory=DamageReports)
    """Takes what was repaired in a response."""
    observer: Observer | None = msgspec.field(default_factory=default_observer)
    """Who hears of each call while it goes on."""
    author_id: str | UnsetType = UNSET
    organization_id: str | None = None
    """What a client of the Customer Chat API says with each request; ``None`` for other APIs."""
    cached_headers: dict[str, tuple[Token | None, str | None, Headers]] = msgspec.field(
        default_factory=dict[str, tuple[Token | None, str | None, Headers]]
    )
    """Headers by content type, and what else they were made of."""
    routes: dict[type, MethodRoute] = msgspec.field(default_factory=dict[type, MethodRoute])
    """Those of the actions that were sent so far; each copy has the version in common."""

    @property
    def is_watched(self) -> bool:
        """Whether somebody is to hear of each call."""
        return any(each is not None for each in (self.on_call, self.logger, self.observer))

    def __repr__(self) -> str:
        return f"Settings({self.base_url!r}, version={self.version})"


class FirstTry(Struct):
    """The first request of a call, and what came of it: a reply, or the error it ended with."""

    token: Token
    sent_at: float
    request: Request
    reply: Reply | None = None
    error: BaseException | None = None

    def response(self) -> Reply:
        """Return the reply, or raise the error."""
        error, self.error = self.error, None
        try:
            if error is not None:
                raise error
        finally:
            del error  # whose traceback leads here: it would keep itself alive
        assert self.reply is not None
        return self.reply


def first_try(outgoing: Outgoing, settings: ClientSettings) -> FirstTry | None:
    """Count and return the request of a call that needs nothing else before it, nor afterwards.

    Nearly all calls are like that and get a plain response (see ``is_plain``), and are spared the
    cycle. ``exchange`` takes the others on from here.
    """
    token = settings.shared.token
    if token is None or settings.paced or settings.is_watched or not outgoing.needs_token:
        return None
    if token.renew_at is not None and settings.clock() >= token.renew_at:
        return None
    settings.meter.count(outgoing.action)
    return FirstTry(token, settings.clock(), _request(outgoing, settings, token))


def is_plain(reply: Reply, settings: ClientSettings) -> bool:
    """Tell whether a response is a good one that nobody has to take note of."""
    return (
        is_good(reply)
        and not _has_old_version(reply)
        and (settings.limiter is None or not settings.limiter.active)
    )


def exchange(
    outgoing: Outgoing,
    settings: ClientSettings,
    result: Callable[[Outcome], R],
    first: FirstTry | None = None,
) -> Generator[Step, Any, R]:
    """Make one call; see the module's description.

    ``result`` turns the last response into what the call returns, or raises. ``first`` is what the
    call begins with, if it was sent already.
    """
    state = _CallState(outgoing, settings)
    try:
        if first is not None:
            state.begin(first)
        elif outgoing.needs_token:
            state.token = settings.shared.fit_token(settings.clock()) or (yield NeedToken())
        while True:
            try:
                reply = first.response() if first is not None else (yield from _send_in_turn(state))
            except BaseException as error:
                state.fail(error)
                if not isinstance(error, TransportError):
                    raise
            else:
                state.take(reply)
            first = None
            if state.failure is None or not (
                yield from _prepare_next_request(state, state.failure)
            ):
                break
        return result(state.outcome())
    except BaseException as raised:
        state.error = raised
        raise
    finally:
        if settings.is_watched:
            _report(state)


def _send_in_turn(state: "_CallState") -> Generator[Step, Any, Reply]:
    """Send a request, when its turn comes, and return the response."""
    settings = state.settings
    if settings.paced and settings.limiter is not None and not settings.meter.spent:
        yield from wait_for_turn(settings.limiter, settings.meter, settings.clock)
    reply: Reply = yield state.request()
    return reply


class _CallState:
    """A call under way: what was sent so far, and what came of it."""

    # Defaults of the class, since most calls change only a few of them.
    token: Token | None = None
    """``None`` for a method that needs none."""
    sent_at: float = 0.0
    requests_sent: int = 0
    """All of them."""
    attempts: int = 0
    """Requests that the retry policy counts: not those for another region or with a new token."""
    region_changed: bool = False
    token_renewed: bool = False
    reply: Reply | None = None
    failure: FrontdeskError | None = None
    """Of the last request."""
    unsent: int = 0
    """Requests that certainly did not reach the server."""
    error: BaseException | None = None
    """What the call ends with."""
    watch: CallWatch = UNWATCHED

    def __init__(self, outgoing: Outgoing, settings: ClientSettings) -> None:
        self.outgoing = outgoing
        self.settings = settings
        self.started: float = settings.clock()
        if settings.observer is not None:
            self.watch = watch_call(settings.observer, _start_of(outgoing, settings))

    def begin(self, first: FirstTry) -> None:
        """Go on from the first request."""
        self.token, self.sent_at = first.token, first.sent_at
        self.requests_sent = 1

    def request(self) -> Request:
        """Count the next request and return it."""
        outgoing, settings = self.outgoing, self.settings
        try:
            settings.meter.count(outgoing.action)
        except BudgetExceeded as spent:
            raise BudgetExceeded(spent.limit, self.failure) from self.failure
        self.sent_at = settings.clock()
        self.requests_sent += 1
        self.watch.sending(self.requests_sent)
        self.reply = None
        return _request(outgoing, settings, self.token)

    def take(self, reply: Reply) -> None:
        """Take the response to the request."""
        self.reply = reply
        settings = self.settings
        self.failure = failure = error_of(reply, self.outgoing.action, self.requests_sent)
        limiter = settings.limiter
        if (
            limiter is not None
            and (settings.paced or limiter.active)
            and not isinstance(failure, TooManyRequests)
        ):
            limiter.accepted(settings.clock())
        if failure is None and _has_old_version(reply):
            _warn_of_old_version(reply, self.outgoing, settings)

    def fail(self, error: BaseException) -> None:
        """Take what the request ended with instead of a response."""
        # Also an error of the caller's own, such as a cancellation, ends a request that was sent.
        if not getattr(error, "maybe_sent", True):
            self.settings.meter.take_back(self.outgoing.action)
            self.unsent += 1
        if isinstance(error, TransportError):
            error.action, error.attempts = self.outgoing.action, self.requests_sent
            self.failure = error

    def outcome(self) -> Outcome:
        """Return how the call ended; raise the failure of a request without a response."""
        if self.reply is None:
            assert self.failure is not None
            raise self.failure
        self.error = self.failure
        return Outcome(self.reply, self.failure)


def _prepare_next_request(state: _CallState, failure: FrontdeskError) -> Generator[Step, Any, bool]:
    """Prepare another request where one may help; return whether to send it."""
    settings, shared = state.settings, state.settings.shared
    state.attempts += 1
    state.watch.failed(failure)
    retry_seconds = retry_after(state.reply, settings.now)
    throttled = isinstance(failure, TooManyRequests)
    if throttled:
        _slow_down(settings, state, retry_seconds)
    if not state.region_changed and (
        region := _region_to_try(failure, shared.region or _region_of(state.token))
    ):
        state.region_changed = True
        state.attempts -= 1
        shared.learn_region(region)
        return True
    if isinstance(failure, AuthenticationError) and state.token and not state.token_renewed:
        state.token_renewed = True
        state.attempts -= 1
        refused, state.token = state.token, (yield NeedToken(state.token))
        return state.token != refused
    if not settings.retry.allows(
        failure,
        attempt=state.attempts,
        repeatable=state.outgoing.repeatable,
        retry_after=retry_seconds,
    ):
        return False
    pause = settings.retry.pause(state.attempts, settings.rng, retry_seconds)
    _log_safely(settings.logger, logging.INFO, "%s; trying again in %.2f s", failure, pause)
    yield from _pause(pause, settings, throttled=throttled)
    return True


def _pause(
    seconds: float, settings: ClientSettings, *, throttled: bool
) -> Generator[Step, Any, None]:
    """Wait before a retry, unless it cannot be sent anyhow."""
    if settings.meter.spent:
        return
    if throttled:
        yield from _wait_for_rate_limit(seconds, settings.meter, settings.clock)
    else:
        yield Sleep(seconds)


def wait_for_turn(
    limiter: Limiter, meter: Meter, clock: Callable[[], float]
) -> Generator[Sleep, Any, None]:
    """Wait until the limiter lets a request leave; a place that is not used is given back."""
    ticket = limiter.enter(clock())
    try:
        while seconds := limiter.wait(ticket, clock()):
            yield from _wait_for_rate_limit(seconds, meter, clock)
    except BaseException:
        limiter.leave()
        raise


def _wait_for_rate_limit(
    seconds: float, meter: Meter, clock: Callable[[], float]
) -> Generator[Sleep, Any, None]:
    """Wait because of the rate limit, and put the time down in the meter."""
    started = clock()
    try:
        yield Sleep(seconds)
    finally:
        meter.wait(clock() - started)


def _slow_down(settings: ClientSettings, state: _CallState, retry_after: float | None) -> None:
    settings.meter.throttle()
    if settings.limiter is not None:
        # A pause too long to wait for ends this call, and must not hold up the next one unseen.
        pause = retry_after or 0.0
        settings.limiter.refused(
            settings.clock(),
            sent_at=state.sent_at,
            retry_after=pause if pause <= settings.retry.longest_pause else 0.0,
        )


def _region_to_try(failure: FrontdeskError, tried: str | None) -> str | None:
    """Return the region that the server named, unless the request was sent there already."""
    if not isinstance(failure, MisdirectedRequest) or failure.region in (None, tried):
        return None
    return failure.region if REGION.fullmatch(failure.region) else None


def _request(outgoing: Outgoing, settings: ClientSettings, token: Token | None) -> Request:
    return Request(
        settings.base_url + outgoing.path,
        _headers(outgoing, settings, token),
        outgoing.body,
        settings.timeout,
        settings.max_response_bytes,
        outgoing.verb,
    )


def _region_of(token: Token | None) -> str | None:
    return None if token is None else token.region


def _headers(outgoing: Outgoing, settings: ClientSettings, token: Token | None) -> Headers:
    """Return the headers of a request: the same object as long as they stay the same.

    A transport may so keep what it makes of them.
    """
    region = settings.shared.region or _region_of(token)
    cached = settings.cached_headers.get(outgoing.content_type)
    if cached is None or cached[0] is not token or cached[1] != region:
        if len(settings.cached_headers) >= MAX_CACHED_HEADERS:
            settings.cached_headers.clear()
        cached = (token, region, _make_headers(outgoing, settings, token, region))
        settings.cached_headers[outgoing.content_type] = cached
    return cached[2]


def _make_headers(
    outgoing: Outgoing, settings: ClientSettings, token: Token | None, region: str | None
) -> Headers:
    headers = Headers(settings.headers)
    if token is not None:
        headers["Authorization"] = token.authorization
    if outgoing.content_type:
        headers["Content-Type"] = outgoing.content_type
    if region:
        headers["X-Region"] = region
    if settings.author_id is not UNSET:
        headers["X-Author-Id"] = settings.author_id
    return headers


def _has_old_version(reply: Reply) -> bool:
    """Tell whether a response says that its version of the API is to end."""
    return "legacy" in reply.headers or "deprecation" in reply.headers


def _warn_of_old_version(reply: Reply, outgoing: Outgoing, settings: ClientSettings) -> None:
    for header, stage in (("legacy", "legacy"), ("deprecation", "deprecated")):
        until = reply.headers.get(header)
        if not until:
            continue
        version = outgoing.path.split("/")[1].removeprefix("v")
        date = one_line(excerpt(until, 40))
        api = "Customer" if "/customer/" in outgoing.path else "Agent"
        text = f"{api} Chat API {version} is {stage}; this stage ends on {date}"
        if f"{version} {stage}" not in settings.shared.warned:
            settings.shared.warned.add(f"{version} {stage}")
            _log_safely(settings.logger, logging.WARNING, "%s", text)
            _warn(text)


def _warn(text: str) -> None:
    try:
        warnings.warn(text, DeprecatedVersionWarning, stacklevel=_frames_inside() + 1)
    except Exception:  # noqa: BLE001 - a filter turns warnings into errors, a hook may raise any
        # The server has done the work: a warning must not cost its result.
        _log_safely(log, logging.ERROR, "%s", text)


def _log_safely(logger: logging.Logger | None, level: int, text: str, *values: object) -> None:
    """Log, whatever the user's handlers and filters raise."""
    if logger is not None:
        with suppress(Exception):
            logger.log(level, text, *values)


def _frames_inside() -> int:
    """Count the frames of this package up to the user's, who is to see a warning."""
    count = 0
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    while frame is not None and frame.f_globals.get("__name__", "").startswith(f"{PACKAGE}."):
        frame = frame.f_back
        count += 1
    return count


def _start_of(outgoing: Outgoing, settings: ClientSettings) -> CallStart:
    path = outgoing.path.partition("?")[0]
    api = path.split("/")[2]
    return CallStart(outgoing.action, "web", settings.base_url, path, outgoing.verb, api)


def _report(state: _CallState) -> None:
    settings = state.settings
    seconds = settings.clock() - state.started
    status, size = (state.reply.status, len(state.reply.body)) if state.reply else (0, 0)
    sent = state.requests_sent
    state.watch.ended(CallEnd(seconds, status, sent, sent - state.unsent, size, state.error))
    call = Call(state.outgoing.action, seconds, status, sent, size, state.error)
    _log_safely(
        settings.logger,
        logging.DEBUG,
        "%s: HTTP %d, %d bytes, %d attempts, %.3f s",
        call.action,
        call.status,
        call.bytes,
        call.attempts,
        call.seconds,
    )
    if settings.on_call:
        try:
            settings.on_call(call)
        except Exception as error:  # noqa: BLE001 - a user's function may raise anything
            # The call is over: its result must not be lost to an error of the bookkeeping.
            with suppress(Exception):
                logger = settings.logger or log
                log_failure(logger, "on_call failed after %s", call.action, error=error)
