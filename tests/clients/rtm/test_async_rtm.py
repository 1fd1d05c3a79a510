"""What the async client alone does."""

import asyncio
import threading

import pytest

from frontdesk import AsyncAgentRTM
from frontdesk.clients.rtm.async_rtm import AsyncRTMDriver
from frontdesk.core.rtm.session import State
from frontdesk.errors import (
    InvalidArgument,
)
from frontdesk.models import Message
from frontdesk.pushes import ChatDeleted

from ._clients import Kit
from ._server import FakeRTM, silent


def test_handler_may_be_async_with_the_async_client(server: FakeRTM):
    kit = Kit("async", server.url)
    got: list[str] = []
    done = threading.Event()
    with kit.connected() as rtm:

        async def handler(push: ChatDeleted) -> None:
            await rtm.inner.list_chats()
            got.append(push.chat_id)
            done.set()

        rtm.on(ChatDeleted)(handler)
        server.push("chat_deleted", {"chat_id": "A"})
        assert done.wait(10)
    assert got == ["A"]
    kit.stop()


def test_subscription_has_one_reader(server: FakeRTM):
    async def story() -> None:
        async with AsyncAgentRTM("dal:x", organization_id="o", base_url=server.url) as rtm:
            subscription = rtm.pushes(ChatDeleted)
            first = asyncio.create_task(anext(subscription))
            await asyncio.sleep(0)
            with pytest.raises(InvalidArgument, match="one reader"):
                await anext(subscription)
            server.push("chat_deleted", {"chat_id": "A"})
            assert await first

    asyncio.run(story())


def test_cancelled_call_leaves_the_session_usable(server: FakeRTM):
    server.responses["send_event"] = silent

    async def story() -> None:
        async with AsyncAgentRTM("dal:x", organization_id="o", base_url=server.url) as rtm:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05):
                    await rtm.send_event(chat_id="A", event=Message(text="hi"))
            assert (await rtm.list_chats()).found_chats == 0

    asyncio.run(story())


def test_cancelled_connect_leaves_nothing_behind(server: FakeRTM):
    server.responses["login"] = silent

    async def story() -> None:
        rtm: AsyncRTMDriver = AsyncAgentRTM("dal:x", organization_id="o", base_url=server.url)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await rtm.connect()
        assert rtm.state is State.CLOSED
        assert len(asyncio.all_tasks()) == 1

    asyncio.run(story())
