"""One client for many threads, tasks, loops and processes, and no connection left over."""

import asyncio
import gc
import logging
import os
import ssl
import threading
import traceback
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from frontdesk import AgentClient, AsyncAgentClient, BearerToken, Call, errors
from frontdesk.models import Message

from ..loopback import Connection, Got, Loopback, Responder, error, head, reply, silence
from ..web import TOKEN, Kit

pytestmark = pytest.mark.usefixtures("small_heap")

can_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
threads_and_forks = pytest.mark.filterwarnings(
    "ignore:This process .* is multi-threaded:DeprecationWarning"
)


def echo() -> Responder:
    """Tells the chat of the request, so that mixed-up responses show."""

    async def respond(connection: Connection, got: Got) -> bool:
        return await reply({"event_id": got.json["chat_id"]})(connection, got)

    return respond


def only(token: BearerToken) -> Responder:
    """Accepts no other token."""

    async def respond(connection: Connection, got: Got) -> bool:
        if got.headers["authorization"] == token.authorization:
            return await echo()(connection, got)
        return await error("authentication", status=401)(connection, got)

    return respond


def half_a_body() -> Responder:
    async def respond(connection: Connection, got: Got) -> bool:
        connection.send(head(200, {"Content-Length": "1000"}) + b"{")
        return await silence()(connection, got)

    return respond


def send(client: Any, chat_id: str = "C1") -> str:
    event_id: str = client.send_event(chat_id=chat_id, event=Message(text="hi")).event_id
    return event_id


async def asend(client: AsyncAgentClient, chat_id: str = "C1") -> str:
    return (await client.send_event(chat_id=chat_id, event=Message(text="hi"))).event_id


def child(work: Callable[[], bool]) -> int:
    """Run the work in the child of a fork; return its exit code."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            code = 0 if work() else 2
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


# threads


def test_32_threads_share_a_client(server: Loopback) -> None:
    server.default = echo()
    with AgentClient(TOKEN, base_url=server.url) as client, ThreadPoolExecutor(32) as threads:
        chats = [f"C{number}" for number in range(640)]
        assert list(threads.map(lambda chat: send(client, chat), chats)) == chats
        assert server.opened <= 32
        assert client.meter.requests == 640
    server.wait_until(lambda: server.open == 0)


def test_threads_never_exceed_the_budget_together(server: Loopback) -> None:
    server.default = echo()
    refused: list[errors.BudgetExceeded] = []

    def work(number: int) -> None:
        try:
            send(client)
        except errors.BudgetExceeded as error:
            refused.append(error)

    client = AgentClient(TOKEN, base_url=server.url, budget=50)
    with client, ThreadPoolExecutor(16) as threads:
        list(threads.map(work, range(100)))
    assert len(server.requests) == 50
    assert len(refused) == 50


def test_calls_that_a_close_interrupts_are_told(server: Loopback) -> None:
    server.default = echo()
    client = AgentClient(TOKEN, base_url=server.url)
    send(client)
    client.close()
    client.close()
    with pytest.raises(errors.ClientClosed, match="make a new one"):
        send(client)
    server.wait_until(lambda: server.open == 0)


def test_close_waits_for_no_request_and_ends_none(server: Loopback) -> None:
    held = threading.Event()

    async def slow(connection: Connection, got: Got) -> bool:
        await asyncio.to_thread(held.wait, 30)
        return await echo()(connection, got)

    server.default = slow
    client = AgentClient(TOKEN, base_url=server.url)
    with ThreadPoolExecutor(1) as pool:
        under_way = pool.submit(send, client)
        server.wait_until(lambda: len(server.requests) == 1)
        client.close()
        assert not under_way.done()
        held.set()
        assert under_way.result(30) == "C1"
    server.wait_until(lambda: server.open == 0)


def test_a_client_that_is_forgotten_leaves_no_connection(server: Loopback) -> None:
    class Bot:
        def __init__(self) -> None:
            self.client = AgentClient(TOKEN, base_url=server.url, on_call=self.note)

        def note(self, call: Call) -> None: ...

    server.default = echo()
    send(Bot().client)
    gc.collect()
    server.wait_until(lambda: server.open == 0)


# tasks


def test_200_tasks_share_a_client(server: Loopback) -> None:
    server.default = echo()
    chats = [f"C{number}" for number in range(600)]

    async def main() -> list[str]:
        async with AsyncAgentClient(TOKEN, base_url=server.url) as client:
            several = asyncio.Semaphore(200)

            async def one(chat: str) -> str:
                async with several:
                    return await asend(client, chat)

            return await asyncio.gather(*map(one, chats))

    assert asyncio.run(main()) == chats
    assert server.opened <= 100
    server.wait_until(lambda: server.open == 0)


@pytest.mark.parametrize("stuck", [silence, half_a_body])
def test_cancelled_tasks_leak_no_connection(
    server: Loopback, stuck: Callable[[], Responder]
) -> None:
    server.default = stuck()

    async def main() -> None:
        async with AsyncAgentClient(TOKEN, base_url=server.url) as client:
            # More than the pool holds, so that some are cancelled while they wait for a place.
            tasks = [asyncio.ensure_future(asend(client)) for _ in range(130)]
            await asyncio.to_thread(server.wait_until, lambda: len(server.requests) == 100)
            for task in tasks:
                task.cancel()
            results = await asyncio.gather(*tasks, return_exceptions=True)
            assert all(isinstance(result, asyncio.CancelledError) for result in results)
            await asyncio.to_thread(server.wait_until, lambda: server.open == 0)
            server.default = echo()
            assert await asyncio.gather(*(asend(client, str(n)) for n in range(130))) == [
                str(n) for n in range(130)
            ]

    asyncio.run(main())


def test_a_cancelled_pause_sends_nothing_more(server: Loopback) -> None:
    server.default = reply({"error": {"type": "too_many_requests"}}, 429, {"Retry-After": "20"})

    async def main() -> None:
        pausing = asyncio.Event()
        logger = logging.getLogger("pauses")
        logger.setLevel(logging.INFO)
        logger.addFilter(lambda record: pausing.set())
        async with AsyncAgentClient(TOKEN, base_url=server.url, logger=logger) as client:
            task = asyncio.ensure_future(asend(client))
            await pausing.wait()
            await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    asyncio.run(main())
    assert len(server.requests) == 1


def test_a_closed_async_client_is_told(server: Loopback) -> None:
    async def main() -> None:
        client = AsyncAgentClient(TOKEN, base_url=server.url)
        await client.close()
        await client.close()
        with pytest.raises(errors.ClientClosed, match="make a new one"):
            await asend(client)

    asyncio.run(main())


# loops


def run_twice(client: AsyncAgentClient, server: Loopback) -> None:
    server.default = echo()
    for chat in ("C1", "C2"):
        assert asyncio.run(asend(client, chat)) == chat
        server.wait_until(lambda: server.open == 0)
    gc.collect()
    assert server.opened == 2


def test_a_client_works_in_one_loop_after_another(server: Loopback) -> None:
    run_twice(AsyncAgentClient(TOKEN, base_url=server.url), server)


def test_a_client_works_in_one_loop_after_another_over_tls(secure: Loopback, bundle: Any) -> None:
    trusted = ssl.create_default_context(cafile=str(bundle))
    run_twice(AsyncAgentClient(TOKEN, base_url=secure.url, ssl_context=trusted), secure)


def test_a_client_can_be_closed_in_another_loop(server: Loopback) -> None:
    server.default = echo()
    client = AsyncAgentClient(TOKEN, base_url=server.url)
    asyncio.run(asend(client))
    asyncio.run(client.close())
    server.wait_until(lambda: server.open == 0)
    with pytest.raises(errors.ClientClosed):
        asyncio.run(asend(client))
    gc.collect()


def test_tasks_of_one_loop_after_another_wait_for_the_token(server: Loopback) -> None:
    asked: list[str] = []

    async def getter() -> BearerToken:
        await asyncio.sleep(0)
        asked.append("asked")
        return BearerToken(f"dal:{len(asked)}")

    client = AsyncAgentClient(getter, base_url=server.url)

    async def main() -> None:
        await asyncio.gather(*(asend(client) for _ in range(5)))

    server.default = echo()
    asyncio.run(main())
    server.default = only(BearerToken("dal:2"))
    asyncio.run(main())
    assert asked == ["asked", "asked"]
    gc.collect()


def test_a_forgotten_async_client_leaves_no_connection(server: Loopback) -> None:
    server.default = echo()

    async def main() -> None:
        client = AsyncAgentClient(TOKEN, base_url=server.url)
        await asend(client)
        del client
        gc.collect()
        await asyncio.to_thread(server.wait_until, lambda: server.open == 0)

    asyncio.run(main())


# forks


@can_fork
@threads_and_forks
def test_parent_and_child_of_a_fork_use_connections_of_their_own(server: Loopback) -> None:
    server.default = echo()
    with AgentClient(TOKEN, base_url=server.url) as client:
        send(client)
        assert child(lambda: send(client, "C2") == "C2" and send(client, "C3") == "C3") == 0
        assert send(client, "C4") == "C4"
    assert [got.connection for got in server.requests] == [1, 2, 2, 1]
    assert [got.json["chat_id"] for got in server.requests] == ["C1", "C2", "C3", "C4"]


@can_fork
@threads_and_forks
def test_a_fork_while_another_thread_gets_the_token(server: Loopback) -> None:
    inside, go_on = threading.Event(), threading.Event()
    parent = os.getpid()

    def getter() -> str:
        if os.getpid() == parent:
            inside.set()
            go_on.wait(10)
        return TOKEN

    server.default = echo()
    with AgentClient(getter, base_url=server.url) as client:
        thread = threading.Thread(target=send, args=(client,))
        thread.start()
        assert inside.wait(10)
        assert child(lambda: send(client, "C2") == "C2") == 0
        go_on.set()
        thread.join(10)
        assert send(client, "C3") == "C3"


@can_fork
@threads_and_forks
def test_the_child_closes_the_client_and_the_parent_goes_on(server: Loopback) -> None:
    server.default = echo()

    def work() -> bool:
        client.close()
        return True

    with AgentClient(TOKEN, base_url=server.url) as client:
        send(client)
        assert child(work) == 0
        assert send(client, "C2") == "C2"
    assert server.opened == 1


@can_fork
@threads_and_forks
@pytest.mark.parametrize("inside", [False, True], ids=["between loops", "inside a loop"])
def test_the_child_of_a_fork_runs_a_loop_of_its_own(server: Loopback, inside: bool) -> None:
    server.default = echo()
    client = AsyncAgentClient(TOKEN, base_url=server.url)

    def work() -> bool:
        response = asyncio.run(asend(client, "C2")) == "C2"
        gc.collect()
        return response

    async def main() -> None:
        assert await asend(client) == "C1"
        if inside:
            assert child(work) == 0
            assert await asend(client, "C3") == "C3"
            assert [got.connection for got in server.requests] == [1, 2, 1]

    def run(work: Coroutine[Any, Any, None]) -> None:
        asyncio.run(work)

    run(main())
    if not inside:
        assert child(work) == 0
    gc.collect()
    assert [got.json["chat_id"] for got in server.requests][:2] == ["C1", "C2"]


# one pool for all copies


def test_copies_share_connections_token_and_meter(kit: Kit, server: Loopback) -> None:
    asked: list[str] = []

    def getter() -> str:
        asked.append("asked")
        return TOKEN

    server.default = echo()
    client = kit.client(server, getter)
    copy = client.with_options(timeout=3, retry=1)
    assert [send(client), send(copy), send(client)] == ["C1"] * 3
    assert server.opened == 1
    assert asked == ["asked"]
    assert client.meter.requests == copy.meter.requests == 3


def test_a_new_token_of_one_copy_serves_the_others(kit: Kit, server: Loopback) -> None:
    tokens = iter(["dal:first", "dal:second", "dal:third"])
    server.default = echo()
    client = kit.client(server, lambda: next(tokens))
    copy = client.with_options(budget=10)
    send(client)
    server.respond(reply({"error": {"type": "authentication"}}, 401))
    send(copy)
    send(client)
    used = [got.headers["authorization"] for got in server.requests]
    assert used == [f"Bearer dal:{n}" for n in ("first", "first", "second", "second")]
    assert (client.meter.requests, copy.meter.requests) == (2, 2)
