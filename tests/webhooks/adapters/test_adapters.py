"""Each adapter does the same through its real framework."""

import asyncio
import sys
import types
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import django
import httpx
import pytest
from aiohttp import ClientSession, test_utils, web
from django.conf import settings
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.wsgi import WSGIHandler
from django.urls import path as django_path
from django.urls import set_urlconf
from fastapi import FastAPI
from flask import Flask
from starlette.applications import Starlette
from starlette.routing import Mount, Route

from frontdesk.webhooks import IncomingEvent, Journal, Receiver, Webhook
from frontdesk.webhooks.adapters.aiohttp import add_webhooks
from frontdesk.webhooks.adapters.asgi import asgi_app
from frontdesk.webhooks.adapters.django import view as django_view
from frontdesk.webhooks.adapters.flask import view as flask_view
from frontdesk.webhooks.adapters.starlette import endpoint, lifespan
from frontdesk.webhooks.adapters.wsgi import wsgi_app

from .._bodies import SECRET, message

PATH = "/webhooks/Zr8Qw1kT0uYb"
Post = Callable[..., Awaitable[httpx.Response]]

if not settings.configured:
    settings.configure(ALLOWED_HOSTS=["*"], DEBUG=False, SECRET_KEY="of-django")
    django.setup()


class Received(Receiver):
    """A receiver that notes the texts of events."""

    def __init__(self, **options: Any) -> None:
        super().__init__(SECRET, max_body=2000, **options)
        self.texts: list[str] = []
        self.on(IncomingEvent)(self.note)

    def note(self, webhook: Webhook[IncomingEvent]) -> None:
        self.texts.append(webhook.payload.event.text)


@asynccontextmanager
async def over_asgi(app: Any, receiver: Receiver):
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://bot.test"
    ) as client:
        yield client.request
    await receiver.close()


@asynccontextmanager
async def over_wsgi(app: Any, receiver: Receiver):
    with httpx.Client(transport=httpx.WSGITransport(app), base_url="http://bot.test") as client:

        async def request(*args: Any, **options: Any) -> httpx.Response:
            return await asyncio.to_thread(client.request, *args, **options)

        yield request
    await asyncio.to_thread(receiver.close_sync)


def asgi(receiver: Receiver) -> Any:
    return over_asgi(asgi_app(receiver, PATH), receiver)


def wsgi(receiver: Receiver) -> Any:
    return over_wsgi(wsgi_app(receiver, PATH), receiver)


def fastapi(receiver: Receiver) -> Any:
    app = FastAPI(lifespan=lifespan(receiver))
    app.add_route(PATH, endpoint(receiver), methods=["POST"])
    return over_asgi(app, receiver)


def starlette(receiver: Receiver) -> Any:
    return over_asgi(
        Starlette(routes=[Route(PATH, endpoint(receiver), methods=["POST"])]), receiver
    )


def mounted_in_starlette(receiver: Receiver) -> Any:
    return over_asgi(Starlette(routes=[Mount("/webhooks", asgi_app(receiver, PATH))]), receiver)


def flask(receiver: Receiver) -> Any:
    app = Flask("bot")
    app.add_url_rule(PATH, view_func=flask_view(receiver), methods=["POST"])
    return over_wsgi(app, receiver)


def urls(receiver: Receiver) -> None:
    module = types.ModuleType("urls_of_the_tests")
    module.urlpatterns = [django_path(PATH.lstrip("/"), django_view(receiver))]  # type: ignore[attr-defined]
    sys.modules[module.__name__] = module
    settings.ROOT_URLCONF = module.__name__
    django.urls.clear_url_caches()
    set_urlconf(None)


def django_wsgi(receiver: Receiver) -> Any:
    urls(receiver)
    return over_wsgi(WSGIHandler(), receiver)


@asynccontextmanager
async def django_asgi(receiver: Receiver):
    urls(receiver)
    app = ASGIHandler()
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://bot.test"
    ) as client:
        yield client.request
    await asyncio.to_thread(receiver.close_sync)


@asynccontextmanager
async def aiohttp(receiver: Receiver):
    app = web.Application()
    add_webhooks(app, PATH, receiver)
    async with test_utils.TestServer(app) as server, ClientSession() as session:

        async def request(method: str, path: str, **options: Any) -> httpx.Response:
            options["data"] = options.pop("content", None)
            async with session.request(method, server.make_url(path), **options) as response:
                return httpx.Response(
                    response.status, headers=response.headers, content=await response.read()
                )

        yield request


ADAPTERS = [
    asgi,
    wsgi,
    fastapi,
    starlette,
    mounted_in_starlette,
    flask,
    django_wsgi,
    django_asgi,
    aiohttp,
]
JSON = {"content-type": "application/json"}


@pytest.fixture(params=ADAPTERS, ids=lambda adapter: adapter.__name__)
def adapter(request: pytest.FixtureRequest) -> Any:
    return request.param


def run(adapter: Any, test: Callable[[Post, Received], Awaitable[None]], **options: Any) -> None:
    receiver = Received(**options)

    async def main() -> None:
        async with asyncio.timeout(20), adapter(receiver) as request:
            await test(request, receiver)

    asyncio.run(main())


def test_webhooks_are_accepted_and_handled(adapter: Any) -> None:
    receiver = Received()

    async def main() -> None:
        async with adapter(receiver) as request:
            for n in range(3):
                response = await request(
                    "POST", PATH, content=message(n, text=f"hi {n}"), headers=JSON
                )
                assert response.status_code == 200
                assert response.text == "ok\n"
                assert response.headers["content-type"] == "text/plain; charset=utf-8"
                if "django" not in adapter.__name__:  # whose servers add it
                    assert response.headers["content-length"] == "3"
            repeat = await request("POST", PATH, content=message(1, text="hi 1"), headers=JSON)
            assert repeat.status_code == 200

    asyncio.run(main())
    assert receiver.texts == ["hi 0", "hi 1", "hi 2"]


@pytest.mark.parametrize(
    ("content", "content_type", "status"),
    [
        (message(secret="wrong"), "application/json", 401),
        (message(text="x" * 2000), "application/json", 413),
        (message(), "text/plain", 415),
        (b"{", "application/json", 400),
        (b"", "application/json", 400),
    ],
)
def test_bad_input(adapter: Any, content: bytes, content_type: str, status: int) -> None:
    async def test(request: Post, receiver: Received) -> None:
        response = await request(
            "POST", PATH, content=content, headers={"content-type": content_type}
        )
        assert response.status_code == status
        assert receiver.counts.refused == 1

    run(adapter, test)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_only_post(adapter: Any, method: str) -> None:
    async def test(request: Post, receiver: Received) -> None:
        response = await request(method, PATH)
        assert response.status_code == 405
        assert "POST" in response.headers["allow"]

    run(adapter, test)


def test_other_paths(adapter: Any) -> None:
    async def test(request: Post, receiver: Received) -> None:
        response = await request("POST", "/webhooks/guess", content=message(), headers=JSON)
        assert response.status_code == 404

    run(adapter, test)


def test_a_full_receiver_responds_with_503(adapter: Any) -> None:
    async def test(request: Post, receiver: Received) -> None:
        receiver._executor._capacity = 0
        response = await request("POST", PATH, content=message(), headers=JSON)
        assert response.status_code == 503
        assert response.headers["retry-after"] == "5"

    run(adapter, test)


def scope(**changes: Any) -> dict[str, Any]:
    headers = [(b"content-type", b"application/json")]
    return {"type": "http", "method": "POST", "path": PATH, "headers": headers, **changes}


async def call(app: Any, scope: dict[str, Any], *events: dict[str, Any]) -> list[Any]:
    """Call an ASGI app that gets these events, and then nothing more."""
    waiting = list(events)
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        if not waiting:
            await asyncio.Event().wait()
        return waiting.pop(0)

    async def send(event: Any) -> None:
        sent.append(event)

    await app(scope, receive, send)
    return sent


def test_asgi_gives_up_slow_bodies_and_lost_clients() -> None:
    async def main() -> None:
        app = asgi_app(Received(body_timeout=0.02))
        part = {"type": "http.request", "body": message()[:50], "more_body": True}
        sent = await call(app, scope(), part)
        assert sent[0]["status"] == 408
        sent = await call(app, scope(), part, {"type": "http.disconnect"})
        assert sent[0]["status"] == 400

    asyncio.run(main())


@pytest.mark.parametrize("length", [b"abc", b"-1", b"\xb2", b"9" * 6000, b""])
def test_asgi_survives_odd_lengths(length: bytes) -> None:
    async def main() -> None:
        headers = [*scope()["headers"], (b"content-length", length)]
        whole = {"type": "http.request", "body": message()}
        receiver = Received()
        sent = await call(asgi_app(receiver), scope(headers=headers), whole)
        assert sent[0]["status"] == (413 if length.startswith(b"9") else 200)
        await receiver.close()

    asyncio.run(main())


def test_asgi_lifespan_finishes_what_was_accepted(tmp_path: Any) -> None:
    async def main() -> None:
        receiver = Received()
        app = asgi_app(receiver)
        start, stop = {"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}

        async def receive() -> dict[str, Any]:
            if not sent:
                return start
            await call(app, scope(), {"type": "http.request", "body": message(text="last")})
            return stop

        sent: list[str] = []

        async def send(event: Any) -> None:
            sent.append(event["type"])

        await app({"type": "lifespan"}, receive, send)
        assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
        assert receiver.texts == ["last"]

        gone = Received(journal=tmp_path / "gone")
        (tmp_path / "gone").rmdir()
        failed = await call(asgi_app(gone), {"type": "lifespan"}, start)
        assert failed[0]["type"] == "lifespan.startup.failed"
        assert "journal" in failed[0]["message"]

    asyncio.run(main())


def test_asgi_refuses_websockets() -> None:
    async def main() -> None:
        sent = await call(
            asgi_app(Received()), {"type": "websocket"}, {"type": "websocket.connect"}
        )
        assert sent == [{"type": "websocket.close", "code": 1000}]

    asyncio.run(main())


def test_fastapi_lifespan_closes_the_receiver() -> None:
    async def main() -> None:
        receiver = Received()
        app = FastAPI(lifespan=lifespan(receiver))
        async with app.router.lifespan_context(app):
            await receiver.handle(message(text="last"))
        assert receiver.texts == ["last"]

    asyncio.run(main())


def test_starlette_survives_lost_clients() -> None:
    async def main() -> None:
        receiver = Received()
        app = Starlette(routes=[Route(PATH, endpoint(receiver), methods=["POST"])])
        part = {"type": "http.request", "body": message()[:50], "more_body": True}
        request = scope(root_path="", query_string=b"")
        sent = await call(app, request, part, {"type": "http.disconnect"})
        assert sent[0]["status"] == 400

    asyncio.run(main())


@pytest.mark.parametrize("make", ["starlette", "asgi"])
def test_a_body_that_is_said_to_be_too_long_is_not_read(make: str) -> None:
    async def main() -> None:
        receiver = Received()
        app = (
            Starlette(routes=[Route(PATH, endpoint(receiver), methods=["POST"])])
            if make == "starlette"
            else asgi_app(receiver, PATH)
        )
        headers = [(b"content-type", b"application/json"), (b"content-length", b"9999999")]
        sent = await asyncio.wait_for(
            call(app, scope(root_path="", query_string=b"", headers=headers)), 10
        )
        assert sent[0]["status"] == 413

    asyncio.run(main())


def test_wsgi_needs_a_length_and_a_whole_body() -> None:
    receiver = Received()
    app = wsgi_app(receiver)
    statuses: list[str] = []

    def start_response(status: str, headers: Any) -> None:
        statuses.append(status)

    environ = {"REQUEST_METHOD": "POST", "CONTENT_TYPE": "application/json"}
    import io

    app({**environ, "wsgi.input": io.BytesIO(message())}, start_response)
    app({**environ, "wsgi.input": io.BytesIO(b"{"), "CONTENT_LENGTH": "50"}, start_response)
    broken = types.SimpleNamespace(read=lambda size: (_ for _ in ()).throw(ConnectionResetError()))
    app({**environ, "wsgi.input": broken, "CONTENT_LENGTH": "50"}, start_response)
    assert statuses == ["411 Length Required", "400 Bad Request", "400 Bad Request"]


def test_a_wsgi_path_begins_where_the_application_is_mounted() -> None:
    statuses: list[tuple[str, bytes]] = []
    app = wsgi_app(Received(), "/hooks/secret")

    def post(**environ: str) -> None:
        given: list[str] = []
        (data,) = app(
            {"REQUEST_METHOD": "GET", **environ}, lambda status, headers: given.append(status)
        )
        statuses.append((given[0], data))

    post(SCRIPT_NAME="/hooks", PATH_INFO="/secret")
    post(PATH_INFO="/hooks/secret")
    post(SCRIPT_NAME="/hooks/secret")
    post(SCRIPT_NAME="/secret", PATH_INFO="/hooks")
    post()
    refused = ("405 Method Not Allowed", b"webhooks are sent with POST\n")
    assert statuses == [refused] * 3 + [("404 Not Found", b"not found\n")] * 2


def test_asgi_messages_are_those_of_the_specification() -> None:
    async def main() -> None:
        sent = await call(asgi_app(Received(), PATH), scope(path="/guess"))
        assert sent == [
            {
                "type": "http.response.start",
                "status": 404,
                "headers": [
                    (b"content-type", b"text/plain; charset=utf-8"),
                    (b"content-length", b"10"),
                ],
            },
            {"type": "http.response.body", "body": b"not found\n"},
        ]

    asyncio.run(main())


def test_asgi_reads_no_more_than_it_takes_to_see_that_a_body_is_too_long() -> None:
    async def main() -> None:
        app = asgi_app(Received())
        part = {"type": "http.request", "body": b"x" * 1000, "more_body": True}
        # A fourth one would be waited for.
        sent = await call(app, scope(), part, part, part)
        assert sent[0]["status"] == 413
        # One that has all it may have is not too long yet.
        full = {"type": "http.request", "body": message().ljust(2000), "more_body": True}
        sent = await call(app, scope(), full, {"type": "http.request", "body": b" "})
        assert sent[0]["status"] == 413
        whole = [
            {"type": "http.request", "more_body": True},
            {"type": "http.request", "body": message()[:9], "more_body": True},
            {"type": "http.request", "more_body": True},
            {"type": "http.request", "body": message()[9:]},
        ]
        receiver = Received()
        sent = await call(asgi_app(receiver), scope(), *whole)
        assert sent[0]["status"] == 200
        await receiver.close()
        empty = await call(asgi_app(Received()), scope(), {"type": "http.request"})
        assert empty[0]["status"] == 400
        headers = [*scope()["headers"], (b"content-length", b"2001")]
        assert (await call(app, scope(headers=headers)))[0]["status"] == 413
        headers = [*scope()["headers"], (b"content-length", b"2000")]
        small = await call(app, scope(headers=headers), {"type": "http.request", "body": b"{"})
        assert small[0]["status"] == 400

    asyncio.run(main())


def stuck() -> Received:
    receiver = Received(stall_timeout=None)

    @receiver.on()
    async def wait(webhook: object) -> None:
        await asyncio.Event().wait()

    return receiver


def test_the_end_of_a_server_waits_for_as_long_as_it_may(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def main() -> None:
        receiver = stuck()
        start, stop = {"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}
        await receiver.handle(message(1))
        await call(asgi_app(receiver, close_timeout=0.01), {"type": "lifespan"}, start, stop)

        receiver = stuck()
        async with lifespan(receiver, close_timeout=0.01)(None):
            await receiver.handle(message(2))

        receiver = stuck()
        app = web.Application()
        add_webhooks(app, PATH, receiver, close_timeout=0.01)
        async with test_utils.TestServer(app):
            await receiver.handle(message(3))

    async def limited() -> None:
        async with asyncio.timeout(20):
            await main()

    asyncio.run(limited())
    assert caplog.messages == ["1 accepted webhooks were not finished and are lost"] * 3


def test_servers_start_the_receiver(tmp_path: Any) -> None:
    async def main() -> None:
        receiver = Received(journal=tmp_path / "1")
        await call(
            asgi_app(receiver),
            {"type": "lifespan"},
            {"type": "lifespan.startup"},
            {"type": "lifespan.shutdown"},
        )
        for make in ("starlette", "aiohttp"):
            left = Journal(tmp_path / make)
            left.add(b"0" * 16 + message(text="left"))
            left.close()
            receiver = Received(journal=tmp_path / make)
            if make == "starlette":
                async with lifespan(receiver)(None):
                    pass
            else:
                app = web.Application()
                add_webhooks(app, PATH, receiver)
                async with test_utils.TestServer(app):
                    pass
            assert receiver.texts == ["left"]

    asyncio.run(main())


def test_views_of_django_need_no_csrf_token() -> None:
    assert django_view(Received()).csrf_exempt is True


def test_aiohttp_survives_lost_clients(caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        receiver = Received()
        app = web.Application()
        add_webhooks(app, PATH, receiver)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        async with asyncio.timeout(10):
            reader, writer = await asyncio.open_connection(*runner.addresses[0])
            head = f"POST {PATH} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
            writer.write(head.encode() + b"expect: 100-continue\r\ncontent-length: 9\r\n\r\n{")
            assert b"100" in await reader.readline()  # it has begun with the request
            writer.write_eof()
            await reader.read()
            writer.close()
            while not receiver.counts.refused:
                await asyncio.sleep(0)
            await runner.cleanup()

    asyncio.run(main())
    assert [record.levelname for record in caplog.records] == ["WARNING"]
