"""Recorded calls, and the assertions over them."""

import pytest

from frontdesk.errors import InvalidArgument, StoreError
from frontdesk.models import Message
from frontdesk.sandbox.calls import recording
from frontdesk.sandbox.calls.recording import (
    RecordedCall,
    Recorder,
    kept_request,
    kept_response,
)


def add(recorder, body=b"{}", **changes):
    fields = {
        "action": "send_event",
        "version": "3.6",
        "micros": 0,
        "status": 200,
        "request_body": kept_request(body),
        "response_body": b"{}",
    }
    recorder.add(RecordedCall(number=recorder.next_number(), **{**fields, **changes}))


def test_recorded_calls_hold_request_and_response(sandbox, agent_client):
    chat_id = agent_client.start_chat().chat_id
    sent = agent_client.send_event(chat_id=chat_id, event=Message(text="hi"))
    (call,) = sandbox.calls("send_event")
    assert call.request == {"chat_id": chat_id, "event": {"type": "message", "text": "hi"}}
    assert call.response == {"event_id": sent.event_id}
    assert (call.number, call.status, call.error, call.transport) == (2, 200, None, "web")
    assert call.requester_id == "smith@example.com"
    assert call.version == "3.6"
    assert call.at.tzinfo is not None


def test_failed_calls_are_recorded_with_their_error(http):
    http.error("get_chat", {"chat_id": "NONE"})
    http.error("start_chat", token="Bearer nobody")
    first, second = http.sandbox.calls()
    assert (first.error, first.status) == ("not_found", 404)
    assert (second.error, second.requester_id) == ("authentication", None)


def test_tokens_are_never_kept(http):
    http.error("start_chat", token="Bearer dal:very-secret")
    http.error("login", {"token": "Bearer dal:very-secret"})
    http("start_chat", b'{"token": "Bearer dal:very-secret", "active": true}')
    calls = http.sandbox.calls()
    assert "very-secret" not in repr(calls) + "".join(map(str, calls))
    assert calls[-1].request == {"token": "…", "active": True}


def test_only_the_latest_are_kept():
    recorder = Recorder(kept=3)
    for number in range(5):
        add(recorder, b'{"n":%d}' % number)
    assert [call.request["n"] for call in recorder] == [2, 3, 4]
    assert (len(recorder), recorder.total) == (3, 5)


def test_large_bodies_are_not_kept():
    recorder = Recorder()
    large = b'"' + b"x" * recording.KEPT_BYTES + b'"'
    add(recorder, large, response_body=kept_response(large))
    (call,) = recorder
    assert (call.request_body, call.response_body, call.request) == (b"", b"", None)


def test_fields_match_whole_values_and_parts_of_objects():
    recorder = Recorder()
    add(recorder, b'{"chat_id":"C","event":{"type":"message","text":"hi"}}')
    assert recorder.calls("send_event", chat_id="C")
    assert recorder.calls(event={"text": "hi"})
    assert recorder.calls(event=Message(text="hi"))
    assert not recorder.calls(event={"text": "h"})
    assert not recorder.calls(chat_id="D")
    assert not recorder.calls(thread_id=None)
    assert not recorder.calls("get_chat", chat_id="C")


def test_assertions_pass_and_give_the_calls(sandbox, agent_client):
    chat_id = agent_client.start_chat().chat_id
    for text in ("one", "two"):
        agent_client.send_event(chat_id=chat_id, event=Message(text=text))
    assert len(sandbox.assert_called("send_event", times=2)) == 2
    (call,) = sandbox.assert_called("send_event", event={"text": "two"})
    assert call.request["event"]["text"] == "two"
    sandbox.assert_not_called("deactivate_chat")


def test_assertions_fail_with_the_calls_there_were(sandbox, agent_client):
    with pytest.raises(AssertionError, match="There were no calls"):
        sandbox.assert_called("start_chat")
    agent_client.start_chat()
    with pytest.raises(AssertionError) as caught:
        sandbox.assert_called("send_event", times=1, chat_id="C")
    assert str(caught.value) == (
        "send_event(chat_id='C') should have been called 1 time, and was called 0 times.\n"
        "There were these calls:\n"
        "  #1 start_chat {} by smith@example.com: ok"
    )
    with pytest.raises(AssertionError):
        sandbox.assert_not_called("start_chat")


def test_reset_forgets_the_calls(sandbox, agent_client):
    agent_client.start_chat()
    sandbox.reset()
    assert sandbox.calls() == []


@pytest.mark.parametrize(
    "body",
    [
        b'{"secret\\u005fkey": "TOP"}',
        b'{"\\u0074oken": "TOP"}',
        b'{"inner": [{"secret_key": "TOP"}]}',
        b'{"\\u0074oken": "TOP", "deep": ' + b"[" * 600 + b"]" * 600 + b"}",
    ],
)
def test_secrets_under_other_spellings_are_not_kept(body):
    assert b"TOP" not in kept_request(body)


def test_a_call_whose_commit_fails_is_shown_as_refused(sandbox):
    backend = sandbox.backend
    headers = {"authorization": sandbox.tokens["owner"], "content-type": "application/json"}
    path = "/v3.6/agent/action/{}"
    sandbox.client().list_chats()
    backend.handle("POST", path.format("start_chat"), headers, b"{}")
    backend.handle("POST", path.format("list_chats"), headers, b"{}")
    # As SQLite does itself for some errors of the disk.
    backend.world.store.db.row("ROLLBACK")
    with pytest.raises(StoreError):
        backend.world.commit()
    first, started, listed = sandbox.calls()
    assert (first.status, started.status, listed.status) == (200, 500, 500)
    assert (started.error, started.response_body) == ("internal", b"")


def test_methods_that_do_not_exist_are_not_said_to_have_no_calls(sandbox):
    for use in (sandbox.calls, sandbox.assert_not_called):
        with pytest.raises(InvalidArgument, match="did you mean `start_chat`") as caught:
            use("start_chats")
        assert caught.value.field == "action"
    with pytest.raises(AssertionError):
        sandbox.assert_called("start_chats")
    assert sandbox.calls("list_groups") == []
