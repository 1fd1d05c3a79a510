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
    Answer(reply, error)
"""

import logging
import random
import warnings
from collections.abc import Callable, Generator, Mapping
from typing import Any, Final

import msgspec
from msgspec import UNSET, Struct, UnsetType

from frontdesk.auth import Token
from frontdesk.core.policy import Meter, Retry
from frontdesk.errors import (
    AuthenticationError,
    FrontdeskError,
    MisdirectedRequest,
    NotTheAPI,
    TransportError,
    api_error,
)
from frontdesk.transport._base import Body, Reply, Request

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

OK: Final = 200
EXCERPT: Final = 120
MADE_HEADERS: Final = 8
DEBUG_ID: Final = "x-debug-id"


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
    once: bool = False
    """The body cannot be read again, so that nothing can be repeated."""


class Answer(Struct, frozen=True, gc=False):
    """How a call ended: the last reply, and the API's error if it is one."""

    reply: Reply
    error: FrontdeskError | None
    attempts: int


class Call(Struct, frozen=True, gc=False):
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
    """What all copies of a client share: token, region, meter, warnings already given."""

    __slots__ = ("meter", "region", "token", "warned")

    def __init__(self, meter: Meter, region: str | None) -> None:
        self.meter = meter
        self.region = region
        self.token: Token | None = None
        self.warned: set[str] = set()


class Settings(Struct, frozen=True, gc=False, kw_only=True):
    """How a client makes its calls; ``with_options`` makes a changed copy."""

    base_url: str
    version: tuple[int, int]
    headers: Mapping[str, str]
    timeout: float
    retry: Retry
    on_call: Callable[[Call], object] | None
    logger: logging.Logger | None
    clock: Callable[[], float]
    rng: random.Random
    shared: Shared
    author_id: str | UnsetType = UNSET
    made_headers: dict[tuple[str, str, str | None], Mapping[str, str]] = msgspec.field(
        default_factory=dict[tuple[str, str, str | None], Mapping[str, str]]
    )

    def __repr__(self) -> str:
        return f"Settings({self.base_url!r}, version={self.version})"


def exchange(outgoing: Outgoing, settings: Settings) -> Generator[Step, Any, Answer]:
    """Make one call; see the module's description."""
    started = settings.clock()
    attempts = 0
    reply: Reply | None = None
    error: BaseException | None = None
    try:
        shared = settings.shared
        token = shared.token or (yield NeedToken())
        hopped = renewed = outgoing.once
        while True:
            shared.meter.count(outgoing.action)
            attempts += 1
            reply = None
            try:
                reply = yield Request(
                    settings.base_url + outgoing.path,
                    _headers(outgoing, settings, token),
                    outgoing.body,
                    settings.timeout,
                )
                failure = error_of(reply, outgoing.action, attempts)
            except TransportError as lost:
                lost.action, lost.attempts = outgoing.action, attempts
                failure = lost
            if failure is None:
                assert reply is not None
                _warn_of_old_version(reply, settings)
                return Answer(reply, None, attempts)
            if isinstance(failure, MisdirectedRequest) and failure.region and not hopped:
                hopped = True
                shared.region = failure.region
            elif isinstance(failure, AuthenticationError) and not renewed:
                renewed = True
                fresh = yield NeedToken(token)
                if fresh == token:
                    error = failure
                    return _failed(failure, reply, attempts)
                token = fresh
            elif not outgoing.once and settings.retry.allows(
                failure, attempt=attempts, repeatable=outgoing.repeatable
            ):
                pause = settings.retry.pause(attempts, settings.rng, _retry_after(reply))
                if settings.logger:
                    settings.logger.info("%s; trying again in %.2f s", failure, pause)
                yield Sleep(pause)
            else:
                error = failure
                return _failed(failure, reply, attempts)
    except BaseException as raised:
        error = raised
        raise
    finally:
        _report(outgoing, settings, started, attempts, reply, error)


def _failed(failure: FrontdeskError, reply: Reply | None, attempts: int) -> Answer:
    if reply is None:
        raise failure
    return Answer(reply, failure, attempts)


def error_of(reply: Reply, action: str, attempts: int = 1) -> FrontdeskError | None:
    """Tell the error of an answer, ``None`` for a good one.

    The envelope tells an error and its type; the HTTP status never does. What is neither a good
    answer nor an envelope is ``NotTheAPI``.
    """
    if reply.status == OK and b'"error"' not in reply.body[:16]:
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
    """Return the beginning of a body for an error message."""
    text = body[:EXCERPT].decode("utf-8", "replace")
    return text + "…" if len(body) > EXCERPT else text


class _Error(Struct, gc=False):
    type: str
    message: str = ""
    data: Any = None


class _Envelope(Struct, gc=False):
    error: _Error


_decode_envelope = msgspec.json.Decoder(_Envelope).decode


def _headers(outgoing: Outgoing, settings: Settings, token: Token) -> Mapping[str, str]:
    """Return the headers of a request: the same object as long as they stay the same.

    A transport may so keep what it makes of them.
    """
    region = settings.shared.region or token.region
    key = (outgoing.content_type, token.authorization, region)
    headers = settings.made_headers.get(key)
    if headers is None:
        if len(settings.made_headers) >= MADE_HEADERS:
            settings.made_headers.clear()
        headers = settings.made_headers[key] = _make_headers(outgoing, settings, token, region)
    return headers


def _make_headers(
    outgoing: Outgoing, settings: Settings, token: Token, region: str | None
) -> dict[str, str]:
    headers = {
        **settings.headers,
        "Authorization": token.authorization,
        "Content-Type": outgoing.content_type,
    }
    if region:
        headers["X-Region"] = region
    if settings.author_id is not UNSET:
        headers["X-Author-Id"] = settings.author_id
    return headers


def _retry_after(reply: Reply | None) -> float | None:
    """Read ``Retry-After`` in seconds; the API does not document it, but gateways send it."""
    value = reply.headers.get("retry-after") if reply else None
    return float(value) if value and value.isdigit() else None


def _warn_of_old_version(reply: Reply, settings: Settings) -> None:
    for header, stage in (("legacy", "legacy"), ("deprecation", "deprecated")):
        until = reply.headers.get(header)
        if until and header not in settings.shared.warned:
            settings.shared.warned.add(header)
            version = ".".join(map(str, settings.version))
            warnings.warn(
                f"Agent Chat API {version} is {stage}; this stage ends on {until}",
                DeprecatedVersionWarning,
                stacklevel=2,
            )


def _report(
    outgoing: Outgoing,
    settings: Settings,
    started: float,
    attempts: int,
    reply: Reply | None,
    error: BaseException | None,
) -> None:
    if settings.on_call is None and settings.logger is None:
        return
    call = Call(
        outgoing.action,
        settings.clock() - started,
        reply.status if reply else 0,
        attempts,
        len(reply.body) if reply else 0,
        error,
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
        settings.on_call(call)
