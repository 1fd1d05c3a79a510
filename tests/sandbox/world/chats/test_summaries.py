"""Summaries of threads."""

import pytest

from frontdesk.actions import (
    DeactivateChat,
    RequestThreadSummary,
)
from frontdesk.errors import (
    MissingAccess,
    NotFound,
)
from frontdesk.models import (
    Access,
    InitialChat,
)

from ..._desk import SMITH


def ask(desk, chat_id, thread_id=None, by=None):
    thread_id = thread_id or desk.chat(chat_id).thread.id
    desk.call(RequestThreadSummary(chat_id=chat_id, thread_id=thread_id), by)


def test_an_inactive_thread_is_summarised_in_a_while(desk):
    chat_id = desk.start()
    desk.write(chat_id, "My order is late")
    desk.call(DeactivateChat(id=chat_id))
    desk.forget()
    ask(desk, chat_id)
    assert desk.chat(chat_id).thread.summary is None
    desk.advance(seconds=5)
    summary = desk.chat(chat_id).thread.summary
    assert summary.status == "ok"
    assert "My order is late" in summary.text
    assert "Agent Smith wrote 1 message." in summary.text
    assert summary.updated_at is not None
    (effect,) = desk.effects("thread_summary_set")
    assert effect.webhook == "thread_summary_set"
    assert effect.payload.summary == summary


def test_it_is_summarised_only_once(desk):
    chat_id = desk.start()
    desk.write(chat_id)
    desk.call(DeactivateChat(id=chat_id))
    ask(desk, chat_id)
    desk.advance(seconds=5)
    desk.forget()
    ask(desk, chat_id)
    desk.advance(seconds=5)
    assert desk.heard == []


def test_an_active_thread_gets_an_event_each_time(desk):
    chat_id = desk.start()
    desk.write(chat_id, "one")
    for _ in range(2):
        ask(desk, chat_id)
        desk.advance(seconds=5)
    thread = desk.chat(chat_id).thread
    events = [event for event in thread.events if event.type == "system"]
    assert [(one.source, one.subtype, one.version) for one in events] == [
        ("messaging", "summary", 1)
    ] * 2
    details = events[0].decoded_details()
    assert (details.summary.status, details.requested_by) == ("ok", SMITH)
    assert "one" in details.summary.text
    assert thread.summary is None


def test_nothing_to_summarise_is_an_error_later(desk):
    chat_id = desk.start()
    desk.forget()
    ask(desk, chat_id)
    assert desk.heard == []
    desk.advance(seconds=5)
    (pushed,) = desk.pushed("incoming_error")
    assert pushed.action == "set_thread_summary"
    assert (pushed.chat_id, pushed.thread_id) == (chat_id, desk.chat(chat_id).thread.id)


def test_the_same_thread_gives_the_same_summary(desk):
    texts = []
    for _ in range(2):
        chat_id = desk.start()
        desk.write(chat_id, "one")
        desk.write(chat_id, "two")
        desk.call(DeactivateChat(id=chat_id))
        ask(desk, chat_id)
        desk.advance(seconds=5)
        texts.append(desk.chat(chat_id).thread.summary.text)
    assert texts[0] == texts[1]


def test_summaries_can_be_automatic(desk):
    desk.set_license("auto_summary_enabled", value=True)
    chat_id = desk.start()
    desk.write(chat_id)
    desk.call(DeactivateChat(id=chat_id))
    desk.advance(seconds=5)
    assert desk.chat(chat_id).thread.summary.status == "ok"


def test_summaries_need_access(desk):
    chat_id = desk.start(chat=InitialChat(access=Access(group_ids=[3])))
    with pytest.raises(MissingAccess):
        ask(desk, chat_id, desk.chat(chat_id).thread.id, desk.agent)
    with pytest.raises(NotFound):
        ask(desk, chat_id, "nope")
