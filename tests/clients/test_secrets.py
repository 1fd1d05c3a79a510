"""No token is ever printed: not by repr, not by a log, not by a traceback with its variables."""

import asyncio
import logging
import pickle
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from frontdesk import (
    AgentClient,
    AsyncAgentClient,
    BearerToken,
    PersonalAccessToken,
    Retry,
    errors,
)
from frontdesk.actions import Login, UpdateSession, UploadFile
from frontdesk.auth import Token, as_token
from frontdesk.core.call_cycle import Call, NeedToken, Outgoing
from frontdesk.models import Message
from frontdesk.transport import Request

from ..canary import CANARY as SECRET
from ..canary import TOKEN
from ..loopback import Loopback, Responder, drip, error, raw, reply, reset, silence
from ..web import Kit

TESTS = Path(__file__).parents[1]


def shown_text(problem: BaseException) -> str:
    """Everything that a traceback shows, with the variables of all frames but the tests' own."""
    shown = traceback.TracebackException.from_exception(problem, capture_locals=True)
    rest: list[traceback.TracebackException | None] = [shown]
    while rest:
        if part := rest.pop():
            frames = [frame for frame in part.stack if TESTS not in Path(frame.filename).parents]
            part.stack = traceback.StackSummary.from_list(frames)
            rest += [part.__cause__, part.__context__]
    return "".join(shown.format()) + repr(problem) + str(problem)


def send(client: Any) -> Any:
    return client.send_event(chat_id="C1", event=Message(text="hi"))


HOPELESS: dict[str, Callable[[], Responder]] = {
    "reset": reset,
    "closed": lambda: raw(b""),
    "truncated": lambda: raw(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{"),
    "silence": silence,
    "drip": lambda: drip(pieces=100, every=0.02),
    "page": lambda: reply(b"<html>", 502, {"Content-Type": "text/html"}),
    "not JSON": lambda: reply(b"{"),
    "refused": lambda: error("authentication", "Invalid access token", status=401),
    "misdirected": lambda: error("misdirected_request", data={"region": "fra"}),
    "not found": lambda: error("not_found"),
    "rate limit": lambda: error("too_many_requests", status=429),
    "echo": lambda: reply(f"Authorization: Bearer {TOKEN}".encode(), 400),
}


@pytest.mark.parametrize("hopeless", HOPELESS)
@pytest.mark.parametrize("form", ["Bearer {}", "{}", "getter"])
def test_a_failing_call_shows_no_token(
    kit: Kit, server: Loopback, caplog: pytest.LogCaptureFixture, hopeless: str, form: str
) -> None:
    caplog.set_level(logging.DEBUG)
    calls: list[Call] = []
    server.default = HOPELESS[hopeless]()
    token: Any = (lambda: TOKEN) if form == "getter" else form.format(TOKEN)
    client = kit.client(
        server, token, timeout=0.15, on_call=calls.append, logger=logging.getLogger("desk")
    )
    with pytest.raises(errors.FrontdeskError) as caught:
        send(client)
    shown = shown_text(caught.value) + caplog.text + repr(calls) + repr(client)
    assert "frontdesk/core/call_cycle.py" in shown, "the frames are there"
    assert SECRET not in shown


@pytest.mark.parametrize("base_url", ["http://127.0.0.1:9", "https://127.0.0.1:9"])
def test_an_unreachable_host_shows_no_token(kit: Kit, base_url: str) -> None:
    client = kit.client(token=TOKEN, base_url=base_url, retry=Retry(attempts=2))
    with pytest.raises(errors.ConnectError) as caught:
        send(client)
    assert SECRET not in shown_text(caught.value)


def test_a_failing_upload_shows_no_token(kit: Kit, server: Loopback) -> None:
    server.default = reset()
    with pytest.raises(errors.ConnectionClosed) as caught:
        kit.client(server, TOKEN).upload_file(b"hello", name="a.txt")
    assert SECRET not in shown_text(caught.value)


def test_an_upload_that_cannot_be_read_shows_no_token(kit: Kit, server: Loopback) -> None:
    def stop(sent: int, size: int) -> None:
        raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough") as caught:
        kit.client(server, TOKEN).upload_file(b"hello", name="a.txt", on_progress=stop)
    assert SECRET not in shown_text(caught.value)


def test_a_cancelled_call_shows_no_token(server: Loopback) -> None:
    server.default = silence()

    async def main() -> BaseException:
        async with AsyncAgentClient(TOKEN, base_url=server.url) as client:
            task = asyncio.ensure_future(client.send_event(chat_id="C1", event=Message(text="hi")))
            await asyncio.to_thread(server.wait_until, lambda: len(server.requests) == 1)
            task.cancel()
            try:
                await task
            except asyncio.CancelledError as cancelled:
                return cancelled
        raise AssertionError

    assert SECRET not in shown_text(asyncio.run(main()))


def test_an_interrupted_call_shows_no_token(
    server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    import http.client

    def interrupted(*args: object, **options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(http.client.HTTPResponse, "begin", interrupted)
    client = AgentClient(TOKEN, base_url=server.url)
    with client, pytest.raises(KeyboardInterrupt) as caught:
        send(client)
    assert SECRET not in shown_text(caught.value)


@pytest.mark.parametrize(
    "options",
    [{"timeout": -1}, {"base_url": "nowhere"}, {"version": "x"}, {"region": "moon"}, {"retry": "x"},
     {"headers": {"Authorization": "x"}}, {"proxy": "socks5://x"}, {"transport": 7}],
)  # fmt: skip
def test_a_client_that_cannot_be_made_shows_no_token(kit: Kit, options: Any) -> None:
    made = AsyncAgentClient if kit.is_async else AgentClient
    with pytest.raises(errors.InvalidArgument) as caught:
        made(TOKEN, **options)
    assert SECRET not in shown_text(caught.value)


@pytest.mark.parametrize(
    "token", [f"dal:{SECRET}\nX-Evil: 1", f"Digest {SECRET}", f"{SECRET}\u2026"]
)
def test_a_token_that_cannot_be_sent_is_not_shown(
    kit: Kit, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FRONTDESK_TOKEN", token)
    made = AsyncAgentClient if kit.is_async else AgentClient
    for given in ((token,), ()):
        with pytest.raises(errors.InvalidArgument, match="`token` must be") as caught:
            made(*given)
        assert SECRET not in shown_text(caught.value)
    with pytest.raises(errors.InvalidArgument) as caught:
        send(kit.client(token=lambda: token))
    assert SECRET not in shown_text(caught.value)


TOKENS = [
    BearerToken(TOKEN),
    PersonalAccessToken("account", SECRET),
    Token(SECRET),
    as_token(f"Basic {SECRET}"),
]


@pytest.mark.parametrize("token", TOKENS)
def test_tokens_and_what_holds_them_show_none(token: Token) -> None:
    client = AgentClient(token, base_url="http://127.0.0.1:9")
    held = [
        token,
        [token],
        {"token": token},
        client,
        vars(client),
        client._settings,
        client._settings.headers,
        NeedToken(token),
        vars(AsyncAgentClient(token)),
    ]
    for thing in held:
        assert SECRET not in f"{thing!r} {thing!s}"
        assert token.authorization not in f"{thing!r} {thing!s}"


def test_requests_show_neither_headers_nor_bodies(server: Loopback) -> None:
    class Spy:
        def send(self, request: Request) -> Any:
            self.request = request
            raise errors.ConnectionClosed("never mind")

        def close(self) -> None: ...

    spy = Spy()
    client = AgentClient(TOKEN, transport=spy)
    with pytest.raises(errors.ConnectionClosed):
        send(client)
    assert spy.request.headers["Authorization"] == f"Bearer {TOKEN}"
    assert SECRET not in repr(spy.request)
    assert SECRET not in repr(spy.request.headers)
    assert "hi" not in repr(Outgoing("send_event", "/x", b"hi"))


def test_actions_with_tokens_and_files_hide_them() -> None:
    assert SECRET not in repr(Login(token=f"Bearer {TOKEN}"))
    assert SECRET not in repr(UpdateSession(token=f"Bearer {TOKEN}"))
    assert repr(UploadFile(file=b"x" * 5000)) == "UploadFile(file=…)"


def test_headers_of_the_users_own_are_not_shown() -> None:
    client = AgentClient(TOKEN, headers={"X-Gateway-Key": SECRET})
    assert SECRET not in repr(client._settings.headers)
    assert SECRET not in repr(vars(client))


def test_a_pickled_token_is_the_same_token() -> None:
    for token in TOKENS:
        again = pickle.loads(pickle.dumps(token))
        assert again == token
        assert again.region == token.region
