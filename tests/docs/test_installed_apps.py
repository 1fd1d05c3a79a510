"""The apps for many organizations: browsers install them, webhooks of each organization arrive."""

import asyncio
import importlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from wsgiref.simple_server import make_server

import pytest
import urllib3
import uvicorn
from tests.docs.test_echo_bots import Quiet, Threaded, in_a_loop

from frontdesk.sandbox import Sandbox

EXAMPLES = Path(__file__).parents[2] / "examples"
SCOPES = ["chats--all:rw", "chats--access:rw", "webhooks.configuration:rw"]
AGENT = "smith@example.com"


class Browser:
    """Follows no redirect by itself, and keeps cookies by their paths."""

    def __init__(self) -> None:
        self.pool = urllib3.PoolManager()
        self.jar = SimpleCookie()

    def get(self, url: str) -> urllib3.BaseHTTPResponse:
        path = urlsplit(url).path
        sent = [
            f"{name}={cookie.value}"
            for name, cookie in self.jar.items()
            if path.startswith(cookie["path"])
        ]
        response = self.pool.request(
            "GET", url, headers={"cookie": "; ".join(sent)}, redirect=False, retries=False
        )
        for header in response.headers.getlist("set-cookie"):
            self.jar.load(header)
        for name in [name for name, cookie in self.jar.items() if cookie["max-age"] == "0"]:
            del self.jar[name]
        return response

    def close(self) -> None:
        self.pool.clear()


class Place:
    """Where an app is to be served, known before the app is made."""

    def __init__(self) -> None:
        self.bound = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.bound.getsockname()[1]}"


@contextmanager
def fastapi(place: Place, settings: dict[str, str]) -> Iterator[None]:
    app = importlib.import_module("installed_app_fastapi").make_app(settings)

    async def start() -> Any:
        server = uvicorn.Server(uvicorn.Config(app, log_config=None))
        serving = asyncio.create_task(server.serve(sockets=[place.bound]))
        while not server.started:
            await asyncio.sleep(0)

        async def stop() -> None:
            server.should_exit = True
            await serving
            place.bound.close()

        return place.bound.getsockname()[1], stop

    with in_a_loop(start):
        yield


@contextmanager
def django(place: Place, settings: dict[str, str]) -> Iterator[None]:
    app = importlib.import_module("installed_app_django").make_app(settings)
    port = place.bound.getsockname()[1]
    place.bound.close()
    server = make_server("127.0.0.1", port, app, server_class=Threaded, handler_class=Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(params=[fastapi, django], ids=["fastapi", "django"])
def app(
    request: pytest.FixtureRequest,
    served: Sandbox,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[str]:
    """The address of a running app."""
    monkeypatch.syspath_prepend(str(EXAMPLES))
    monkeypatch.delenv("CLIENT_SECRET", raising=False)
    monkeypatch.setenv("FRONTDESK_BASE_URL", served.url)
    monkeypatch.setenv("FRONTDESK_ACCOUNTS_URL", served.accounts_url)
    place = Place()
    client = served.accounts.register_client(
        f"{place.url}/livechat/install", type="server_side", scopes=SCOPES
    )
    settings = {
        "APP_URL": place.url,
        "CLIENT_ID": client.client_id,
        "CLIENT_SECRET": client.client_secret,
        "WEBHOOK_SECRET": "webhook-secret-2b7f",
        "COOKIE_SECRET": "cookie-secret-04c19f6e",
        "TOKENS": str(tmp_path / "tokens"),
    }
    with request.param(place, settings):
        yield place.url


@pytest.fixture
def browser() -> Iterator[Browser]:
    browser = Browser()
    yield browser
    browser.close()


def install(app: str, browser: Browser, sandbox: Sandbox, organization_id: str) -> None:
    begun = browser.get(f"{app}/livechat/install")
    assert begun.status == 302
    sandbox.advance(31)  # three redirects in 30 s are the most
    back = sandbox.accounts.authorize(
        begun.headers["location"], AGENT, organization_id=organization_id
    )
    finished = browser.get(back)
    assert finished.status == 200, finished.data
    assert browser.get(back).status == 400  # a reload sends no code twice
    assert not browser.jar


def tags_of(sandbox: Sandbox, customer: Any) -> list[str]:
    """The tags of a customer's chat, once it has some."""
    for _ in range(1000):
        tags = sandbox.client().get_chat(chat_id=customer.chat_id).thread.tags
        if tags:
            return tags
        threading.Event().wait(0.01)
    raise AssertionError("the chat got no tag")


def test_organizations_install_it_are_served_and_leave(
    app: str, browser: Browser, served: Sandbox
) -> None:
    ids = [served.accounts.add_organization(name).id for name in ("Acme", "Globex")]
    for organization_id in ids:
        install(app, browser, served, organization_id)
    registered = served.backend.world.store.company.webhooks
    assert sorted(each.organization_id for each in registered.values()) == sorted(ids)

    ann = served.customer("Ann")
    ann.say("Hello?")
    assert tags_of(served, ann) == ["support"]
    served.webhooks.settle()
    delivered = [call for call in served.calls("tag_thread") if call.error is None]
    assert delivered
    assert served.webhooks.counts.dead == served.webhooks.counts.waiting == 0

    pool = browser.pool
    assert pool.request("DELETE", f"{app}/organizations/{ids[0]}").status == 200
    assert [each.organization_id for each in registered.values()] == ids[1:]
    assert pool.request("DELETE", f"{app}/organizations/{ids[0]}").status == 404
