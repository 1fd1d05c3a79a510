"""Keyed tokens in place of what identifies people: exports and recordings make theirs here."""

import hashlib
import hmac
import re
import secrets
import unicodedata
from ipaddress import ip_address
from typing import Final, Literal, TypeAlias
from urllib.parse import unquote

from frontdesk.errors import InvalidArgument
from frontdesk.redaction import register

__all__ = ["NOT_DIGITS", "SEPARATORS", "KeyedTokens", "Kind", "composed"]

SHORTEST_KEY: Final = 16
"""Characters. Whoever has the key, or guesses it, can tell whether a token stands for a name."""
DIGITS: Final = 16
"""Hex digits of a token: two of a million values have the same one once in 37 million exports."""
SEPARATORS: Final = re.compile(r"[\s._+\-]+")
NOT_DIGITS: Final = re.compile(r"\D+")

Kind: TypeAlias = Literal["name", "email", "ip", "phone", "avatar", "address", "account", "text"]


class KeyedTokens:
    """Makes the same token of the same value, for who has the same key.

    Args:
        key: The key: at least 16 characters, at random. ``KeyedTokens.new_key()`` makes one.

    Raises:
        InvalidArgument: The key is too short.
    """

    def __init__(self, key: str | bytes) -> None:
        secret = key.encode() if isinstance(key, str) else bytes(key)
        secret = secret.strip()
        del key
        if len(secret) < SHORTEST_KEY:
            raise InvalidArgument(
                "key", f"must have at least {SHORTEST_KEY} characters; make one at random"
            )
        register(secret.decode("utf-8", "replace"))
        self._hmac = hmac.new(secret, digestmod=hashlib.sha256)
        self.fingerprint: str = self._digest("fingerprint", "")
        """Tells the key from others, and does not give it away."""

    @staticmethod
    def new_key() -> str:
        """Return a key at random."""
        return secrets.token_urlsafe(32)

    def token(self, kind: Kind, value: str) -> str:
        """Return the token of a value, such as ``email-0f3a…``.

        How a value is written does not matter: upper and lower case, the spaces of a phone number,
        the dots between the words of a name.
        """
        return f"{kind}-{self._digest(kind, _canonical(kind, value))}"

    def _digest(self, kind: str, value: str) -> str:
        keyed = self._hmac.copy()
        keyed.update(f"{kind}\0{value}".encode("utf-8", "surrogatepass"))
        return keyed.hexdigest()[:DIGITS]

    def __repr__(self) -> str:
        return f"{type(self).__name__}(fingerprint={self.fingerprint!r})"


def composed(value: str) -> str:
    """Return a text in the one form in which texts are compared."""
    return unicodedata.normalize("NFC", value)


def _canonical(kind: Kind, value: str) -> str:
    value = composed(value)
    match kind:
        case "phone":
            return NOT_DIGITS.sub("", unquote(value)) or value
        case "ip":
            try:
                return str(ip_address(value.strip()))
            except ValueError:
                return value.strip().casefold()
        case "name":
            return SEPARATORS.sub("", _unquoted(value)).casefold()
        case "email":
            return _unquoted(value).strip().casefold()
        case _:
            return value


def _unquoted(value: str) -> str:
    return unquote(value) if "%" in value else value
