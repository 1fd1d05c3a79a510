"""One API call as a conversation, without any input or output of its own.

``exchange`` is a generator. It yields what to do next (a ``Request`` to send, a ``Sleep``, a
``NeedToken``), and is sent what came of it (a ``Reply``, nothing, a ``Token``) or thrown the
``TransportError`` that happened. It returns the final answer::

    exchange ── NeedToken ─▶ driver ── asks the user's getter, once ──▶ Token
        │
        ├── Request ──▶ driver ── transport.send ──▶ Reply | TransportError
        │      ▲
        │      ├── misdirected_request: once more, with the region that the server named
        │      ├── authentication: once more, with a token asked for again
        │      └── Sleep, where a repeat is safe (see ``policy.Retry``)
        ▼
    result(Answer(reply, error))
"""

import logging
import random
import re
import sys
import warnings
from collections.abc import Callable, Generator, Mapping
from datetime import UTC, datetime
from types import FrameType
from typing import Any, Final, TypeVar

import msgspec
from msgspec import UNSET, Struct, UnsetType

from frontdesk.auth import Token
from frontdesk.core.policy import Meter, Retry
from frontdesk.errors import (
    AuthenticationError,
    BudgetExceeded,
    FrontdeskError,
    MisdirectedRequest,
    NotTheAPI,
    TransportError,
    api_error,
)
from frontdesk.transport._base import Body, Headers, Reply, Request

__all__ = [
    "Answer",
    "Call",
    "DeprecatedVersionWarning",
    "NeedToken",
    "Outgoing",
    "Settings",
    "Shared",
    "Sleep",
    "Step",
    "error_of",
    "exchange",
]

R = TypeVar("R")

OK: Final = 200
EXCERPT: Final = 120
ENVELOPE: Final = 256
"""How far from the beginning of an answer with status 200 the word ``error`` is looked for."""
MADE_HEADERS: Final = 8
DEBUG_ID: Final = "x-debug-id"
REGION: Final = re.compile(r"[a-z0-9-]{1,16}")
CREDENTIALS: Final = re.compile(r"(Bearer|Basic)\s+[^\s\"'<]+", re.IGNORECASE)
PACKAGE: Final = __name__.partition(".")[0]

log: Final = logging.getLogger(PACKAGE)


class DeprecatedVersionWarning(DeprecationWarning):
    """The API version in use is legacy or deprecated; the message tells until when."""


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
    repeatable: bool = False

    def __repr__(self) -> str:
        return f"Outgoing({self.action!r}, {self.path!r})"


class Answer(Struct, frozen=True):
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
    """HTTP status of the last answer, 0 without one."""
    attempts: int
    """Requests sent."""
    bytes: int
    """Size of the last answer's body."""
    error: BaseException | None
    """What the call failed with."""


class Shared:
    """What all copies of a client share: token, region, warnings already given."""

    __slots__ = ("region", "token", "warned")

    def __init__(self, region: str | None) -> None:
        self.region = region
        self.token: Token | None = None
        self.warned: set[str] = set()


def _now() -> datetime:
    return datetime.now(UTC)


class Settings(Struct, frozen=True, kw_only=True):
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
    now: Callable[[], datetime] = _now
    """The time of day, to know when a token ends."""
    author_id: str | UnsetType = UNSET
    made_headers: dict[tuple[str, Token, str | None], Headers] = msgspec.field(
        default_factory=dict[tuple[str, Token, str | None], Headers]
    )

    def __repr__(self) -> str:
        return f"Settings({self.base_url!r}, version={self.version})"


def exchange(
    outgoing: Outgoing, settings: Settings, result: Callable[[Answer], R]
) -> Generator[Step, Any, R]:
    """Make one call; see the module's description.

    ``result`` turns the answer into what the call returns, or raises.
    """
    started = settings.clock()
    made = _Made()
    try:
        answer = yield from _answer(outgoing, settings, made)
        made.error = answer.error
        return result(answer)
    except BaseException as raised:
        made.error = raised
        raise
    finally:
        _report(outgoing.action, settings, started, made)


class _Made:
    """What became of a call so far."""

    __slots__ = ("attempts", "error", "reply")

    def __init__(self) -> None:
        self.attempts = 0
        self.reply: Reply | None = None
        self.error: BaseException | None = None


def _answer(outgoing: Outgoing, settings: Settings, made: _Made) -> Generator[Step, Any, Answer]:
    shared = settings.shared
    token = shared.token or (yield NeedToken())
    failure: FrontdeskError | None = None
    hopped = renewed = False
    while True:
        failure = yield from _attempt(outgoing, settings, token, made, failure)
        wait = _retry_after(made.reply)
        if failure is None:
            _warn_of_old_version(made.reply, outgoing, settings)
            break
        if not hopped and (region := _region_to_try(failure, shared.region or token.region)):
            hopped = True
            shared.region = region
        elif isinstance(failure, AuthenticationError) and not renewed:
            renewed = True
            refused, token = token, (yield NeedToken(token))
            if token == refused:
                break
        elif settings.retry.allows(
            failure, attempt=made.attempts, repeatable=outgoing.repeatable, retry_after=wait
        ):
            pause = settings.retry.pause(made.attempts, settings.rng, wait)
            if settings.logger:
                settings.logger.info("%s; trying again in %.2f s", failure, pause)
            if not settings.meter.spent:
                yield Sleep(pause)
        else:
            break
    if made.reply is None:
        assert failure is not None
        raise failure
    return Answer(made.reply, failure)


def _attempt(
    outgoing: Outgoing,
    settings: Settings,
    token: Token,
    made: _Made,
    before: FrontdeskError | None,
) -> Generator[Step, Any, FrontdeskError | None]:
    """Send one request and return what it failed with; ``before`` is what the last one did."""
    made.reply = None
    try:
        settings.meter.count(outgoing.action)
    except BudgetExceeded as spent:
        raise spent from before
    made.attempts += 1
    try:
        reply: Reply = yield Request(
            settings.base_url + outgoing.path,
            _headers(outgoing, settings, token),
            outgoing.body,
            settings.timeout,
            settings.max_response_bytes,
        )
    except BaseException as error:
        # Also an error of the caller's own, such as a cancellation, ends a request that was sent.
        if not getattr(error, "maybe_sent", True):
            settings.meter.take_back(outgoing.action)
        if not isinstance(error, TransportError):
            raise
        error.action, error.attempts = outgoing.action, made.attempts
        return error
    made.reply = reply
    return error_of(reply, outgoing.action, made.attempts)


def _region_to_try(failure: FrontdeskError, tried: str | None) -> str | None:
    """Return the region that the server named, unless the request was sent there already."""
    if not isinstance(failure, MisdirectedRequest) or failure.region in (None, tried):
        return None
    return failure.region if REGION.fullmatch(failure.region) else None


def error_of(reply: Reply, action: str, attempts: int = 1) -> FrontdeskError | None:
    """Tell the error of an answer, ``None`` for a good one.

    The envelope tells an error and its type; the HTTP status never does. What is neither a good
    answer nor an envelope is ``NotTheAPI``.
    """
    if reply.status == OK and b'"error"' not in reply.body[:ENVELOPE]:
        return None
    request_id = reply.headers.get(DEBUG_ID)
    try:
        envelope = _decode_envelope(reply.body)
    except msgspec.MsgspecError:
        if reply.status == OK:
            return None
        kind = reply.headers.get("content-type", "no content type")
        foreign = NotTheAPI(
            f"{action}: something other than the API answered with HTTP {reply.status} ({kind}); "
            "check `base_url` and the proxy",
            excerpt=excerpt(reply.body),
        )
        foreign.status = reply.status
        return foreign
    return api_error(
        envelope.error.type,
        envelope.error.message,
        data=envelope.error.data,
        status=reply.status,
        action=action,
        request_id=request_id,
        attempts=attempts,
    )


def excerpt(body: bytes) -> str:
    """Return the beginning of a body for an error message, without tokens that it may repeat."""
    text = CREDENTIALS.sub(r"\1 …", body[: 4 * EXCERPT].decode("utf-8", "replace"))
    return text[:EXCERPT] + "…" if len(text) > EXCERPT else text


class _Error(Struct, gc=False):
    type: str
    message: str = ""
    data: Any = None


class _Envelope(Struct, gc=False):
    error: _Error


_decode_envelope = msgspec.json.Decoder(_Envelope).decode


def _headers(outgoing: Outgoing, settings: Settings, token: Token) -> Headers:
    """Return the headers of a request: the same object as long as they stay the same.

    A transport may so keep what it makes of them.
    """
    region = settings.shared.region or token.region
    key = (outgoing.content_type, token, region)
    headers = settings.made_headers.get(key)
    if headers is None:
        if len(settings.made_headers) >= MADE_HEADERS:
            settings.made_headers.clear()
        headers = settings.made_headers[key] = _make_headers(outgoing, settings, token, region)
    return headers


def _make_headers(
    outgoing: Outgoing, settings: Settings, token: Token, region: str | None
) -> Headers:
    headers = Headers(settings.headers)
    headers["Authorization"] = token.authorization
    headers["Content-Type"] = outgoing.content_type
    if region:
        headers["X-Region"] = region
    if settings.author_id is not UNSET:
        headers["X-Author-Id"] = settings.author_id
    return headers


def _retry_after(reply: Reply | None) -> float | None:
    """Read ``Retry-After`` in seconds; the API does not document it, but gateways send it."""
    value = reply.headers.get("retry-after") if reply else None
    return float(value) if value and value.isascii() and value.isdigit() else None


def _warn_of_old_version(reply: Reply | None, outgoing: Outgoing, settings: Settings) -> None:
    assert reply is not None
    for header, stage in (("legacy", "legacy"), ("deprecation", "deprecated")):
        until = reply.headers.get(header)
        if not until:
            continue
        version = outgoing.path.split("/")[1].removeprefix("v")
        text = f"Agent Chat API {version} is {stage}; this stage ends on {until}"
        if f"{version} {stage}" not in settings.shared.warned:
            settings.shared.warned.add(f"{version} {stage}")
            if settings.logger:
                settings.logger.warning(text)
            warnings.warn(text, DeprecatedVersionWarning, stacklevel=_frames_inside() + 1)


def _frames_inside() -> int:
    """Count the frames of this package up to the user's, who is to see a warning."""
    count = 0
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    while frame is not None and frame.f_globals.get("__name__", "").startswith(f"{PACKAGE}."):
        frame = frame.f_back
        count += 1
    return count


def _report(action: str, settings: Settings, started: float, made: _Made) -> None:
    if settings.on_call is None and settings.logger is None:
        return
    call = Call(
        action,
        settings.clock() - started,
        made.reply.status if made.reply else 0,
        made.attempts,
        len(made.reply.body) if made.reply else 0,
        made.error,
    )
    if settings.logger:
        settings.logger.debug(
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
        except Exception:  # noqa: BLE001 - a user's function may raise anything
            # The call is over: what it brought must not be lost to an error of the bookkeeping.
            (settings.logger or log).exception("on_call failed after %s", call.action)
