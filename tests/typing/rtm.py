"""What type checkers know of RTM; checked by mypy and pyright, never run."""

from typing import Any, assert_type

from frontdesk import (
    AgentRTM,
    AsyncAgentRTM,
    AsyncSubscription,
    PushesLost,
    Reconnected,
    SessionStats,
    Subscription,
)
from frontdesk.actions import ListChats, SetAwayStatus
from frontdesk.models import ChatsPage, LoginResponse, Message, SentEvent, UnknownEvent
from frontdesk.pushes import ChatDeactivated, IncomingEvent, Push, decode


def sync(rtm: AgentRTM) -> None:
    assert_type(rtm.send_event(chat_id="C", event=Message(text="hi")), SentEvent)
    assert_type(rtm(ListChats()), ChatsPage)
    assert_type(rtm(SetAwayStatus(away=True)), None)
    assert_type(rtm.login_response, LoginResponse)
    assert_type(rtm.pushes(), Subscription[Push])
    assert_type(rtm.pushes(IncomingEvent, Reconnected), Subscription[IncomingEvent | Reconnected])
    for push in rtm.pushes(IncomingEvent):
        assert_type(push, IncomingEvent)
        assert_type(push.event.id, str)
    for item in rtm.pushes(IncomingEvent, ChatDeactivated, PushesLost, chat_id="C", queue=3):
        assert_type(item, IncomingEvent | ChatDeactivated | PushesLost)
        if isinstance(item, PushesLost):
            assert_type(item.overflow, int)
        else:
            assert_type(item.chat_id, str)
    assert_type(rtm.pushes(IncomingEvent).get(timeout=1), IncomingEvent | None)
    assert_type(
        rtm.wait_for(IncomingEvent, check=lambda event: event.chat_id, timeout=1), IncomingEvent
    )
    assert_type(
        rtm.wait_for(IncomingEvent, ChatDeactivated, chat_id=["C", "D"], author_id="a"),
        IncomingEvent | ChatDeactivated,
    )
    assert_type(rtm.stats, SessionStats)
    assert_type(rtm.stats.drops, int)

    @rtm.on(IncomingEvent)
    def handler(push: IncomingEvent) -> str:
        return push.chat_id

    push = IncomingEvent(chat_id="C", thread_id="T", event=UnknownEvent(raw={}))
    assert_type(handler(push), str)
    assert_type(rtm.off(handler), bool)

    @rtm.on_error
    def report(error: Exception, item: Any) -> None:
        raise error

    assert_type(report(ValueError(), push), None)


async def asynchronous(rtm: AsyncAgentRTM) -> None:
    assert_type(await rtm.send_event(chat_id="C", event=Message(text="hi")), SentEvent)
    assert_type(await rtm(ListChats()), ChatsPage)
    assert_type(rtm.pushes(IncomingEvent), AsyncSubscription[IncomingEvent])
    async with rtm, rtm.pushes(IncomingEvent, ChatDeactivated) as pushes:
        async for item in pushes:
            assert_type(item, IncomingEvent | ChatDeactivated)
        assert_type(await pushes.get(timeout=1), IncomingEvent | ChatDeactivated | None)
    assert_type(await rtm.wait_for(IncomingEvent, chat_id="C", timeout=1.5), IncomingEvent)
    assert_type(
        await rtm.wait_for(IncomingEvent, ChatDeactivated, Reconnected, check=bool),
        IncomingEvent | ChatDeactivated | Reconnected,
    )

    @rtm.on(IncomingEvent, author_id="ann@example.com")
    async def handler(push: IncomingEvent) -> None:
        assert_type(push.chat_id, str)

    assert_type(rtm.off(handler, IncomingEvent), bool)
    async with rtm as same:
        assert_type(same, AsyncAgentRTM)


def pushes() -> None:
    assert_type(decode("incoming_event", b"{}"), Push)
    assert_type(IncomingEvent.spec.name, str)
