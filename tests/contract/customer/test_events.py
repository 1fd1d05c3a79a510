"""Events of a customer: written, deleted, pressed, seen; properties, rating, files and forms."""

from datetime import timedelta

import pytest

from frontdesk import errors
from frontdesk.models import (
    File,
    FilledForm,
    FilledFormField,
    Message,
    RichMessage,
    RichMessagePostback,
)
from frontdesk.pushes import (
    EventDeleted,
    EventsMarkedAsSeen,
    IncomingEvent,
    ThreadPropertiesUpdated,
    UserRemovedFromChat,
)

from .conftest import OWNER

CARD = RichMessage(
    template_id="cards",
    elements=[
        {"buttons": [{"type": "message", "text": "Yes", "postback_id": "yes", "value": "yes"}]}
    ],
)


def last(window, chat, kind="message"):
    events = window.get_chat(chat_id=chat.chat_id).thread.events
    return [event for event in events if event.type == kind][-1]


@pytest.mark.parametrize(
    ("event", "field", "value"),
    [
        (Message("zażółć 😀\nmore"), "text", "zażółć 😀\nmore"),
        (Message("mine", custom_id="c-1"), "custom_id", "c-1"),
        (
            FilledForm(
                form_id="f",
                fields=[
                    FilledFormField(type="name", id="1", label="N", answer="Ann"),
                    FilledFormField(type="email", id="2", label="nobody answered"),
                ],
            ),
            "form_id",
            "f",
        ),
    ],
    ids=lambda value: value.type if hasattr(value, "type") else None,
)
def test_events_come_back_as_they_were_sent(window, chat, event, field, value):
    sent = window.send_event(chat_id=chat.chat_id, event=event)
    stored = last(window, chat, event.type)
    assert (stored.id, stored.author_id) == (sent.event_id, window.customer.id)
    assert getattr(stored, field) == value
    seen_by_agents = window.desk.get_chat(chat_id=chat.chat_id).thread.events
    assert sent.event_id in [each.id for each in seen_by_agents]


@pytest.mark.web_only
def test_a_file_is_uploaded_and_sent(window, chat):
    uploaded = window.upload_file(file=b"\x89PNG\r\n\x1a\n", name="photo.png")
    window.send_event(chat_id=chat.chat_id, event=File(url=uploaded.url))
    assert last(window, chat, "file").url == uploaded.url


def test_own_events_are_deleted(window, chat):
    keep = window.send_event(chat_id=chat.chat_id, event=Message("keep")).event_id
    gone = window.send_event(chat_id=chat.chat_id, event=Message("gone")).event_id
    ids = {"chat_id": chat.chat_id, "thread_id": chat.thread_id}
    window.delete_event(**ids, event_id=gone)
    messages = [
        event.id
        for event in window.get_chat(chat_id=chat.chat_id).thread.events
        if event.type == "message"
    ]
    assert messages == [keep]
    agents = window.desk.send_event(chat_id=chat.chat_id, event=Message("mine"))
    with pytest.raises(errors.APIError):
        window.delete_event(**ids, event_id=agents.event_id)


def test_buttons_remember_who_pressed_them(window, chat):
    sent = window.desk.send_event(chat_id=chat.chat_id, event=CARD)
    ids = {"chat_id": chat.chat_id, "thread_id": chat.thread_id, "event_id": sent.event_id}
    for toggled, pressed in ((True, [window.customer.id]), (False, [])):
        window.send_rich_message_postback(
            **ids, postback=RichMessagePostback(id="yes", toggled=toggled)
        )
        [button] = last(window, chat, "rich_message").elements[0].buttons
        assert (button.user_ids or []) == pressed


def test_seen_is_seen(window, chat):
    window.desk.send_event(chat_id=chat.chat_id, event=Message("look"))
    seen_up_to = last(window, chat).created_at
    window.mark_events_as_seen(chat_id=chat.chat_id, seen_up_to=seen_up_to)
    seen = window.get_chat(chat_id=chat.chat_id).customers[window.customer.id].events_seen_up_to
    assert abs(seen - seen_up_to) < timedelta(milliseconds=1)
    shown = window.desk.get_chat(chat_id=chat.chat_id).customers[window.customer.id]
    assert abs(shown.events_seen_up_to - seen_up_to) < timedelta(milliseconds=1)


def test_typing_leaves_no_trace(window, chat):
    before = len(window.get_chat(chat_id=chat.chat_id).thread.events)
    window.send_sneak_peek(chat_id=chat.chat_id, sneak_peek_text="I thi")
    assert len(window.get_chat(chat_id=chat.chat_id).thread.events) == before


@pytest.mark.parametrize("level", ["chat", "thread", "event"])
def test_properties_are_set_merged_and_deleted(window, chat, level):
    event_id = window.send_event(chat_id=chat.chat_id, event=Message("hi")).event_id
    ids = {
        "chat": {"id": chat.chat_id},
        "thread": {"chat_id": chat.chat_id, "thread_id": chat.thread_id},
        "event": {"chat_id": chat.chat_id, "thread_id": chat.thread_id, "event_id": event_id},
    }[level]

    def found():
        got = window.get_chat(chat_id=chat.chat_id)
        holder = {"chat": got, "thread": got.thread}.get(level)
        if holder is None:
            [holder] = [event for event in got.thread.events if event.id == event_id]
        return (holder.properties or {}).get("test", {})

    update = getattr(window, f"update_{level}_properties")
    update(**ids, properties={"test": {"string_property": "a"}})
    update(**ids, properties={"test": {"int_property": 7}})
    assert found() == {"string_property": "a", "int_property": 7}
    getattr(window, f"delete_{level}_properties")(**ids, properties={"test": ["string_property"]})
    assert found() == {"int_property": 7}
    with pytest.raises(errors.ValidationError):
        update(**ids, properties={"test": {"int_property": "seven"}})


def test_a_chat_is_rated_and_the_rating_taken_back(window, chat):
    [thread] = window.list_threads(chat_id=chat.chat_id).threads
    ids = {"chat_id": chat.chat_id, "thread_id": thread.id}
    rating = {"score": 1, "comment": "quick"}
    window.update_thread_properties(**ids, properties={"rating": rating})
    for end in (window, window.desk):
        shown = end.get_chat(chat_id=chat.chat_id)
        assert shown.thread.properties["rating"] == rating
        assert "rating" not in (shown.properties or {})
    window.delete_thread_properties(**ids, properties={"rating": ["score", "comment"]})
    properties = window.get_chat(chat_id=chat.chat_id).thread.properties
    assert "rating" not in (properties or {})


@pytest.mark.rtm_only
def test_both_ends_hear_each_other(window, chat):
    hear = window.stream(
        IncomingEvent, EventDeleted, EventsMarkedAsSeen, ThreadPropertiesUpdated,
        UserRemovedFromChat,
    )  # fmt: skip
    window.desk.send_event(chat_id=chat.chat_id, event=Message("aside", visibility="agents"))
    window.desk.send_event(chat_id=chat.chat_id, event=Message("Hello"))
    assert hear().event.text == "Hello"
    own = window.send_event(chat_id=chat.chat_id, event=Message("Hi"))
    push = hear()
    assert (push.event.id, push.event.author_id) == (own.event_id, window.customer.id)
    assert push.request_id
    ids = {"chat_id": chat.chat_id, "thread_id": chat.thread_id}
    window.delete_event(**ids, event_id=own.event_id)
    assert hear().event_id == own.event_id
    window.desk.mark_events_as_seen(chat_id=chat.chat_id, seen_up_to=window.sandbox.now)
    assert isinstance(hear(), EventsMarkedAsSeen)
    window.update_thread_properties(**ids, properties={"test": {"int_property": 1}})
    assert hear().properties == {"test": {"int_property": 1}}
    window.desk.remove_user_from_chat(chat_id=chat.chat_id, user_id=OWNER, user_type="agent")
    while not isinstance(push := hear(), UserRemovedFromChat):
        assert push.event.type == "system_message"
    assert "@" not in push.user_id


@pytest.mark.rtm_only
def test_a_cut_costs_the_customer_nothing(window, chat):
    hear = window.stream(IncomingEvent)
    window.desk.send_event(chat_id=chat.chat_id, event=Message("before"))
    assert hear().event.text == "before"
    window.sandbox.rtm.cut(how="reset")
    window.desk.send_event(chat_id=chat.chat_id, event=Message("meanwhile"))
    assert hear().event.text == "meanwhile"
    window.desk.send_event(chat_id=chat.chat_id, event=Message("after"))
    assert hear().event.text == "after"
