"""Arguments as users have them: None, dicts, tuples; the same over every transport."""

from collections import UserDict

import pytest

from frontdesk import InvalidArgument
from frontdesk.models import InitialChat, Message


def started(desk):
    chat = InitialChat(thread={"events": [{"type": "message", "text": "one"}, Message("two")]})
    return desk.start_chat(chat=chat, active=None, continuous=True)


def test_none_is_not_sent(desk):
    page = desk.list_chats(filters=None, sort_order=None, limit=None, page_id=None)
    assert len(page.chats_summary) <= 10
    assert desk.list_routing_statuses(filters=None)
    desk.set_routing_status(status="accepting_chats", agent_id=None)
    chat = started(desk)
    assert desk.get_chat(chat_id=chat.chat_id, thread_id=None).thread.id == chat.thread_id


def test_pages_are_followed_without_a_question(desk):
    for _ in range(3):
        chat = started(desk)
        desk.deactivate_chat(id=chat.chat_id)
    seen, page_id = [], None
    while True:
        first = page_id is None
        page = desk.list_archives(page_id=page_id, limit=2 if first else None)
        seen += [chat.id for chat in page.chats]
        page_id = page.next_page_id
        if page_id is None:
            break
    assert seen == [chat.id for chat in desk.list(desk.iter_archives(page_id=None, limit=None))]
    assert len(seen) >= 3


def test_events_and_filters_are_dicts(desk):
    chat = started(desk)
    sent = desk.send_event(
        chat_id=chat.chat_id,
        event=UserDict(type="message", text="three", properties={}, custom_id=None),
    )
    events = desk.get_chat(chat_id=chat.chat_id).thread.events
    assert [event.text for event in events if event.type == "message"] == ["one", "two", "three"]
    assert events[-1].id == sent.event_id
    desk.deactivate_chat(id=chat.chat_id)
    filters = {"from": "2020-01-01T00:00:00.000000+00:00", "chat_ids": (chat.chat_id,)}
    assert desk.list_archives(filters=filters).found_chats == 1
    assert [each.id for each in desk.list(desk.iter_archives(filters=filters))] == [chat.chat_id]
    one = {"thread_ids": [chat.thread_id]}
    assert [each.id for each in desk.list(desk.iter_archives(filters=one))] == [chat.chat_id]


def test_a_dict_that_breaks_a_rule_is_not_sent(desk):
    chat = started(desk)
    with pytest.raises(InvalidArgument) as caught:
        desk.send_event(chat_id=chat.chat_id, event={"type": "message", "txt": "three"})
    assert caught.value.field == "event.txt"
    with pytest.raises(InvalidArgument) as caught:
        desk.list_archives(filters={"form": "2026-01-01T00:00:00Z"})
    assert "did you mean `forms`?" in caught.value.rule or "`from`" in caught.value.rule
    assert len(desk.get_chat(chat_id=chat.chat_id).thread.events) == 2


def test_a_list_is_any_sequence(desk):
    chat = started(desk)
    desk.update_chat_properties(id=chat.chat_id, properties=UserDict(test={"int_property": 5}))
    assert desk.get_chat(chat_id=chat.chat_id).properties["test"]["int_property"] == 5
    desk.delete_chat_properties(id=chat.chat_id, properties={"test": ("int_property",)})
    found = desk.list_chats(filters={"group_ids": range(3)}).chats_summary
    assert chat.chat_id in [each.id for each in found]
