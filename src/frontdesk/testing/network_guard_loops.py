"""Guarding what event loops do beyond the reach of Python's audit hooks."""

import asyncio
import importlib.util
from asyncio import selector_events
from collections.abc import Callable
from functools import wraps
from typing import Any, Final, cast

from frontdesk.testing.network_rules import (
    GUARD,
    check_address,
    check_look_up,
    check_reverse_look_up,
    check_target,
)

__all__ = ["patches"]

_AsyncioDatagrams: Final[Any] = vars(selector_events)["_SelectorDatagramTransport"]


def patches() -> list[tuple[Any, str, Any]]:
    """Return what to replace: the class, the name of the method, and the guarded method."""
    # It hands errors to a log instead of its caller.
    replaced: list[tuple[Any, str, Any]] = [
        (_AsyncioDatagrams, "sendto", _check_datagram(_AsyncioDatagrams.sendto))
    ]
    if importlib.util.find_spec("uvloop") is None:
        return replaced
    import uvloop

    # uvloop has sockets of its own, of which Python does not know.
    loop: Any = uvloop.Loop
    return [
        *replaced,
        (loop, "create_connection", _create_connection(loop.create_connection)),
        (loop, "create_server", _create_server(loop.create_server)),
        (
            loop,
            "create_datagram_endpoint",
            _create_datagram_endpoint(loop.create_datagram_endpoint),
        ),
        (loop, "getaddrinfo", _looking_up(loop.getaddrinfo, check_look_up)),
        (loop, "getnameinfo", _looking_up(loop.getnameinfo, _check_sockaddr)),
    ]


def _check_sockaddr(address: Any) -> None:
    check_reverse_look_up(address[0])


def _check_datagram(method: Any) -> Any:
    @wraps(method)
    def sendto(self: Any, data: Any, addr: Any = None) -> None:
        if GUARD.is_on and isinstance(addr, (tuple, list)):
            check_address(cast("Any", addr))
        method(self, data, addr)

    return sendto


def _create_connection(method: Any) -> Any:
    async def create_connection(
        self: Any, protocol_factory: Any, host: Any = None, port: Any = None, **options: Any
    ) -> Any:
        if GUARD.is_on and host is not None:
            check_target(host, port)
        return await method(self, protocol_factory, host, port, **options)

    return create_connection


def _create_server(method: Any) -> Any:
    async def create_server(
        self: Any, protocol_factory: Any, host: Any = None, port: Any = None, **options: Any
    ) -> Any:
        if GUARD.is_on:
            hosts = [host] if host is None or isinstance(host, (str, bytes)) else host
            for name in hosts:
                check_look_up(name)
        return await method(self, protocol_factory, host, port, **options)

    return create_server


def _create_datagram_endpoint(method: Any) -> Any:
    async def create_datagram_endpoint(
        self: Any,
        protocol_factory: Any,
        local_addr: Any = None,
        remote_addr: Any = None,
        **options: Any,
    ) -> Any:
        if GUARD.is_on and isinstance(remote_addr, (tuple, list)):
            check_address(remote_addr)
        transport, protocol = await method(
            self,
            lambda: _GuardedProtocol(protocol_factory()),
            local_addr,
            remote_addr,
            **options,
        )
        return _GuardedDatagrams(transport), protocol.guarded

    return create_datagram_endpoint


def _looking_up(method: Any, check: Callable[[Any], None]) -> Any:
    async def look_up(self: Any, host: Any, *arguments: Any, **options: Any) -> Any:
        if GUARD.is_on:
            check(host)
        return await method(self, host, *arguments, **options)

    return look_up


class _GuardedProtocol(asyncio.DatagramProtocol):
    """Hands its protocol a transport that refuses to send to other machines."""

    def __init__(self, guarded: Any) -> None:
        self.guarded = guarded
        for name in ("datagram_received", "error_received", "connection_lost"):
            setattr(self, name, getattr(guarded, name))

    def connection_made(self, transport: Any) -> None:
        self.guarded.connection_made(_GuardedDatagrams(transport))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.guarded, name)


class _GuardedDatagrams(asyncio.DatagramTransport):
    def __init__(self, transport: Any) -> None:
        self._transport = transport

    def sendto(self, data: Any, addr: Any = None) -> None:
        if GUARD.is_on and isinstance(addr, (tuple, list)):
            check_address(addr)
        self._transport.sendto(data, addr)

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._transport.get_extra_info(name, default)

    def is_closing(self) -> bool:
        return bool(self._transport.is_closing())

    def close(self) -> None:
        self._transport.close()

    def abort(self) -> None:
        self._transport.abort()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)
