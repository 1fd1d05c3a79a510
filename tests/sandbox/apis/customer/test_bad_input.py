"""Odd requests to the methods of customers, as any client may send them."""

import json
from datetime import datetime
from itertools import product

import pytest

from frontdesk.actions import customer as actions
from frontdesk.sandbox.calls.responses import MAX_MESSAGE
from frontdesk.sandbox.seeds.company import AGENT_TOKEN
from frontdesk.sandbox.world.accounts import customer_tokens

from ....documented import spec
from ..._desk import call_web

METHODS = {
    method["name"]: method
    for method in spec("customer-methods")["methods"]
    if "web" in method["transports"]
    and method.get("http_method") != "GET"
    and method["name"] != "upload_file"
}
EMPTY_IS_RIGHT = {
    "get_customer", "get_predicted_agent", "list_chats", "request_welcome_message", "start_chat",
}  # fmt: skip
DOCUMENTED = {*spec("customer-methods")["meta"]["common_errors"]["web"], "not_found"}
"""``not_found`` is listed for RTM alone."""
ODD = [None, "", 0, -1, True, 1e308, [], {}, [[]], {"": None}, "\u0000", "x" * 5000, "../..", "%00"]


@pytest.fixture
def post(desk, ann):
    token = desk.unit(customer_tokens.issue, ann.id).id
    organization_id = desk.world.store.company.license.organization_id

    def post(method, body, token=token):
        path = f"{method}?organization_id={organization_id}"
        response = call_web(desk, path, body, token=token, api="customer")
        return response.status, json.loads(response.body)

    return post


def fields(method):
    """The names of what a method takes at the top of the request."""
    paths = [field["path"].partition(".")[0] for field in METHODS[method]["request"]]
    return list(dict.fromkeys(paths))


@pytest.mark.parametrize("method", METHODS)
def test_odd_values_get_a_documented_error(ann, post, method):
    started = ann.start("hello")
    right = {
        "chat_id": started.chat_id, "id": started.chat_id, "thread_id": started.thread_id,
        "event_id": f"{started.thread_id}_1", "sneak_peek_text": "x",
        "event": {"type": "message", "text": "x"}, "postback": {"id": "y", "toggled": True},
        "seen_up_to": "2026-03-02T09:00:00Z", "properties": {"rating": {"score": 1}},
        "group_id": 0, "type": "prechat", "url": "https://shop.example", "greeting_id": 1,
        "unique_id": "u", "greeting_unique_id": "u", "button_id": "b", "page_url": "https://a.b",
        "session_fields": [{"a": "b"}], "callback_uri": "https://shop.example", "all": True,
    }  # fmt: skip
    for name, odd in product(fields(method), ODD):
        body = {field: right[field] for field in fields(method) if field in right}
        status, content = post(method, {**body, name: odd})
        if status == 200:
            continue
        error = content["error"]
        assert error["type"] in {*DOCUMENTED, "chat_already_active"}, (name, odd, error)
        assert error["type"] != "internal", (name, odd, error)
        assert len(error["message"]) < 6000


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("body", [b"", b"{", b"null", b"[]", b'"x"', b"\xff\xfe", b"7" * 5000])
def test_bodies_that_are_no_object_are_refused(post, method, body):
    status, content = post(method, body)
    if method in EMPTY_IS_RIGHT and body == b"":
        assert status == 200
    else:
        assert (status, content["error"]["type"]) == (400, "validation")


@pytest.mark.parametrize("method", METHODS)
def test_agents_are_nobody_here(ann, post, method):
    status, content = post(method, {}, token=AGENT_TOKEN)
    assert (status, content["error"]["type"]) == (401, "authentication")


@pytest.mark.parametrize("text", ["", " ", "\u0000", "\u202e\u2066", "<script>", "x" * 16384])
def test_any_text_can_be_said(ann, post, text):
    started = ann.start()
    event = {"type": "message", "text": text}
    status, _ = post("send_event", {"chat_id": started.chat_id, "event": event})
    assert status == 200
    assert ann.texts(started.chat_id) == [text]


@pytest.mark.parametrize(
    ("seen_up_to", "status"),
    [
        ("0001-01-01T00:00:00Z", 200), ("9999-12-31T23:59:59.999999Z", 200),
        ("2026-03-02T09:00:00+01:00", 200), ("2026-03-02T09:00:00", 400), ("yesterday", 400),
        ("0001-01-01T00:00:00+14:00", 400), (1772442000, 400),
    ],
)  # fmt: skip
def test_times_at_the_edge(ann, post, seen_up_to, status):
    chat_id = ann.start("hello").chat_id
    body = {"chat_id": chat_id, "seen_up_to": seen_up_to}
    assert post("mark_events_as_seen", body)[0] == status
    assert ann.chat(chat_id).users[0].present


@pytest.mark.parametrize("method", METHODS)
def test_a_long_value_is_not_sent_back_whole(ann, post, method):
    started = ann.start("hello")
    huge = "x" * 100_000
    right = {"chat_id": started.chat_id, "id": started.chat_id, "thread_id": started.thread_id}
    for name in fields(method):
        for value in (huge, {huge: {huge: 1}}, [huge], {"type": huge}):
            body = {field: right[field] for field in fields(method) if field in right}
            status, content = post(method, {**body, name: value})
            if status != 200:
                assert len(content["error"]["message"]) <= MAX_MESSAGE, (name, type(value))


def form(*fields):
    return {"type": "filled_form", "form_id": "no such form", "fields": list(fields)}


def field(type, **answered):
    return {"type": type, "id": "no such field", "label": "", **answered}


OPTION = {"id": "no such option", "label": "Yes"}


@pytest.mark.parametrize(
    "answered",
    [
        field("email", answer="no address"), field("email", answer=""), field("name"),
        field("radio"), field("checkbox"), field("checkbox", answers=[]),
        field("checkbox", answers=[OPTION, OPTION]), field("select", answer=OPTION),
        field("group_chooser", answer={**OPTION, "group_id": 999}),
    ],
)  # fmt: skip
def test_forms_are_compared_with_nothing(ann, post, answered):
    chat_id = ann.start("hello").chat_id
    for event in (form(), form(answered), form(answered, answered)):
        status, content = post("send_event", {"chat_id": chat_id, "event": event})
        assert status == 200, content
    shown = ann.chat(chat_id).thread.events[-1]
    assert [each.id for each in shown.fields] == ["no such field"] * 2


@pytest.mark.parametrize(
    ("answered", "place"),
    [
        (field("name", answer=OPTION), "answer"), (field("email", answer=7), "answer"),
        (field("select", answer="Yes"), "answer"), (field("checkbox", answer="Yes"), "answer"),
        (field("checkbox", answers=OPTION), "answers"), (field("radio", answer={}), "answer"),
        (field("group_chooser", answer=OPTION), "answer.group_id"),
        (field("header", answer="x"), "type"), ({"type": "name", "label": "x"}, "id"),
        ({**field("name"), "id": ""}, "id"), ({"type": "name", "id": "1"}, "label"),
    ],
)  # fmt: skip
def test_an_answer_of_another_kind_is_refused_by_its_place(ann, post, answered, place):
    chat_id = ann.start("hello").chat_id
    body = {"chat_id": chat_id, "event": form(field("name", answer="Ann"), answered)}
    status, content = post("send_event", body)
    assert (status, content["error"]["type"]) == (400, "validation")
    assert f"fields[1].{place}" in content["error"]["message"]
    assert ann.texts(chat_id) == ["hello"]


@pytest.mark.parametrize("email", ["no address", "a@b@c", "x" * 5000, "<b>", "\u202e"])
def test_the_form_of_an_e_mail_address_is_not_checked(ann, post, email):
    assert post("update_customer", {"email": email})[0] == 200
    assert ann.call(actions.GetCustomer()).email == email


def test_what_was_seen_is_never_taken_back(ann, post):
    chat_id = ann.start("hello").chat_id
    future = "2126-01-01T00:00:00Z"
    for seen in (future, "2026-01-01T00:00:00Z"):
        assert post("mark_events_as_seen", {"chat_id": chat_id, "seen_up_to": seen})[0] == 200
    post("send_event", {"chat_id": chat_id, "event": {"type": "message", "text": "x"}})
    post("deactivate_chat", {"id": chat_id})
    assert post("resume_chat", {"chat": {"id": chat_id}, "continuous": True})[0] == 200
    (seen,) = [user.events_seen_up_to for user in ann.chat(chat_id).users if user.id == ann.id]
    assert seen == datetime.fromisoformat(future)
