"""The calls that the sandbox carried out, for tests and people to look at."""

from collections import deque
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, Literal

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from frontdesk.actions import Action
from frontdesk.codec.plain import is_array, is_object
from frontdesk.errors import InternalError, InvalidArgument
from frontdesk.sandbox.calls.accounts.names import NAMES
from frontdesk.sandbox.calls.names import METHODS
from frontdesk.sandbox.calls.secrets import SECRETS, secrets_of_response
from frontdesk.sandbox.listeners import Listeners
from frontdesk.sandbox.world.clock import from_micros
from frontdesk.suggestions import did_you_mean

__all__ = ["RecordedCall", "Recorder", "kept_request", "kept_response"]

KEPT_CALLS = 1000
KEPT_BYTES = 16 * 1024
_NEEDLES = tuple(
    f'{name}"'.encode()
    for name in sorted(SECRETS)
    if not any(name.endswith(other) for other in SECRETS - {name})
)
"""What stands in JSON with a secret: the ends of the names, as few as there can be."""

_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode


class RecordedCall(Struct, frozen=True, kw_only=True, gc=False):
    """One call. ``error`` is the type of the API's error, ``fault`` the kind of the one it met.

    Bodies of more than 16 KB are not kept; tokens and secrets never are.
    """

    number: int
    action: str
    version: str
    micros: int
    status: int
    transport: Literal["web", "rtm"] = "web"
    requester_id: str | None = None
    error: str | None = None
    fault: str | None = None
    request_body: bytes = b""
    response_body: bytes = b""

    @property
    def at(self) -> datetime:
        """When it came, on the sandbox's clock."""
        return from_micros(self.micros)

    @property
    def request(self) -> Any:
        """The body of the request, ``None`` if it was no JSON or is not kept."""
        return _parsed(self.request_body)

    @property
    def response(self) -> Any:
        """The body of the response, ``None`` if it was no JSON or is not kept."""
        return _parsed(self.response_body)

    def matches(self, **fields: Any) -> bool:
        """Whether the request has these fields with these values; an object may have more."""
        request = self.request
        return is_object(request) and _within(_plain(fields), request)

    def __str__(self) -> str:
        outcome = self.error or "ok"
        who = self.requester_id or "nobody"
        return f"#{self.number} {self.action} {_excerpt(self.request_body)} by {who}: {outcome}"


class Recorder:
    """The latest calls, oldest first.

    Args:
        kept: how many to keep.
    """

    def __init__(self, kept: int = KEPT_CALLS) -> None:
        self._calls: deque[RecordedCall] = deque(maxlen=kept)
        self.total: int = 0
        self._listeners: Listeners[RecordedCall] = Listeners()

    def next_number(self) -> int:
        """The number of the call that is added next."""
        self.total += 1
        return self.total

    def add(self, call: RecordedCall) -> None:
        """Keep a call; its bodies are what ``kept_request`` and ``kept_response`` leave of them."""
        self._calls.append(call)
        self._listeners.tell(call)

    def subscribe(self, listener: Callable[[RecordedCall], object]) -> Callable[[], None]:
        """Have a function called with each call, under the lock of the sandbox.

        What it raises is logged, and changes nothing.

        Returns:
            How to stop it; it may be called several times.

        Raises:
            InvalidArgument: The listener is no function.
        """
        return self._listeners.add(listener)

    def refuse(self, number: int) -> None:
        """Take note that a call was not kept: the disk did not take what it did."""
        for place in range(len(self._calls) - 1, -1, -1):
            call = self._calls[place]
            if call.number == number:
                self._calls[place] = replace(
                    call, status=500, error=InternalError.error_type, response_body=b""
                )
                self._listeners.tell(self._calls[place])
                return

    def clear(self) -> None:
        """Forget all calls; numbers start again at 1."""
        self._calls.clear()
        self.total = 0

    def calls(self, action: str | None = None, **fields: Any) -> list[RecordedCall]:
        """The calls of a method, or of all, whose request has these fields."""
        return [
            call
            for call in self._calls
            if action in (None, call.action) and (not fields or call.matches(**fields))
        ]

    def check_name(self, action: str) -> None:
        """Raise ``InvalidArgument`` for a method that does not exist, unless somebody called it."""
        methods = (*METHODS, *NAMES)
        if action not in methods and all(action != call.action for call in self._calls):
            hint = did_you_mean(action, methods)
            raise InvalidArgument("action", f"must be the name of a method, not {action!r}{hint}")

    def __iter__(self) -> Iterator[RecordedCall]:
        return iter(list(self._calls))

    def __len__(self) -> int:
        return len(self._calls)


def kept_request(body: bytes) -> bytes:
    """What is kept of the body of a request: nothing of a long one, and no secrets."""
    if len(body) > KEPT_BYTES:
        return b""
    # A name may be written with escapes: then only a look at the parsed names tells.
    if b"\\u" in body:
        return _redacted(body, SECRETS)
    # A loop and no `any`, since every call comes by here.
    for needle in _NEEDLES:
        if needle in body:
            return _redacted(body, SECRETS)
    return body


def kept_response(body: bytes, action: type[Action[Any]] | None = None) -> bytes:
    """What is kept of the body of a response: nothing of a long one, and no secrets of the method.

    Other methods have fields of these names which are the user's own, such as properties.
    """
    if len(body) > KEPT_BYTES:
        return b""
    secrets = frozenset[str]() if action is None else secrets_of_response(action)
    return _redacted(body, secrets) if secrets else body


def _parsed(body: bytes) -> Any:
    try:
        return _decode(body)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None


def _plain(value: Any) -> Any:
    return _decode(_encode(value))


def _within(fields: Any, request: Any) -> bool:
    if is_object(fields) and is_object(request):
        return all(
            name in request and _within(part, request[name]) for name, part in fields.items()
        )
    return bool(fields == request)


def _redacted(body: bytes, secrets: frozenset[str]) -> bytes:
    content = _parsed(body)
    if not (is_object(content) or is_array(content)):
        return b""
    try:
        return _encode(_without(content, secrets))
    except RecursionError:
        return b""


def _without(value: Any, secrets: frozenset[str]) -> Any:
    if is_object(value):
        return {
            name: "…" if name in secrets else _without(part, secrets)
            for name, part in value.items()
        }
    return [_without(part, secrets) for part in value] if is_array(value) else value


def _excerpt(body: bytes, length: int = 160) -> str:
    text = body.decode("utf-8", "replace")
    return text if len(text) <= length else f"{text[:length]}…"
