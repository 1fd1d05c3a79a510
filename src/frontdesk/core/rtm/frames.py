"""What goes over an RTM connection: requests, responses and pushes, each one JSON object.

Source: https://platform.text.com/docs/messaging/agent-chat-api/rtm-api
"""

from typing import Any, Final

import msgspec
from msgspec import Raw, Struct, field

from frontdesk.codec.damage import Damage
from frontdesk.codec.decoding import decode, decode_result, readable
from frontdesk.codec.plain_text import as_object
from frontdesk.codec.repair import Unfit, plan_of
from frontdesk.core.rtm.rtm_call import RTMCall
from frontdesk.errors import APIError, DecodeError, api_error
from frontdesk.models import ErrorResponse

__all__ = ["Frame", "decode_frame", "read_response", "request_frame"]

NO_PAYLOAD: Final = Raw(b"")
ERROR_START: Final = b'{"error"'


class Frame(Struct, gc=False):
    """A frame from the server; ``payload`` is not decoded yet."""

    type: str = ""
    """``response`` or ``push``."""
    action: str = ""
    request_id: str | None = None
    success: bool | None = None
    version: str | None = None
    payload: Raw = NO_PAYLOAD
    damage: tuple[Damage, ...] = field(name="frontdesk.damage", default=())
    """What had to be repaired before it could be read. Never on the wire."""


_decode = msgspec.json.Decoder(Frame).decode


def decode_frame(data: bytes | str) -> Frame:
    """Read the outside of a frame.

    Raises ``DecodeError`` for anything that is not one.
    """
    try:
        return _decode(data)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        pass
    try:
        raw, damage = readable(data)
        frame: Frame = plan_of(Frame).fit(raw, "$", damage)
    except DecodeError as error:
        raise DecodeError(f"not an RTM frame: {error.message}") from None
    except Unfit as error:
        raise DecodeError(f"not an RTM frame: {error.problem}") from None
    # Paths are those within the payload, as for what comes without a frame.
    frame.damage = tuple(
        Damage("$" + damaged.path[1:].removeprefix(".payload"), damaged.problem)
        for damaged in damage
    )
    return frame


def request_frame(request_id: str, action: str, payload: bytes) -> bytes:
    """Build the frame of a request; ids and names are plain ASCII words."""
    return b'{"request_id":"%b","action":"%b","payload":%b}' % (
        request_id.encode(),
        action.encode(),
        payload,
    )


def read_response(frame: Frame, call: RTMCall) -> Any:
    """Return the result that a response carries.

    Raises ``APIError`` when it carries an error, even if ``success`` claims otherwise, and
    ``DecodeError`` when it carries neither.
    """
    payload, spec = bytes(frame.payload), call.spec
    if frame.success is False or payload.startswith(ERROR_START):
        raise _error(frame, payload, spec.name, call.attempts)
    if spec.returns is None:
        return None
    if spec.text is not None:
        payload = as_object(payload, spec.text)
    try:
        return decode_result(payload, spec.returns, call.reports, spec.name, frame.damage)
    except DecodeError as error:
        raise DecodeError(
            f"{spec.name}: {error.message}", path=error.path, excerpt=error.excerpt
        ) from None


def _error(frame: Frame, payload: bytes, action: str, attempts: int) -> APIError:
    try:
        error = decode(payload, ErrorResponse).error
    except (DecodeError, RecursionError):
        message = "the server gave no reason that frontdesk understands"
        return api_error("unknown", message, action=action, attempts=attempts)
    return api_error(
        error.type,
        error.message,
        data=error.data,
        action=action,
        request_id=frame.request_id,
        attempts=attempts,
    )
