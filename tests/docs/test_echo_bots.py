"""The echo bots: a customer writes, the webhook arrives, the bot replies, the customer sees it."""

import asyncio
import importlib
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
import uvicorn
from aiohttp import web

from frontdesk.models import WebhookFilters
from frontdesk.sandbox import Sandbox, SandboxCustomer
from frontdesk.sandbox.seeds.company import BOT_ID, CLIENT_ID
from frontdesk.webhooks.adapters.asgi import asgi_app
from frontdesk.webhooks.adapters.wsgi import wsgi_app

from .. import forked

EXAMPLES = Path(__file__).parents[2] / "examples"
SECRET = "open-sesame"
PATH = "/webhooks/Zr8Qw1kT0uYb"


@pytest.fixture(autouse=True)
def examples_can_be_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(EXAMPLES))
    monkeypatch.delenv("WEBHOOK_SECRET", raising=False)


def example(name: str) -> Any:
    return importlib.import_module(name)


@contextmanager
def in_a_loop(start: Callable[[], Any]) -> Iterator[str]:
    """Run an async server on a thread; ``start`` gives its port and how to stop it."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    port, stop = asyncio.run_coroutine_threadsafe(start(), loop).result(20)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        asyncio.run_coroutine_threadsafe(stop(), loop).result(20)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def over_uvicorn(make_app: Callable[[Any], Any]) -> Any:
    async def start(sandbox: Sandbox) -> Any:
        client = sandbox.async_client("bot")
        bound = socket.create_server(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(make_app(client), log_config=None))
        serving = asyncio.create_task(server.serve(sockets=[bound]))
        while not server.started:
            await asyncio.sleep(0)

        async def stop() -> None:
            server.should_exit = True
            await serving
            bound.close()

        return bound.getsockname()[1], stop

    return start


def over_aiohttp(make_app: Callable[[Any], Any]) -> Any:
    async def start(sandbox: Sandbox) -> Any:
        runner = web.AppRunner(make_app(sandbox.async_client("bot")))
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return runner.addresses[0][1], runner.cleanup

    return start


class Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


class Threaded(ThreadingMixIn, WSGIServer):
    daemon_threads = True


@contextmanager
def wsgi_server(sandbox: Sandbox, make_app: Callable[[Any], Any]) -> Iterator[str]:
    receiver = example("echo_bot_wsgi").make_receiver(sandbox.client("bot"), SECRET)
    server = make_server(
        "127.0.0.1", 0, make_app(receiver), server_class=Threaded, handler_class=Quiet
    )
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        receiver.close_sync(10)


def async_bot(start: Any) -> Any:
    return lambda sandbox: in_a_loop(lambda: start(sandbox))


def sync_bot(make_app: Callable[[Any], Any]) -> Any:
    return lambda sandbox: wsgi_server(sandbox, make_app)


BOTS = {
    "asgi": async_bot(
        over_uvicorn(lambda c: asgi_app(example("echo_bot").make_receiver(c, SECRET), PATH))
    ),
    "fastapi": async_bot(
        over_uvicorn(lambda c: example("echo_bot_fastapi").make_app(c, SECRET, PATH))
    ),
    "aiohttp": async_bot(
        over_aiohttp(lambda c: example("echo_bot_aiohttp").make_app(c, SECRET, PATH))
    ),
    "wsgi": sync_bot(lambda receiver: wsgi_app(receiver, PATH)),
    "flask": sync_bot(lambda receiver: example("echo_bot_flask").make_app(receiver, PATH)),
    "django": sync_bot(lambda receiver: example("echo_bot_django").make_app(receiver, PATH)),
}


def echoes(customer: SandboxCustomer, wanted: int) -> list[str]:
    """What the bot said, once it has said that much."""
    for _ in range(1000):
        texts = [
            event.text
            for event in customer.transcript()
            if event.type == "message" and event.author_id == BOT_ID
        ]
        if len(texts) >= wanted:
            return texts
        threading.Event().wait(0.01)
    raise AssertionError(f"the bot said only {texts}")


def register(sandbox: Sandbox, url: str) -> None:
    client = sandbox.configuration_client()
    for action in ("incoming_chat", "incoming_event"):
        options: dict[str, Any] = {}
        if action == "incoming_event":
            options["filters"] = WebhookFilters(author_type="customer")
        client.register_webhook(
            action=action,
            url=url + PATH,
            secret_key=SECRET,
            owner_client_id=CLIENT_ID,
            type="license",
            **options,
        )


@pytest.mark.parametrize("bot", BOTS.values(), ids=BOTS)
def test_the_bot_replies_through_every_framework(sandbox: Sandbox, bot: Any) -> None:
    with bot(sandbox) as url:
        register(sandbox, url)
        ann, bob = sandbox.customer("Ann"), sandbox.customer("Bob")
        for n in range(3):
            ann.say(f"ann {n}")
            bob.say(f"bob {n}")
        assert echoes(ann, 3) == [f"Echo: ann {n}" for n in range(3)]
        assert echoes(bob, 3) == [f"Echo: bob {n}" for n in range(3)]
        sandbox.webhooks.settle()
        assert sandbox.webhooks.counts.dead == sandbox.webhooks.counts.waiting == 0


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def test_the_bot_as_a_program(served: Sandbox) -> None:
    environment = {**os.environ, "FRONTDESK_BASE_URL": served.url, "PORT": str(free_port())}
    environment.pop("FRONTDESK_TOKEN", None)
    with forked.Popen(
        [sys.executable, str(EXAMPLES / "echo_bot.py")],
        stdout=subprocess.PIPE,
        env=environment,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline().startswith("ready ")
            ann = served.customer("Ann")
            ann.say("hello")
            ann.say("are you there?")
            assert echoes(ann, 2) == ["Echo: hello", "Echo: are you there?"]
            process.send_signal(signal.SIGTERM)
            process.wait(20)
        finally:
            process.kill()
    left = served.configuration_client().list_webhooks(owner_client_id=CLIENT_ID)
    assert left == []
