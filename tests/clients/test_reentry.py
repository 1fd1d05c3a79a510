"""Functions of the user's that use the client they are called by: an error, never a deadlock."""

import asyncio
import os
import threading
from typing import Any

import pytest

from frontdesk import AgentClient, AsyncAgentClient, AsyncPages, InvalidArgument
from frontdesk.models import Message

from ..loopback import Loopback, error, reply
from ..web import Kit

pytestmark = pytest.mark.timeout(20)
EVENT = {"event_id": "E"}
PAGE = {"chats": [], "found_chats": 0}


def send(client: Any) -> Any:
    return client.send_event(chat_id="C1", event=Message(text="hi"))


class Own:
    """A token function that calls a client, itself or through a copy."""

    def __init__(self, kit: Kit, through: str) -> None:
        self.kit, self.through = kit, through
        self.client: Any = None
        self.raised: list[BaseException] = []
        self.busy = True
        if kit.is_async:
            self.get: Any = self.get_async
        else:
            self.get = self.get_sync

    def get_sync(self) -> str:
        try:
            if self.busy:
                send(self.chosen(self.client))
        except InvalidArgument as refusal:
            self.raised.append(refusal)
            raise
        return "dal:x"

    async def get_async(self) -> str:
        call = send(self.chosen(self.client.client)) if self.busy else asyncio.sleep(0)
        try:
            await (asyncio.create_task(call) if self.through == "task" else call)
        except InvalidArgument as refusal:
            self.raised.append(refusal)
            raise
        return "dal:x"

    def chosen(self, client: Any) -> Any:
        return client.with_options(timeout=3) if self.through == "copy" else client


@pytest.mark.parametrize("through", ["itself", "copy", "task"])
def test_a_token_function_must_not_call_its_own_client(
    kit: Kit, server: Loopback, through: str
) -> None:
    server.default = reply(EVENT)
    own = Own(kit, through)
    own.client = kit.client(server, own.get)
    with pytest.raises(InvalidArgument, match="calls the client it is for") as caught:
        send(own.client)
    assert caught.value.field == "token"
    assert len(own.raised) == 1
    assert server.names == []
    own.busy = False
    assert send(own.client).event_id == "E", "the client is as good as before"


def test_renewing_must_not_call_its_own_client_either(kit: Kit, server: Loopback) -> None:
    own = Own(kit, "copy")
    own.client = kit.client(server, own.get)
    own.busy = False
    server.default = reply(EVENT)
    send(own.client)
    own.busy = True
    server.default = error("authentication", status=401)
    with pytest.raises(InvalidArgument, match="calls the client it is for"):
        send(own.client)


def test_a_token_function_may_call_another_client(kit: Kit, server: Loopback) -> None:
    server.default = reply(EVENT)
    own = Own(kit, "itself")
    own.client = kit.client(server, "dal:y")
    assert send(kit.client(server, own.get)).event_id == "E"


def test_a_task_that_outlives_the_token_function_may_call_the_client(server: Loopback) -> None:
    server.default = reply(EVENT)
    release = asyncio.Event()

    async def main() -> str:
        tasks: list[asyncio.Task[Any]] = []

        async def later() -> str:
            await release.wait()
            event_id: str = (await send(client)).event_id
            return event_id

        async def get() -> str:
            tasks.append(asyncio.create_task(later()))
            return "dal:x"

        async with AsyncAgentClient(get, base_url=server.url) as client:
            await send(client)
            release.set()
            return await tasks[0]  # type: ignore[no-any-return]

    assert asyncio.run(main()) == "E"


def test_other_threads_wait_for_the_token_function(server: Loopback) -> None:
    server.default = reply(EVENT)
    inside, release = threading.Event(), threading.Event()
    results: list[str] = []

    def get() -> str:
        inside.set()
        release.wait(10)
        return "dal:x"

    with AgentClient(get, base_url=server.url) as client:
        threads = [
            threading.Thread(target=lambda: results.append(send(client).event_id)) for _ in range(2)
        ]
        threads[0].start()
        inside.wait(10)
        threads[1].start()
        release.set()
        for thread in threads:
            thread.join(10)
    assert results == ["E", "E"]


@pytest.mark.parametrize("by", ["item", "page"])
def test_on_call_must_not_advance_the_pages_it_is_called_for(
    server: Loopback, by: str, caplog: pytest.LogCaptureFixture
) -> None:
    server.default = reply({**PAGE, "chats": [chat("C1")]})
    raised: list[BaseException] = []

    def on_call(call: Any) -> None:
        try:
            next(pages if by == "item" else pages.pages())
        except InvalidArgument as refusal:
            raised.append(refusal)
            raise

    with AgentClient("dal:x", base_url=server.url, on_call=on_call) as client:
        pages = client.iter_archives()
        assert [item.id for item in pages] == ["C1"]
    assert len(raised) == 1
    assert "must not advance the pages" in str(raised[0])
    assert "must not advance the pages" in caplog.text


def chat(id: str) -> Any:
    thread = {"id": "T", "active": False, "created_at": "2026-01-01T00:00:00Z", "events": []}
    return {"id": id, "users": [], "thread": thread}


def test_on_call_may_advance_other_pages(server: Loopback) -> None:
    server.default = reply({**PAGE, "chats": [chat("C1")]})
    seen: list[str] = []

    def on_call(call: Any) -> None:
        if not seen:
            seen.append("")
            seen.extend(item.id for item in client.iter_archives())

    with AgentClient("dal:x", base_url=server.url, on_call=on_call) as client:
        assert [item.id for item in client.iter_archives()] == ["C1"]
    assert seen == ["", "C1"]


@pytest.mark.parametrize("by", ["item", "page"])
def test_a_token_function_must_not_advance_the_pages_it_is_called_for(
    kit: Kit, server: Loopback, by: str
) -> None:
    server.default = reply({**PAGE, "chats": [chat("C1")]})
    box: dict[str, Any] = {}

    def get_sync() -> str:
        pages = box["pages"]
        next(pages if by == "item" else pages.pages())
        return "dal:x"

    async def get_async() -> str:
        pages: AsyncPages[Any] = box["pages"]
        await anext(pages if by == "item" else pages.pages())
        return "dal:x"

    box["pages"] = kit.client(server, get_async if kit.is_async else get_sync).iter_archives()
    with pytest.raises(InvalidArgument, match=r"^an `on_call` or token function must not"):
        kit.next(box["pages"])
    assert server.names == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_token_function_that_forks_serves_parent_and_child(server: Loopback) -> None:
    server.default = reply(EVENT)
    parent = os.getpid()
    children: list[int] = []

    def get() -> str:
        children.append(os.fork())
        return "dal:x"

    client = AgentClient(get, base_url=server.url)
    try:
        good = send(client).event_id == "E" and send(client).event_id == "E"
    except BaseException:
        good = False
    if os.getpid() != parent:
        os._exit(0 if good else 1)
    client.close()
    assert good
    assert os.waitstatus_to_exitcode(os.waitpid(children[0], 0)[1]) == 0
