"""What every response has: a status, an envelope, a debug id; and who is let in."""

import base64
import json

import msgspec
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


def test_unknown_method_is_not_found_and_suggests_one(http):
    assert http.error("send_evnt") == (
        404,
        "not_found",
        "there is no method `send_evnt`; did you mean `send_event`?",
    )


def test_methods_of_rtm_only_are_told_apart(http):
    assert http.error("login") == (404, "not_found", "`login` exists over RTM only")


@pytest.mark.parametrize("path", ["/", "/v3.6/agent/action/", "/v3.6/agent/send_event", "/favicon"])
def test_other_paths_are_not_found(sandbox, path):
    response = sandbox.backend.respond("POST", path, {}, b"")
    assert response.status == 404
    assert "/v3.6/agent/action/" in json.loads(response.body)["error"]["message"]


@pytest.mark.parametrize("verb", ["GET", "PUT", "DELETE", "HEAD", "OPTIONS"])
def test_other_verbs_are_refused(http, verb):
    response = http("start_chat", verb=verb)
    assert response.status == 405
    assert ("Allow", "POST") in response.headers
    assert json.loads(response.body)["error"] == {
        "type": "validation",
        "message": f"`start_chat` takes POST, not {verb}",
    }


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]
)
def test_other_content_types_are_refused(http, content_type):
    status, type_, message = http.error("start_chat", headers={"content-type": content_type})
    assert (status, type_) == (400, "validation")
    assert message == f"`Content-Type` must be application/json, not {content_type}"


@pytest.mark.parametrize(
    "content_type", ["", "application/json; charset=utf-8", "Application/JSON"]
)
def test_json_is_accepted_however_it_is_called(http, content_type):
    assert http.ok("start_chat", headers={"content-type": content_type})


def test_each_response_has_a_debug_id_of_its_own(http):
    ids = [http("start_chat").debug_id, http("no_such").debug_id, http("x", verb="GET").debug_id]
    assert all(ids)
    assert len(set(ids)) == len(ids)


def test_the_debug_id_asked_for_is_given(http):
    assert http("start_chat", headers={"x-debug-id": "trace-7"}).debug_id == "trace-7"
    assert http("start_chat", headers={"x-debug-id": "no spaces\n"}).debug_id != "no spaces\n"


def test_defects_are_internal_errors_without_details(http, monkeypatch, caplog):
    def broken(*_):
        raise RuntimeError("secret detail")

    monkeypatch.setattr(calls, "decode_request", broken)
    assert http.error("start_chat") == (500, "internal", "Internal server error")
    assert "defect of the sandbox" in caplog.text
    assert "sandbox-owner" not in caplog.text


@pytest.mark.parametrize(
    ("token", "part"),
    [
        (None, "`Authorization` is required"),
        ("Bearer nobody", "not valid"),
        ("Basic !!", "Base64"),
        ("Digest x", "must begin with Bearer or Basic"),
        ("expired", "has expired"),
    ],
)
def test_nobody_gets_in_without_a_valid_token(http, token, part):
    status, type_, message = http.error("start_chat", token=token)
    assert (status, type_) == (401, "authentication")
    assert part in message


@pytest.mark.parametrize("token", ["owner", "agent", "pat", "bot", "Bearer dal%3Asandbox-owner"])
def test_each_kind_of_token_gets_in(http, token):
    chat = {"continuous": True}
    assert http.ok("start_chat", chat, token=token)["chat_id"]


def test_basic_is_account_and_personal_access_token(http):
    pair = base64.b64decode(http.sandbox.tokens["pat"].removeprefix("Basic ")).decode()
    account, _, token = pair.partition(":")
    assert account
    assert token.startswith("dal:")


def test_too_few_scopes_are_refused_by_name(http):
    status, type_, message = http.error("start_chat", token="few_scopes")
    assert (status, type_) == (403, "authorization")
    assert "chats--access:rw" in message


def test_wrong_region_names_the_right_one(http):
    response = http("start_chat", headers={"x-region": "fra"})
    assert response.status == 421
    assert json.loads(response.body)["error"] == {
        "type": "misdirected_request",
        "message": "Wrong region",
        "data": {"region": "dal"},
    }


@pytest.mark.parametrize("region", ["dal", ""])
def test_right_region_or_none_is_fine(http, region):
    assert http.ok("start_chat", headers={"x-region": region})


def test_unheard_of_region_is_a_validation_error(http):
    assert http.error("start_chat", headers={"x-region": "mars"}) == (
        400,
        "validation",
        "`X-Region` must be `dal` or `fra`",
    )


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


def test_bodies_are_compact_json_in_utf8(http):
    chat_id = http.ok("start_chat")["chat_id"]
    event = {"type": "message", "text": "zażółć 😀"}
    http.ok("send_event", {"chat_id": chat_id, "event": event})
    body = http("get_chat", {"chat_id": chat_id}).body
    assert "zażółć 😀".encode() in body
    assert msgspec.json.encode(msgspec.json.decode(body)) == body
