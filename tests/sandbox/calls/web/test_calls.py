"""Calls over HTTP: paths, verbs, content types, debug ids, bodies."""

import json

import msgspec
import pytest


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


def test_bodies_are_compact_json_in_utf8(http):
    chat_id = http.ok("start_chat")["chat_id"]
    event = {"type": "message", "text": "zażółć 😀"}
    http.ok("send_event", {"chat_id": chat_id, "event": event})
    body = http("get_chat", {"chat_id": chat_id}).body
    assert "zażółć 😀".encode() in body
    assert msgspec.json.encode(msgspec.json.decode(body)) == body
