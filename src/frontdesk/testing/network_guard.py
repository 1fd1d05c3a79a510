"""Refusing the real network in tests.

Python tells its audit hooks of every connection, datagram and name look-up, whichever library
makes it and whichever name it imported the function by; a hook that raises prevents it. A few
methods are guarded besides: uvloop has sockets of its own, of which Python does not know.
"""

import socket
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import wraps
from typing import Any, Final, cast

from frontdesk.testing.network_rules import (
    GUARD,
    INTERNET,
    RealNetworkRefused,
    check_look_up,
    check_target,
)

__all__ = ["RealNetworkRefused", "allow_network", "refuse_network"]

_MISSING: Final = object()


@contextmanager
def refuse_network() -> Generator[None]:
    """Refuse the real network within the block, and let loopback pass."""
    GUARD.install()
    GUARD.refusing += 1
    restore = _patch()
    try:
        yield
    finally:
        restore()
        GUARD.refusing -= 1


@contextmanager
def allow_network() -> Generator[None]:
    """Let everything pass within the block, though the network is refused around it."""
    GUARD.allowing += 1
    try:
        yield
    finally:
        GUARD.allowing -= 1


def _patch() -> Callable[[], None]:
    """Guard what audit hooks do not hear of in time; returns what takes that back."""
    if GUARD.refusing > 1:
        return _nothing
    from frontdesk.testing import network_guard_loops

    patches: list[tuple[Any, str, Any]] = [
        # It would leave a socket open that could not connect.
        (socket, "create_connection", _check_target_first(socket.create_connection)),
        # They look a name up before Python tells anybody.
        (socket.socket, "bind", _check_name_first(socket.socket.bind)),
        (socket.socket, "connect", _check_name_first(socket.socket.connect)),
        (socket.socket, "connect_ex", _check_name_first(socket.socket.connect_ex)),
        (socket.socket, "sendto", _check_name_first(socket.socket.sendto)),
        (socket.socket, "sendmsg", _check_name_first(socket.socket.sendmsg)),
        *network_guard_loops.patches(),
    ]
    # A method may be the class's own, or one that it inherits.
    before: list[tuple[Any, str, Any]] = [
        (owner, name, cast("dict[str, Any]", vars(owner)).get(name, _MISSING))
        for owner, name, _ in patches
    ]
    for owner, name, method in patches:
        setattr(owner, name, method)

    def restore() -> None:
        for owner, name, method in before:
            if method is _MISSING:
                delattr(owner, name)
            else:
                setattr(owner, name, method)

    return restore


def _nothing() -> None:
    pass


def _check_name_first(method: Any) -> Any:
    @wraps(method)
    def checked(self: socket.socket, *arguments: Any) -> Any:
        address = arguments[-1] if arguments else None
        if GUARD.is_on and self.family in INTERNET and isinstance(address, tuple):
            check_look_up(address[0])
        return method(self, *arguments)

    return checked


def _check_target_first(function: Any) -> Any:
    @wraps(function)
    def checked(address: Any, *arguments: Any, **options: Any) -> Any:
        if GUARD.is_on:
            check_target(*address)
        return function(address, *arguments, **options)

    return checked
