"""Sending to addresses that somebody else chose, and only where that is allowed."""

import socket
from collections.abc import Callable
from functools import partial
from typing import TypeAlias

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from frontdesk.concurrency.threads import DaemonPool
from frontdesk.core.http_messages import Reply, Request
from frontdesk.errors import ConnectError, ConnectionClosed, RequestTimeout, TransportError

__all__ = ["GuardedTransport"]

Permits: TypeAlias = Callable[[str, str, int], bool]
"""Whether a host, with one of its addresses, may be called at a port."""
CONNECTIONS_PER_HOST = 64
LOOK_UPS = 32
"""Names that are looked up at once."""
MAX_RESPONSE = 64 * 1024
"""Bytes of a response that are read; nobody needs more of it than its status."""


class GuardedTransport:
    """Posts to any host whose addresses are permitted; follows no redirects, uses no proxy.

    ``permits`` is asked with each host, each address it has and the port, so that a name cannot be
    made to point elsewhere after it was checked. Belongs to one event loop.
    """

    def __init__(self, permits: Permits) -> None:
        self._permits = permits
        self._session: aiohttp.ClientSession | None = None

    async def send(self, request: Request) -> Reply:
        """Send one request; raises ``TransportError``."""
        session = self._session or self._connect()
        try:
            url = URL(request.url)
            _refuse_address(self._permits, url.raw_host or "", url.port or 0)
            async with session.post(
                url,
                data=request.body,
                headers=request.headers,
                timeout=aiohttp.ClientTimeout(total=request.timeout),
                allow_redirects=False,
            ) as response:
                body = await response.content.read(MAX_RESPONSE)
                return Reply(response.status, response.headers, body)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise _transport_error(error, request.timeout) from None

    async def close(self) -> None:
        """Close all connections."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def _connect(self) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            limit=0, limit_per_host=CONNECTIONS_PER_HOST, resolver=_Resolver(self._permits)
        )
        self._session = aiohttp.ClientSession(
            connector=connector, cookie_jar=aiohttp.DummyCookieJar(), trust_env=False
        )
        return self._session


class _Forbidden(OSError):
    """The address is not one to send to."""


def _refuse_address(permits: Permits, host: str, port: int) -> None:
    """Check a host that aiohttp takes for an address itself, and so never resolves.

    That includes spellings which only the system reads as one, such as ``2130706433``.
    """
    if ":" not in host and not host.replace(".", "").isdigit():
        return
    try:
        permitted = permits(host, host, port)
    except ValueError:
        permitted = False
    if not permitted:
        raise _Forbidden(f"{host} is not allowed")


class _Resolver(AbstractResolver):
    """Looks names up, and returns the addresses that are permitted.

    It does so in threads that end with the process: a name server may not respond for half a
    minute, and nobody waits for it any more when the loop's owner has stopped.
    """

    def __init__(self, permits: Permits) -> None:
        self._permits = permits
        self._threads = DaemonPool(LOOK_UPS, "frontdesk-look-up")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        addresses = await self._threads.run(partial(_look_up, host, port, family))
        allowed = [
            address for address in addresses if self._permits(host.lower(), address["host"], port)
        ]
        if not allowed:
            raise _Forbidden(f"{host} is not allowed")
        return allowed

    async def close(self) -> None:
        self._threads.close()


def _look_up(host: str, port: int, family: socket.AddressFamily) -> list[ResolveResult]:
    """Return the addresses of a host. It blocks until the name servers have responded."""
    results = socket.getaddrinfo(
        host, port, family=family, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG
    )
    numeric = socket.NI_NUMERICHOST | socket.NI_NUMERICSERV
    return [
        ResolveResult(
            hostname=host,
            # Unlike the address itself it names the interface, which link-local addresses need.
            host=socket.getnameinfo(address, numeric)[0],
            port=int(address[1]),
            family=address_family,
            proto=protocol,
            flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
        )
        for address_family, _, protocol, _, address in results
        # A Python without IPv6 gives its addresses as numbers and bytes.
        if isinstance(address[0], str)
    ]


def _transport_error(error: Exception, timeout: float) -> TransportError:
    match error:
        case _Forbidden():
            return ConnectError(str(error))
        case aiohttp.ClientConnectorError() if isinstance(error.os_error, _Forbidden):
            return ConnectError(str(error.os_error))
        case aiohttp.ClientConnectorError():
            return ConnectError(f"no connection: {error.os_error.strerror or error.os_error}")
        case TimeoutError():
            return RequestTimeout(f"no response within {timeout:g} s")
        case aiohttp.InvalidURL() | ValueError():
            return ConnectError("this is not an address to send to")
        case _:
            return ConnectionClosed(
                f"the connection ended before the response did ({type(error).__name__})"
            )
