"""Frames: JSON texts, and the WebSocket frames that carry them.

A frame to a client is built once and written to every connection that gets it, so what goes around
in this package are the bytes of finished WebSocket frames.
"""

from typing import Final

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType
from websockets.frames import Frame, Opcode

from frontdesk.codec.plain import is_object
from frontdesk.errors import APIError, ValidationError
from frontdesk.sandbox.calls.decoding import refusal_of
from frontdesk.sandbox.calls.responses import error_body

__all__ = ["BadFrame", "RequestFrame", "error_frame", "push_frame", "read_request", "success_frame"]

EMPTY: Final = Raw(b"{}")
NULL: Final = b"null"


class RequestFrame(Struct, gc=False):
    """A request; ``author_id`` acts as a bot, up to version 3.5."""

    action: str
    payload: Raw = EMPTY
    request_id: str | None = None
    version: str | None = None
    author_id: str | None = None

    @property
    def body(self) -> bytes:
        """The payload as the body of a Web request."""
        payload = bytes(self.payload)
        return b"" if payload == NULL else payload


class BadFrame(Exception):
    """A message that is no request; ``frame`` is what could be read of it."""

    def __init__(self, error: ValidationError, frame: RequestFrame) -> None:
        self.error = error
        self.frame = frame
        super().__init__(error.message)


class _ResponseFrame(Struct, gc=False):
    request_id: str | UnsetType
    action: str
    type: str
    success: bool
    payload: Raw


class _PushFrame(Struct, gc=False):
    version: str
    request_id: str | UnsetType
    action: str
    type: str
    payload: Raw


_decode: Final = msgspec.json.Decoder(RequestFrame).decode
_decode_any: Final = msgspec.json.Decoder().decode
_encode: Final = msgspec.json.Encoder().encode


def read_request(data: bytes) -> RequestFrame:
    """Read a request; raises ``BadFrame``."""
    try:
        try:
            return _decode(data)
        except msgspec.ValidationError as error:
            refusal = refusal_of(RequestFrame, data, error)
    except (msgspec.DecodeError, UnicodeError) as error:
        nothing = RequestFrame(action="")
        raise BadFrame(ValidationError(f"the frame is not valid JSON: {error}"), nothing) from None
    except RecursionError:
        refusal = ValidationError("the frame is nested too deeply")
        raise BadFrame(refusal, RequestFrame(action="")) from None
    raise BadFrame(refusal, _salvage(data))


def _salvage(data: bytes) -> RequestFrame:
    """The action and the id of a frame that is otherwise no request, for its response."""
    try:
        frame = _decode_any(data)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        frame = None
    if not is_object(frame):
        return RequestFrame(action="")
    action, request_id = frame.get("action"), frame.get("request_id")
    return RequestFrame(
        action=action if isinstance(action, str) else "",
        request_id=request_id if isinstance(request_id, str) else None,
    )


def success_frame(request: RequestFrame, payload: bytes) -> bytes:
    """The response to a request that was carried out."""
    return _response(request, payload, success=True)


def error_frame(request: RequestFrame, error: APIError) -> bytes:
    """The response to a request that failed.

    LiveChat documents the content of errors; that ``success`` is false is what its SDKs expect.
    """
    return _response(request, error_body(error), success=False)


def _response(request: RequestFrame, payload: bytes, *, success: bool) -> bytes:
    request_id = UNSET if request.request_id is None else request.request_id
    return _text(
        _encode(_ResponseFrame(request_id, request.action, "response", success, Raw(payload)))
    )


def push_frame(version: str, action: str, payload: bytes, request_id: str | None = None) -> bytes:
    """A push; ``request_id`` is for the connection that caused it."""
    own = UNSET if request_id is None else request_id
    return _text(_encode(_PushFrame(version, own, action, "push", Raw(payload))))


def _text(data: bytes) -> bytes:
    return Frame(Opcode.TEXT, data).serialize(mask=False)
