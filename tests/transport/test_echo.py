"""Servers and proxies that repeat what they were sent; nothing of it shows."""

import asyncio
import base64
import json
import logging
import traceback
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest

from frontdesk import AgentRTM, AsyncAgentRTM, PersonalAccessToken, errors
from frontdesk.models import Message
from frontdesk.pushes import ChatDeactivated

from ..canary import CANARY, PASSWORD, TOKEN, Canary
from ..clients.rtm._server import fake_rtm
from ..loopback import Loopback, Responder, error, head, raw, reply
from ..web import Kit

AUTHORIZATION = f"Bearer {TOKEN}"
PAIR = base64.b64encode(f"account:{TOKEN}".encode()).decode()


def shown(problem: BaseException) -> str:
    """Everything that an error and its chain show, to somebody who looks at each link."""
    parts: list[str] = []
    seen: set[int] = set()
    rest: list[BaseException | None] = [problem]
    while rest:
        link = rest.pop()
        if link is not None and id(link) not in seen:
            seen.add(id(link))
            parts += [str(link), repr(link), repr(link.args), repr(vars(link))]
            rest += [link.__cause__, link.__context__]
    return "\n".join((*parts, *traceback.format_exception(problem)))


def expect_no_canary(text: str) -> None:
    search = Canary()
    search.search(text, "the error")
    assert search.seen == []


def json_escaped(text: str) -> str:
    return "".join(f"\\u{ord(sign):04x}" for sign in text)


FORMS: dict[str, str] = {
    "plain": AUTHORIZATION,
    "the token alone": TOKEN,
    "without its data centre": f"{CANARY}Token",
    "quoted": urllib.parse.quote(TOKEN, safe=""),
    "escaped": json_escaped(TOKEN),
    "in Base64": base64.b64encode(AUTHORIZATION.encode()).decode(),
    "as a header": f"Authorization: {AUTHORIZATION}\r\nHost: x",
    "the pair": f"Basic {PAIR}",
    "the pair decoded": f"account:{TOKEN}",
}
BODIES: dict[str, Callable[[str], Responder]] = {
    "a page with 200": lambda text: reply(
        f"<pre>é {text} ☃</pre>".encode(), headers={"Content-Type": "text/html"}
    ),
    "JSON with 200": lambda text: reply(f'{{"echo": "{text}"}}'.encode()),
    "another shape": lambda text: reply({"event_id": [text]}),
    "no text with 200": lambda text: reply(b"\xff" + text.encode() + b"\xfe"),
    "a page with 502": lambda text: reply(text.encode(), 502, {"Content-Type": "text/html"}),
    "an error": lambda text: error("authentication", f"bad token {text}", status=401),
    "an error's type": lambda text: error(text, "m", status=400),
    "an error's data": lambda text: error("validation", "m", data={"a": [text], text: 1}),
    "an error's id": lambda text: error("validation", headers={"X-Debug-Id": text.split("\r")[0]}),
    "a content type": lambda text: reply(b"{", 500, {"Content-Type": text.split("\r")[0]}),
    "an encoding": lambda text: reply(b"{}", headers={"Content-Encoding": text.split("\r")[0]}),
    "a status line": lambda text: raw(f"{text}\r\n\r\n".encode()),
    "a reason": lambda text: raw(f"HTTP/1.1 999x {text}\r\n\r\n".encode()),
    "a header that is none": lambda text: raw(f"HTTP/1.1 200 OK\r\n{text}\r\n\r\n{{".encode()),
    "a length": lambda text: raw(
        f"HTTP/1.1 200 OK\r\nContent-Length: {text.split(chr(13))[0]}\r\n\r\n".encode()
    ),
    "a chunk": lambda text: raw(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + text.encode() + b"\r\n"
    ),
    "a retirement": lambda text: error(
        "validation", headers={"Deprecation": text.split("\r")[0], "Retry-After": "x"}
    ),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("body", BODIES)
def test_a_server_that_repeats_the_token_shows_it_to_nobody(
    kit: Kit, server: Loopback, caplog: pytest.LogCaptureFixture, body: str, form: str
) -> None:
    caplog.set_level(logging.DEBUG)
    server.default = BODIES[body](FORMS[form])
    token: Any = PersonalAccessToken("account", TOKEN) if "pair" in form else TOKEN
    client = kit.client(server, token, timeout=5, logger=logging.getLogger("desk"), retry=2)
    with pytest.raises(errors.FrontdeskError) as caught:
        client.send_event(chat_id="C1", event=Message(text="hi"))
    expect_no_canary(shown(caught.value) + caplog.text)


PASSWORDS = {
    "plain": (PASSWORD, "geheim:" + PASSWORD),
    "quoted": (f"{PASSWORD}%2F%40", f"{PASSWORD}/@"),
    "Latin-1": (f"{PASSWORD}%C3%A9", f"{PASSWORD}é"),
    "beyond Latin-1": (f"{PASSWORD}%E2%82%AC", f"{PASSWORD}€"),
}
PROXIED: dict[str, Callable[[str], bytes]] = {
    "a reason": lambda text: f"HTTP/1.1 407 {text}\r\nContent-Length: 0\r\n\r\n".encode(),
    "a body": lambda text: (
        b"HTTP/1.1 407 No\r\nContent-Length: %d\r\n\r\n%b" % (len(text.encode()), text.encode())
    ),
    "a header": lambda text: f"HTTP/1.1 407 No\r\nX: {text}\r\n\r\n".encode(),
    "no HTTP": lambda text: f"{text}\r\n\r\n".encode(),
    "a bad gateway": lambda text: f"HTTP/1.1 502 {text}\r\n\r\n{text}".encode(),
    "nothing": lambda text: b"",
}


@contextmanager
def proxy_that_says(data: bytes) -> Iterator[str]:
    class Saying(Loopback):
        async def _tunnel(self, connection: Any, target: str) -> bool:
            return await raw(data)(connection, self.last)

    with Saying() as proxy:
        proxy.default = raw(data)
        yield f"127.0.0.1:{proxy.port}"


@pytest.mark.parametrize("base_url", ["https://api.example", "http://api.example"])
@pytest.mark.parametrize("password", PASSWORDS)
@pytest.mark.parametrize("said", PROXIED)
def test_a_proxy_that_repeats_its_password_shows_it_to_nobody(
    kit: Kit, caplog: pytest.LogCaptureFixture, base_url: str, said: str, password: str
) -> None:
    caplog.set_level(logging.DEBUG)
    written, meant = PASSWORDS[password]
    pair = base64.b64encode(f"ann:{meant}".encode()).decode()
    with proxy_that_says(PROXIED[said](f"{meant} {written} Basic {pair}")) as place:
        proxy = f"http://ann:{written}@{place}"
        client = kit.client(base_url=base_url, proxy=proxy, retry=None, timeout=5)
        with pytest.raises(errors.FrontdeskError) as caught:
            client.send_event(chat_id="C1", event=Message(text="hi"))
    expect_no_canary(shown(caught.value) + caplog.text + repr(client))


@pytest.mark.parametrize("password", PASSWORDS)
@pytest.mark.parametrize("said", PROXIED)
@pytest.mark.parametrize("kind", ["sync", "async"])
def test_a_proxy_of_the_rtm_api_shows_its_password_to_nobody(
    caplog: pytest.LogCaptureFixture, kind: str, said: str, password: str
) -> None:
    caplog.set_level(logging.DEBUG)
    written, meant = PASSWORDS[password]
    with proxy_that_says(PROXIED[said](f"{meant} {written}")) as place:
        options: Any = {
            "organization_id": "o",
            "base_url": "http://api.example",
            "proxy": f"http://ann:{written}@{place}",
        }
        expect_no_canary(shown(connect_in_vain(kind, **options)) + caplog.text)


RTM_SAID: dict[str, Callable[[str], bytes]] = {
    "a status line": lambda text: f"{text}\r\n\r\n".encode(),
    "a page": lambda text: head(403, {"Content-Length": str(len(text))}) + text.encode(),
    "an error": lambda text: (
        head(401, {"Content-Type": "application/json"})
        + json.dumps({"error": {"type": "authentication", "message": text}}).encode()
    ),
    "a header": lambda text: head(101, {"Upgrade": text, "Connection": "Upgrade"}),
    "a redirect": lambda text: head(302, {"Location": f"http://x/?token={text}"}),
}


@pytest.mark.parametrize("said", RTM_SAID)
@pytest.mark.parametrize("kind", ["sync", "async"])
def test_a_server_that_refuses_a_websocket_shows_no_token(
    server: Loopback, caplog: pytest.LogCaptureFixture, kind: str, said: str
) -> None:
    caplog.set_level(logging.DEBUG)
    server.default = raw(RTM_SAID[said](TOKEN))
    problem = connect_in_vain(kind, organization_id="o", base_url=server.url)
    expect_no_canary(shown(problem) + caplog.text)


def connect_in_vain(kind: str, **options: Any) -> BaseException:
    try:
        if kind == "sync":
            with closing(AgentRTM(TOKEN, reconnect=False, **options)) as rtm:
                rtm.connect()
        else:

            async def connect() -> None:
                async with AsyncAgentRTM(TOKEN, reconnect=False, **options):
                    pass

            asyncio.run(connect())
    except errors.FrontdeskError as error:
        return error
    raise AssertionError


def test_frames_that_repeat_the_token_show_it_in_no_log(caplog: pytest.LogCaptureFixture) -> None:
    for name in ("desk", "frontdesk", "websockets.client"):
        caplog.set_level(logging.DEBUG, logger=name)
    with fake_rtm() as server:
        rtm = AgentRTM(
            TOKEN, organization_id="o", base_url=server.url, logger=logging.getLogger("desk")
        )
        with closing(rtm):
            rtm.connect()
            pushes = rtm.pushes()
            for text in (TOKEN, AUTHORIZATION, f"x{CANARY}Token"):
                server.send_raw(json.dumps({"type": text, "action": text}))
                server.send_raw(json.dumps({"type": "response", "action": text, "request_id": "9"}))
                server.send_raw(json.dumps({"type": "push", "action": "incoming_event", "a": text}))
                server.send_raw(text)
            server.push("chat_deactivated", {"chat_id": "C1", "thread_id": "T1"})
            while not isinstance(next(pushes), ChatDeactivated):
                pass
    assert "ignored a frame" in caplog.text
    expect_no_canary(caplog.text)
