"""Where a client gets its token from, and when it asks again."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from frontdesk import (
    AgentClient,
    AsyncAgentClient,
    BearerToken,
    Call,
    MissingToken,
    PersonalAccessToken,
    errors,
)
from frontdesk.models import Message

from ..loopback import Connection, Got, Loopback, Responder, error, reply
from ..web import Kit


def accepting(*tokens: str) -> Responder:
    """Accepts these tokens only."""

    async def respond(connection: Connection, got: Got) -> bool:
        if got.headers["authorization"].removeprefix("Bearer ") in tokens:
            return await reply({"event_id": "E"})(connection, got)
        refusal = error("authentication", "Invalid access token", status=401)
        return await refusal(connection, got)

    return respond


def send(client: Any) -> str:
    event_id: str = client.send_event(chat_id="C1", event=Message(text="hi")).event_id
    return event_id


def test_a_missing_token_is_told_at_once(kit: Kit) -> None:
    with pytest.raises(MissingToken, match="give the client a token, or set FRONTDESK_TOKEN"):
        kit.client(token=None)


def test_the_environment_gives_token_and_address(
    kit: Kit, server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FRONTDESK_TOKEN", " Bearer fra:of-the-environment\n")
    monkeypatch.setenv("FRONTDESK_BASE_URL", server.url + "/")
    server.default = reply({"event_id": "E"})
    client = kit.client(token=None, base_url=None)
    assert send(client) == "E"
    assert server.last.headers["authorization"] == "Bearer fra:of-the-environment"
    assert server.last.headers["x-region"] == "fra"
    assert server.last.target == "/v3.6/agent/action/send_event"


def test_arguments_win_over_the_environment(
    kit: Kit, server: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FRONTDESK_TOKEN", "dal:of-the-environment")
    monkeypatch.setenv("FRONTDESK_BASE_URL", "http://127.0.0.1:9")
    server.default = accepting("dal:given")
    assert send(kit.client(server, "dal:given")) == "E"


def test_an_empty_variable_is_none(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FRONTDESK_TOKEN", "")
    with pytest.raises(MissingToken):
        kit.client(token=None)


def test_a_personal_access_token_is_sent_as_basic(kit: Kit, server: Loopback) -> None:
    server.default = reply({"event_id": "E"})
    send(kit.client(server, PersonalAccessToken("account", "fra:abc")))
    assert server.last.headers["authorization"] == "Basic YWNjb3VudDpmcmE6YWJj"
    assert server.last.headers["x-region"] == "fra"


def test_a_fixed_token_that_is_refused_is_not_sent_again(kit: Kit, server: Loopback) -> None:
    server.default = accepting()
    with pytest.raises(errors.AuthenticationError, match="pass a token getter") as caught:
        send(kit.client(server, "dal:expired"))
    assert len(server.requests) == 1
    assert caught.value.attempts == 1


# functions


def test_a_function_is_asked_once_and_again_when_its_token_is_refused(
    kit: Kit, server: Loopback
) -> None:
    tokens = iter(["dal:first", BearerToken("dal:second"), "dal:third"])
    server.default = accepting("dal:first")
    client = kit.client(server, lambda: next(tokens))
    assert [send(client), send(client)] == ["E", "E"]
    server.default = accepting("dal:second")
    assert [send(client), send(client)] == ["E", "E"]
    used = [got.headers["authorization"].removeprefix("Bearer ") for got in server.requests]
    assert used == ["dal:first"] * 3 + ["dal:second"] * 2


def test_a_function_is_not_asked_before_it_is_needed(kit: Kit) -> None:
    kit.client(token=lambda: pytest.fail("asked too early"))


def test_a_function_that_fails_fails_the_call_and_is_asked_again(
    kit: Kit, server: Loopback
) -> None:
    calls: list[Call] = []
    responses: list[Any] = [ConnectionError("the vault is sealed"), "dal:later"]

    def getter() -> str:
        response = responses.pop(0)
        if isinstance(response, Exception):
            raise response
        return response

    server.default = accepting("dal:later")
    client = kit.client(server, getter, on_call=calls.append)
    with pytest.raises(ConnectionError, match="the vault is sealed"):
        send(client)
    assert server.requests == []
    assert isinstance(calls[0].error, ConnectionError)
    assert send(client) == "E"


@pytest.mark.parametrize("junk", [None, 7, "", b"dal:abc", "Digest x", ["dal:abc"]])
def test_a_function_that_returns_junk_is_told(kit: Kit, server: Loopback, junk: Any) -> None:
    with pytest.raises(
        errors.InvalidArgument, match="`token` is not what the function for it returned: it must"
    ):
        send(kit.client(server, lambda: junk))
    assert server.opened == 0


def test_a_function_that_renews_into_junk_is_told(kit: Kit, server: Loopback) -> None:
    responses: list[Any] = ["dal:first", None]
    server.default = accepting()
    with pytest.raises(errors.InvalidArgument, match="the function for it returned"):
        send(kit.client(server, lambda: responses.pop(0)))


def test_an_async_function_is_refused_by_the_sync_client(server: Loopback) -> None:
    async def getter() -> str:
        return "dal:abc"

    client = AgentClient(getter, base_url=server.url)
    with pytest.raises(errors.InvalidArgument, match="use AsyncAgentClient"):
        client.get_chat(chat_id="C1")


class Later:
    """Something to await that is no coroutine."""

    def __await__(self) -> Any:
        yield from asyncio.sleep(0).__await__()
        return "dal:later"


def test_an_async_client_awaits_whatever_can_be_awaited(server: Loopback) -> None:
    async def getter() -> str:
        await asyncio.sleep(0)
        return "dal:later"

    server.default = accepting("dal:later")

    async def main(source: Any) -> None:
        async with AsyncAgentClient(source, base_url=server.url) as client:
            sent = await client.send_event(chat_id="C1", event=Message(text="hi"))
            assert sent.event_id == "E"

    for source in (getter, Later, lambda: "dal:later"):
        asyncio.run(main(source))


# one at a time


def test_threads_ask_once_together(server: Loopback) -> None:
    asked: list[str] = []
    gate = threading.Barrier(16)

    def getter() -> str:
        asked.append("asked")
        return f"dal:{len(asked)}"

    def work(_: int) -> str:
        gate.wait()
        return send(client)

    with AgentClient(getter, base_url=server.url) as client, ThreadPoolExecutor(16) as threads:
        server.default = accepting("dal:1")
        assert list(threads.map(work, range(16))) == ["E"] * 16
        assert asked == ["asked"]
        server.default = accepting("dal:2")
        assert list(threads.map(work, range(16))) == ["E"] * 16
        assert asked == ["asked", "asked"]


def test_tasks_ask_once_together(server: Loopback) -> None:
    asked: list[str] = []

    async def getter() -> str:
        asked.append("asked")
        await asyncio.sleep(0)
        return f"dal:{len(asked)}"

    async def main() -> None:
        async with AsyncAgentClient(getter, base_url=server.url) as client:

            async def work() -> None:
                await client.send_event(chat_id="C1", event=Message(text="hi"))

            for expected in (1, 2):
                server.default = accepting(f"dal:{expected}")
                await asyncio.gather(*(work() for _ in range(30)))
                assert len(asked) == expected

    asyncio.run(main())


def test_a_cancelled_question_is_asked_again_by_the_next(server: Loopback) -> None:
    asked: list[asyncio.Event] = []
    server.default = accepting("dal:abc")

    async def getter() -> str:
        asked.append(asyncio.Event())
        if len(asked) == 1:
            await asked[0].wait()
        return "dal:abc"

    async def main() -> None:
        async with AsyncAgentClient(getter, base_url=server.url) as client:

            async def work() -> str:
                return (await client.send_event(chat_id="C", event=Message(text="hi"))).event_id

            first, second = asyncio.ensure_future(work()), asyncio.ensure_future(work())
            while not asked:
                await asyncio.sleep(0)
            first.cancel()
            assert await second == "E"
            with pytest.raises(asyncio.CancelledError):
                await first

    asyncio.run(main())
    assert len(asked) == 2
