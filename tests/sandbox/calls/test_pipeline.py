"""What every response has: a status, an envelope, a debug id; and who is let in."""

import pytest

from frontdesk.sandbox.calls import call as calls


def test_methods_without_a_result_return_an_empty_object(http):
    chat_id = http.ok("start_chat")["chat_id"]
    response = http("send_typing_indicator", {"chat_id": chat_id, "is_typing": True})
    assert (response.status, response.body, response.content_type) == (
        200,
        b"{}",
        "application/json",
    )


def test_defects_are_internal_errors_without_details(http, monkeypatch, caplog):
    def broken(*_):
        raise RuntimeError("secret detail")

    monkeypatch.setattr(calls, "decode_request", broken)
    assert http.error("start_chat") == (500, "internal", "Internal server error")
    assert "defect of the sandbox" in caplog.text
    assert "sandbox-owner" not in caplog.text


def test_too_few_scopes_are_refused_by_name(http):
    status, type_, message = http.error("start_chat", token="few_scopes")
    assert (status, type_) == (403, "authorization")
    assert "chats--access:rw" in message


@pytest.mark.parametrize("timestamp", ["9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+12:00"])
def test_timestamps_that_utc_does_not_have_are_refused(http, timestamp):
    chat_id = http.ok("start_chat")["chat_id"]
    status, type_, message = http.error(
        "mark_events_as_seen", {"chat_id": chat_id, "seen_up_to": timestamp}
    )
    assert (status, type_) == (400, "validation")
    assert message.startswith("`seen_up_to`")


def test_an_unhappy_call_changes_nothing(http):
    before = http.ok("list_chats")["found_chats"]
    bad = {"chat": {"users": [{"id": "nobody@example.com", "type": "agent"}]}}
    assert http.error("start_chat", bad)[1] == "not_found"
    assert http.ok("list_chats")["found_chats"] == before
