"""What a response says: whether it is a good one, which error it is, how long to wait."""

import json
import math
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

import msgspec
from msgspec import Struct

from frontdesk.core.http_messages import Reply
from frontdesk.errors import FrontdeskError, NotTheAPI, TooManyRequests, api_error
from frontdesk.redaction import excerpt

__all__ = ["error_of", "is_good", "retry_after"]

OK: Final = 200
STATUSES_WITHOUT_CONTENT: Final = (202, 204)
"""Statuses of good responses besides 200; they have no result."""
TOO_MANY_REQUESTS: Final = 429
EXCERPT: Final = 120
ERROR_KEY_WITHIN: Final = 256
"""Bytes at the beginning of a response with status 200 in which the key ``error`` is looked for."""
DEBUG_ID: Final = "x-debug-id"
SECONDS: Final = re.compile(r"[0-9]+(\.[0-9]+)?")
LONGEST_WAIT: Final = 1e9
"""Seconds, some thirty years: a longer ``Retry-After`` counts as this, which any clock can add."""


def is_good(reply: Reply) -> bool:
    """Tell whether a response is a good one with a result, as nearly all are."""
    return reply.status == OK and b'"error"' not in reply.body[:ERROR_KEY_WITHIN]


def error_of(reply: Reply, action: str, attempts: int = 1) -> FrontdeskError | None:
    """Return the error of a response, ``None`` for a good one.

    The envelope says that it is an error, and of which type; the HTTP status never does, but for
    429 without an envelope, which gateways send. What is neither a good response nor an envelope is
    ``NotTheAPI``.
    """
    good = reply.status == OK or _is_good_without_result(reply)
    if good and b'"error"' not in reply.body[:ERROR_KEY_WITHIN]:
        return None
    error = _enveloped(reply.body)
    if error is None:
        return None if good else _foreign(reply, action, attempts)
    return api_error(
        error.type,
        error.text,
        data=error.data,
        status=reply.status,
        action=action,
        request_id=reply.headers.get(DEBUG_ID),
        attempts=attempts,
    )


def _is_good_without_result(reply: Reply) -> bool:
    """Tell whether the status is that of a good response without a result."""
    is_json = "json" in reply.headers.get("content-type", "")
    return reply.status in STATUSES_WITHOUT_CONTENT and (is_json or not reply.body.strip())


def _foreign(reply: Reply, action: str, attempts: int) -> FrontdeskError:
    kind = reply.headers.get("content-type", "no content type")
    if reply.status == TOO_MANY_REQUESTS:
        return TooManyRequests(
            f"something in front of the API limits the rate ({kind})",
            status=reply.status,
            action=action,
            request_id=reply.headers.get(DEBUG_ID),
            attempts=attempts,
        )
    foreign = NotTheAPI(
        f"{action}: something other than the API responded with HTTP {reply.status} ({kind}); "
        "check `base_url` and the proxy",
        excerpt=excerpt(reply.body, EXCERPT),
    )
    foreign.status = reply.status
    return foreign


class _Error(Struct, gc=False):
    type: str
    message: Any = ""
    data: Any = None

    @property
    def text(self) -> str:
        """The message; the type must not be lost to one of another shape, such as null."""
        if isinstance(self.message, str):
            return self.message
        return "" if self.message is None else _encode(self.message).decode()


class _Envelope(Struct, gc=False):
    error: _Error


_decode_envelope = msgspec.json.Decoder(_Envelope).decode
_encode = msgspec.json.Encoder().encode


def _enveloped(body: bytes) -> _Error | None:
    """Return the error that a body holds, if any."""
    try:
        return _decode_envelope(body).error
    except msgspec.ValidationError:
        return None
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        pass
    # Not quite JSON, or more than msgspec takes: a byte order mark, half a surrogate pair, NaN.
    try:
        text = body.decode("utf-8-sig", "replace")
        parsed = json.loads(text, parse_int=_number, parse_float=_number, parse_constant=_number)
        sound = json.dumps(parsed, ensure_ascii=False).encode("utf-16", "surrogatepass")
        return _decode_envelope(sound.decode("utf-16", "replace")).error
    except (ValueError, RecursionError, msgspec.MsgspecError):
        return None


def _number(text: str) -> float | int | None:
    """Read a number, ``None`` for one that JSON or Python cannot hold."""
    number = float(text)
    if not math.isfinite(number):
        return None
    return int(text) if text.removeprefix("-").isdigit() else number


def retry_after(reply: Reply | None, now: Callable[[], datetime]) -> float | None:
    """Read ``Retry-After`` as seconds from now; the API does not document it, but gateways send it.

    A date is compared with the server's own, so that a wrong clock on either side does no harm.
    """
    value = reply.headers.get("retry-after") if reply else None
    if reply is None or not value:
        return None
    if SECONDS.fullmatch(value):
        return min(float(value), LONGEST_WAIT)
    until = _timestamp(value)
    if until is None:
        return None
    there = _timestamp(reply.headers.get("date", ""))
    return max(0.0, until - (now().timestamp() if there is None else there))


def _timestamp(date: str) -> float | None:
    """Read the date of a header, in any of the three forms of HTTP."""
    from email.utils import mktime_tz, parsedate_tz

    try:
        parts = parsedate_tz(date)
        return None if parts is None else float(mktime_tz(parts))
    except (ValueError, OverflowError, IndexError, TypeError):
        return None
