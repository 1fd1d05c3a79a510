"""PKCE: challenges that come with an authorization, and the verifiers that fit them.

Source: https://www.rfc-editor.org/rfc/rfc7636
"""

import base64
import hashlib
import hmac
import re
import struct
from typing import Final

from frontdesk.sandbox.world.accounts.errors import AuthorizeError, invalid_request

__all__ = ["accounts_sdk_challenge", "check_challenge", "fits", "s256_challenge"]

_TEXT: Final = re.compile(r"[A-Za-z0-9\-._~]{43,128}")
_METHODS: Final = {"S256": "S256", "s256": "S256", "plain": "plain", "": "plain"}


def check_challenge(challenge: str, method: str) -> tuple[str, str]:
    """Return the challenge of an authorization and its method, both empty if there is none.

    Raises:
        AuthorizeError: They do not fit.
    """
    if not challenge:
        if method:
            raise AuthorizeError("invalid_request", "`code_challenge_method` is without challenge")
        return "", ""
    if method not in _METHODS:
        raise AuthorizeError("invalid_request", "`code_challenge_method` must be `S256` or `plain`")
    if not _TEXT.fullmatch(challenge):
        raise AuthorizeError(
            "invalid_request",
            "`code_challenge` must have 43 to 128 characters: letters, digits, `-`, `.`, `_`, `~`",
        )
    return challenge, _METHODS[method]


def fits(verifier: str, challenge: str, method: str, *, accounts_sdk: bool = False) -> bool:
    """Return whether a verifier is that of a challenge.

    Args:
        verifier: What the client sends with the code.
        challenge: What it sent before.
        method: ``S256`` or ``plain``.
        accounts_sdk: Accept the challenges of LiveChat's accounts SDK, too.

    Raises:
        AccountsError: The verifier has not the form of one.
    """
    if not _TEXT.fullmatch(verifier):
        raise invalid_request(
            "`code_verifier` must have 43 to 128 characters: letters, digits, `-`, `.`, `_`, `~`"
        )
    expected = [verifier if method == "plain" else s256_challenge(verifier)]
    if accounts_sdk and method == "S256":
        expected.append(accounts_sdk_challenge(verifier))
    return any(hmac.compare_digest(text, challenge) for text in expected)


def s256_challenge(verifier: str) -> str:
    """Return the challenge of the method ``S256``."""
    return _base64url(hashlib.sha256(verifier.encode()).digest())


def accounts_sdk_challenge(verifier: str) -> str:
    """Return the challenge that LiveChat's accounts SDK makes instead (up to its version 2.1).

    It encodes the hash as a JavaScript array of eight numbers, written out with commas.
    """
    words = struct.unpack(">8i", hashlib.sha256(verifier.encode()).digest())
    return _base64url(",".join(map(str, words)).encode())


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
