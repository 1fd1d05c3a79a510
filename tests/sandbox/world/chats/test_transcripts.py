"""Transcripts of threads."""

import json

import pytest

from frontdesk.actions import DeactivateChat, GetThreadTranscript, ResumeChat, SendEvent
from frontdesk.errors import MissingAccess, NotFound
from frontdesk.sandbox.world.chats import outside_api

from ..._desk import call_web


def transcript(desk, chat_id, thread_id, by=None):
    action = GetThreadTranscript(chat_id=chat_id, thread_id=thread_id)
    return desk.call(action, by).transcript


@pytest.fixture
def chat(desk):
    chat_id = desk.start_with(desk.customer("Ann"), text="hello")
    return chat_id, desk.chat(chat_id).thread.id


def test_a_line_for_each_event_that_the_customer_sees(desk, chat):
    chat_id, _ = chat
    answer = {"id": "1", "label": "Blue"}
    for event in (
        {"type": "message", "text": "only for agents", "visibility": "agents"},
        {
            "type": "rich_message",
            "template_id": "cards",
            "elements": [{"title": "Shoe", "subtitle": "size 42"}, {"title": "Sock"}],
        },
        {
            "type": "filled_form",
            "form_id": "f",
            "fields": [
                {"type": "name", "id": "0", "label": "Name:", "answer": "Ann"},
                {"type": "radio", "id": "1", "label": "Colour:", "answer": answer},
                {"type": "checkbox", "id": "2", "label": "More:", "answers": [answer, answer]},
                {"type": "question", "id": "3", "label": "Else:", "answer": ""},
            ],
        },
        {"type": "file", "url": "https://cdn.livechat-files.com/a/notes.txt"},
        {"type": "custom", "content": {"a": 1}},
    ):
        desk.call(SendEvent(chat_id=chat_id, event=event))
    deleted = desk.write(chat_id, "taken back")
    desk.unit(lambda world: outside_api.delete_event(world, deleted))
    desk.call(DeactivateChat(id=chat_id))
    lines = transcript(desk, *chat).splitlines()
    assert [line.split(" ", 2)[2] for line in lines] == [
        "Agent Smith: hello",
        "Agent Smith: Shoe / size 42 / Sock",
        "Agent Smith: Name: Ann / Colour: Blue / More: Blue, Blue",
        "Agent Smith: notes.txt (https://cdn.livechat-files.com/a/notes.txt)",
        "Agent Smith archived the chat",
    ]
    assert lines[0].startswith("2026-03-02 09:00:00 ")


def test_of_one_thread(desk, chat):
    chat_id, first = chat
    desk.call(DeactivateChat(id=chat_id))
    second = desk.call(ResumeChat(chat={"id": chat_id})).thread_id
    desk.write(chat_id, "again")
    assert "hello" in transcript(desk, chat_id, first)
    assert transcript(desk, chat_id, second).endswith("Agent Smith: again")
    assert "hello" not in transcript(desk, chat_id, second)


def test_it_is_one_field_on_the_wire(desk, chat):
    request = {"chat_id": chat[0], "thread_id": chat[1]}
    for version in ("3.6", "3.7"):
        body = json.loads(call_web(desk, "get_thread_transcript", request, version).body)
        assert list(body) == ["transcript"]


def test_threads_that_are_not_there_or_not_to_be_seen(desk, chat):
    with pytest.raises(NotFound):
        transcript(desk, chat[0], "NOPE")
    with pytest.raises(NotFound):
        transcript(desk, "NOPE", chat[1])
    desk.unit(lambda world: outside_api.restrict_thread(world, chat[1], "plan"))
    with pytest.raises(MissingAccess, match="plan"):
        transcript(desk, *chat)


def test_clients_read_it(sandbox):
    customer = sandbox.customer("Ann")
    customer.say("hello")
    for version in ("3.6", "3.7"):
        read = sandbox.client(version=version).get_thread_transcript(
            chat_id=customer.chat_id, thread_id=customer.thread_id
        )
        assert read.transcript.endswith("Ann: hello")
