"""The AsyncAPI documents say what the sandbox does."""

import json
import urllib.request

import jsonschema_rs
import pytest

from frontdesk.actions import ACTIONS
from frontdesk.actions.customer import CUSTOMER_ACTIONS
from frontdesk.pushes import PUSHES
from frontdesk.pushes.customer_chat import CUSTOMER_PUSHES
from frontdesk.sandbox.describe.asyncapi import asyncapi, asyncapi_json, asyncapi_text

from .._rtm_line import JONES, SMITH, Refused

DOCUMENT = asyncapi()
CUSTOMER_DOCUMENT = asyncapi("customer")
MESSAGES = DOCUMENT["components"]["messages"]
SIDES = [(DOCUMENT, ACTIONS, PUSHES), (CUSTOMER_DOCUMENT, CUSTOMER_ACTIONS, CUSTOMER_PUSHES)]


def refs(value):
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for part in value.values():
            yield from refs(part)
    elif isinstance(value, list):
        for part in value:
            yield from refs(part)


def conforms(message, frame, document=DOCUMENT):
    """Fail unless a frame is what the document says of a message."""
    components = document["components"]
    schema = {**components["messages"][message]["payload"], "components": components}
    errors = [
        f"{error.instance_path}: {error.message}"
        for error in jsonschema_rs.Draft202012Validator(schema).iter_errors(frame)
    ]
    assert errors == [], f"{message}: {frame}"


@pytest.mark.parametrize(("document", "actions", "pushes"), SIDES)
def test_every_method_and_every_push_is_described(document, actions, pushes):
    operations = document["operations"]
    methods = {
        name
        for name, action in actions.items()
        if "rtm" in action.spec.transports and (action.spec.until or (3, 6)) >= (3, 6)
    }
    assert {name for name, one in operations.items() if one["action"] == "receive"} == {
        *methods,
        "ping",
    }
    assert {name for name, one in operations.items() if one["action"] == "send"} == {
        f"push_{name}" for name in pushes
    }
    messages = set(document["components"]["messages"])
    assert set(document["channels"]["rtm"]["messages"]) == messages


@pytest.mark.parametrize("document", [DOCUMENT, CUSTOMER_DOCUMENT])
def test_every_reference_leads_somewhere(document):
    for ref in set(refs(document)):
        found = document
        for step in ref.removeprefix("#/").split("/"):
            found = found[step]


def test_nothing_of_frontdesks_own_is_in_it():
    assert "frontdesk." not in asyncapi_text()
    assert "Unknown" not in asyncapi_text()


def test_the_sandbox_serves_it(served):
    with urllib.request.urlopen(f"{served.url}/asyncapi.json", timeout=10) as response:
        assert response.read() == asyncapi_json()
    assert json.loads(asyncapi_text()) == json.loads(asyncapi_json()) == DOCUMENT


def test_it_describes_what_is_really_sent(dial, served):
    """Requests, responses, errors and pushes of a conversation, each against its description."""
    line = dial(None)
    watcher = dial("agent", customer_monitoring_level="online")
    customer = served.customer("Ann")

    def ask(action, /, **payload):
        request = {"action": action, "request_id": "x", "payload": payload}
        conforms(f"{action}.request", request)
        line.socket.send(json.dumps(request))
        while (frame := line.frame())["type"] == "push":
            line.pushes.append(frame)
        conforms(f"{action}.response" if frame["success"] else "error", frame)
        return frame["payload"]

    ask("login", token=served.tokens["owner"], customer_monitoring_level="online")
    ask("ping")
    customer.visit("https://www.example.com/", "Home")
    customer.say("hello")
    chat_id = ask("start_chat", continuous=True)["chat_id"]
    chat = ask("get_chat", chat_id=chat_id)
    where = {"chat_id": chat_id, "thread_id": chat["thread"]["id"]}
    sent = ask("send_event", chat_id=chat_id, event={"type": "message", "text": "hi"})
    values, names = {"test": {"string_property": "x"}}, {"test": ["string_property"]}
    ask("update_chat_properties", id=chat_id, properties=values)
    ask("delete_chat_properties", id=chat_id, properties=names)
    ask("update_thread_properties", **where, properties=values)
    ask("delete_thread_properties", **where, properties=names)
    ask("update_event_properties", **where, **sent, properties=values)
    ask("delete_event_properties", **where, **sent, properties=names)
    ask("tag_thread", **where, tag="support")
    ask("untag_thread", **where, tag="support")
    user = {"user_id": JONES, "user_type": "agent"}
    ask("add_user_to_chat", chat_id=chat_id, **user, visibility="all")
    ask("remove_user_from_chat", chat_id=chat_id, **user)
    ask("send_typing_indicator", chat_id=chat_id, is_typing=True)
    ask("send_thinking_indicator", chat_id=chat_id, title="Hm")
    ask("mark_events_as_seen", chat_id=chat_id, seen_up_to="2026-01-01T00:00:00.000000Z")
    ask("multicast", recipients={"agents": {"ids": [SMITH]}}, content="x", type="note")
    ask("list_agents_for_transfer", chat_id=chat_id)
    ask("transfer_chat", id=chat_id, target={"type": "agent", "ids": [JONES]})
    ask("deactivate_chat", id=chat_id, ignore_requester_presence=True)
    ask("resume_chat", chat={"id": chat_id}, continuous=True)
    for method in ("list_chats", "list_archives", "list_routing_statuses"):
        ask(method)
    ask("list_threads", chat_id=chat_id)
    ask("update_customer", id=customer.id, name="Ann Example")
    ask("get_customer", id=customer.id)
    subscribed = ask("subscribe_customers", limit=1)
    ask("unsubscribe_customers", subscription_id=subscribed["subscription_id"])
    ask("set_routing_status", status="not_accepting_chats")
    ask("set_away_status", away=True)
    ask("get_chat", chat_id="NONE")
    ask("update_session", token=served.tokens["owner"])
    customer.type("anybody")
    customer.leave()
    pushes = [*line.settle(), *watcher.settle()]
    ask("logout")
    for push in pushes:
        conforms(f"{push['action']}.push", push)
    assert len({push["action"] for push in pushes}) >= 25


def test_it_describes_what_is_really_sent_to_customers(dial, dial_customer, served):
    """Requests, responses, errors and pushes of a customer, each against its description."""
    line = dial_customer(log_in=False)
    agent = dial()

    def ask(action, /, **payload):
        request = {"action": action, "request_id": "x", "payload": payload}
        conforms(f"{action}.request", request, CUSTOMER_DOCUMENT)
        line.socket.send(json.dumps(request))
        while (frame := line.frame())["type"] == "push":
            line.pushes.append(frame)
        message = f"{action}.response" if frame["success"] else "error"
        conforms(message, frame, CUSTOMER_DOCUMENT)
        return frame["payload"]

    page = {"url": "https://www.example.com/", "title": "Home"}
    ask("login", token=f"Bearer {line.token}", customer_page=page, is_mobile=False)
    ask("ping")
    ask("list_group_statuses", all=True)
    ask("get_customer")
    ask("update_customer", name="Ann Example", email="ann@example.com")
    ask("set_customer_session_fields", session_fields=[{"plan": "gold"}])
    ask("update_customer_page", url="https://www.example.com/prices", title="Prices")
    ask("get_predicted_agent")
    ask("request_welcome_message")
    first = {"type": "message", "text": "Hello"}
    chat = ask("start_chat", chat={"thread": {"events": [first]}}, continuous=True)
    chat_id, thread_id = chat["chat_id"], chat["thread_id"]
    where = {"chat_id": chat_id, "thread_id": thread_id}
    agent.call("send_typing_indicator", chat_id=chat_id, is_typing=True)
    agent.call("send_thinking_indicator", chat_id=chat_id, title="Hm")
    agent.call("send_event", chat_id=chat_id, event={"type": "message", "text": "Hi"})
    agent.call("remove_user_from_chat", chat_id=chat_id, user_id=SMITH, user_type="agent")
    event_id = ask("send_event", chat_id=chat_id, event={**first, "text": "More"})["event_id"]
    ask("send_sneak_peek", chat_id=chat_id, sneak_peek_text="and")
    ask("mark_events_as_seen", chat_id=chat_id, seen_up_to="2026-01-01T00:00:00.000000Z")
    rating = {"rating": {"score": 1}}
    ask("update_thread_properties", **where, properties=rating)
    ask("delete_thread_properties", **where, properties={"rating": ["score"]})
    ask("delete_event", **where, event_id=event_id)
    ask("list_chats")
    ask("list_threads", chat_id=chat_id)
    ask("get_chat", chat_id=chat_id)
    ask("get_form", group_id=0, type="prechat")
    ask("get_chat", chat_id="NONE")
    ask("deactivate_chat", id=chat_id)
    ask("resume_chat", chat={"id": chat_id}, continuous=True)
    pushes = line.settle()
    for push in pushes:
        conforms(f"{push['action']}.push", push, CUSTOMER_DOCUMENT)
    assert len({push["action"] for push in pushes}) >= 8


def test_it_refuses_what_the_sandbox_refuses(dial):
    for payload in ({}, {"chat_id": 7}):
        with pytest.raises(AssertionError):
            conforms("get_chat.request", {"action": "get_chat", "payload": payload})
        with pytest.raises(Refused, match="validation"):
            dial().call("get_chat", **payload)
