"""The calls that the sandbox answered, for tests and people to look at."""

from collections import deque
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Literal, TypeGuard

import msgspec
from msgspec import Struct

from frontdesk.sandbox.store import from_micros

__all__ = ["RecordedCall", "Recorder"]

KEPT_CALLS = 1000
KEPT_BYTES = 16 * 1024
_SECRETS = ("token", "secret_key")

_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode


class RecordedCall(Struct, frozen=True, kw_only=True, gc=False):
    """One call. ``error`` is the type of the API's error, ``fault`` the kind of the one it met.

    Bodies over 16 KB are not kept; tokens and secrets never are.
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
    answer_body: bytes = b""

    @property
    def at(self) -> datetime:
        """When it came, on the sandbox's clock."""
        return from_micros(self.micros)

    @property
    def request(self) -> Any:
        """What was asked, ``None`` if it was no JSON or is not kept."""
        return _parsed(self.request_body)

    @property
    def answer(self) -> Any:
        """What was answered, ``None`` if it was no JSON or is not kept."""
        return _parsed(self.answer_body)

    def matches(self, **fields: Any) -> bool:
        """Whether the request has these fields with these values; an object may have more."""
        request = self.request
        return _is_object(request) and _within(_plain(fields), request)

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
        self.total = 0

    def add(
        self,
        *,
        action: str,
        version: str,
        micros: int,
        status: int,
        request_body: bytes,
        answer_body: bytes,
        requester_id: str | None = None,
        error: str | None = None,
        fault: str | None = None,
        transport: Literal["web", "rtm"] = "web",
    ) -> None:
        """Keep a call, without secrets and without large bodies."""
        self.total += 1
        if len(request_body) > KEPT_BYTES:
            request_body = b""
        elif b'"token"' in request_body or b'"secret_key"' in request_body:
            request_body = _redacted(request_body)
        self._calls.append(
            RecordedCall(
                number=self.total,
                action=action,
                version=version,
                micros=micros,
                status=status,
                transport=transport,
                requester_id=requester_id,
                error=error,
                fault=fault,
                request_body=request_body,
                answer_body=answer_body if len(answer_body) <= KEPT_BYTES else b"",
            )
        )

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

    def __iter__(self) -> Iterator[RecordedCall]:
        return iter(list(self._calls))

    def __len__(self) -> int:
        return len(self._calls)


def _parsed(body: bytes) -> Any:
    try:
        return _decode(body)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None


def _plain(value: Any) -> Any:
    return _decode(_encode(value))


def _within(wanted: Any, found: Any) -> bool:
    if _is_object(wanted) and _is_object(found):
        return all(name in found and _within(part, found[name]) for name, part in wanted.items())
    return bool(wanted == found)


def _is_object(value: Any) -> TypeGuard[dict[str, Any]]:
    return isinstance(value, dict)


def _redacted(body: bytes) -> bytes:
    content = _parsed(body)
    if not _is_object(content):
        return b""
    return _encode({name: "…" if name in _SECRETS else part for name, part in content.items()})


def _excerpt(body: bytes, length: int = 160) -> str:
    text = body.decode("utf-8", "replace")
    return text if len(text) <= length else f"{text[:length]}…"
