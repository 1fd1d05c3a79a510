"""Handlers: in order per chat, concurrently across chats, removed, failing, stuck."""

import asyncio
import queue
import threading
from collections import Counter
from typing import Any

import pytest

from frontdesk import AgentRTM, AsyncAgentRTM, PushesLost
from frontdesk.errors import InvalidArgument
from frontdesk.pushes import (
    ChatDeactivated,
    ChatDeleted,
    IncomingEvent,
    RoutingStatusSet,
    ThreadDeleted,
)

from ...signals import ctrl_c
from ._clients import Kit, in_thread, until
from ._server import FakeRTM

PATIENCE = 10


def deleted(server: FakeRTM, chat_id: str, thread_id: str = "T") -> None:
    server.push("thread_deleted", {"chat_id": chat_id, "thread_id": thread_id})


class Rush:
    """Counts how many handlers run at once, for all and for each chat; lets them go on demand."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.lock = threading.Lock()
        self.running = Counter[str]()
        self.most_of_a_chat = self.most = 0
        self.order: dict[str, list[str]] = {}
        self.begun = queue.SimpleQueue[str]()

    def handle(self, push: ThreadDeleted) -> None:
        with self.lock:
            self.running[push.chat_id] += 1
            self.most_of_a_chat = max(self.most_of_a_chat, self.running[push.chat_id])
            self.most = max(self.most, sum(self.running.values()))
        self.begun.put(push.chat_id)
        self.gate.wait(PATIENCE)
        with self.lock:
            self.running[push.chat_id] -= 1
            self.order.setdefault(push.chat_id, []).append(push.thread_id)


def test_handlers_run_concurrently_and_in_order_per_chat(server: FakeRTM, kit: Kit):
    rush = Rush()
    rtm = kit.client(close_timeout=PATIENCE)
    rtm.on(ThreadDeleted)(kit.handler(rush.handle))
    rtm.connect()
    for number in range(6):
        for chat_id in ("A", "B", "C"):
            deleted(server, chat_id, f"{number}")
    assert {rush.begun.get(timeout=PATIENCE) for _ in range(3)} == {"A", "B", "C"}
    rush.gate.set()
    rtm.close()
    assert rush.order == {chat_id: list("012345") for chat_id in ("A", "B", "C")}
    assert rush.most_of_a_chat == 1


def test_at_most_that_many_handlers_run_at_once(server: FakeRTM, kit: Kit):
    rush = Rush()
    rtm = kit.client(concurrency=2, close_timeout=PATIENCE)
    rtm.on(ThreadDeleted)(kit.handler(rush.handle))
    rtm.connect()
    for number in range(8):
        deleted(server, f"{number}")
    for _ in range(2):
        rush.begun.get(timeout=PATIENCE)
    rush.gate.set()
    rtm.close()
    assert len(rush.order) == 8
    assert rush.most <= 2


@pytest.mark.parametrize("concurrency", [0, -1, "2", 1.5, True])
def test_concurrency_is_a_number(kit: Kit, concurrency: Any):
    with pytest.raises(InvalidArgument, match="concurrency"):
        kit.client(concurrency=concurrency)


def test_chat_is_handled_in_order_across_handlers_of_several_kinds(server: FakeRTM, kit: Kit):
    order: list[str] = []
    gate = threading.Event()
    done = threading.Event()
    rtm = kit.client(close_timeout=PATIENCE)

    def slow(push: Any) -> None:
        gate.wait(PATIENCE)
        order.append("slow")

    def quick(push: Any) -> None:
        order.append("quick")

    def last(push: Any) -> None:
        order.append("last")
        done.set()

    rtm.on(ThreadDeleted)(kit.handler(slow))
    rtm.on(ThreadDeleted)(kit.handler(quick))
    rtm.on(ChatDeactivated)(kit.handler(last))
    rtm.connect()
    deleted(server, "A")
    server.push("chat_deactivated", {"chat_id": "A", "thread_id": "T"})
    gate.set()
    assert done.wait(PATIENCE)
    rtm.close()
    assert order == ["slow", "quick", "last"]


def test_pushes_without_a_chat_keep_the_order_of_their_agent(server: FakeRTM, kit: Kit):
    got: dict[str, list[str]] = {}
    rtm = kit.client(close_timeout=PATIENCE)
    rtm.on(RoutingStatusSet)(
        kit.handler(lambda push: got.setdefault(push.agent_id, []).append(push.status))
    )
    rtm.connect()
    for number in range(20):
        for agent in ("smith", "jones"):
            server.push("routing_status_set", {"agent_id": agent, "status": f"{number}"})
    until(lambda: sum(map(len, got.values())) == 40)
    rtm.close()
    assert got == {agent: [str(number) for number in range(20)] for agent in ("smith", "jones")}


def test_removed_handler_is_not_called_even_for_what_waits(server: FakeRTM, kit: Kit):
    rush, other = Rush(), queue.SimpleQueue[Any]()
    handler = kit.handler(rush.handle)
    rtm = kit.client(close_timeout=PATIENCE)
    rtm.on(ThreadDeleted)(handler)
    rtm.on(ChatDeleted)(other.put)
    rtm.connect()
    for number in range(5):
        deleted(server, "A", f"{number}")
    rush.begun.get(timeout=PATIENCE)
    server.push("chat_deleted", {"chat_id": "B"})
    assert other.get(timeout=PATIENCE)
    assert rtm.off(handler) is True
    assert rtm.off(handler) is False
    rush.gate.set()
    deleted(server, "A", "after")
    server.push("chat_deleted", {"chat_id": "B"})
    assert other.get(timeout=PATIENCE)
    rtm.close()
    assert rush.order == {"A": ["0"]}


def test_one_registration_of_several_can_be_removed(server: FakeRTM, kit: Kit):
    got = queue.SimpleQueue[Any]()
    rtm = kit.client()
    rtm.on(ThreadDeleted)(got.put)
    rtm.on(ChatDeleted)(got.put)
    assert rtm.off(got.put, ThreadDeleted) is True
    assert rtm.off(got.put, ThreadDeleted) is False
    rtm.connect()
    deleted(server, "A")
    server.push("chat_deleted", {"chat_id": "A"})
    assert isinstance(got.get(timeout=PATIENCE), ChatDeleted)
    rtm.close()
    assert got.empty()


def test_filters_of_handlers(server: FakeRTM, kit: Kit):
    got, every = queue.SimpleQueue[Any](), queue.SimpleQueue[Any]()
    server.chats.open("A")
    server.chats.open("B")
    rtm = kit.client(recover=False)
    rtm.on(IncomingEvent, chat_id="B", author_id=["customer-1"])(got.put)
    rtm.on(IncomingEvent, author_id="nobody")(got.put)
    rtm.on(IncomingEvent)(every.put)
    rtm.connect()
    for chat_id in ("A", "B", "A"):
        server.say(chat_id, f"in {chat_id}")
    assert len([every.get(timeout=PATIENCE) for _ in range(3)]) == 3
    rtm.close()
    assert got.get(timeout=PATIENCE).event.text == "in B"
    assert got.empty()


def test_errors_go_to_the_hook_instead_of_the_log(
    server: FakeRTM, kit: Kit, caplog: pytest.LogCaptureFixture
):
    seen = queue.SimpleQueue[Any]()
    rtm = kit.client()
    rtm.on_error(lambda error, push: seen.put((error, push)))

    @rtm.on(ThreadDeleted)
    def handler(push: ThreadDeleted) -> None:
        if push.thread_id == "exit":
            raise SystemExit(3)
        raise LookupError(push.thread_id)

    rtm.connect()
    for thread_id in ("1", "exit", "2"):
        deleted(server, "A", thread_id)
    failures = [seen.get(timeout=PATIENCE) for _ in range(3)]
    rtm.close()
    assert [push.thread_id for _, push in failures] == ["1", "exit", "2"]
    assert [type(error) for error, _ in failures] == [LookupError, RuntimeError, LookupError]
    assert isinstance(failures[1][0].__cause__, SystemExit)
    assert caplog.text == ""
    assert (rtm.stats.handled, rtm.stats.handler_errors) == (3, 3)


def test_error_of_the_hook_is_logged_and_the_next_push_comes(
    server: FakeRTM, kit: Kit, caplog: pytest.LogCaptureFixture
):
    got = queue.SimpleQueue[str]()
    rtm = kit.client()

    @rtm.on_error
    def hook(error: Exception, push: Any) -> None:
        raise ValueError("hook is broken")

    @rtm.on(ThreadDeleted)
    def handler(push: ThreadDeleted) -> None:
        got.put(push.thread_id)
        raise LookupError(push.thread_id)

    rtm.connect()
    deleted(server, "A", "1")
    deleted(server, "A", "2")
    assert [got.get(timeout=PATIENCE) for _ in range(2)] == ["1", "2"]
    rtm.close()
    assert [record.getMessage() for record in caplog.records] == ["the error hook failed"] * 2


def test_hook_may_be_async_with_the_async_client(server: FakeRTM):
    async def story() -> None:
        seen: asyncio.Queue[Any] = asyncio.Queue()
        rtm = AsyncAgentRTM("dal:x", organization_id="o", base_url=server.url)

        @rtm.on_error
        async def hook(error: Exception, push: Any) -> None:
            await seen.put((error, push))

        @rtm.on(ThreadDeleted)
        async def handler(push: ThreadDeleted) -> None:
            raise LookupError("oops")

        async with rtm, asyncio.timeout(PATIENCE):
            deleted(server, "A")
            error, push = await seen.get()
        assert isinstance(error, LookupError)
        assert push.chat_id == "A"

    asyncio.run(story())


@pytest.mark.parametrize("how", ["awaited", "raised", "timeout"])
def test_cancelled_error_in_a_handler_does_not_end_the_feed(server: FakeRTM, how: str):
    async def story() -> list[str]:
        got: list[str] = []
        failed: list[Exception] = []
        done = asyncio.Event()
        rtm = AsyncAgentRTM("dal:x", organization_id="o", base_url=server.url)
        rtm.on_error(lambda error, push: failed.append(error))

        @rtm.on(ThreadDeleted)
        async def handler(push: ThreadDeleted) -> None:
            got.append(push.thread_id)
            if push.thread_id == "1" and how == "awaited":
                helper = asyncio.create_task(asyncio.sleep(60))
                helper.cancel()
                await helper
            elif push.thread_id == "1" and how == "raised":
                raise asyncio.CancelledError
            elif push.thread_id == "1":
                async with asyncio.timeout(0):
                    await asyncio.sleep(60)
            if push.thread_id == "3":
                done.set()

        async with rtm, asyncio.timeout(PATIENCE):
            for number in range(4):
                deleted(server, "A", f"{number}")
            await done.wait()
        assert len(failed) == 1
        return got

    assert asyncio.run(story()) == ["0", "1", "2", "3"]


class OddError(BaseException):
    pass


ODD_ERRORS: list[BaseException] = [
    SystemExit(3),
    KeyboardInterrupt(),
    GeneratorExit(),
    asyncio.CancelledError(),
    StopIteration(),
    OddError("odd"),
    BaseExceptionGroup("two", [OddError(), ValueError()]),
]


@pytest.mark.parametrize("place", ["handler", "hook"])
@pytest.mark.parametrize("error", ODD_ERRORS, ids=lambda error: type(error).__name__)
def test_nothing_that_is_raised_keeps_the_next_push_of_its_chat(
    server: FakeRTM,
    kit: Kit,
    error: BaseException,
    place: str,
    caplog: pytest.LogCaptureFixture,
):
    got, seen = queue.SimpleQueue[str](), queue.SimpleQueue[Exception]()
    rtm = kit.client(close_timeout=PATIENCE)

    @rtm.on_error
    def hook(failure: Exception, push: Any) -> None:
        seen.put(failure)
        if place == "hook":
            raise error

    @rtm.on(ThreadDeleted)
    def handler(push: ThreadDeleted) -> None:
        got.put(push.thread_id)
        if push.thread_id == "1":
            raise error if place == "handler" else ValueError

    rtm.connect()
    for number in range(4):
        deleted(server, "A", f"{number}")
    assert [got.get(timeout=PATIENCE) for _ in range(4)] == ["0", "1", "2", "3"]
    rtm.close()
    failure = seen.get(timeout=PATIENCE)
    assert seen.empty()
    if place == "handler":
        assert isinstance(failure, Exception)
        assert error in (failure, failure.__cause__)
        assert caplog.text == ""
    else:
        assert [record.getMessage() for record in caplog.records] == ["the error hook failed"]
    assert (rtm.stats.handled, rtm.stats.handler_errors) == (4, 1)


@pytest.mark.parametrize("error", ODD_ERRORS, ids=lambda error: type(error).__name__)
def test_nothing_that_an_async_handler_raises_keeps_the_next_push(
    server: FakeRTM, error: BaseException
):
    async def story() -> tuple[list[str], list[Exception]]:
        got: list[str] = []
        failed: list[Exception] = []
        done = asyncio.Event()
        rtm = AsyncAgentRTM("dal:x", organization_id="o", base_url=server.url)
        rtm.on_error(lambda failure, push: failed.append(failure))

        @rtm.on(ThreadDeleted)
        async def handler(push: ThreadDeleted) -> None:
            got.append(push.thread_id)
            if push.thread_id == "1":
                raise error
            if push.thread_id == "3":
                done.set()

        async with rtm, asyncio.timeout(PATIENCE):
            for number in range(4):
                deleted(server, "A", f"{number}")
            await done.wait()
        return got, failed

    got, (failure,) = asyncio.run(story())
    assert got == ["0", "1", "2", "3"]
    assert error in (failure, failure.__cause__)


def test_ctrl_c_in_a_handler_reaches_the_loop_and_the_chat_goes_on(server: FakeRTM):
    """Without ``asyncio.run``, which takes SIGINT itself, Ctrl-C shows up in the handler."""
    got: list[str] = []
    failed: list[Exception] = []
    rtm = AsyncAgentRTM("dal:x", organization_id="o", base_url=server.url)
    rtm.on_error(lambda failure, push: failed.append(failure))
    loop = asyncio.new_event_loop()
    done = asyncio.Event()

    @rtm.on(ThreadDeleted)
    async def handler(push: ThreadDeleted) -> None:
        got.append(push.thread_id)
        if push.thread_id == "1":
            raise KeyboardInterrupt
        if push.thread_id == "2":
            done.set()

    async def live() -> None:
        await rtm.connect()
        for number in range(3):
            deleted(server, "A", f"{number}")
        async with asyncio.timeout(PATIENCE):
            await done.wait()

    try:
        with ctrl_c(), pytest.raises(KeyboardInterrupt):
            loop.run_until_complete(live())
        loop.run_until_complete(asyncio.wait_for(done.wait(), PATIENCE))
        loop.run_until_complete(rtm.close())
        loop.run_until_complete(asyncio.sleep(0))
    finally:
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()
    assert got == ["0", "1", "2"]
    assert [type(failure.__cause__) for failure in failed] == [KeyboardInterrupt]


def test_handler_that_closes_its_session_does_not_wait_for_itself(server: FakeRTM):
    """``close`` would give up after ``close_timeout``, which is longer than anybody waits here."""
    closed = threading.Event()
    rtm = AgentRTM("dal:x", organization_id="o", base_url=server.url, close_timeout=60 * PATIENCE)

    @rtm.on(ThreadDeleted)
    def handler(push: ThreadDeleted) -> None:
        rtm.close()
        closed.set()

    rtm.connect()
    deleted(server, "A")
    assert closed.wait(PATIENCE)
    rtm.wait_closed(PATIENCE)


def test_slow_handler_loses_the_oldest_and_the_loss_is_counted(
    server: FakeRTM, kit: Kit, caplog: pytest.LogCaptureFixture
):
    rush, losses, marks = Rush(), queue.SimpleQueue[Any](), queue.SimpleQueue[Any]()
    rtm = kit.client(close_timeout=PATIENCE)
    rtm.on(ThreadDeleted, queue=2)(kit.handler(rush.handle))
    rtm.on(PushesLost)(losses.put)
    rtm.on(ChatDeleted)(marks.put)
    rtm.connect()
    deleted(server, "A", "0")
    rush.begun.get(timeout=PATIENCE)
    for number in range(1, 6):
        deleted(server, "A", f"{number}")
    server.push("chat_deleted", {"chat_id": "B"})
    assert marks.get(timeout=PATIENCE)
    rush.gate.set()
    rtm.close()
    assert rush.order == {"A": ["0", "4", "5"]}
    overflow = 0
    while not losses.empty():
        overflow += losses.get().overflow
    assert overflow == 3
    assert rtm.stats.dropped == 3
    assert caplog.text.count("too slow") == 1


def test_stuck_handler_does_not_pile_up_calls(server: FakeRTM, kit: Kit):
    rush, marks = Rush(), queue.SimpleQueue[Any]()
    rtm = kit.client(close_timeout=PATIENCE)
    rtm.on(ThreadDeleted, queue=3)(kit.handler(rush.handle))
    rtm.on(ChatDeleted)(marks.put)
    rtm.connect()
    deleted(server, "A")
    rush.begun.get(timeout=PATIENCE)
    for number in range(500):
        deleted(server, "A", f"{number}")
    server.push("chat_deleted", {"chat_id": "B"})
    assert marks.get(timeout=PATIENCE)
    line = rtm.inner._line if kit.loop else rtm._line
    assert sum(map(len, line.handlers._due.values())) <= 3
    rush.gate.set()
    rtm.close()


def test_handlers_stay_one_by_one_after_a_second_connect(server: FakeRTM):
    """The handler of the first session is still at work when the second one begins."""
    rush = Rush()
    rtm = AgentRTM("dal:x", organization_id="o", base_url=server.url, close_timeout=0.05)
    rtm.on(ThreadDeleted)(rush.handle)
    rtm.connect()
    deleted(server, "A", "first")
    assert rush.begun.get(timeout=PATIENCE) == "A"
    rtm.close()
    rtm.connect()
    deleted(server, "A", "second")
    deleted(server, "B", "other")
    assert rush.begun.get(timeout=PATIENCE) == "B"
    rush.gate.set()
    assert rush.begun.get(timeout=PATIENCE) == "A"
    until(lambda: rush.order == {"A": ["first", "second"], "B": ["other"]})
    assert rush.most_of_a_chat == 1
    rtm.close()


def test_close_waits_for_handlers_within_its_time(server: FakeRTM, kit: Kit):
    rush = Rush()
    rtm = kit.client(close_timeout=PATIENCE)
    rtm.on(ThreadDeleted)(kit.handler(rush.handle))
    rtm.connect()
    deleted(server, "A", "1")
    deleted(server, "A", "2")
    rush.begun.get(timeout=PATIENCE)
    closing = in_thread(rtm.close)
    rush.gate.set()
    closing.get()
    assert rush.order == {"A": ["1", "2"]}


def test_handler_that_does_not_end_is_cancelled_by_close(server: FakeRTM):
    async def story() -> list[str]:
        got: list[str] = []
        rtm = AsyncAgentRTM("dal:x", organization_id="o", base_url=server.url, close_timeout=0.05)

        @rtm.on(ThreadDeleted)
        async def handler(push: ThreadDeleted) -> None:
            got.append(push.thread_id)
            try:
                await asyncio.sleep(3600)
            finally:
                got.append("cancelled")

        async with rtm:
            deleted(server, "A", "1")
            deleted(server, "A", "2")
            while not got:
                await asyncio.sleep(0)
        assert len(asyncio.all_tasks()) == 1
        return got

    assert asyncio.run(story()) == ["1", "cancelled"]


def test_async_function_is_refused_by_the_sync_client():
    rtm = AgentRTM("dal:x", organization_id="o", base_url="http://127.0.0.1:1")

    async def handler(push: Any) -> None: ...

    with pytest.raises(InvalidArgument, match="AsyncAgentRTM"):
        rtm.on(ThreadDeleted)(handler)


def test_handler_must_be_callable(kit: Kit):
    with pytest.raises(InvalidArgument, match="handler"):
        kit.client().on(ThreadDeleted)("handler")


def test_threads_of_handlers_end_with_the_session(server: FakeRTM):
    # Those of an earlier test may still be on their way out.
    before = set(threading.enumerate())

    def ours() -> list[str]:
        fresh = set(threading.enumerate()) - before
        return [thread.name for thread in fresh if thread.name.startswith("frontdesk-rtm")]

    got = queue.SimpleQueue[Any]()
    with AgentRTM("dal:x", organization_id="o", base_url=server.url) as rtm:
        rtm.on(ThreadDeleted)(got.put)
        deleted(server, "A")
        assert got.get(timeout=PATIENCE)
        assert ours()
    until(lambda: not ours())
