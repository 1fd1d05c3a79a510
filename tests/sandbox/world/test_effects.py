"""What an effect sends."""

import msgspec

from frontdesk.models import MessageEvent
from frontdesk.pushes import IncomingEvent, ThreadTagged
from frontdesk.sandbox.world import Effect
from frontdesk.sandbox.world.actor import CustomerActor, Requester, requester_id

from .._desk import SMITH


def test_a_payload_is_encoded_once():
    effect = Effect(payload=ThreadTagged(chat_id="C", thread_id="T", tag="vip"))
    assert msgspec.json.decode(effect.json) == {"chat_id": "C", "thread_id": "T", "tag": "vip"}
    assert effect.json is effect.json


def test_an_event_in_it_is_the_json_that_the_store_keeps(desk):
    event = MessageEvent(
        id="T_1",
        created_at=desk.world.clock.now(),
        author_id=SMITH,
        text="new",
        visibility="all",
    )
    payload = IncomingEvent(chat_id="C", thread_id="T", event=event)
    effect = Effect(payload=payload, event_json=b'{"type": "message", "text": "kept"}')
    assert b'{"type": "message", "text": "kept"}' in effect.json
    assert msgspec.json.decode(effect.json)["chat_id"] == "C"


def test_an_event_is_pushed_as_it_is_stored(desk):
    chat_id = desk.start()
    desk.forget()
    event_id = desk.write(chat_id, "héllo")
    (effect,) = desk.effects("incoming_event")
    thread = desk.world.store.threads.get(event_id.rpartition("_")[0])
    assert desk.world.store.events.get(thread.num, 1).data in effect.json


def test_effects_have_the_actor_whole(desk):
    customer_id = desk.visitor()
    desk.say(customer_id)
    desk.forget()
    desk.say(customer_id, "again")
    desk.write(desk.chat_of(customer_id), by=desk.owner)
    by_customer, by_agent = desk.effects("incoming_event")
    assert by_customer.actor == CustomerActor(customer_id)
    assert by_agent.actor is desk.owner


def test_only_agents_and_bots_are_requesters():
    assert requester_id(Requester(id="a")) == "a"
    assert requester_id(CustomerActor("c")) is None
    assert requester_id(None) is None


def test_all_write_the_same_way(desk):
    """An agent, a bot and a customer: one event each, of the author that wrote it."""
    customer_id = desk.visitor()
    desk.only(desk.bot.id)
    desk.say(customer_id)
    chat_id = desk.chat_of(customer_id)
    assert desk.present(chat_id) == {customer_id, desk.bot.id}
    desk.write(chat_id, "from the bot", by=desk.bot)
    desk.say(customer_id, "from the customer")
    events = desk.chat(chat_id).thread.events
    authors = [event.author_id for event in events if event.type == "message"]
    assert authors == [customer_id, desk.bot.id, customer_id]
