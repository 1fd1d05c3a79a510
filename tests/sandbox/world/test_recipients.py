"""Which agents get a push about a chat."""

from frontdesk.actions import (
    FollowChat,
    SendEvent,
)
from frontdesk.models import (
    Message,
)

from .._desk import GARCIA, SMITH


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
