"""Log-ins that were begun, kept in a signed cookie of the browser until it comes back.

What cannot be guessed is derived from the secret and a random number in the cookie: the state that
the callback has to bring back, and the verifier of PKCE, which the browser never sees. So a process
that gets the callback needs nothing from the one that began the log-in, and each log-in of a
browser has a cookie of its own.
"""

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Iterable
from typing import Final
from urllib.parse import urlsplit

from msgspec import Struct

from frontdesk.auth.grants import LoginAttempt
from frontdesk.errors import InvalidArgument, StateMismatch
from frontdesk.redaction import SecretText, register

__all__ = ["Attempts"]

NAME: Final = "frontdesk-login-"
SHORTEST_SECRET: Final = 16
STATE: Final = re.compile(r"([A-Za-z0-9_-]{16})\.[A-Za-z0-9_-]{43}")
VALUE: Final = re.compile(r"(\d{1,12})\.([A-Za-z0-9_-]{43})\.([A-Za-z0-9_-]{43})")
LONGEST_COOKIES: Final = 16_384


class Attempts(Struct, frozen=True):
    """Makes the cookies of log-ins, and reads them."""

    keys: tuple[bytes, ...]
    """The first signs; all are accepted."""
    client_id: str
    redirect_uri: str
    lifetime: int
    """Seconds from the beginning of a log-in to its end."""
    now: Callable[[], float]
    """Seconds since the epoch, the same on all machines within reason."""

    def begin(self) -> tuple[LoginAttempt, str]:
        """Return a new attempt, without its address, and the cookie to set."""
        nonce = secrets.token_urlsafe(32)
        ends_at = int(self.now()) + self.lifetime
        attempt = self._attempt(self.keys[0], nonce)
        value = f"{ends_at}.{nonce}.{self._signature(self.keys[0], ends_at, nonce)}"
        return attempt, self._cookie(attempt.state, value, self.lifetime)

    def find(self, state: str, cookies: str) -> LoginAttempt:
        """Return the attempt of a callback.

        Args:
            state: what the callback brought back.
            cookies: the header ``Cookie`` of the request.

        Raises:
            StateMismatch: The browser has no such cookie, or it has expired.
        """
        match = STATE.fullmatch(state)
        if match is None:
            raise StateMismatch("the callback has no state of this app")
        value = VALUE.fullmatch(cookie_of(cookies, NAME + match[1]))
        if value is None:
            raise StateMismatch(
                "this browser has no cookie of that log-in: it was begun in another browser, is "
                "over already, or the browser keeps no cookies; begin it at the address of "
                f"`redirect_uri`, {self.redirect_uri}"
            )
        ends_at, nonce, signature = int(value[1]), value[2], value[3]
        for key in self.keys:
            if hmac.compare_digest(self._signature(key, ends_at, nonce), signature):
                break
        else:
            raise StateMismatch("the cookie of that log-in is signed with another secret")
        attempt = self._attempt(key, nonce)
        if not hmac.compare_digest(attempt.state, state):
            raise StateMismatch("the callback has another state than the log-in")
        if self.now() >= ends_at:
            raise StateMismatch(f"the log-in took longer than {self.lifetime} s")
        return attempt

    def end(self, state: str) -> str:
        """Return the cookie that deletes that of a log-in, so that its code is not sent twice."""
        return self._cookie(state, "", 0)

    def _attempt(self, key: bytes, nonce: str) -> LoginAttempt:
        name = _derived(key, "name", nonce)[:16]
        state = f"{name}.{_derived(key, 'state', nonce)}"
        return LoginAttempt(
            url="",
            client_id=self.client_id,
            redirect_uri=self.redirect_uri,
            state=state,
            code_verifier=_derived(key, "code_verifier", nonce),
        )

    def _signature(self, key: bytes, ends_at: int, nonce: str) -> str:
        # For this app and address only, though others may be given the same secret.
        return _derived(key, "cookie", f"{ends_at} {nonce} {self.client_id} {self.redirect_uri}")

    def _cookie(self, state: str, value: str, max_age: int) -> str:
        parts = urlsplit(self.redirect_uri)
        attributes = [f"{NAME}{state.partition('.')[0]}={value}", f"Max-Age={max_age}"]
        attributes += [f"Path={parts.path or '/'}", "HttpOnly", "SameSite=Lax"]
        if parts.scheme == "https":
            attributes.append("Secure")
        return "; ".join(attributes)

    def __repr__(self) -> str:
        return f"Attempts(client_id={self.client_id!r}, redirect_uri={self.redirect_uri!r})"


def signing_keys(secret: object) -> tuple[bytes, ...]:
    """Check the secrets that cookies are signed with; raises ``InvalidArgument``."""
    given: tuple[object, ...] = ()
    if isinstance(secret, str):
        given = (secret,)
    elif isinstance(secret, Iterable):
        given = tuple(secret)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    keys = [text for text in given if isinstance(text, str)]
    register(*keys)
    if not keys or len(keys) < len(given) or any(len(text) < SHORTEST_SECRET for text in keys):
        raise InvalidArgument(
            "secret", f"must be a random text of {SHORTEST_SECRET} characters or more, or several"
        )
    return tuple(text.encode("utf-8", "surrogatepass") for text in keys)


def cookie_of(header: str, name: str) -> str:
    """Return the value of a cookie in a header ``Cookie``; empty if there is none."""
    for part in header[:LONGEST_COOKIES].split(";"):
        key, _, value = part.strip().partition("=")
        if key == name:
            return SecretText(value.strip('"'))
    return ""


def _derived(key: bytes, purpose: str, text: str) -> str:
    digest = hmac.digest(key, f"frontdesk {purpose} {text}".encode(), hashlib.sha256)
    return SecretText(base64.urlsafe_b64encode(digest).decode("ascii").rstrip("="))
