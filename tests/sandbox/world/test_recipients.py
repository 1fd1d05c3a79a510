"""Which agents get a push about a chat."""

import pytest

from frontdesk.actions import DeactivateChat, FollowChat, SendEvent
from frontdesk.models import Access, InitialChat, Message
from frontdesk.sandbox.world import recipients

from .._desk import GARCIA, JONES, SMITH


def send(desk, chat_id, event, by=None, **kwargs):
    return desk.call(SendEvent(chat_id=chat_id, event=event, **kwargs), by)


def test_members_and_followers_are_told(desk):
    chat_id = desk.start()
    garcia = desk.requester(GARCIA, "chats--all:ro")
    desk.call(FollowChat(id=chat_id), garcia)
    desk.forget()
    desk.write(chat_id, "hi")
    (effect,) = desk.effects("incoming_event")
    assert set(effect.recipients.agent_ids) == {SMITH, GARCIA}
    assert effect.recipients.group_ids == ()
    assert (effect.push, effect.webhook) == ("incoming_event", "incoming_event")
    assert effect.payload.event.text == "hi"
    assert (effect.actor.id, effect.author_type) == (SMITH, "agent")
    assert effect.to_customer


def test_what_is_for_agents_does_not_reach_the_customer(desk):
    customer = desk.visitor()
    desk.only(SMITH)
    desk.say(customer, "hello")
    chat_id = desk.chat_of(customer)
    desk.forget()
    send(desk, chat_id, Message(text="psst", visibility="agents"))
    (effect,) = desk.effects("incoming_event")
    assert not effect.to_customer
    from frontdesk.sandbox.world.people import customer_actions

    assert [event.text for event in desk.unit(customer_actions.transcript, customer)] == ["hello"]


@pytest.mark.parametrize("groups", [[0], [1, 3], [2]])
def test_everybody_with_access_learns_of_key_changes(desk, groups):
    garcia = desk.requester(GARCIA, "chats--all:ro")
    chat_id = desk.start(chat=InitialChat(access=Access(group_ids=groups)), continuous=True)
    desk.call(FollowChat(id=chat_id), garcia)
    chat = desk.world.store.chats.read(chat_id)
    everybody = recipients.agents_with_access(chat, JONES)
    assert set(everybody.agent_ids) == {SMITH, GARCIA, JONES}
    assert everybody.group_ids == tuple(groups)
    started, *_ = desk.effects("incoming_chat")
    desk.forget()
    desk.call(DeactivateChat(id=chat_id))
    (closed,) = desk.effects("chat_deactivated")
    assert started.recipients.group_ids == closed.recipients.group_ids == tuple(groups)
