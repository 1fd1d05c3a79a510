"""``wait_for``, ``get``, losses, counters, and who may read a subscription."""

import asyncio
import threading
from typing import Any

import pytest

from frontdesk import AgentRTM, AsyncAgentRTM, ConnectionLost, PushesLost, Reconnected
from frontdesk.errors import ClientClosed, ConnectionClosed, Disconnected, InvalidArgument
from frontdesk.pushes import ChatDeactivated, ChatDeleted, IncomingEvent, ThreadDeleted

from ._clients import Kit, in_thread, until
from ._server import FakeRTM

WHO = {"organization_id": "o"}


def deleted(server: FakeRTM, chat_id: str, thread_id: str = "T") -> None:
    server.push("thread_deleted", {"chat_id": chat_id, "thread_id": thread_id})


def subscribers(rtm: Any, kit: Kit) -> int:
    line = rtm.inner._line if kit.loop else rtm._line
    return len(line.hub._subscribers)


def waiting(rtm: Any, kit: Kit, server: FakeRTM, *kinds: Any, **options: Any) -> Any:
    """Start to wait in a thread, and come back once it has subscribed."""
    before = subscribers(rtm, kit)
    result = in_thread(lambda: rtm.wait_for(*kinds, **options))
    until(lambda: subscribers(rtm, kit) > before)
    return result


def test_waits_for_the_first_push_that_passes_the_check(server: FakeRTM, kit: Kit):
    with kit.connected() as rtm:
        result = waiting(
            rtm, kit, server, ThreadDeleted, check=lambda push: push.thread_id == "2", timeout=10
        )
        for thread_id in ("1", "2", "3"):
            deleted(server, "A", thread_id)
        assert result.get().thread_id == "2"
        until(lambda: subscribers(rtm, kit) == 0)


def test_waits_for_one_of_several_kinds(server: FakeRTM, kit: Kit):
    with kit.connected() as rtm:
        result = waiting(rtm, kit, server, ThreadDeleted, ChatDeleted)
        server.push("chat_deactivated", {"chat_id": "A", "thread_id": "T"})
        server.push("chat_deleted", {"chat_id": "A"})
        assert isinstance(result.get(), ChatDeleted)


def test_waits_for_a_chat_and_an_author(server: FakeRTM, kit: Kit):
    server.chats.open("A")
    server.chats.open("B")
    with kit.connected(recover=False) as rtm:
        result = waiting(rtm, kit, server, IncomingEvent, chat_id="B", author_id="customer-1")
        server.say("A", "not here")
        server.say("B", "here")
        assert result.get().event.text == "here"


@pytest.mark.parametrize("timeout", [0, 0.01, -1])
def test_wait_ends_with_its_time_out(server: FakeRTM, kit: Kit, timeout: float):
    with kit.connected() as rtm:
        with pytest.raises(TimeoutError):
            rtm.wait_for(ThreadDeleted, timeout=timeout)
        assert subscribers(rtm, kit) == 0


def test_wait_for_something_else_does_not_extend_the_time_out(server: FakeRTM, kit: Kit):
    with kit.connected() as rtm:
        result = waiting(rtm, kit, server, ThreadDeleted, check=lambda _: False, timeout=0.2)
        while not result.failed:
            deleted(server, "A")
        with pytest.raises(TimeoutError):
            result.get()


def test_wait_ends_with_the_session(server: FakeRTM, kit: Kit):
    rtm = kit.client()
    rtm.connect()
    first = waiting(rtm, kit, server, ThreadDeleted)
    rtm.close()
    with pytest.raises(ClientClosed, match="closed before"):
        first.get()
    rtm.connect()
    second = waiting(rtm, kit, server, ThreadDeleted)
    server.push("agent_disconnected", {"reason": "connection_evicted"})
    with pytest.raises(Disconnected):
        second.get()


def test_error_of_the_check_comes_out(server: FakeRTM, kit: Kit):
    with kit.connected() as rtm:
        result = waiting(rtm, kit, server, ThreadDeleted, check=lambda push: 1 // 0)
        deleted(server, "A")
        with pytest.raises(ZeroDivisionError):
            result.get()
        until(lambda: subscribers(rtm, kit) == 0)


def test_what_comes_before_the_await_counts(server: FakeRTM):
    async def story() -> None:
        async with AsyncAgentRTM("dal:x", base_url=server.url, **WHO) as rtm:
            awaited = rtm.wait_for(ThreadDeleted, timeout=10)
            seen = rtm.pushes(ThreadDeleted)
            await asyncio.to_thread(deleted, server, "A")
            assert await seen.get(10)
            assert (await awaited).chat_id == "A"

    asyncio.run(story())


def test_get_waits_no_longer_than_it_is_let(server: FakeRTM, kit: Kit):
    with kit.connected() as rtm:
        pushes = rtm.pushes(ThreadDeleted)
        for timeout in (0, 0.01):
            with pytest.raises(TimeoutError):
                pushes.get(timeout)
        deleted(server, "A")
        assert pushes.get(10).chat_id == "A"
    assert pushes.get(10) is None


def test_subscription_yields_what_was_asked_for_alone(server: FakeRTM, kit: Kit):
    with kit.connected(recover=False) as rtm:
        pushes, back = rtm.pushes(ChatDeactivated, queue=2), rtm.pushes(Reconnected)
        server.reset_connections()
        assert back.get()
        for number in range(5):
            server.push("chat_deactivated", {"chat_id": f"{number}", "thread_id": "T"})
        mark = rtm.pushes(ChatDeleted)
        server.push("chat_deleted", {"chat_id": "A"})
        assert mark.get()
        assert [pushes.get().chat_id for _ in range(2)] == ["3", "4"]
        with pytest.raises(TimeoutError):
            pushes.get(0)


def test_losses_come_to_a_handler_that_asks_for_them(server: FakeRTM, kit: Kit):
    losses: list[PushesLost] = []
    came = threading.Event()

    def note(loss: PushesLost) -> None:
        losses.append(loss)
        came.set()

    rtm = kit.client(recover=False)
    rtm.on(PushesLost)(note)
    rtm.connect()
    rtm.pushes(ChatDeactivated)
    server.reset_connections()
    assert came.wait(10)
    rtm.close()
    assert losses == [PushesLost(interruption=True)]


def test_counters_tell_what_has_happened(server: FakeRTM, kit: Kit):
    with kit.connected(recover=False) as rtm:
        back, lost = rtm.pushes(Reconnected), rtm.pushes(ConnectionLost)
        slow, mark = rtm.pushes(ThreadDeleted, queue=1), rtm.pushes(ChatDeleted)
        assert (rtm.stats.logins, rtm.stats.drops, rtm.stats.reconnects) == (1, 0, 0)
        for _ in range(3):
            server.reset_connections()
            assert back.get()
            assert lost.get()
        for _ in range(4):
            deleted(server, "A")
        server.push("chat_deleted", {"chat_id": "A"})
        assert mark.get()
        assert slow.get()
        stats = rtm.stats
        assert (stats.logins, stats.drops, stats.reconnects) == (4, 3, 3)
        assert (stats.pushes, stats.dropped, stats.failed_attempts) == (5, 3, 0)
    assert (rtm.stats.logins, rtm.stats.drops) == (4, 3)


def test_session_that_the_server_ends_is_a_drop(server: FakeRTM, kit: Kit):
    rtm = kit.client()
    rtm.connect()
    server.push("agent_disconnected", {"reason": "connection_evicted"})
    with pytest.raises(Disconnected):
        rtm.wait_closed()
    assert rtm.stats.drops == 1
    rtm.connect()
    assert (rtm.stats.logins, rtm.stats.reconnects) == (2, 1)
    rtm.close()
    assert rtm.stats.drops == 1


@pytest.mark.parametrize("how", ["evicted", "closed", "refused"])
def test_subscribing_to_a_session_that_has_ended_raises(server: FakeRTM, kit: Kit, how: str):
    rtm = kit.client(retry=None)
    if how == "refused":
        server.close_connections()
        server.responses["login"] = lambda _: 17
        with pytest.raises(Exception, match="login"):
            rtm.connect()
    else:
        rtm.connect()
    if how == "evicted":
        server.push("agent_disconnected", {"reason": "connection_evicted"})
        with pytest.raises(Disconnected):
            rtm.wait_closed()
    elif how == "closed":
        rtm.close()
    error = ClientClosed if how == "closed" else ConnectionClosed
    with pytest.raises(error):
        rtm.pushes(IncomingEvent)
    with pytest.raises(error):
        rtm.wait_for(IncomingEvent)


def test_cancelled_reader_does_not_take_the_wake_up_of_the_next_one(server: FakeRTM):
    async def story() -> list[str]:
        got: list[str] = []
        async with AsyncAgentRTM("dal:x", base_url=server.url, **WHO) as rtm:
            pushes = rtm.pushes(ThreadDeleted)
            for number in range(20):
                reader = asyncio.create_task(anext(pushes))
                await asyncio.sleep(0)
                reader.cancel()  # and not awaited, as in most programs
                if number % 2:
                    await asyncio.sleep(0)
                asyncio.get_running_loop().call_soon(deleted_soon, server, f"{number}")
                push = await pushes.get(10)
                assert push is not None
                got.append(push.thread_id)
        return got

    def deleted_soon(server: FakeRTM, number: str) -> None:
        in_thread(lambda: deleted(server, "A", number))

    assert asyncio.run(story()) == [str(number) for number in range(20)]


def test_reader_that_is_cancelled_as_a_push_comes_loses_nothing(server: FakeRTM):
    async def story() -> None:
        async with AsyncAgentRTM("dal:x", base_url=server.url, **WHO) as rtm:
            pushes = rtm.pushes(ChatDeleted)
            reader = asyncio.create_task(anext(pushes))
            await asyncio.sleep(0)
            rtm._line.hub.deliver(ChatDeleted(chat_id="A"))
            reader.cancel()
            with pytest.raises(asyncio.CancelledError):
                await reader
            assert await pushes.get(10) == ChatDeleted(chat_id="A")

    asyncio.run(story())


def test_two_threads_do_not_read_one_subscription(server: FakeRTM):
    with AgentRTM("dal:x", base_url=server.url, **WHO) as rtm:
        pushes = rtm.pushes(ThreadDeleted)
        first = in_thread(pushes.get)
        until(pushes._reading.locked)
        with pytest.raises(InvalidArgument, match="one reader"):
            pushes.get(10)
        with pytest.raises(InvalidArgument, match="one reader"):
            next(pushes)
        deleted(server, "A", "1")
        assert first.get().thread_id == "1"
        deleted(server, "A", "2")
        assert pushes.get(10).thread_id == "2"
