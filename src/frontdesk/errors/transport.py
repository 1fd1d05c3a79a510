"""No complete response arrived."""

from typing import Any

from frontdesk.errors.base import FrontdeskError
from frontdesk.redaction import one_line, redacted

__all__ = [
    "CertificateError",
    "ConnectError",
    "ConnectionClosed",
    "Disconnected",
    "PoolTimeout",
    "RequestTimeout",
    "ResponseTooLarge",
    "TransportError",
    "UnknownHost",
]


class TransportError(FrontdeskError):
    """No complete response arrived.

    ``maybe_sent`` is false when the request certainly did not reach the server, so that a retry
    cannot duplicate anything. ``retryable`` is false when another attempt would fail in the same
    way: a certificate that is not trusted, a host name that does not exist. ``action`` and
    ``attempts`` say which call failed and how many requests were tried.
    """

    maybe_sent: bool = True
    retryable: bool = True
    action: str | None = None
    attempts: int = 0

    def __init__(
        self, message: str, *, maybe_sent: bool | None = None, retryable: bool | None = None
    ) -> None:
        # It may hold what a server or proxy sent instead of HTTP.
        self.message: str = one_line(redacted(message))
        if maybe_sent is not None:
            self.maybe_sent = maybe_sent
        if retryable is not None:
            self.retryable = retryable
        super().__init__(self.message)

    def __str__(self) -> str:
        text = f"{self.action}: {self.message}" if self.action else self.message
        if self.attempts > 1:
            text += f" (tried {self.attempts} times)"
        return text


class ConnectError(TransportError):
    """No connection could be made: the host is unreachable, refuses, or fails the TLS check."""

    maybe_sent = False


class CertificateError(ConnectError):
    """The server's certificate is not trusted; another attempt would fail in the same way."""

    retryable = False


class UnknownHost(ConnectError):
    """The host name cannot be resolved; another attempt would fail in the same way."""

    retryable = False


class RequestTimeout(TransportError):
    """No response arrived within the ``timeout``; the server may still have done the work."""


class PoolTimeout(RequestTimeout):
    """All connections were busy for the whole ``timeout``, and the request was not sent.

    Make fewer calls at once, or raise ``timeout``.
    """

    maybe_sent = False
    retryable = False


class ResponseTooLarge(TransportError):
    """The response exceeds the client's ``max_response_bytes``; the server did the work.

    Ask for less (a smaller ``limit``), or raise ``max_response_bytes``.
    """

    retryable = False


class ConnectionClosed(TransportError):
    """The connection ended before the whole response arrived; the work may have been done."""


class Disconnected(ConnectionClosed):
    """The server ended the RTM session.

    ``reason`` is the server's own (``connection_evicted``, ``access_token_revoked``, …), ``region``
    the data centre that it named, if any.
    """

    def __init__(self, reason: str, region: str | None = None) -> None:
        self.reason: str = redacted(reason)
        self.region = region
        text = f"the server ended the session: {reason}"
        super().__init__(f"{text}; it names region {region}" if region else text)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.reason, self.region), self.__dict__
