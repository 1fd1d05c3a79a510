"""Who may call the accounts server: programs, allowed pages, browsers that follow links."""

import http.client
import json
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from frontdesk.errors import AuthorizationError
from frontdesk.sandbox import Sandbox
from frontdesk.sandbox.serve.asgi import MAX_ACCOUNTS
from frontdesk.sandbox.serve.callers import Caller, CallerRules
from frontdesk.sandbox.serve.options import ServerOptions

from .._log_in import FORM, LogIn, Received

EVIL = "https://evil.example"
SHOP = "http://localhost:3000"
LINK = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}


@pytest.fixture(scope="module")
def desk() -> Iterator[Sandbox]:
    with Sandbox("quiet", served=True, allow_origins=[SHOP]) as desk:
        yield desk


@pytest.fixture
def web(desk: Sandbox) -> LogIn:
    desk.reset()
    return LogIn(desk, served=True)


def page(web: LogIn, verb: str = "GET", **headers: str) -> Received:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    client = web.public()
    if verb == "GET":
        return web.send("GET", f"/?{urlencode(web.asked(client))}", headers=sent)
    form = urlencode({**web.asked(client), "account": "jones@example.com"}).encode()
    return web.send("POST", "/", form, {"Content-Type": FORM, **sent})


def test_links_of_other_pages_lead_to_the_page(web: LogIn) -> None:
    assert page(web, **LINK).status == 200
    same_site = {**LINK, "Sec-Fetch-Site": "same-site"}
    assert page(web, **same_site).status == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Origin": EVIL},
        {"Origin": SHOP},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"},
        {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors"},
        {**LINK, "Sec-Fetch-Dest": "iframe"},
    ],
)
def test_scripts_and_frames_of_other_pages_do_not_get_it(
    web: LogIn, headers: dict[str, str]
) -> None:
    for verb in ("GET", "POST"):
        response = page(web, verb, **headers)
        assert response.error == (403, "access_denied")
        assert "access-control-allow-origin" not in response.headers


def test_no_page_of_others_sends_the_form(web: LogIn) -> None:
    assert page(web, "POST", **LINK).error == (403, "access_denied")
    assert page(web, "POST", Origin=web.sandbox.url).status == 303


@pytest.mark.parametrize("path", ["/v2/token", "/v2/info"])
@pytest.mark.parametrize("headers", [{"Host": "evil.example"}, {"Origin": EVIL}])
def test_other_hosts_and_origins_get_no_tokens(
    web: LogIn, path: str, headers: dict[str, str]
) -> None:
    response = web.send("POST" if path.endswith("token") else "GET", path, headers=headers)
    assert response.error == (403, "access_denied")
    assert set(response.json) == {"error", "error_description", "request_id"}
    assert response.json["request_id"] == response.headers["x-debug-id"]


def test_allowed_pages_use_public_clients(web: LogIn) -> None:
    client = web.public()
    body = urlencode(
        {name: value for name, value in web.for_code(client, web.code(client)).items() if value}
    ).encode()
    response = web.send("POST", "/v2/token", body, {"Content-Type": FORM, "Origin": SHOP})
    assert response.status == 200
    assert response.headers["access-control-allow-origin"] == SHOP
    token = response.json["access_token"]
    header = {"Authorization": f"Bearer {token}", "Origin": SHOP}
    for verb, path in (("GET", "/v2/info"), ("DELETE", "/v2/token")):
        response = web.send(verb, path, headers=header)
        assert response.status == 200
        assert response.headers["access-control-allow-origin"] == SHOP


def test_no_page_reads_tokens_of_server_side_clients(web: LogIn) -> None:
    client = web.server_side()
    tokens = web.tokens(client)
    fields = {
        "grant_type": "refresh_token",
        "refresh_token": tokens["refresh_token"],
        "client_id": client.client_id,
        "client_secret": client.client_secret,
    }
    sent = {"Content-Type": FORM, "Origin": SHOP}
    response = web.send("POST", "/v2/token", urlencode(fields).encode(), sent)
    assert "access-control-allow-origin" not in response.headers
    header = {"Authorization": f"Bearer {tokens['access_token']}", "Origin": SHOP}
    response = web.send("GET", "/v2/info", headers=header)
    assert "access-control-allow-origin" not in response.headers


def test_allowed_pages_may_ask_what_they_may_send(web: LogIn) -> None:
    wish = {
        "Origin": SHOP,
        "Access-Control-Request-Method": "DELETE",
        "Access-Control-Request-Headers": "authorization",
    }
    response = web.send("OPTIONS", "/v2/token", headers=wish)
    assert response.status == 200
    assert "DELETE" in response.headers["access-control-allow-methods"]
    assert response.headers["access-control-allow-headers"] == "authorization"
    assert web.send("OPTIONS", "/v2/token", headers={**wish, "Origin": EVIL}).status == 403
    assert web.send("OPTIONS", "/", headers=wish).status == 403


def test_other_machines_cannot_choose_whose_account_to_use() -> None:
    headers = {"host": "10.0.0.1:8080"}
    options = {"host": "10.0.0.1"}
    caller = Caller(headers=headers, hosts=["10.0.0.1:8080"], origins=[], address="10.0.0.7")
    rules = CallerRules(ServerOptions(**options))
    with pytest.raises(AuthorizationError, match="same machine"):
        rules.check_page(caller, reads=True)
    rules.check(caller)
    CallerRules(ServerOptions(**options, open_control=True)).check_page(caller, reads=True)


def test_long_bodies_are_refused_with_the_envelope_of_the_accounts_server(web: LogIn) -> None:
    connection = http.client.HTTPConnection(urlsplit(web.sandbox.url).netloc, timeout=20)
    try:
        connection.request("POST", "/accounts/v2/token", b"x" * (MAX_ACCOUNTS + 1))
        response = connection.getresponse()
        content = json.loads(response.read())
    finally:
        connection.close()
    assert response.status == 413
    assert content["error"] == "invalid_request"
    assert web.send("POST", "/v2/token", b"x=" + b"x" * (MAX_ACCOUNTS - 2)).status == 422


def test_a_request_that_ends_early_harms_nobody(web: LogIn) -> None:
    port = urlsplit(web.sandbox.url).port
    head = b"POST /accounts/v2/token HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50\r\n\r\ngrant"
    with socket.create_connection(("127.0.0.1", port), timeout=20) as raw:
        raw.sendall(head)
    assert web.tokens(web.public())["token_type"] == "Bearer"


def test_an_exposed_sandbox_gives_tokens_that_nobody_guesses() -> None:
    def given(sandbox: Sandbox) -> set[str]:
        log_in = LogIn(sandbox, served=False)
        client = log_in.server_side()
        code = log_in.code(client, "smith@example.com")
        tokens: dict[str, Any] = log_in.exchanged(client, code).json
        return {client.client_secret, code, tokens["access_token"], tokens["refresh_token"]}

    options = {"host": "0.0.0.0", "served": True}
    with Sandbox("empty") as local, Sandbox("empty") as same:
        assert given(local) == given(same)
    with Sandbox("quiet", **options) as one, Sandbox("quiet", **options) as other:
        assert not given(one) & given(other)


def test_faults_reach_log_ins_that_they_name(web: LogIn) -> None:
    client = web.public()
    first = web.tokens(client)
    web.sandbox.fault("internal")
    assert web.info(first["access_token"]).status == 200
    web.sandbox.clear_faults()
    expected = {
        "too_many_requests": (429, "temporarily_unavailable"),
        "service_unavailable": (503, "temporarily_unavailable"),
        "internal": (500, "server_error"),
    }
    for kind, error in expected.items():
        web.sandbox.fault(kind, "accounts.token", times=1)  # type: ignore[arg-type]
        assert web.refreshed(client, first["refresh_token"]).error == error
    web.sandbox.fault("reset_after", "accounts.token", times=1)
    with pytest.raises((ConnectionError, http.client.HTTPException)):
        web.refreshed(client, first["refresh_token"])
    # The work was done, though nobody heard of it.
    assert web.refreshed(client, first["refresh_token"]).error == (403, "invalid_grant")
