"""The page that installs an app through every framework: one behaviour, written down once."""

import os
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit
from wsgiref.util import setup_testing_defaults

import pytest

from frontdesk import errors
from frontdesk.installations.adapters.asgi import asgi_app
from frontdesk.installations.adapters.django import view
from frontdesk.installations.adapters.starlette import endpoint
from frontdesk.installations.adapters.wsgi import wsgi_app

from .._app import REDIRECT, App, MakeApp

PATH = "/livechat/install"
Response = tuple[int, dict[str, str], bytes]
Ask = Callable[..., Response]


def through_asgi(app: App, asgi: Any) -> Ask:
    def ask(query: str = "", cookie: str = "", method: str = "GET", path: str = PATH) -> Response:
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "query_string": query.encode(),
            # HTTP/2 may send a header for each cookie.
            "headers": [(b"cookie", each.strip().encode()) for each in cookie.split(";") if each],
        }
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b""}

        async def send(event: dict[str, Any]) -> None:
            sent.append(event)

        app.runner.run(asgi(scope, receive, send))
        start, body = sent
        headers = {name.decode(): value.decode() for name, value in start["headers"]}
        return start["status"], headers, body["body"]

    return ask


def through_wsgi(wsgi: Any) -> Ask:
    def ask(query: str = "", cookie: str = "", method: str = "GET", path: str = PATH) -> Response:
        environ: dict[str, Any] = {}
        setup_testing_defaults(environ)
        environ |= {"REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query}
        if cookie:
            environ["HTTP_COOKIE"] = cookie
        started: list[Any] = []
        body = b"".join(wsgi(environ, lambda *arguments: started.extend(arguments)))
        headers = {name.lower(): value for name, value in started[1]}
        return int(started[0].split()[0]), headers, body

    return ask


def through_starlette(app: App, installer: Any) -> Ask:
    from starlette.applications import Starlette

    web = Starlette()
    web.add_route(PATH, endpoint(installer))
    return through_asgi(app, web)


def through_django(installer: Any) -> Ask:
    from django.conf import settings
    from django.test import RequestFactory

    if not settings.configured:
        settings.configure(ALLOWED_HOSTS=["*"], SECRET_KEY=os.urandom(16).hex())
    page = view(installer)

    def ask(query: str = "", cookie: str = "", method: str = "GET", path: str = PATH) -> Response:
        headers = {"cookie": cookie} if cookie else {}
        request = RequestFactory().generic(method, f"{path}?{query}", headers=headers)
        response = page(request)
        return (
            response.status_code,
            {name.lower(): value for name, value in response.items()},
            response.content,
        )

    return ask


@pytest.fixture(params=["asgi", "starlette", "wsgi", "django"])
def page(request: pytest.FixtureRequest, make_app: MakeApp) -> Iterator[tuple[App, Ask]]:
    """An app, and what sends requests to its page."""
    app = make_app("async" if request.param in ("asgi", "starlette") else "sync")
    installer = app.installer(after="/welcome")
    match request.param:
        case "asgi":
            yield app, through_asgi(app, asgi_app(installer, PATH))
        case "starlette":
            yield app, through_starlette(app, installer)
        case "wsgi":
            yield app, through_wsgi(wsgi_app(installer, PATH))
        case _:
            yield app, through_django(installer)


def test_the_app_is_installed(page: tuple[App, Ask]) -> None:
    app, ask = page
    status, headers, _ = ask()
    assert status == 302
    assert parse_qs(urlsplit(headers["location"]).query)["redirect_uri"] == [REDIRECT]
    cookie = headers["set-cookie"].partition(";")[0]
    query = app.agree(headers["location"])
    status, headers, _ = ask(query, f"a=b; {cookie}")
    assert (status, headers["location"]) == (302, "/welcome")
    assert "Max-Age=0" in headers["set-cookie"]
    assert headers["set-cookie"].startswith(cookie.partition("=")[0])
    assert app.store.organization_ids() == [app.sandbox.organization_id]


def test_a_log_in_of_another_browser_is_refused(page: tuple[App, Ask]) -> None:
    app, ask = page
    query = app.agree(ask()[1]["location"])
    status, headers, body = ask(query)
    assert status == 400
    assert headers["content-type"] == "text/html; charset=utf-8"
    assert headers["referrer-policy"] == "no-referrer"
    assert b"Begin it again" in body
    assert app.store.organization_ids() == []


def test_other_methods_spend_no_code(page: tuple[App, Ask]) -> None:
    app, ask = page
    _, headers, _ = ask()
    query, cookie = app.agree(headers["location"]), headers["set-cookie"].partition(";")[0]
    for method in ("HEAD", "POST"):
        assert ask(query, cookie, method)[0] == 405
    assert app.store.organization_ids() == []
    assert ask(query, cookie)[0] == 302


@pytest.mark.parametrize("kind", ["asgi", "wsgi"])
def test_only_its_own_path_is_responded_at(make_app: MakeApp, kind: str) -> None:
    if kind == "asgi":
        app = make_app("async")
        ask = through_asgi(app, asgi_app(app.installer(), PATH))
        anywhere = through_asgi(app, asgi_app(app.installer()))
    else:
        app = make_app("sync")
        ask = through_wsgi(wsgi_app(app.installer(), PATH))
        anywhere = through_wsgi(wsgi_app(app.installer()))
    assert ask(path="/other")[0] == 404
    assert anywhere(path="/other")[0] == 302


def test_installers_of_another_kind_are_refused(make_app: MakeApp) -> None:
    sync, other = make_app("sync").installer(), make_app("async").installer()
    for adapter, installer in (
        (asgi_app, sync), (endpoint, sync), (wsgi_app, other), (view, other),
    ):  # fmt: skip
        with pytest.raises(errors.InvalidArgument, match="installer"):
            adapter(installer)


def test_a_server_may_start_and_stop_it_and_gets_no_websocket(make_app: MakeApp) -> None:
    app = make_app("async")
    asgi: Any = asgi_app(app.installer())
    incoming = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]
    sent: list[str] = []

    async def receive() -> Any:
        return incoming.pop(0)

    async def send(event: Any) -> None:
        sent.append(event["type"])

    app.runner.run(asgi({"type": "lifespan"}, receive, send))
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    incoming.append({"type": "websocket.connect"})
    app.runner.run(asgi({"type": "websocket"}, receive, send))
    assert sent[-1] == "websocket.close"
