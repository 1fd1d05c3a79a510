"""Functions of the user's that the session calls: what they raise, and that they may block."""

import asyncio
import itertools
import logging
import threading
import time
from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from frontdesk import AsyncAgentRTM
from frontdesk.auth import BearerToken
from frontdesk.core.call_cycle import Call
from frontdesk.core.rtm.notices import Reconnected
from frontdesk.core.rtm.session import State
from frontdesk.errors import InvalidArgument, RequestTimeout
from frontdesk.pushes import ChatDeleted, IncomingEvent

from ...signals import ctrl_c
from ._clients import Kit
from ._server import FakeRTM

LONG = 30.0
"""Seconds of each time-out that must not be waited for."""


class Fatal(BaseException):
    """What libraries raise to get past ``except Exception``."""


FATAL: dict[type[BaseException], str] = {
    SystemExit: "called `sys.exit`",
    KeyboardInterrupt: "raised KeyboardInterrupt",
    asyncio.CancelledError: "was cancelled",
    GeneratorExit: "GeneratorExit",
    StopIteration: "StopIteration",
    Fatal: "raised Fatal: gone",
}


def raising(error: BaseException) -> Callable[[], Any]:
    def function() -> Any:
        raise error

    return function


def raising_async(error: BaseException) -> Callable[[], Any]:
    async def function() -> Any:
        raise error

    return function


def failure_of(kit: Kit, source: Any) -> Exception:
    """Connect with a token function that fails; return the error, which must come at once."""
    rtm = kit.client(source, open_timeout=LONG, timeout=LONG)
    begin = time.monotonic()
    with pytest.raises((InvalidArgument, RuntimeError)) as caught:
        rtm.connect()
    assert time.monotonic() - begin < LONG / 2
    assert rtm.state is State.CLOSED
    return caught.value


@pytest.mark.parametrize("kind", FATAL)
def test_whatever_the_token_function_raises_comes_out_of_connect(
    server: FakeRTM, kit: Kit, kind: type[BaseException]
):
    error = kind("gone")
    failure = failure_of(kit, raising(error))
    assert FATAL[kind] in str(failure)
    assert "token" in str(failure) or isinstance(failure, RuntimeError)
    assert error in (failure.__cause__, failure.__cause__ and failure.__cause__.__cause__)
    with kit.connected() as rtm:  # the loop lives
        assert rtm.list_chats().found_chats == 0


@pytest.mark.parametrize("kind", FATAL)
def test_whatever_an_async_token_function_raises_comes_out_of_connect(
    server: FakeRTM, kind: type[BaseException]
):
    kit = Kit("async", server.url)
    failure = failure_of(kit, raising_async(kind("gone")))
    assert FATAL[kind] in str(failure)
    with kit.connected() as rtm:
        assert rtm.list_chats().found_chats == 0
    kit.stop()


def test_error_says_that_it_is_about_the_token(kit: Kit):
    failure = failure_of(kit, raising(SystemExit(2)))
    assert isinstance(failure, InvalidArgument)
    assert failure.field == "token"
    assert str(failure) == "`token` is a function that called `sys.exit`"


@pytest.mark.parametrize("kind", FATAL)
def test_failed_renewal_leaves_the_session_as_it_is(
    server: FakeRTM,
    kit: Kit,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    kind: type[BaseException],
):
    monkeypatch.setattr("frontdesk.core.rtm.tokens.LEAST_PAUSE", 0.01)
    monkeypatch.setattr("frontdesk.core.rtm.session.ASK_AGAIN", 0.01)
    numbers = itertools.count(1)

    def getter() -> BearerToken:
        number = next(numbers)
        if number == 2:
            raise kind("gone")
        return BearerToken(f"dal:{number}", expires_at=datetime.now(UTC) + timedelta(seconds=0.5))

    with kit.connected(getter) as rtm:
        server.wait_for(lambda: len(server.asked("update_session")) >= 1)
        assert rtm.list_chats().found_chats == 0
        assert rtm.stats.drops == 0
    assert server.asked("update_session")[0]["payload"] == {"token": "Bearer dal:3"}
    assert "no new token for the session yet" in caplog.text


def test_ctrl_c_in_an_async_token_function_reaches_a_loop_that_has_no_handler_for_it(
    server: FakeRTM,
):
    rtm = AsyncAgentRTM(
        raising_async(KeyboardInterrupt()), base_url=server.url, organization_id="o"
    )
    loop = asyncio.new_event_loop()
    connecting = loop.create_task(rtm.connect())
    with ctrl_c(), pytest.raises(KeyboardInterrupt):
        loop.run_until_complete(connecting)
    with pytest.raises(InvalidArgument, match="KeyboardInterrupt"):
        loop.run_until_complete(connecting)
    loop.run_until_complete(rtm.close())
    loop.close()


def test_blocking_token_function_holds_up_no_event_loop(server: FakeRTM):
    release, asked = threading.Event(), threading.Event()

    def token() -> str:
        asked.set()
        assert release.wait(LONG)
        return "dal:x"

    async def main() -> None:
        rtm = AsyncAgentRTM(token, base_url=server.url, organization_id="o", open_timeout=LONG)
        connecting = asyncio.create_task(rtm.connect())
        while not asked.is_set():
            await asyncio.sleep(0)
        # The loop runs while the function blocks.
        assert rtm.state is State.TOKEN
        release.set()
        await connecting
        assert rtm.state is State.READY
        await rtm.close()

    asyncio.run(main())


def test_blocking_token_function_is_waited_for_as_long_as_for_a_connection(
    server: FakeRTM, kit: Kit
):
    release = threading.Event()
    rtm = kit.client(lambda: release.wait(LONG) and "dal:x", open_timeout=0.05)
    with pytest.raises(RequestTimeout, match=r"token function returned nothing within 0\.05 s"):
        rtm.connect()
    release.set()
    assert server.handshakes == []


def test_token_function_may_return_something_to_await(server: FakeRTM):
    async def fetch(name: str) -> str:
        return f"dal:{name}"

    kit = Kit("async", server.url)
    with kit.connected(lambda: fetch("fetched")):
        pass
    kit.stop()
    assert server.asked("login")[0]["payload"]["token"] == "Bearer dal:fetched"


def test_object_that_is_called_asynchronously_is_called_in_the_event_loop(server: FakeRTM):
    class Tokens:
        async def __call__(self) -> str:
            assert threading.current_thread() is threading.main_thread()
            return "dal:object"

    async def main() -> None:
        async with AsyncAgentRTM(Tokens(), base_url=server.url, organization_id="o"):
            assert not [t for t in threading.enumerate() if t.name == "frontdesk-token"]

    asyncio.run(main())
    assert server.asked("login")[0]["payload"]["token"] == "Bearer dal:object"


def test_token_function_sees_the_context_of_connect(server: FakeRTM):
    tenant: ContextVar[str] = ContextVar("tenant")

    async def main() -> None:
        tenant.set("acme")
        rtm = AsyncAgentRTM(lambda: f"dal:{tenant.get()}", base_url=server.url, organization_id="o")
        async with rtm:
            pass

    asyncio.run(main())
    assert server.asked("login")[0]["payload"]["token"] == "Bearer dal:acme"


def test_token_function_has_no_thread_once_it_returned(server: FakeRTM, kit: Kit):
    with kit.connected(lambda: "dal:x"):
        threads = [thread for thread in threading.enumerate() if thread.name == "frontdesk-token"]
        for thread in threads:
            thread.join(10)
            assert not thread.is_alive()


@pytest.mark.parametrize("kind", FATAL)
def test_whatever_on_damage_raises_costs_no_push(
    server: FakeRTM, kit: Kit, caplog: pytest.LogCaptureFixture, kind: type[BaseException]
):
    server.chats.open("A")
    with kit.connected(on_damage=lambda damage: raising(kind())()) as rtm:
        pushes = rtm.pushes(IncomingEvent)
        event = {
            "type": "message",
            "text": "hi",
            "custom_id": 7,
            "author_id": "b7eff798",
            "created_at": "2026-01-02T03:04:05.000000Z",
            "visibility": "all",
        }
        for number in range(2):
            event["id"] = f"T_{number}"
            server.push("incoming_event", {"chat_id": "A", "thread_id": "T", "event": event})
            assert pushes.get().event.id == event["id"]
        assert rtm.list_chats().found_chats == 1
    assert "on_damage failed" in caplog.text


@pytest.mark.parametrize("kind", FATAL)
def test_whatever_on_call_raises_does_not_stop_the_reading_back(
    server: FakeRTM, kit: Kit, caplog: pytest.LogCaptureFixture, kind: type[BaseException]
):
    def on_call(call: Call) -> None:
        if call.action == "list_chats":
            raise kind("gone")

    server.chats.open("A")
    with kit.connected(on_call=on_call) as rtm:
        pushes, back = rtm.pushes(IncomingEvent), rtm.pushes(Reconnected)
        server.chats.say("A", "missed")
        server.reset_connections()
        assert pushes.get().event.text == "missed"
        assert back.get().complete
    assert "on_call failed" in caplog.text


def test_hooks_are_logged_at_the_level_of_errors(
    server: FakeRTM, kit: Kit, caplog: pytest.LogCaptureFixture
):
    with kit.connected(on_damage=lambda damage: raising(SystemExit())()) as rtm:
        pushes = rtm.pushes(ChatDeleted)
        server.push("chat_deleted", {"chat_id": "A"}, version=3.6)
        assert pushes.get().chat_id == "A"
    failures = [record for record in caplog.records if "on_damage failed" in record.message]
    assert [record.levelno for record in failures] == [logging.ERROR]
    assert "`on_damage` called `sys.exit`" in caplog.text
