"""RTM, Web, webhooks and the embedded sandbox act upon one world."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from frontdesk import errors
from frontdesk.models import Message
from frontdesk.pushes import (
    ChatDeactivated,
    IncomingChat,
    IncomingCustomers,
    IncomingEvent,
    RoutingStatusSet,
)
from frontdesk.sandbox import Sandbox

from ..._rtm_line import JONES, SMITH


def take(subscription, count=1):
    """The next pushes; each test has a time-out of its own."""
    return [next(subscription) for _ in range(count)]


def test_web_calls_cause_pushes_and_rtm_calls_are_seen_over_web(served):
    web = served.client()
    with served.rtm_client() as rtm:
        events = rtm.pushes(IncomingEvent)
        started = web.start_chat(continuous=True)
        web.send_event(chat_id=started.chat_id, event=Message(text="over Web"))
        (push,) = take(events)
        assert (push.chat_id, push.event.text) == (started.chat_id, "over Web")
        assert push.request_id is None
        sent = rtm.send_event(chat_id=started.chat_id, event=Message(text="over RTM"))
        assert take(events)[0].event.id == sent.event_id
        texts = [
            event.text
            for event in web.get_chat(chat_id=started.chat_id).thread.events
            if event.type == "message"
        ]
        assert texts == ["over Web", "over RTM"]
        rtm.deactivate_chat(id=started.chat_id)
        assert web.get_chat(chat_id=started.chat_id).thread.active is False


def test_one_session_sees_what_another_does(served):
    with served.rtm_client("owner") as first, served.rtm_client("agent") as second:
        statuses = first.pushes(RoutingStatusSet)
        second.set_routing_status(status="not_accepting_chats")
        assert take(statuses)[0].agent_id == JONES


def test_an_embedded_sandbox_serves_rtm_when_it_is_asked_to(sandbox):
    """The Web clients and the customers go on without a socket."""
    web = sandbox.client()
    with sandbox.rtm_client() as rtm:
        assert sandbox.url == "http://frontdesk.sandbox"
        chats = rtm.pushes(IncomingChat)
        sandbox.customer("Ann").say("hello")
        (customer, *_) = take(chats)[0].chat.users
        assert customer.name == "Ann"
        started = web.start_chat()
        assert take(chats)[0].chat.id == started.chat_id
        assert [one.agent_id for one in sandbox.rtm.connections()] == [SMITH]
    assert sandbox.rtm.connections() == []


def test_what_follows_from_time_is_pushed(sandbox):
    with sandbox.rtm_client() as rtm:
        closed = rtm.pushes(ChatDeactivated)
        sandbox.client().start_chat()
        sandbox.advance(3 * 24 * 3600)
        assert take(closed)[0].user_id is None


def test_over_tls():
    with Sandbox.serve("empty", tls=True) as sandbox:
        assert sandbox.rtm_url.startswith("wss://")
        with sandbox.rtm_client() as rtm:
            assert rtm.login_response.my_profile.id == SMITH
            sandbox.rtm.cut(how="reset")
            assert rtm.list_chats().found_chats == 0


def test_async_sessions(served):
    async def main():
        customer = served.customer("Ann")
        async with (
            served.async_rtm_client("owner") as first,
            served.async_rtm_client("agent") as second,
        ):
            chats = first.pushes(IncomingChat), second.pushes(IncomingChat)
            await asyncio.to_thread(customer.say, "hello")
            pushes = [await anext(one) for one in chats]
            assert pushes[0].chat.id == pushes[1].chat.id == customer.chat_id

    asyncio.run(main())


def test_the_client_follows_to_the_right_data_centre(served):
    with served.rtm_client("owner", region="fra") as rtm:
        assert rtm.login_response.my_profile.id == SMITH
    assert len(served.calls("login")) == 1


def test_a_client_is_told_why_it_cannot_connect(served):
    for options, kind in [
        ({"token": "Bearer dal:nobody"}, errors.AuthenticationError),
        ({"token": "expired"}, errors.AuthenticationError),
        ({"token": "bot"}, errors.AuthorizationError),
        ({"organization_id": "somebody-elses"}, errors.Disconnected),
        ({"version": "3.1"}, errors.Disconnected),
    ]:
        with pytest.raises(kind), served.rtm_client(**options):
            pass


def test_customers_come_right_after_the_log_in(served):
    seen = []
    rtm = served.rtm_client("owner", customer_monitoring_level="online")
    rtm.on(IncomingCustomers)(seen.append)
    served.customer("Ann").visit("https://www.example.com/")
    with rtm:
        rtm.list_chats()
    assert "Ann" in [customer.name for customer in seen[0].customers]


@pytest.mark.parametrize("count", [50])
def test_many_sessions(served, count):
    """All get what concerns all, and the requester alone gets its request id."""

    async def main():
        async with AsyncExitStack() as stack:
            clients = [served.async_rtm_client("owner") for _ in range(count)]
            for client in clients:
                await stack.enter_async_context(client)
            assert len(served.rtm.connections(SMITH)) == count
            chats = [client.pushes(IncomingChat) for client in clients]
            started = await clients[0].start_chat()
            pushes = [await anext(one) for one in chats]
            assert {push.chat.id for push in pushes} == {started.chat_id}
            assert [push.request_id is None for push in pushes].count(False) == 1

    asyncio.run(main())
    assert served.rtm.connections() == []
