"""What an effect sends."""

import msgspec

from frontdesk.actions import (
    AddUserToChat,
    BanCustomer,
    DeactivateChat,
    DeleteChatProperties,
    DeleteEventProperties,
    DeleteThreadProperties,
    FollowChat,
    MarkEventsAsSeen,
    RemoveUserFromChat,
    ResumeChat,
    SendTypingIndicator,
    SetRoutingStatus,
    TagThread,
    TransferChat,
    UntagThread,
    UpdateChatProperties,
    UpdateCustomer,
    UpdateEventProperties,
    UpdateThreadProperties,
)
from frontdesk.models import Ban, Cart, InitialChat, MessageEvent, Target
from frontdesk.pushes import IncomingEvent, Push, ThreadTagged
from frontdesk.sandbox.world import Effect
from frontdesk.sandbox.world.actor import CustomerActor, Requester, requester_id
from frontdesk.sandbox.world.chats import outside_api
from frontdesk.sandbox.world.people import customer_actions, customers, tickets
from frontdesk.sandbox.world.push_recipients import KEY_CHANGES

from ...documented import spec
from .._desk import BROWN, JONES, MUELLER, SMITH


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


def live(desk):
    """Do about everything that can happen in a chat; its id, and what it caused."""
    desk.only(JONES)
    customer_id = desk.visitor()
    desk.forget()
    desk.say(customer_id)
    chat_id = desk.chat_of(customer_id)
    thread_id = desk.chat(chat_id).thread.id
    event_id = desk.write(chat_id, "hello", by=desk.agent)
    ids = {"chat_id": chat_id, "thread_id": thread_id}
    values, names = {"test": {"string_property": "x"}}, {"test": ["string_property"]}
    desk.call(FollowChat(id=chat_id))
    desk.call(MarkEventsAsSeen(chat_id=chat_id, seen_up_to=desk.world.clock.now()), desk.agent)
    desk.unit(customer_actions.mark_seen, customer_id)
    desk.unit(customer_actions.sneak_peek, customer_id, "hel")
    desk.call(SendTypingIndicator(chat_id=chat_id, is_typing=True), desk.agent)
    desk.call(UpdateChatProperties(id=chat_id, properties=values))
    desk.call(DeleteChatProperties(id=chat_id, properties=names))
    desk.call(UpdateThreadProperties(**ids, properties=values))
    desk.call(DeleteThreadProperties(**ids, properties=names))
    desk.call(UpdateEventProperties(**ids, event_id=event_id, properties=values))
    desk.call(DeleteEventProperties(**ids, event_id=event_id, properties=names))
    desk.call(TagThread(**ids, tag="support"))
    desk.call(UntagThread(**ids, tag="support"))
    user = {"user_id": BROWN, "user_type": "agent"}
    desk.call(AddUserToChat(chat_id=chat_id, **user, visibility="all"), desk.agent)
    desk.call(RemoveUserFromChat(chat_id=chat_id, **user), desk.agent)
    desk.unit(customer_actions.rate, customer_id, 1, "good")
    desk.unit(customer_actions.cancel_rating, customer_id)
    desk.unit(customer_actions.request_transcript, customer_id, "ann@example.com")
    desk.unit(outside_api.update_event, event_id, "hello!")
    desk.unit(outside_api.delete_event, event_id)
    to_agent = Target(type="agent", ids=[SMITH])
    desk.call(TransferChat(id=chat_id, target=to_agent), desk.agent)
    to_group = Target(type="group", ids=[2])
    desk.call(TransferChat(id=chat_id, target=to_group, ignore_agents_availability=True))
    desk.call(SetRoutingStatus(agent_id=MUELLER, status="accepting_chats"))
    desk.set_status(JONES, "offline")
    desk.call(DeactivateChat(id=chat_id, ignore_requester_presence=True))
    desk.call(ResumeChat(chat=InitialChat(id=chat_id)))
    desk.unit(customer_actions.close_chat, customer_id)
    desk.unit(outside_api.delete_thread, thread_id)
    return chat_id, list(desk.heard)


def chat_named_by(effect):
    """The id of the chat that an effect is about, as its payload has it."""
    payload = effect.payload
    if isinstance(payload, dict):
        return payload.get("chat_id")
    if hasattr(payload, "chat"):
        return payload.chat.id
    if (effect.push or effect.webhook) == "chat_access_updated":
        return payload.id
    return getattr(payload, "chat_id", None)


def test_all_that_happens_in_a_chat_names_it(desk):
    """Webhooks add what the chat has, and are sent in its order."""
    chat_id, effects = live(desk)
    about = [effect for effect in effects if chat_named_by(effect) is not None]
    assert len({effect.push or effect.webhook for effect in about}) >= 20
    for effect in about:
        name = effect.push or effect.webhook
        assert (name, chat_named_by(effect), effect.chat_id) == (name, chat_id, chat_id)


def test_each_push_in_a_chat_that_has_a_webhook_causes_it(desk):
    """But for the one to an agent whom a chat is transferred to."""
    _, effects = live(desk)
    for effect in effects:
        if isinstance(effect.payload, Push) and effect.push != "incoming_chat":
            webhook = effect.push if effect.payload.spec.webhook else None
            assert (effect.push, effect.webhook) == (effect.push, webhook)


def test_customers_learn_of_what_is_documented_and_of_nothing_else(desk):
    pushes = spec("customer-pushes")["pushes"]
    of_customers = {push[key] for push in pushes for key in ("name", "agent_push") if key in push}
    _, effects = live(desk)
    names = {True: set(), False: set()}
    for effect in effects:
        names[effect.to_customer].add(effect.push or effect.webhook)
    assert names[True] <= of_customers
    assert names[True] - names[False] == {
        "chat_deactivated",
        "chat_properties_deleted",
        "chat_transferred",
        "event_deleted",
        "event_properties_deleted",
        "event_properties_updated",
        "event_updated",
        "events_marked_as_seen",
        "incoming_event",
        "incoming_typing_indicator",
        "queue_positions_updated",
        "thread_properties_deleted",
        "user_added_to_chat",
        "user_removed_from_chat",
    }


def test_whoever_follows_a_chat_gets_all_pushes_about_it(desk):
    """Only a few of them go to the others who have access to it."""
    chat_id, effects = live(desk)
    names = [effect.push for effect in effects]
    later = effects[names.index("events_marked_as_seen") :]
    pushes = [effect for effect in later if effect.push and chat_named_by(effect) == chat_id]
    for push in pushes:
        assert (push.push, SMITH in push.recipients.agent_ids) == (push.push, True)
        assert not (push.recipients.group_ids and push.push not in KEY_CHANGES)
    assert KEY_CHANGES & {push.push for push in pushes if push.recipients.group_ids}


def test_whoever_watches_a_customer_gets_all_pushes_about_the_customer(desk):
    desk.only(JONES)
    customer_id = desk.visitor()
    desk.say(customer_id)
    desk.only()
    desk.forget()

    def do(work, *args, **kwargs):
        def with_record(world):
            return work(world, customers.find(world, customer_id), *args, **kwargs)

        return desk.unit(with_record)

    do(customers.visit, customers.PageView(url="https://shop.example/2", title="Two"))
    do(customers.set_cart, Cart(store_uuid="s", total=10))
    desk.call(UpdateCustomer(id=customer_id, name="Anna"))
    ticket_id = do(tickets.leave, [0])
    do(tickets.delete, ticket_id)
    desk.call(BanCustomer(id=customer_id, ban=Ban(days=1)))
    pushes = [effect for effect in desk.heard if effect.push and about_customer(effect)]
    assert {effect.push for effect in pushes} == {
        "customer_banned",
        "customer_left",
        "customer_page_updated",
        "customer_statistics_updated",
        "customer_updated",
        "ticket_created",
        "ticket_deleted",
    }
    for effect in pushes:
        who = effect.recipients
        assert (effect.push, who.customer_id) == (effect.push, customer_id)
        assert (effect.push, who.agent_ids, who.chatting) == (effect.push, (JONES,), True)


def about_customer(effect):
    return effect.payload.spec.family == "customers"
