"""Clients that are dropped, forked, stuck, closed too early, or outlive their event loop."""

import asyncio
import gc
import os
import socket
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from frontdesk import AgentRTM, AsyncAgentRTM
from frontdesk.core.rtm.session import State
from frontdesk.errors import ClientClosed, Disconnected, NoEventLoop, RequestTimeout
from frontdesk.models import MulticastRecipients, MulticastRecipientsAgents
from frontdesk.pushes import ChatDeleted, ThreadDeleted

from ._clients import Kit, in_thread, until
from ._server import FakeRTM, silent

pytestmark = pytest.mark.usefixtures("small_heap")
WHO = {"organization_id": "o"}
EVERYBODY = MulticastRecipients(agents=MulticastRecipientsAgents(all=True))


@contextmanager
def quick(seconds: float = 3.0) -> Iterator[None]:
    """Fail if the block waits for one of the long time-outs that these tests set."""
    begin = time.monotonic()
    yield
    assert time.monotonic() - begin < seconds


@contextmanager
def deaf_server() -> Iterator[int]:
    """A server that accepts connections and never says anything; yields its port."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def until_closed(rtm: Any) -> None:
    until(lambda: rtm.state is State.CLOSED)


# A server that takes no data


def test_sending_holds_up_nobody(server: FakeRTM):
    """Not the caller beyond its time-out, no other thread, and not ``close``."""
    server.pause_reading()
    big = {"content": "x" * 3_000_000}
    rtm = AgentRTM(
        "dal:x", base_url=server.url, ping_interval=60, close_timeout=0.5, timeout=0.3, **WHO
    )
    rtm.connect()
    calls = [in_thread(lambda: rtm.multicast(recipients=EVERYBODY, content=big)) for _ in range(9)]
    with quick():
        rtm.pushes(ChatDeleted).close()
        for call in calls:
            with pytest.raises(RequestTimeout):
                call.get()
        rtm.close()


def test_what_had_to_wait_is_sent_whole_and_in_order(server: FakeRTM):
    server.pause_reading()
    with AgentRTM("dal:x", base_url=server.url, **WHO) as rtm:
        calls = [
            in_thread(lambda n=n: rtm.multicast(recipients=EVERYBODY, content={"x": f"{n}" * n}))
            for n in (12_000_000, 5, 6_000_000, 7)
        ]
        server.resume_reading()
        for call in calls:
            call.get()
    contents = {len(r["payload"]["content"]["x"]) for r in server.asked("multicast")}
    assert len(contents) == 4


# Clients that nobody closes


def test_dropped_client_warns_and_ends_its_session(server: FakeRTM, kit: Kit):
    rtm = kit.client()
    rtm.connect()
    copy = rtm.with_options(timeout=3)
    inner = rtm.inner if kit.loop else rtm
    line = inner._line
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        del rtm, inner
        gc.collect()
        assert not caught
        assert copy.list_chats().found_chats == 0
        del copy
        gc.collect()
        assert [warning.category for warning in caught] == [ResourceWarning]
        assert "unclosed session" in str(caught[0].message)
    until(lambda: line.session.state is State.CLOSED)
    until(lambda: not server.live)


@pytest.mark.parametrize("last", ["subscription", "client"])
def test_subscription_and_client_keep_the_session_until_both_are_dropped(
    server: FakeRTM, kit: Kit, last: str
):
    rtm = kit.client()
    rtm.connect()
    pushes = rtm.pushes(ChatDeleted)
    line = pushes._line if kit.loop is None else pushes.inner._line
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        if last == "subscription":
            del rtm
            gc.collect()
            assert not caught
            server.push("chat_deleted", {"chat_id": "A"})
            assert pushes.get(10).chat_id == "A"
            del pushes
        else:
            del pushes
            gc.collect()
            assert not caught
            assert rtm.list_chats().found_chats == 0
            del rtm
        gc.collect()
        assert [warning.category for warning in caught] == [ResourceWarning]
    until(lambda: line.session.state is State.CLOSED)
    until(lambda: not server.live)


def test_reader_that_ends_by_itself_leaves_nothing_behind(server: FakeRTM):
    """A loop over the subscription of a client that nobody else holds."""

    async def first() -> ChatDeleted:
        rtm = AsyncAgentRTM("dal:x", base_url=server.url, **WHO)
        await rtm.connect()
        pushes = rtm.pushes(ChatDeleted)
        del rtm
        gc.collect()
        server.push("chat_deleted", {"chat_id": "A"})
        async for push in pushes:
            return push
        raise AssertionError

    async def main() -> None:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            assert (await first()).chat_id == "A"
            gc.collect()
            assert [warning.category for warning in caught] == [ResourceWarning]
        while server.live:
            await asyncio.sleep(0.001)

    asyncio.run(main())


@pytest.mark.parametrize("how", ["never connected", "closed", "ended"])
def test_client_that_has_no_session_is_dropped_in_peace(server: FakeRTM, kit: Kit, how: str):
    rtm = kit.client()
    if how != "never connected":
        rtm.connect()
    if how == "closed":
        rtm.close()
    elif how == "ended":
        server.push("agent_disconnected", {"reason": "connection_evicted"})
        until_closed(rtm)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        del rtm
        gc.collect()


# Event loops that end


def test_client_whose_loop_ended_can_be_closed_and_connected_again(server: FakeRTM):
    rtm = AsyncAgentRTM("dal:x", base_url=server.url, **WHO)

    async def connect() -> None:
        await rtm.connect()
        assert (await rtm.list_chats()).found_chats == 0

    async def close() -> None:
        await rtm.close()
        await rtm.close()

    for _ in range(2):
        asyncio.run(connect())
        assert rtm.state is State.CLOSED
        until(lambda: not server.live)
        with pytest.raises(ClientClosed):
            asyncio.run(_listed(rtm))
        asyncio.run(close())


async def _listed(rtm: AsyncAgentRTM) -> Any:
    return await rtm.list_chats()


@pytest.mark.filterwarnings("ignore:unclosed transport:ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_client_whose_loop_was_closed_can_be_closed(server: FakeRTM, caplog: Any):
    """A loop may be closed without a word to its tasks."""
    rtm = AsyncAgentRTM("dal:x", base_url=server.url, **WHO)
    loop = asyncio.new_event_loop()
    loop.run_until_complete(rtm.connect())
    pushes = rtm.pushes(ChatDeleted)
    loop.close()
    with pytest.raises(ClientClosed):
        asyncio.run(_listed(rtm))
    asyncio.run(rtm.close())
    assert rtm.state is State.CLOSED
    assert asyncio.run(pushes.get(10)) is None
    del loop, pushes
    gc.collect()
    caplog.clear()


def test_reader_is_woken_when_the_session_ends_with_its_loop(server: FakeRTM):
    rtm = AsyncAgentRTM("dal:x", base_url=server.url, **WHO)

    async def connect() -> Any:
        await rtm.connect()
        return rtm.pushes(ChatDeleted)

    pushes = asyncio.run(connect())
    assert asyncio.run(pushes.get(10)) is None


def test_loop_that_ends_while_the_session_hangs_up_leaves_no_connection(server: FakeRTM):
    async def story() -> None:
        rtm = AsyncAgentRTM("dal:x", base_url=server.url, **WHO)
        await rtm.connect()
        server.push("agent_disconnected", {"reason": "connection_evicted"})
        with pytest.raises(Disconnected):
            await rtm.wait_closed()
        # The server, which reads nothing, does not end the connection on its side.
        assert rtm._line.link is not None

    server.pause_reading()
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        asyncio.run(story())
        gc.collect()
    assert [str(warning.message) for warning in warned] == []


def test_another_loop_is_refused_while_the_session_lives(server: FakeRTM):
    kit = Kit("async", server.url)
    with kit.connected() as rtm:
        with pytest.raises(ClientClosed, match="another event loop"):
            asyncio.run(_listed(rtm.inner))
        with pytest.raises(ClientClosed, match="another event loop"):
            asyncio.run(rtm.inner.close())
        assert rtm.list_chats().found_chats == 0
    kit.stop()


def test_connecting_needs_an_event_loop_of_asyncio():
    rtm = AsyncAgentRTM("dal:x", base_url="http://127.0.0.1:1", **WHO)
    with pytest.raises(NoEventLoop, match="trio"):
        rtm.connect().send(None)
    assert rtm.state is State.IDLE


# Connections that do not come about


@pytest.mark.parametrize("stage", ["token", "connection", "login"])
def test_close_while_connecting_returns_at_once(server: FakeRTM, kit: Kit, stage: str):
    release = threading.Event()

    def token() -> str:
        release.wait(30)
        return "dal:x"

    server.responses["login"] = silent
    source = token if stage == "token" else "dal:x"
    with deaf_server() as port:
        url = {"base_url": f"http://127.0.0.1:{port}"} if stage == "connection" else {}
        rtm = kit.client(source, open_timeout=30, timeout=30, close_timeout=30, **url)
        connecting = in_thread(rtm.connect)
        state = {
            "token": State.TOKEN, "connection": State.OPENING, "login": State.LOGIN,
        }[stage]  # fmt: skip
        until(lambda: rtm.state is state)
        with quick():
            rtm.close()
            with pytest.raises(ClientClosed, match="while connecting"):
                connecting.get()
    release.set()


@pytest.mark.parametrize("how", ["function", "async function"])
@pytest.mark.parametrize("option", ["timeout", "open_timeout"])
def test_connect_keeps_its_time_out_while_the_token_function_runs(
    server: FakeRTM, kit: Kit, option: str, how: str
):
    release = threading.Event()

    def token() -> str:
        release.wait(30)
        return "dal:x"

    async def async_token() -> str:
        await asyncio.sleep(30)
        return "dal:x"

    source = async_token if how == "async function" and kit.loop else token
    rtm = kit.client(source, **{option: 0.05})
    with quick(), pytest.raises(RequestTimeout, match="token function"):
        rtm.connect()
    assert server.handshakes == []
    release.set()


def test_close_keeps_its_time_although_a_handler_and_the_server_do_not(server: FakeRTM):
    release = threading.Event()
    begun = threading.Event()
    rtm = AgentRTM("dal:x", base_url=server.url, close_timeout=0.3, timeout=30, **WHO)

    @rtm.on(ThreadDeleted)
    def handler(push: ThreadDeleted) -> None:
        begun.set()
        release.wait(30)

    rtm.connect()
    server.push("thread_deleted", {"chat_id": "A", "thread_id": "T"})
    assert begun.wait(10)
    server.freeze_connections()
    with quick():
        rtm.close()
    release.set()


# Forks


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
def test_forked_child_never_hangs(server: FakeRTM):
    rtm = AgentRTM("dal:x", base_url=server.url, **WHO)
    rtm.on(ThreadDeleted)(print)
    rtm.connect()
    pushes = rtm.pushes(ChatDeleted)
    held, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        with rtm._line.lock:
            held.set()
            go_on.wait(30)

    holding = in_thread(hold)
    assert held.wait(10)

    def refused(call: Callable[[], Any]) -> bool:
        try:
            call()
        except ClientClosed as error:
            return "parent process" in str(error)
        return False

    pid = os.fork()
    if pid == 0:
        calls: list[Callable[[], Any]] = [
            rtm.list_chats,
            rtm.wait_closed,
            rtm.connect,
            lambda: rtm.pushes(ChatDeleted),
            lambda: rtm.wait_for(ChatDeleted),
            lambda: rtm.on(ChatDeleted)(print),
            lambda: rtm.off(print),
            lambda: next(pushes),
            lambda: pushes.get(5),
        ]
        responses = [refused(call) for call in calls]
        rtm.close()
        pushes.close()
        del pushes
        assert rtm.state is State.READY
        del rtm
        gc.collect()
        os._exit(0 if all(responses) else 1)
    go_on.set()
    holding.get()
    _, status = os.waitpid(pid, 0)
    assert status == 0
    assert rtm.list_chats().found_chats == 0
    rtm.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
def test_forked_child_of_an_async_session_never_hangs(server: FakeRTM):
    kit = Kit("async", server.url)
    with kit.connected() as rtm:
        inner, pushes = rtm.inner, rtm.pushes(ChatDeleted).inner

        async def refused() -> bool:
            responses = []
            for call in (inner.list_chats, inner.wait_closed, inner.connect, pushes.get):
                try:
                    await asyncio.wait_for(call(), 5)
                except ClientClosed as error:
                    responses.append("parent process" in str(error))
            await inner.close()
            return responses == [True] * 4

        pid = os.fork()
        if pid == 0:
            os._exit(0 if asyncio.run(refused()) else 1)
        _, status = os.waitpid(pid, 0)
        assert status == 0
        assert rtm.list_chats().found_chats == 0
    kit.stop()
