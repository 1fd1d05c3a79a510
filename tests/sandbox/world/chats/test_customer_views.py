"""What a chat, and what happens in it, look like to its customer."""

import msgspec
import pytest

from frontdesk.actions import (
    AddUserToChat,
    MarkEventsAsSeen,
    SendEvent,
    SendRichMessagePostback,
    SendTypingIndicator,
    TagThread,
    UpdateChatProperties,
    UpdateThreadProperties,
)
from frontdesk.codec.decoding import encode
from frontdesk.models import (
    Message,
    RichMessage,
    RichMessageButton,
    RichMessageElement,
    RichMessagePostback,
)
from frontdesk.pushes.customer_chat import SHARED
from frontdesk.sandbox.seeds.company import BOT_ID
from frontdesk.sandbox.world.actor import CustomerActor
from frontdesk.sandbox.world.chats import customer_views, outside_api
from frontdesk.sandbox.world.chats.customer_views import CustomerViewer
from frontdesk.sandbox.world.login_sessions import CustomerSession
from frontdesk.sandbox.world.people import customer_actions

from ..._desk import BROWN, JONES, SMITH


@pytest.fixture
def ann(desk):
    """A customer in a chat with Jones, who is connected."""
    desk.only(JONES)
    ann = desk.visitor("Ann", email="ann@example.com")
    desk.world.customer_sessions["c"] = CustomerSession(
        connection_id="c", customer=CustomerActor(ann)
    )
    desk.say(ann)
    desk.forget()
    return ann


def plain(value):
    return msgspec.json.decode(encode(value))


def seen(desk, name=None):
    """The pushes that the customer gets: name and payload."""
    pushes = [
        (effect.push, customer_views.show_push(desk.world, effect))
        for effect in desk.heard
        if effect.to_customer
    ]
    return [
        plain(payload) for push, payload in pushes if payload is not None and name in (None, push)
    ]


def viewer(desk, customer_id, client_id=None):
    chat = desk.world.store.chats.read(desk.chat_of(customer_id))
    return CustomerViewer(desk.world, chat, client_id)


def thread_of(desk, customer_id):
    shown = viewer(desk, customer_id)
    return plain(
        customer_views.show_thread(shown, desk.world.store.threads.read(shown.chat.last_thread.id))
    )


def join_for_agents(desk, chat_id, agent=BROWN):
    desk.call(
        AddUserToChat(
            chat_id=chat_id,
            user_id=agent,
            user_type="agent",
            visibility="agents",
            ignore_requester_presence=True,
        )
    )


def test_an_agent_has_no_address_for_customers(desk, ann):
    users = plain(customer_views.show_users(viewer(desk, ann)))
    assert [user["type"] for user in users] == ["customer", "agent"]
    jones = users[1]
    assert set(jones) <= {
        "type", "id", "name", "avatar", "job_title", "present", "events_seen_up_to",
    }  # fmt: skip
    assert len(jones["id"]) == 32
    assert "@" not in encode(jones).decode()
    assert jones["id"] == customer_views.shown_id(desk.world, JONES)
    assert jones["id"] != customer_views.shown_id(desk.world, SMITH)


def test_ids_of_bots_and_customers_stay(desk, ann):
    assert customer_views.shown_id(desk.world, BOT_ID) == BOT_ID
    assert customer_views.shown_id(desk.world, ann) == ann


def test_customers_see_of_themselves_what_agents_do_not_keep_to_themselves(desk, ann):
    me = plain(customer_views.show_users(viewer(desk, ann)))[0]
    assert (me["id"], me["email"], me["present"]) == (ann, "ann@example.com", True)
    for name in ("visit", "statistics", "state", "online", "group_ids", "created_at"):
        assert name not in me


def test_who_is_there_for_agents_only_is_not_there(desk, ann):
    chat_id = desk.chat_of(ann)
    join_for_agents(desk, chat_id)
    shown = viewer(desk, ann)
    assert len(customer_views.show_users(shown)) == 2
    assert thread_of(desk, ann)["user_ids"] == [ann, customer_views.shown_id(desk.world, JONES)]
    assert seen(desk) == []


def test_a_message_comes_without_its_visibility(desk, ann):
    chat_id = desk.chat_of(ann)
    desk.write(chat_id, "hello", by=desk.agent)
    (push,) = seen(desk, "incoming_event")
    assert push["event"]["text"] == "hello"
    assert push["event"]["author_id"] == customer_views.shown_id(desk.world, JONES)
    assert "visibility" not in push["event"]
    (event,) = [event for event in thread_of(desk, ann)["events"] if event["type"] == "message"][1:]
    assert event == push["event"]


def test_what_is_for_agents_only_does_not_come(desk, ann):
    chat_id = desk.chat_of(ann)
    event = Message(text="secret", visibility="agents")
    desk.call(SendEvent(chat_id=chat_id, event=event), desk.agent)
    assert seen(desk, "incoming_event") == []
    assert "secret" not in str(thread_of(desk, ann))
    summary = customer_views.show_chat_summary(viewer(desk, ann))
    assert summary.last_event_per_type["message"].event.text == "hello"


def test_what_is_deleted_is_gone(desk, ann):
    event_id = desk.write(desk.chat_of(ann), "wrong", by=desk.agent)
    desk.forget()
    desk.unit(outside_api.delete_event, event_id)
    assert seen(desk, "event_deleted")[0]["event_id"] == event_id
    assert event_id not in str(thread_of(desk, ann))
    event = desk.chat(desk.chat_of(ann)).thread.events[-1]
    assert event.deleted is True
    assert customer_views.show_event(viewer(desk, ann), event) is None


def test_only_properties_that_customers_may_read_come(desk, ann):
    chat_id = desk.chat_of(ann)
    values = {"test": {"int_property": 1}, "routing": {"pinned": True}}
    desk.call(UpdateChatProperties(id=chat_id, properties=values))
    chat = plain(customer_views.show_chat(viewer(desk, ann), None))
    assert chat["properties"]["test"] == {"int_property": 1}
    assert set(chat["properties"]["routing"]) == {"continuous"}
    assert seen(desk, "chat_properties_updated") == [
        {"chat_id": chat_id, "properties": {"test": {"int_property": 1}}}
    ]
    desk.forget()
    desk.call(UpdateChatProperties(id=chat_id, properties={"routing": {"pinned": False}}))
    assert seen(desk) == []


def test_tags_and_the_like_are_not_part_of_a_thread(desk, ann):
    chat_id, thread = desk.chat_of(ann), thread_of(desk, ann)
    desk.call(TagThread(chat_id=chat_id, thread_id=thread["id"], tag="sales"))
    values = {"routing": {"offline_message": True}}
    assert set(thread_of(desk, ann)) == {
        "id", "active", "created_at", "user_ids", "events", "properties", "access",
    }  # fmt: skip
    with pytest.raises(Exception, match="cannot be written"):
        desk.call(
            UpdateThreadProperties(chat_id=chat_id, thread_id=thread["id"], properties=values)
        )


def test_a_restricted_thread_has_no_events_and_no_reason(desk, ann):
    desk.unit(outside_api.restrict_thread, thread_of(desk, ann)["id"], "upgrade your plan")
    thread = thread_of(desk, ann)
    assert thread["events"] == []
    assert "upgrade" not in str(thread)
    assert customer_views.show_chat_summary(viewer(desk, ann)).last_event_per_type is None


def test_who_is_hidden_neither_types_nor_sees_nor_presses(desk, ann):
    chat_id = desk.chat_of(ann)
    element = RichMessageElement(
        title="x", buttons=[RichMessageButton(text="Yes", postback_id="yes", user_ids=[])]
    )
    event = RichMessage(template_id="cards", elements=[element])
    event_id = desk.call(SendEvent(chat_id=chat_id, event=event), desk.agent).event_id
    join_for_agents(desk, chat_id)
    brown = desk.requester(BROWN, "chats--all:rw", "chats--all:ro")
    desk.forget()
    ids = {"chat_id": chat_id, "thread_id": thread_of(desk, ann)["id"]}
    press = RichMessagePostback(id="yes", toggled=True)
    for by, pushes in ((brown, 0), (desk.agent, 3)):
        desk.call(MarkEventsAsSeen(chat_id=chat_id, seen_up_to=desk.world.clock.now()), by)
        desk.call(
            SendTypingIndicator(
                chat_id=chat_id, is_typing=True, visibility="agents" if by is brown else "all"
            ),
            by,
        )
        desk.call(SendRichMessagePostback(**ids, event_id=event_id, postback=press), by)
        assert len(seen(desk)) == pushes
    rich = thread_of(desk, ann)["events"][-1]
    (button,) = rich["elements"][0]["buttons"]
    assert button["user_ids"] == [customer_views.shown_id(desk.world, JONES)]
    (typing,) = [push["typing_indicator"] for push in seen(desk, "incoming_typing_indicator")]
    assert typing["recipients"] == "all"
    assert "visibility" not in typing


def test_a_chat_arrives_as_it_was_when_it_did(desk, ann):
    desk.unit(customer_actions.close_chat, ann)
    desk.forget()

    def start_and_write(world):
        customer_actions.say(world, ann, "first")
        customer_actions.say(world, ann, "second")

    desk.unit(start_and_write)
    (incoming,) = seen(desk, "incoming_chat")
    texts = [event.get("text") for event in incoming["chat"]["thread"]["events"]]
    assert texts == ["first"]
    assert "@" not in encode(incoming["chat"]["users"][1]).decode()
    assert "is_followed" not in incoming["chat"]


def test_each_shared_push_has_its_view():
    shown = {*customer_views._SHOWN, "incoming_chat", "groups_status_updated", "incoming_multicast"}
    assert shown == {push.spec.name for push in SHARED}


def test_a_rich_message_has_elements_always(desk, ann):
    event = RichMessage(template_id="sticker")
    desk.call(SendEvent(chat_id=desk.chat_of(ann), event=event), desk.agent)
    assert seen(desk, "incoming_event")[0]["event"]["elements"] == []
    assert thread_of(desk, ann)["events"][-1]["elements"] == []
