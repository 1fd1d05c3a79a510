"""What type checkers know of RTM; checked by mypy and pyright, never run."""

from typing import assert_type

from frontdesk import AgentRTM, AsyncAgentRTM, PushesLost, Reconnected
from frontdesk.actions import ListChats, SetAwayStatus
from frontdesk.clients._rtm_async import AsyncSubscription
from frontdesk.clients._rtm_sync import SyncSubscription
from frontdesk.models import ChatsPage, LoginResponse, Message, SentEvent, UnknownEvent
from frontdesk.pushes import ChatDeactivated, IncomingEvent, Push, decode


def sync(rtm: AgentRTM) -> None:
    assert_type(rtm.send_event(chat_id="C", event=Message(text="hi")), SentEvent)
    assert_type(rtm(ListChats()), ChatsPage)
    assert_type(rtm(SetAwayStatus(away=True)), None)
    assert_type(rtm.login_response, LoginResponse)
    assert_type(rtm.pushes(), SyncSubscription[Push])
    assert_type(
        rtm.pushes(IncomingEvent, Reconnected), SyncSubscription[IncomingEvent | Reconnected]
    )
    for item in rtm.pushes(IncomingEvent, ChatDeactivated):
        assert_type(item, IncomingEvent | ChatDeactivated | PushesLost)
        if isinstance(item, PushesLost):
            assert_type(item.overflow, int)
        else:
            assert_type(item.chat_id, str)
    assert_type(rtm.pushes(IncomingEvent).get(timeout=1), IncomingEvent | PushesLost | None)

    @rtm.on(IncomingEvent)
    def handler(push: IncomingEvent) -> str:
        return push.chat_id

    push = IncomingEvent(chat_id="C", thread_id="T", event=UnknownEvent(raw={}))
    assert_type(handler(push), str)


async def asynchronous(rtm: AsyncAgentRTM) -> None:
    assert_type(await rtm.send_event(chat_id="C", event=Message(text="hi")), SentEvent)
    assert_type(await rtm(ListChats()), ChatsPage)
    assert_type(rtm.pushes(IncomingEvent), AsyncSubscription[IncomingEvent])
    async with rtm, rtm.pushes(IncomingEvent, ChatDeactivated) as pushes:
        async for item in pushes:
            assert_type(item, IncomingEvent | ChatDeactivated | PushesLost)
    async with rtm as same:
        assert_type(same, AsyncAgentRTM)


def pushes() -> None:
    assert_type(decode("incoming_event", b"{}"), Push)
    assert_type(IncomingEvent.spec.name, str)
