"""Who may call a served sandbox: programs, and no web page that nobody allowed."""

import asyncio
import http.client
import json
import socket
from urllib.parse import urlsplit

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from frontdesk.errors import InvalidArgument
from frontdesk.sandbox import Sandbox
from frontdesk.sandbox.serve.asgi import App
from frontdesk.sandbox.serve.callers import Caller, CallerRules
from frontdesk.sandbox.serve.options import ServerOptions, normal_origin

API = "/v3.6/agent/action/list_chats"
CONTROL = "/__sandbox__/clock"
EVIL = "https://evil.example"
SHOP = "http://localhost:3000"


@pytest.fixture(scope="module")
def desk():
    with Sandbox("empty", served=True, allow_hosts=["desk", ".test"], allow_origins=[SHOP]) as desk:
        yield desk


def ask(desk, verb, path, *headers, body=b"{}"):
    """Send a request with these headers, ``Host`` among them, and return the response."""
    connection = http.client.HTTPConnection(urlsplit(desk.url).netloc, timeout=20)
    connection.putrequest(verb, path, skip_host=True, skip_accept_encoding=True)
    names = {name.lower() for name, _ in headers}
    sent = [*headers, ("Content-Length", str(len(body)))]
    if "host" not in names:
        sent.append(("Host", urlsplit(desk.url).netloc))
    if path == API:
        sent += [("Authorization", desk.tokens["owner"]), ("Content-Type", "application/json")]
    for header in sent:
        connection.putheader(*header)
    connection.endheaders(body)
    response = connection.getresponse()
    content = response.read()
    connection.close()
    return response, content


def status(desk, verb, path, *headers, **options):
    return ask(desk, verb, path, *headers, **options)[0].status


@pytest.mark.parametrize("path", [API, CONTROL])
@pytest.mark.parametrize(
    ("host", "served"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9:80", True),
        ("localhost:8080", True),
        ("LocalHost.:1", True),
        ("app.localhost", True),
        ("[::1]:8080", True),
        ("[::ffff:127.0.0.1]", True),
        ("desk:8080", True),
        ("DESK", True),
        ("one.test", True),
        ("evil.example:8080", False),
        ("localhost.evil.example", False),
        ("127.0.0.1.evil.example", False),
        ("test", False),
        ("desk.evil.example", False),
        ("evil.example#.localhost", False),
        ("evil.example@127.0.0.1", False),
        ("10.0.0.7", False),
        ("0.0.0.0", False),
        ("2130706433", False),
        ("[::1", False),
        ("", False),
        (":8080", False),
        ("localhost:http", False),
    ],
)
def test_the_host_is_this_machine_or_a_given_name(desk, path, host, served):
    verb = "GET" if path == CONTROL else "POST"
    response, content = ask(desk, verb, path, ("Host", host))
    assert response.status == (200 if served else 403)
    if not served:
        assert "`Host` must be" in json.loads(content)["error"]["message"]


@pytest.mark.parametrize("hosts", [(), ("localhost", "localhost"), ("localhost", "evil.example")])
def test_there_is_exactly_one_host(desk, hosts):
    head = "".join(f"Host: {host}\r\n" for host in hosts)
    with socket.create_connection(("127.0.0.1", urlsplit(desk.url).port), timeout=20) as raw:
        raw.sendall(f"GET {CONTROL} HTTP/1.1\r\n{head}\r\n".encode())
        assert raw.recv(1000).split()[1] == b"403"


BROKEN = ["http://[", "http://localhost:99999", "//", "x", "http://", " ", "http://a b", "\xff"]
FOREIGN = [EVIL, "null", "http://127.0.0.1:1", "https://127.0.0.1", "file://", *BROKEN]


@pytest.mark.parametrize("path", [API, CONTROL])
@pytest.mark.parametrize("origin", FOREIGN)
def test_other_origins_and_broken_ones_are_refused(desk, path, origin):
    response, content = ask(desk, "POST", path, ("Origin", origin))
    assert response.status == 403
    assert json.loads(content)["error"]["type"] == "authorization"
    assert not response.headers["Access-Control-Allow-Origin"]


def test_its_own_origin_is_served_everywhere(desk):
    for path in (API, CONTROL):
        body = b'{"advance": 1}' if path == CONTROL else b"{}"
        assert status(desk, "POST", path, ("Origin", desk.url), body=body) == 200
        named = (("Host", "desk:8080"), ("Origin", "http://DESK:8080"))
        assert status(desk, "POST", path, *named, body=body) == 200
        twice = (("Origin", desk.url), ("Origin", EVIL))
        assert status(desk, "POST", path, *twice, body=body) == 403


def test_an_allowed_page_uses_the_api_and_not_the_controls(desk):
    response, _ = ask(desk, "POST", API, ("Origin", SHOP))
    assert response.status == 200
    assert response.headers["Access-Control-Allow-Origin"] == SHOP
    assert response.headers["Vary"] == "Origin"
    assert status(desk, "POST", CONTROL, ("Origin", SHOP)) == 403
    assert status(desk, "GET", CONTROL, ("Origin", SHOP)) == 403


def test_an_allowed_page_is_told_what_it_may_send(desk):
    wish = ("Access-Control-Request-Headers", "authorization,content-type")
    verb = ("Access-Control-Request-Method", "POST")
    response, _ = ask(desk, "OPTIONS", API, ("Origin", SHOP), wish, verb, body=b"")
    assert response.status == 200
    assert response.headers["Access-Control-Allow-Origin"] == SHOP
    assert response.headers["Access-Control-Allow-Headers"] == "authorization,content-type"
    assert status(desk, "OPTIONS", API, ("Origin", EVIL), wish, verb) == 403
    assert status(desk, "OPTIONS", CONTROL, ("Origin", SHOP), verb) == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_pages_cannot_load_without_a_script_either(desk, site):
    """A picture or a script of another page: browsers send no ``Origin`` with those."""
    foreign = ("Sec-Fetch-Site", site)
    page = ("Referer", f"{SHOP}/")
    assert status(desk, "GET", "/openapi.json", foreign) == 403
    assert status(desk, "GET", "/openapi.json", foreign, ("Referer", f"{EVIL}/")) == 403
    assert status(desk, "GET", "/openapi.json", foreign, page) == 200
    assert status(desk, "GET", "/openapi.json", foreign, ("Sec-Fetch-Mode", "navigate")) == 200
    assert status(desk, "POST", API, foreign, ("Sec-Fetch-Mode", "navigate")) == 403
    assert status(desk, "GET", CONTROL, foreign, ("Sec-Fetch-Mode", "navigate")) == 403
    assert status(desk, "GET", CONTROL, foreign, page) == 403
    assert status(desk, "GET", CONTROL, ("Sec-Fetch-Site", "same-origin")) == 200
    assert status(desk, "GET", CONTROL, ("Sec-Fetch-Site", "none")) == 200


def dial(desk, **headers):
    url = f"{desk.rtm_url}/v3.6/agent/rtm/ws?organization_id={desk.organization_id}"
    origin = headers.pop("origin", None)
    host = headers.pop("host", None)
    address = urlsplit(desk.rtm_url)
    if host is not None:
        url = url.replace(address.netloc, host)
    with (
        socket.create_connection((address.hostname, address.port)) as raw,
        connect(url, sock=raw, proxy=None, origin=origin, open_timeout=20),
    ):
        return True


def test_web_sockets_follow_the_same_rules(desk):
    assert dial(desk)
    assert dial(desk, origin=SHOP)
    assert dial(desk, origin=desk.url)
    assert dial(desk, host="desk:8080", origin="http://desk:8080")
    for refused in (
        {"origin": EVIL},
        {"origin": "null"},
        {"host": "evil.example"},
        {"host": "evil.example", "origin": "http://evil.example"},
    ):
        with pytest.raises(InvalidStatus) as caught:
            dial(desk, **refused)
        assert caught.value.response.status_code == 403


def call_app(app, *, path=CONTROL, verb="POST", address="127.0.0.1", headers=(), messages=()):
    """Call the application as a server does; its status, and how much of the body it read."""
    left = list(messages)
    sent = []

    async def receive():
        return left.pop(0) if left else {"type": "http.disconnect"}

    async def send(message):
        sent.append((message, len(left)))

    scope = {
        "type": "http",
        "method": verb,
        "path": path,
        "query_string": b"",
        "scheme": "http",
        "headers": [(b"host", b"localhost"), *headers],
        "client": (address, 1),
        "server": ("127.0.0.1", 1),
    }
    asyncio.run(app(scope, receive, send))
    start, unread = sent[0]
    return start["status"], unread


@pytest.mark.parametrize("address", ["10.0.0.7", "2001:db8::1", "", "evil.example"])
def test_the_controls_are_for_this_machine(sandbox, address):
    body = [{"type": "http.request", "body": b"{}"}]
    app = App(sandbox.backend)
    assert call_app(app, address=address, messages=body, path="/__sandbox__/reset")[0] == 403
    rules = CallerRules(ServerOptions(open_control=True))
    app = App(sandbox.backend, rules)
    assert call_app(app, address=address, messages=body, path="/__sandbox__/reset")[0] == 200
    page = [(b"origin", b"https://evil.example")]
    reset = {"path": "/__sandbox__/reset", "messages": body, "headers": page}
    assert call_app(app, address=address, **reset)[0] == 403


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"])
def test_every_loopback_address_is_this_machine(sandbox, address):
    body = [{"type": "http.request", "body": b'{"advance": 1}'}]
    assert call_app(App(sandbox.backend), address=address, messages=body)[0] == 200


PARTS = [{"type": "http.request", "body": b"x" * 1000, "more_body": True} for _ in range(50)]


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ([(b"origin", b"https://evil.example")], 403),
        ([(b"user-agent", b"frontdesk-sandbox")], 403),
        ([(b"content-length", b"1048577")], 413),
    ],
)
def test_callers_are_checked_before_a_body_is_read(sandbox, headers, expected):
    status, unread = call_app(App(sandbox.backend), headers=headers, messages=PARTS)
    assert (status, unread) == (expected, len(PARTS))


def test_bodies_of_controls_are_limited(sandbox):
    chunk = {"type": "http.request", "body": b" " * 2**18, "more_body": True}
    app = App(sandbox.backend)
    assert call_app(app, messages=[*[chunk] * 5, {"type": "http.request", "body": b"{}"}])[0] == 413
    last = {"type": "http.request", "body": b'{"advance": 1}'}
    assert call_app(app, messages=[*[chunk] * 3, last])[0] == 200
    restore = {"path": "/__sandbox__/restore", "messages": [*[chunk] * 5, last]}
    assert call_app(app, **restore)[0] == 400
    announced = [(b"content-length", b"1073741825")]
    assert call_app(app, path="/__sandbox__/restore", headers=announced)[0] == 413


def test_a_refused_body_is_dropped_and_its_sender_hears_why(desk):
    """However long it is: the memory that it would take is never taken."""
    address = urlsplit(desk.url)
    with socket.create_connection((address.hostname, address.port), timeout=30) as raw:
        head = f"POST {CONTROL} HTTP/1.1\r\nHost: localhost\r\nOrigin: {EVIL}\r\n"
        raw.sendall(f"{head}Content-Length: {2**26}\r\n\r\n".encode())
        assert raw.recv(1000).split()[1] == b"403"
        for _ in range(64):
            raw.sendall(b"x" * 2**20)
        while raw.recv(2**16):
            pass


def test_a_request_that_is_cut_off_is_not_carried_out(desk):
    before = len(desk.calls())
    address = urlsplit(desk.url)
    with socket.create_connection((address.hostname, address.port), timeout=30) as raw:
        head = (
            f"POST {API} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {desk.tokens['owner']}\r\n"
        )
        raw.sendall(f"{head}Content-Length: 100\r\n\r\n{{}}".encode())
        raw.shutdown(socket.SHUT_WR)
        assert raw.recv(1000) == b""
    assert len(desk.calls()) == before


@pytest.mark.parametrize(
    "options",
    [
        {"allow_hosts": ["http://desk"]},
        {"allow_hosts": ["desk:8080"]},
        {"allow_hosts": [""]},
        {"allow_hosts": ["*.desk"]},
        {"allow_hosts": ["*"]},
        {"allow_hosts": [".*"]},
        {"allow_hosts": ["a:80"]},
        {"allow_hosts": ["[desk]"]},
        {"allow_hosts": ["desk,shop"]},
        {"allow_hosts": ["desk..test"]},
        {"allow_hosts": ["."]},
        {"allow_hosts": [".10.0.0.1"]},
        {"allow_hosts": ["10.0.0.1:80"]},
        {"allow_hosts": ["127.1"]},
        {"allow_hosts": [f"{'x' * 64}.test"]},
        {"allow_hosts": "desk"},
        {"allow_hosts": [1]},
        {"allow_origins": ["localhost:3000"]},
        {"allow_origins": ["http://desk/page"]},
        {"allow_origins": ["*"]},
        {"allow_origins": SHOP},
    ],
)
def test_what_is_no_host_or_origin_is_refused(options):
    with pytest.raises(InvalidArgument) as caught:
        Sandbox(served=True, **options)
    assert caught.value.field in options


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("http://localhost", "http://localhost:80"),
        ("HTTP://LocalHost:80", "http://localhost:80"),
        ("https://desk", "https://desk:443"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("chrome-extension://abc", "chrome-extension://abc:"),
        ("null", "null"),
        ("http://a@b", None),
        ("http://:80", None),
    ],
)
def test_origins_are_compared_in_one_form(text, normal):
    assert normal_origin(text) == normal


def test_the_address_that_was_called_is_a_host_too():
    rules = CallerRules(ServerOptions(host="0.0.0.0"))
    caller = Caller({"host": "192.0.2.7:80"}, ["192.0.2.7:80"], [], "192.0.2.9", "192.0.2.7")
    assert rules.check(caller) is None
    mapped = Caller({"host": "192.0.2.7"}, ["192.0.2.7"], [], "192.0.2.9", "::ffff:192.0.2.7")
    assert CallerRules(ServerOptions(host="::")).check(mapped) is None


def test_no_name_stands_for_every_host():
    with pytest.raises(InvalidArgument, match="lets in every web page") as caught:
        ServerOptions(allow_hosts=["desk", "*"])
    assert caught.value.field == "allow_hosts"


@pytest.mark.parametrize(
    ("allowed", "header"),
    [
        ("desk", "desk:8080"),
        ("Desk.Test.", "desk.test"),
        ("desk", "DESK."),
        ("my_desk", "my_desk"),
        ("bücher.test", "xn--bcher-kva.test"),
        (".Test", "a.b.test:80"),
        ("192.0.2.7", "192.0.2.7:80"),
        ("2001:db8::7", "[2001:DB8:0::7]:80"),
        ("[2001:db8:0:0::7]", "[2001:db8::7]"),
    ],
)
def test_whatever_may_be_allowed_lets_in_those_who_use_it(allowed, header):
    rules = CallerRules(ServerOptions(allow_hosts=[allowed]))
    assert rules.check(Caller({"host": header}, [header], [])) is None


@pytest.mark.parametrize("target", ["//[", "http://[", "/v3.6/agent/rtm/ws?%", "*", "/" * 5000])
def test_odd_addresses_of_web_sockets_are_refused(desk, target, caplog):
    head = f"GET {target} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
    key = "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    with socket.create_connection(("127.0.0.1", urlsplit(desk.url).port), timeout=20) as raw:
        raw.sendall(f"{head}Connection: Upgrade\r\n{key}\r\n".encode())
        status = raw.recv(1000).split()[1]
    assert status in {b"101", b"400", b"404"}
    assert not [record for record in caplog.records if record.levelname == "ERROR"]
