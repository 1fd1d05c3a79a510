"""What can go wrong on the way, in the same words for every transport."""

import errno
import re
import socket
import ssl
from collections.abc import Iterator
from typing import Final, cast
from urllib.parse import urlsplit

from frontdesk.errors import (
    CertificateError,
    ConnectError,
    ConnectionClosed,
    NotTheAPI,
    PoolTimeout,
    RequestTimeout,
    ResponseTooLarge,
    UnknownHost,
)
from frontdesk.redaction import likeness

__all__ = ["EMBEDDED", "LIBRARIES", "Failures", "causes"]

LIBRARIES: Final = (
    "aiohappyeyeballs", "aiohttp", "asyncio", "concurrent", "http", "idna", "multidict", "socket",
    "ssl", "urllib3", "websockets", "yarl",
)  # fmt: skip
"""Whose exceptions and frames hold headers, and so the token, or what the server sent."""

EMBEDDED: Final = "frontdesk.sandbox"
"""What the sandboxes of this process are called that nothing connects to."""
LOOPBACK: Final = re.compile(r"localhost|127(\.\d{1,3}){3}|::1", re.IGNORECASE)
REFUSING_PROXY: Final = re.compile(r"Tunnel connection failed: (\d{3}) ?(.*)", re.DOTALL)
CLIENT_ERRORS: Final = range(400, 500)


class Failures:
    """The errors of requests to one address."""

    def __init__(self, base_url: str, proxy: str | None = None) -> None:
        parts = urlsplit(base_url)
        self._host = parts.netloc
        self._asks_for_sandbox = proxy is None and bool(LOOPBACK.fullmatch(parts.hostname or ""))
        self._peer = "it" if proxy is None else "the proxy"
        # With a proxy, its name is the only one that is looked up here.
        self._proxy_host = None if proxy is None else urlsplit(proxy).netloc.rpartition("@")[2]

    def unconnected(self, error: BaseException, timeout: float) -> ConnectError:
        """Return the error that says why no connection was made."""
        links = list(causes(error))
        for link in links:
            match link:
                case ssl.SSLCertVerificationError():
                    reason = getattr(link, "verify_message", "") or link
                    return _caused(self.not_trusted(reason), link)
                case ssl.SSLError():
                    return _caused(self.no_tls(link), link)
                case socket.gaierror():
                    return _caused(self.unknown_host(), link)
                case OSError() if refusal := REFUSING_PROXY.search(str(link)):
                    return self.proxy_refused(int(refusal[1]), refusal[2])
                case OSError() if link.errno == errno.ECONNREFUSED:
                    return _caused(self.refused(), link)
                case UnicodeError():
                    return self.unknown_host()
                case _:
                    pass
        if any(isinstance(link, TimeoutError) for link in links):
            return _caused(self.slow_to_connect(timeout), error)
        numbered = (link for link in links if isinstance(link, OSError) and link.errno)
        cause = next(numbered, links[-1])
        return _caused(self.unreachable(_text(cause)), cause)

    def unreachable(self, reason: object) -> ConnectError:
        """No connection was made."""
        return ConnectError(
            f"no connection to {self._host}: {reason}; check `base_url`, the network and the proxy"
        )

    def refused(self) -> ConnectError:
        """Nothing listens at the address."""
        if self._asks_for_sandbox:
            return ConnectError(
                f"no connection to {self._host}: it refused the connection. Does the sandbox run? "
                "Start it with `frontdesk sandbox`, or check `base_url`, the network and the proxy"
            )
        return self.unreachable(f"{self._peer} refused the connection")

    def proxy_refused(self, status: int, reason: str) -> ConnectError:
        """The proxy responded, and opened no tunnel."""
        text = f"the proxy refused: {status} {reason}".rstrip()
        error = self.unreachable(text)
        # It takes another account or proxy; a gateway's failure (5xx) may pass.
        error.retryable = status not in CLIENT_ERRORS
        return error

    def unknown_host(self) -> UnknownHost:
        """No address belongs to the name: the proxy's, if there is one."""
        if self._proxy_host is not None:
            return UnknownHost(
                f"the host name of the proxy {self._proxy_host} cannot be resolved; "
                "check `proxy` or the variables such as HTTPS_PROXY, and the network"
            )
        if self._host == EMBEDDED:
            return UnknownHost(
                f"{self._host} is a sandbox without a socket; make it with `served=True`, or take "
                "the client from one of its methods"
            )
        return UnknownHost(
            f"the host name {self._host} cannot be resolved; check `base_url` and the network"
        )

    def not_trusted(self, reason: object) -> CertificateError:
        """The certificate is not one to trust."""
        return CertificateError(
            f"the TLS connection to {self._host} failed: {reason}; "
            "check the clock, the host name and the certificate authorities"
        )

    def no_tls(self, reason: ssl.SSLError) -> ConnectError:
        """The TLS handshake failed."""
        error = ConnectError(
            f"the TLS connection to {self._host} failed: {reason}; "
            "check that it speaks TLS, and the proxy"
        )
        # A connection that broke may hold the next time; two that do not understand each other
        # never will.
        error.retryable = isinstance(reason, (ssl.SSLEOFError, ssl.SSLZeroReturnError))
        return error

    def slow_to_connect(self, timeout: float) -> ConnectError:
        """No connection was made in time."""
        return self.unreachable(f"nothing responded within {timeout:g} s")

    def pool_full(self, connections: int, timeout: float) -> PoolTimeout:
        """All connections were busy all the time."""
        busy = (
            f"the only connection to {self._host} was"
            if connections == 1
            else f"all {connections} connections to {self._host} were"
        )
        return PoolTimeout(
            f"{busy} busy for {timeout:g} s, and the "
            "request was not sent; make fewer calls at once, or raise `timeout`"
        )

    def no_answer(self, timeout: float) -> RequestTimeout:
        """The request went out, and no whole response came in time."""
        return RequestTimeout(
            f"no whole response from {self._host} within {timeout:g} s; the work may have been "
            "done, so look before you retry"
        )

    def lost(self, reason: object) -> ConnectionClosed:
        """The connection broke after something had been sent."""
        return ConnectionClosed(
            f"the connection to {self._host} ended before the response did ({reason}); "
            "the work may have been done, so look before you retry"
        )

    def unsent(self, reason: object) -> ConnectError:
        """The connection broke before anything was sent."""
        return self.unreachable(f"the connection ended before anything was sent ({reason})")

    def too_large(self, limit: int) -> ResponseTooLarge:
        """The body of the response is larger than it may be."""
        return ResponseTooLarge(
            f"the response of {self._host} has more than {limit} bytes; the work was done. "
            "Ask for less at once, or raise `max_response_bytes`"
        )

    def unasked_encoding(self, encoding: str) -> NotTheAPI:
        """The body is encoded in a way that the request did not offer."""
        return NotTheAPI(
            f"{self._host} encoded its response with {encoding!r}, which was not asked for; "
            "check `base_url` and the proxy"
        )


def causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and what it comes from, also what libraries keep in attributes or lists."""
    seen: set[int] = set()
    rest: list[BaseException | None] = [error]
    while rest:
        link = rest.pop(0)
        if link is None or id(link) in seen:
            continue
        seen.add(id(link))
        yield link
        rest += [link.__cause__, link.__context__]
        kept = (getattr(link, name, None) for name in ("os_error", "certificate_error", "reason"))
        rest += [held for held in (*kept, *link.args) if isinstance(held, BaseException)]
        if isinstance(link, BaseExceptionGroup):
            group = cast("BaseExceptionGroup[BaseException]", link)
            rest += group.exceptions


def _text(error: BaseException) -> str:
    if isinstance(error, OSError) and isinstance(error.strerror, str):
        return error.strerror
    return str(error) or type(error).__name__


def _caused(failure: ConnectError, cause: BaseException) -> ConnectError:
    failure.__cause__ = likeness(cause, *LIBRARIES)
    return failure
