"""Looking up the names that somebody else chose to send to."""

import asyncio
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest

from frontdesk.errors import ConnectError
from frontdesk.transport import Reply, Request
from frontdesk.transport.guarded import GuardedTransport

from .. import forked

HANGS = """
import socket, threading
from frontdesk.sandbox import Sandbox

asked = threading.Event()

def hang(*arguments, **options):
    asked.set()
    threading.Event().wait()

socket.getaddrinfo = hang
sandbox = Sandbox(webhook_hosts=["receiver.test"])
sandbox.configuration_client().register_webhook(
    action="incoming_event", url="http://receiver.test/", secret_key="k", owner_client_id="c",
    type="license",
)
ann = sandbox.customer("Ann")
ann.start_chat()
ann.say("hello")
assert asked.wait(30)
sandbox.close()
print("closed", flush=True)
"""


def test_a_name_server_that_does_not_respond_keeps_no_process_from_ending() -> None:
    ended = forked.run(
        [sys.executable, "-c", HANGS], capture_output=True, text=True, timeout=50, check=False
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "closed\n", "")


class Quiet(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def receiver() -> Iterator[int]:
    with HTTPServer(("127.0.0.1", 0), Quiet) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


def send(url: str, *permitted: str) -> tuple[Reply, list[tuple[str, str, int]]]:
    """Send to a URL; returns the response, and what was asked for leave."""
    asked: list[tuple[str, str, int]] = []

    def permits(host: str, address: str, port: int) -> bool:
        asked.append((host, address, port))
        return address in permitted

    async def post() -> Reply:
        transport = GuardedTransport(permits)
        try:
            return await transport.send(Request(url, {}, b"{}", 10))
        finally:
            await transport.close()

    return asyncio.run(post()), asked


def test_only_the_addresses_that_are_permitted_are_called(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first of two would hang, or hit somebody who is not to be called."""
    addresses = ("127.0.0.2", "127.0.0.1")

    def look_up(host: str, port: int, **_: Any) -> list[Any]:
        assert host == "two.test"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    with receiver() as port:
        response, asked = send(f"http://two.test:{port}/", "127.0.0.1")
    assert response.status == 200
    assert asked == [("two.test", each, port) for each in addresses]


def test_a_name_that_is_not_there_is_a_connect_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def look_up(*_: Any, **__: Any) -> list[Any]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    with pytest.raises(ConnectError, match="no connection: "):
        send("http://nowhere.test/")


def test_an_interface_is_named_with_a_link_local_address(monkeypatch: pytest.MonkeyPatch) -> None:
    scope = socket.if_nametoindex("lo")

    def look_up(host: str, port: int, **_: Any) -> list[Any]:
        return [(socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("fe80::1", port, 0, scope))]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    asked: list[str] = []

    async def post() -> None:
        transport = GuardedTransport(lambda host, address, port: bool(asked.append(address)))
        try:
            await transport.send(Request("http://local.test/", {}, b"{}", 10))
        finally:
            await transport.close()

    with pytest.raises(ConnectError, match=r"local\.test is not allowed"):
        asyncio.run(post())
    assert asked == ["fe80::1%lo"]
