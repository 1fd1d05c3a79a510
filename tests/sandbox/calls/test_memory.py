"""What a call leaves behind when it is over: nothing that waits for the collector of cycles."""

import gc
import json

import pytest

from frontdesk.sandbox.calls.call import IncomingCall
from frontdesk.sandbox.calls.web.api import WebCall

OWNER = {"authorization": "Bearer dal:sandbox-owner", "content-type": "application/json"}
TEXT = "x" * 100_000
EVENT = {"type": "message", "text": TEXT}

REFUSED = {
    "too long a text": ("send_event", {"chat_id": "x", "event": EVENT}),
    "no such chat": ("send_event", {"chat_id": "x", "event": {**EVENT, "text": "x"}, "y": TEXT}),
    "a missing field": ("send_event", {"event": EVENT}),
    "a wrong type": ("send_event", {"chat_id": 1, "event": EVENT}),
    "a wrong type within": ("start_chat", {"chat": {"thread": {"events": [EVENT, {"type": 5}]}}}),
    "values that stand for nothing": (
        "send_event",
        {"chat_id": None, "attach_to_last_thread": None, "event": EVENT},
    ),
    "fields that do not go together": ("list_chats", {"page_id": "x", "limit": 5, "y": TEXT}),
    "a broken page id": ("list_chats", {"page_id": TEXT}),
    "no such method": ("list_cats", {"y": TEXT}),
    "no JSON": ("list_chats", b"{" + TEXT.encode()),
    "a number out of range": ("list_chats", b'{"y": "%s", "limit": 1e999}' % TEXT.encode()),
}


def calls():
    """The calls that are not gone; whoever is waits for no collector.

    What was made since the collector was turned off is all in the first generation: to look through
    the others, with all that a run of tests has loaded, takes a second.
    """
    new = gc.get_objects(generation=0)
    return [thing for thing in new if issubclass(type(thing), IncomingCall)]


@pytest.fixture(scope="module", autouse=True)
def _no_collector():
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def test_a_call_that_is_not_gone_is_found():
    kept = WebCall.__new__(WebCall)
    assert calls() == [kept]


@pytest.mark.parametrize("refused", REFUSED)
def test_a_refused_call_over_http_is_gone_at_once(sandbox, refused):
    method, body = REFUSED[refused]
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    path = f"/v3.6/agent/action/{method}"
    for headers in (OWNER, {}):
        response = sandbox.backend.respond("POST", path, headers, body)
        assert response.status >= 400
        assert not calls()
    call = sandbox.calls()[-1]
    assert call.request_body == b""


def test_a_call_that_works_is_gone_at_once(sandbox):
    body = json.dumps({"y": TEXT}).encode()
    response = sandbox.backend.respond("POST", "/v3.6/agent/action/list_chats", OWNER, body)
    assert response.status == 200
    assert not calls()
