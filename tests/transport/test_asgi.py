"""Calls to an ASGI app, without a socket."""

import asyncio
import os
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from frontdesk import AgentClient, Retry, errors
from frontdesk.models import Message
from frontdesk.transport import Request
from frontdesk.transport.asgi import AsgiTransport

from ..web import TOKEN, Kit


class App:
    """Records the requests, and responds as set."""

    def __init__(self, *parts: bytes, status: int = 200) -> None:
        self.parts = parts or (b'{"event_id": "E"}',)
        self.status = status
        self.scopes: list[Any] = []
        self.bodies: list[bytes] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.scopes.append(scope)
        message = await receive()
        assert message["type"] == "http.request"
        assert not message["more_body"]
        self.bodies.append(message["body"])
        await self.respond(receive, send)

    async def respond(self, receive: Any, send: Any) -> None:
        headers = [(b"Content-Type", b"application/json"), (b"X-Debug-Id", b"D1")]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        for part in self.parts[:-1]:
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": self.parts[-1]})


def client_of(kit: Kit, app: Any, **options: Any) -> Any:
    return kit.client(base_url="http://app.example:81", transport=kit.asgi(app), **options)


def send(client: Any) -> Any:
    return client.send_event(chat_id="C1", event=Message(text="hi"))


def test_an_app_gets_the_whole_request(kit: Kit) -> None:
    app = App()
    assert send(client_of(kit, app)).event_id == "E"
    (scope,) = app.scopes
    headers = dict(scope["headers"])
    assert (scope["type"], scope["method"], scope["scheme"]) == ("http", "POST", "http")
    assert scope["path"] == "/v3.6/agent/action/send_event"
    assert scope["raw_path"] == b"/v3.6/agent/action/send_event"
    assert scope["server"] == ("app.example", 81)
    assert headers[b"authorization"] == f"Bearer {TOKEN}".encode()
    assert headers[b"host"] == b"app.example:81"
    assert headers[b"content-length"] == str(len(app.bodies[0])).encode()
    assert app.bodies == [b'{"chat_id":"C1","event":{"type":"message","text":"hi"}}']


def test_a_response_in_parts_is_put_together(kit: Kit) -> None:
    assert send(client_of(kit, App(b'{"event', b'_id":', b'"E"}'))).event_id == "E"


def test_an_error_of_the_api_is_one_here_too(kit: Kit) -> None:
    app = App(b'{"error":{"type":"chat_inactive","message":"no"}}', status=400)
    with pytest.raises(errors.ChatInactive) as caught:
        send(client_of(kit, app))
    assert (caught.value.status, caught.value.request_id) == (400, "D1")


class Crash(App):
    async def respond(self, receive: Any, send: Any) -> None:
        raise KeyError("a bug of the app")


def test_an_error_of_the_app_comes_out_as_it_is_and_nothing_is_repeated(kit: Kit) -> None:
    app = Crash()
    with pytest.raises(KeyError, match="a bug of the app"):
        client_of(kit, app).get_customer(id="X")
    assert len(app.bodies) == 1


class Late(App):
    async def respond(self, receive: Any, send: Any) -> None:
        raise TimeoutError("the app's own")


def test_the_apps_own_time_out_is_not_taken_for_ours(kit: Kit) -> None:
    with pytest.raises(TimeoutError, match="the app's own") as caught:
        send(client_of(kit, Late()))
    assert not isinstance(caught.value, errors.FrontdeskError)


class Mute(App):
    async def respond(self, receive: Any, send: Any) -> None:
        await asyncio.Event().wait()


def test_an_app_that_does_not_respond_is_a_time_out(kit: Kit) -> None:
    with pytest.raises(errors.RequestTimeout, match=r"within 0\.05 s"):
        send(client_of(kit, Mute(), timeout=0.05))


class Half(App):
    async def respond(self, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})


def test_an_app_that_stops_halfway_is_a_lost_connection(kit: Kit) -> None:
    with pytest.raises(errors.ConnectionClosed, match="the app ended before its response did"):
        send(client_of(kit, Half()))


class Listening(App):
    async def respond(self, receive: Any, send: Any) -> None:
        await super().respond(receive, send)
        assert (await receive())["type"] == "http.disconnect"


def test_the_app_learns_that_the_client_has_gone(kit: Kit) -> None:
    assert send(client_of(kit, Listening())).event_id == "E"


def test_an_upload_arrives_whole(kit: Kit) -> None:
    app = App(b'{"url": "https://files.example/1"}')
    client_of(kit, app).upload_file(b"x" * 300_000, name="a.txt")
    headers = dict(app.scopes[0]["headers"])
    assert len(app.bodies[0]) == int(headers[b"content-length"]) > 300_000


def test_a_closed_transport_is_told(kit: Kit) -> None:
    client = client_of(kit, App())
    send(client)
    client.close()
    client.close()
    with pytest.raises(errors.ClientClosed, match="make a new one"):
        send(client)


# the loop on a thread


@pytest.fixture
def threads() -> Iterator[None]:
    yield
    assert [t for t in threading.enumerate() if t.name == "frontdesk-asgi"] == []


def test_closing_ends_the_thread(threads: None) -> None:
    with AgentClient(TOKEN, transport=AsgiTransport(App())) as client:
        send(client)
        assert any(t.name == "frontdesk-asgi" for t in threading.enumerate())


def test_closing_ends_requests_under_way(threads: None) -> None:
    entered = threading.Event()

    class Waiting(Mute):
        async def respond(self, receive: Any, send: Any) -> None:
            entered.set()
            await super().respond(receive, send)

    client = AgentClient(TOKEN, transport=AsgiTransport(Waiting()), retry=Retry(attempts=1))
    errors_seen: list[BaseException] = []

    def work() -> None:
        try:
            send(client)
        except errors.ClientClosed as error:
            errors_seen.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    assert entered.wait(10)
    client.close()
    thread.join(10)
    assert "closed while the request was under way; the work may" in str(errors_seen[0])


def test_many_threads_share_an_app(threads: None) -> None:
    app = App()
    with AgentClient(TOKEN, transport=AsgiTransport(app)) as client:
        done: list[str] = []
        workers = [
            threading.Thread(target=lambda: done.append(send(client).event_id)) for _ in range(16)
        ]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join(10)
    assert done == ["E"] * 16


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_the_child_of_a_fork_has_a_loop_of_its_own(threads: None) -> None:
    transport = AsgiTransport(App())
    request = Request("http://app/x", {}, b"{}", 5.0)
    transport.send(request)
    child = os.fork()
    if child == 0:
        os._exit(0 if transport.send(request).status == 200 else 1)
    assert os.waitpid(child, 0)[1] == 0
    transport.close()
