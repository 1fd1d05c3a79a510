"""What others may hear of the work of clients, receivers and bots while it goes on.

An ``Observer`` is told of each call and of each webhook that is handled: when it begins, what
happens to it, and how it ends. The packages that watch programs are built on it, such as
``frontdesk.otel``. Whatever an observer raises is logged, and changes nothing.
"""

import logging
from collections.abc import Generator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from types import TracebackType
from typing import Final, Literal, Protocol

from msgspec import Struct

from frontdesk.redaction import log_failure

__all__ = [
    "UNWATCHED",
    "CallEnd",
    "CallStart",
    "CallWatch",
    "CallWatcher",
    "Observer",
    "WorkStart",
    "WorkWatch",
    "WorkWatcher",
    "default_observer",
    "in_trace",
    "observe_by_default",
    "origin_of",
    "tell",
    "watch_call",
    "watch_work",
]

log: Final = logging.getLogger("frontdesk")
FAILED: Final = "an observer failed"


class CallStart(Struct, frozen=True, gc=False):
    """A call that begins."""

    action: str
    """Wire name of the method."""
    transport: Literal["web", "rtm"]
    address: str
    """Base URL of the service."""
    path: str = ""
    """Path of the request, without its query; empty over RTM."""
    verb: str = ""
    api: str = "agent"
    """``agent``, ``configuration`` or ``customer``."""
    is_own: bool = False
    """Whether a session makes it by itself, such as a log-in, and no caller waits for it."""


class CallEnd(Struct, frozen=True, gc=False):
    """How a call ended."""

    seconds: float
    """From its start, pauses included."""
    status: int
    """HTTP status of the last response; 0 without one, and over RTM."""
    attempts: int
    """Requests sent."""
    billed: int
    """Those of them that may have reached the server."""
    bytes: int
    """Size of the last response's body."""
    error: BaseException | None
    """What the call failed with."""
    abandoned: bool = False
    """Whether the caller stopped waiting for it."""


class WorkStart(Struct, frozen=True, gc=False):
    """Handlers that are about to be called."""

    source: Literal["webhook", "bot"]
    action: str
    """Name of the webhook."""
    attempt: int
    """1 for the first time."""
    origin: object = None
    """What ``accepted`` returned when the webhook came."""


class CallWatcher(Protocol):
    """What an observer wants to know of one call."""

    def sending(self, number: int) -> None:
        """Hear that a request is about to be sent; the first is 1."""
        ...

    def failed(self, error: BaseException) -> None:
        """Hear that a request failed; another one may follow."""
        ...

    def ended(self, end: CallEnd) -> None:
        """Hear that the call is over."""
        ...


class WorkWatcher(Protocol):
    """What an observer wants to know of one run of handlers."""

    def failed(self, error: BaseException) -> None:
        """Hear of an error of a handler."""
        ...

    def ended(self) -> None:
        """Hear that the handlers have ended."""
        ...


class Observer(Protocol):
    """Hears of calls, of webhooks and of sessions. Called in whatever thread or task works."""

    def call_started(self, start: CallStart) -> CallWatcher:
        """Hear of a call that begins."""
        ...

    def reconnected(self, address: str) -> None:
        """Hear that a session has logged in again."""
        ...

    def disconnected(self, address: str) -> None:
        """Hear that the connection of a session was lost."""
        ...

    def incoming(self, headers: Mapping[str, str]) -> AbstractContextManager[None]:
        """Make the trace of a request the present one while its webhook is accepted."""
        ...

    def accepted(self) -> object:
        """Return what belongs to a webhook that was just accepted, for its ``WorkStart``."""
        ...

    def work_started(self, start: WorkStart) -> WorkWatcher:
        """Hear of handlers that are about to be called."""
        ...


class _Contained:
    """Goes on behind what an observer raises, and logs it."""

    def __enter__(self) -> None:
        """Nothing is to be done."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool:
        if not isinstance(error, Exception):
            return False
        log_failure(log, FAILED, error=error)
        return True


CONTAINED: Final = _Contained()


class CallWatch:
    """Passes on what happens to a call, if somebody wants to know, and contains their errors."""

    __slots__ = ("_watcher",)

    def __init__(self, watcher: CallWatcher | None = None) -> None:
        self._watcher = watcher

    def sending(self, number: int) -> None:
        """Report that a request is about to be sent."""
        if self._watcher is not None:
            with CONTAINED:
                self._watcher.sending(number)

    def failed(self, failure: BaseException) -> None:
        """Report that a request failed."""
        if self._watcher is not None:
            with CONTAINED:
                self._watcher.failed(failure)

    def ended(self, end: CallEnd) -> None:
        """Report that the call is over."""
        if self._watcher is not None:
            with CONTAINED:
                self._watcher.ended(end)


class WorkWatch:
    """Passes on what happens to a run of handlers, and contains the errors of who hears it."""

    __slots__ = ("_watcher",)

    def __init__(self, watcher: WorkWatcher | None = None) -> None:
        self._watcher = watcher

    def failed(self, failure: BaseException) -> None:
        """Report the error of a handler."""
        if self._watcher is not None:
            with CONTAINED:
                self._watcher.failed(failure)

    def ended(self) -> None:
        """Report that the handlers have ended."""
        if self._watcher is not None:
            with CONTAINED:
                self._watcher.ended()


UNWATCHED: Final = CallWatch()
"""The watch of a call that nobody wants to know of."""


def watch_call(observer: Observer, start: CallStart) -> CallWatch:
    """Tell an observer of a call, and return where to report what happens to it."""
    with CONTAINED:
        return CallWatch(observer.call_started(start))
    return UNWATCHED


def origin_of(observer: Observer | None) -> object:
    """Return what an observer has to say of a webhook that was just accepted."""
    if observer is None:
        return None
    with CONTAINED:
        return observer.accepted()
    return None


def tell(
    observer: Observer | None, what: Literal["reconnected", "disconnected"], address: str
) -> None:
    """Tell an observer of the connection of a session."""
    if observer is None:
        return
    with CONTAINED:
        getattr(observer, what)(address)


@contextmanager
def watch_work(observer: Observer | None, start: WorkStart) -> Generator[WorkWatch, None, None]:
    """Tell an observer of a run of handlers, and how it ends; what it raises is reported too."""
    watch = WorkWatch()
    if observer is not None:
        with CONTAINED:
            watch = WorkWatch(observer.work_started(start))
    try:
        yield watch
    except BaseException as error:
        watch.failed(error)
        raise
    finally:
        watch.ended()


@contextmanager
def in_trace(
    observer: Observer | None, headers: Mapping[str, str] | None
) -> Generator[None, None, None]:
    """Accept a webhook within the trace that the headers of its request name."""
    trace: AbstractContextManager[None] = nullcontext()
    if observer is not None and headers:
        with CONTAINED:
            incoming = observer.incoming(headers)
            incoming.__enter__()
            trace = incoming
    try:
        yield
    finally:
        with CONTAINED:
            trace.__exit__(None, None, None)


class _Default:
    observer: Observer | None = None


def default_observer() -> Observer | None:
    """Return who hears of clients, receivers and bots that are made from now on."""
    return _Default.observer


def observe_by_default(observer: Observer | None) -> None:
    """Have an observer hear of all clients, receivers and bots that are made from now on."""
    _Default.observer = observer
