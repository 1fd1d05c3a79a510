"""Events of every type: sent, read back, marked, pressed."""

from datetime import UTC, datetime

import pytest

from frontdesk import errors
from frontdesk.models import (
    Custom,
    File,
    FilledForm,
    FilledFormField,
    Form,
    FormField,
    Message,
    RichMessage,
    RichMessageButton,
    RichMessageElement,
    RichMessageImage,
    RichMessagePostback,
    SystemMessage,
)

CDN = "https://cdn.livechat-files.com/api/file/lc/att/1/2/photo.png"
ELEMENT = RichMessageElement(
    title="Choose",
    image=RichMessageImage(url=CDN),
    buttons=[RichMessageButton(text="Yes", postback_id="yes", type="message", value="Yes!")],
)


def last(desk, chat_id, type_):
    events = desk.get_chat(chat_id=chat_id).thread.events
    return [event for event in events if event.type == type_][-1]


@pytest.mark.parametrize(
    ("event", "field", "value"),
    [
        (Message(text="zażółć 😀\nmore"), "text", "zażółć 😀\nmore"),
        (Message(text="secret", visibility="agents"), "visibility", "agents"),
        (Message(text="mine", custom_id="c-1"), "custom_id", "c-1"),
        (File(url=CDN), "name", "photo.png"),
        (RichMessage(template_id="cards", elements=[ELEMENT]), "template_id", "cards"),
        (Custom(content={"cart": [1, {"a": None}]}), "content", {"cart": [1, {"a": None}]}),
        (
            SystemMessage(system_message_type="noted", text="%who%", text_vars={"who": "Ann"}),
            "system_message_type",
            "noted",
        ),
        (
            FilledForm(
                form_id="f", fields=[FilledFormField(type="name", id="1", label="N", answer="Ann")]
            ),
            "form_id",
            "f",
        ),
        (
            Form(
                form_id="g", fields=[FormField(type="question", id="1", label="Q", required=True)]
            ),
            "form_id",
            "g",
        ),
    ],
    ids=lambda value: value.type if hasattr(value, "type") else None,
)
def test_events_come_back_as_they_were_sent(desk, chat, event, field, value):
    before = desk.sandbox.now
    sent = desk.send_event(chat_id=chat.chat_id, event=event)
    stored = last(desk, chat.chat_id, event.type)
    assert stored.id == sent.event_id
    assert getattr(stored, field) == value
    assert before <= stored.created_at <= desk.sandbox.now
    assert stored.created_at.tzinfo is UTC or stored.created_at.utcoffset().total_seconds() == 0


def test_event_ids_rise(desk, chat):
    ids = [
        desk.send_event(chat_id=chat.chat_id, event=Message(text=str(number))).event_id
        for number in range(5)
    ]
    numbers = [int(event_id.rpartition("_")[2]) for event_id in ids]
    assert numbers == sorted(set(numbers))
    assert all(event_id.startswith(f"{chat.thread_id}_") for event_id in ids)


def test_sixteen_kilobytes_fit(desk, chat):
    text = "ż" * 8192
    desk.send_event(chat_id=chat.chat_id, event=Message(text=text))
    assert last(desk, chat.chat_id, "message").text == text


def test_agents_whisper(desk, ann):
    desk.send_event(chat_id=ann.chat_id, event=Message(text="careful", visibility="agents"))
    desk.send_event(chat_id=ann.chat_id, event=Message(text="Hi, Ann"))
    seen = [event.text for event in ann.transcript() if event.type == "message"]
    assert seen == ["hello", "Hi, Ann"]


def test_the_author_is_the_token_s_owner(desk, chat):
    desk.add_user_to_chat(
        chat_id=chat.chat_id, user_id="jones@example.com", user_type="agent", visibility="all"
    )
    desk.as_("agent").send_event(chat_id=chat.chat_id, event=Message(text="I am Jones"))
    assert last(desk, chat.chat_id, "message").author_id == "jones@example.com"


def test_previews_and_indicators_leave_no_trace(desk, chat):
    before = len(desk.get_chat(chat_id=chat.chat_id).thread.events)
    desk.send_event_preview(chat_id=chat.chat_id, event=Message(text="I th"))
    desk.send_typing_indicator(chat_id=chat.chat_id, is_typing=True)
    desk.send_thinking_indicator(chat_id=chat.chat_id, title="Thinking")
    assert len(desk.get_chat(chat_id=chat.chat_id).thread.events) == before


def test_buttons_remember_who_pressed_them(desk, ann):
    card = RichMessage(template_id="cards", elements=[ELEMENT])
    sent = desk.send_event(chat_id=ann.chat_id, event=card)
    ann.press(sent.event_id, RichMessagePostback(id="yes", toggled=True))
    (button,) = last(desk, ann.chat_id, "rich_message").elements[0].buttons
    assert button.user_ids == [ann.id]


def test_seen_is_seen(desk, ann):
    seen_up_to = desk.sandbox.now
    desk.mark_events_as_seen(chat_id=ann.chat_id, seen_up_to=seen_up_to)
    seen = desk.get_chat(chat_id=ann.chat_id).agents["smith@example.com"].events_seen_up_to
    assert seen is not None
    assert abs((seen - seen_up_to).total_seconds()) < 1 or seen > seen_up_to
    assert seen > datetime(2020, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("level", ["chat", "thread", "event"])
def test_properties_are_set_merged_and_deleted(desk, chat, level):
    event_id = desk.send_event(chat_id=chat.chat_id, event=Message(text="hi")).event_id
    ids = {
        "chat": {"id": chat.chat_id},
        "thread": {"chat_id": chat.chat_id, "thread_id": chat.thread_id},
        "event": {"chat_id": chat.chat_id, "thread_id": chat.thread_id, "event_id": event_id},
    }[level]

    def found():
        got = desk.get_chat(chat_id=chat.chat_id)
        holder = {"chat": got, "thread": got.thread}.get(level)
        if holder is None:
            (holder,) = [event for event in got.thread.events if event.id == event_id]
        return (holder.properties or {}).get("test", {})

    update = getattr(desk, f"update_{level}_properties")
    update(**ids, properties={"test": {"string_property": "a"}})
    update(**ids, properties={"test": {"int_property": 7}})
    assert found() == {"string_property": "a", "int_property": 7}
    getattr(desk, f"delete_{level}_properties")(**ids, properties={"test": ["string_property"]})
    assert found() == {"int_property": 7}
    with pytest.raises(errors.ValidationError):
        update(**ids, properties={"test": {"int_property": "seven"}})


def test_tags(desk, chat):
    ids = {"chat_id": chat.chat_id, "thread_id": chat.thread_id}
    desk.tag_thread(**ids, tag="support")
    assert desk.get_chat(chat_id=chat.chat_id).thread.tags == ["support"]
    desk.untag_thread(**ids, tag="support")
    assert not desk.get_chat(chat_id=chat.chat_id).thread.tags
    with pytest.raises(errors.APIError):
        desk.tag_thread(**ids, tag="no-such-tag")
