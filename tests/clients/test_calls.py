"""Every method of the Web API: what is sent, and what its response becomes, on both clients."""

import inspect
import json
from datetime import UTC, datetime
from typing import Any, get_args, get_origin

import pytest

from frontdesk import AgentClient, models
from frontdesk.actions import ACTIONS
from frontdesk.models import (
    Access,
    Address,
    ArchivesFilters,
    Ban,
    ChatsFilters,
    Custom,
    File,
    FilledForm,
    FilledFormField,
    Form,
    FormField,
    Highlights,
    InitialChat,
    InitialThread,
    InitialUser,
    Message,
    MulticastRecipients,
    MulticastRecipientsAgents,
    PropertyFilter,
    RichMessage,
    RichMessageButton,
    RichMessageElement,
    RichMessagePostback,
    RoutingStatusesFilters,
    SystemMessage,
    Target,
    ThreadsFilters,
)

from ..documented import OWN_SAMPLES
from ..loopback import Loopback, reply
from ..web import TOKEN, Kit

NOON = datetime(2026, 3, 1, 12, 30, 15, 250_001, tzinfo=UTC)
CUSTOMER = "b7eff798-f8df-4364-8059-649c35c9ed0c"
HERE = {"chat_id": "C1", "thread_id": "T1"}
PROPERTIES = {"ns": {"score": 7, "good": True, "why": "é"}}
NAMES = {"ns": ["score", "good"]}

CALLS: list[tuple[str, dict[str, Any], Any]] = [
    ("list_chats", {"limit": 5, "sort_order": "asc", "filters": ChatsFilters(
        active=None, group_ids=[0], properties={"ns": {"a": PropertyFilter(exists=True)}})},
     {"limit": 5, "sort_order": "asc", "filters": {
         "active": None, "group_ids": [0], "properties": {"ns": {"a": {"exists": True}}}}}),
    ("list_chats", {}, {}),
    ("list_threads", {"chat_id": "C1", "min_events_count": 20}, None),
    ("list_threads", {"chat_id": "C1", "filters": ThreadsFilters(from_=NOON)},
     {"chat_id": "C1", "filters": {"from": "2026-03-01T12:30:15.250001Z"}}),
    ("get_chat", HERE, None),
    ("list_archives", {"filters": ArchivesFilters(query="refund"), "highlights": Highlights()},
     {"filters": {"query": "refund"}, "highlights": {}}),
    ("start_chat", {}, {}),
    ("start_chat", {"active": True, "continuous": False, "chat": InitialChat(
        access=Access(group_ids=[1]), users=[InitialUser(id=CUSTOMER, type="customer")],
        thread=InitialThread(events=[Message(text="hi")], properties=PROPERTIES))},
     {"active": True, "continuous": False, "chat": {
         "access": {"group_ids": [1]}, "users": [{"id": CUSTOMER, "type": "customer"}],
         "thread": {"events": [{"type": "message", "text": "hi"}], "properties": PROPERTIES}}}),
    ("resume_chat", {"chat": InitialChat(id="C1")}, {"chat": {"id": "C1"}}),
    ("deactivate_chat", {"id": "C1", "ignore_requester_presence": True}, None),
    ("follow_chat", {"id": "C1"}, None),
    ("unfollow_chat", {"id": "C1"}, None),
    ("transfer_chat", {"id": "C1", "target": Target(type="group", ids=[1, 2]),
                       "ignore_agents_availability": True},
     {"id": "C1", "target": {"type": "group", "ids": [1, 2]}, "ignore_agents_availability": True}),
    ("add_user_to_chat", {"chat_id": "C1", "user_id": "a@example.com", "user_type": "agent",
                          "visibility": "agents"}, None),
    ("remove_user_from_chat", {"chat_id": "C1", "user_id": "a@example.com", "user_type": "agent"},
     None),
    ("send_event_preview", {"chat_id": "C1", "event": Message(text="h", custom_id="1")},
     {"chat_id": "C1", "event": {"type": "message", "text": "h", "custom_id": "1"}}),
    ("send_rich_message_postback", {**HERE, "event_id": "E1",
                                    "postback": RichMessagePostback(id="yes", toggled=False)},
     {**HERE, "event_id": "E1", "postback": {"id": "yes", "toggled": False}}),
    ("update_chat_properties", {"id": "C1", "properties": PROPERTIES}, None),
    ("delete_chat_properties", {"id": "C1", "properties": NAMES}, None),
    ("update_thread_properties", {**HERE, "properties": PROPERTIES}, None),
    ("delete_thread_properties", {**HERE, "properties": NAMES}, None),
    ("update_event_properties", {**HERE, "event_id": "E1", "properties": PROPERTIES}, None),
    ("delete_event_properties", {**HERE, "event_id": "E1", "properties": NAMES}, None),
    ("tag_thread", {**HERE, "tag": "vip"}, None),
    ("untag_thread", {**HERE, "tag": "vip"}, None),
    ("get_customer", {"id": CUSTOMER}, None),
    ("update_customer", {"id": CUSTOMER, "session_fields": [{"b": "1"}, {"a": "2"}],
                         "address": Address(city="Wrocław")},
     {"id": CUSTOMER, "session_fields": [{"b": "1"}, {"a": "2"}], "address": {"city": "Wrocław"}}),
    ("ban_customer", {"id": CUSTOMER, "ban": Ban(days=3)}, {"id": CUSTOMER, "ban": {"days": 3}}),
    ("create_customer", {"name": "Ann", "session_fields": [{"a": "1"}]}, None),
    ("follow_customer", {"id": CUSTOMER}, None),
    ("unfollow_customer", {"id": CUSTOMER}, None),
    ("set_routing_status", {"status": "accepting_chats", "agent_id": "a@example.com"}, None),
    ("list_routing_statuses", {"filters": RoutingStatusesFilters(group_ids=[0])},
     {"filters": {"group_ids": [0]}}),
    ("mark_events_as_seen", {"chat_id": "C1", "seen_up_to": NOON},
     {"chat_id": "C1", "seen_up_to": "2026-03-01T12:30:15.250001Z"}),
    ("send_thinking_indicator", {"chat_id": "C1", "title": "Hm"}, None),
    ("send_typing_indicator", {"chat_id": "C1", "is_typing": False}, None),
    ("multicast", {"recipients": MulticastRecipients(
        agents=MulticastRecipientsAgents(all=True)), "content": {"a": [1, None]}, "type": "x"},
     {"recipients": {"agents": {"all": True}}, "content": {"a": [1, None]}, "type": "x"}),
    ("list_agents_for_transfer", {"chat_id": "C1"}, None),
    ("request_thread_summary", HERE, None),
    ("get_thread_transcript", HERE, None),
    ("get_license_info", {}, None),
    ("logout", {"agent_id": "a@example.com"}, None),
]  # fmt: skip


def response_of(name: str) -> Any:
    path = OWN_SAMPLES / "responses" / f"{name}.json"
    return json.loads(path.read_text()) if path.exists() else {}


@pytest.mark.parametrize(("name", "given", "sent"), CALLS)
def test_a_method_sends_what_it_is_given_and_returns_its_type(
    kit: Kit, server: Loopback, name: str, given: dict[str, Any], sent: Any
) -> None:
    server.default = reply(response_of(name))
    result = getattr(kit.client(server), name)(**given)
    version = "v3.5" if name in ("create_customer", "get_license_info") else "v3.6"
    assert server.last.method == "POST"
    assert server.last.target == f"/{version}/agent/action/{name}"
    assert server.last.json == (given if sent is None else sent)
    returns = ACTIONS[name].spec.returns
    if returns is None:
        assert result is None
    elif get_origin(returns) is list:
        assert result
        assert all(isinstance(item, get_args(returns)[0]) for item in result)
    else:
        assert isinstance(result, returns)


@pytest.mark.parametrize("version", ["3.4", "3.5"])
def test_customers_are_listed_at_older_versions(kit: Kit, server: Loopback, version: str) -> None:
    server.default = reply({"customers": [{"id": CUSTOMER, "type": "customer"}],
                            "total_customers": 1})  # fmt: skip
    filters = {"email": {"values": ["ann@example.com"]}, "chats_count": {"gte": 1}}
    page = kit.client(server, version=version).list_customers(filters=filters, sort_by=None)
    assert server.last.target == f"/v{version}/agent/action/list_customers"
    assert server.last.json == {"filters": filters}
    assert [customer.id for customer in page.customers] == [CUSTOMER]
    assert page.total_customers == 1


@pytest.mark.parametrize(("name", "given", "sent"), CALLS)
def test_an_action_sends_the_same_as_its_method(
    server: Loopback, name: str, given: dict[str, Any], sent: Any
) -> None:
    server.default = reply(response_of(name))
    with AgentClient(TOKEN, base_url=server.url) as client:
        by_method = getattr(client, name)(**given)
        by_action = client(ACTIONS[name](**given))
    assert by_action == by_method
    assert server.requests[0].body == server.requests[1].body


def test_every_method_is_called_here() -> None:
    public = {
        name
        for name, _ in inspect.getmembers(AgentClient, inspect.isfunction)
        if not name.startswith(("_", "iter_"))
    }
    others = {
        "send_event", "upload_file", "list_customers", "raw", "close", "with_options",
        "configuration",
    }  # fmt: skip
    assert public == {name for name, _, _ in CALLS} | others


EVENTS: list[tuple[Any, dict[str, Any]]] = [
    (Message(text="hi", visibility="agents", custom_id="1", properties=PROPERTIES),
     {"type": "message", "text": "hi", "visibility": "agents", "custom_id": "1",
      "properties": PROPERTIES}),
    (File(url="https://cdn.example/1", alternative_text="a cat"),
     {"type": "file", "url": "https://cdn.example/1", "alternative_text": "a cat"}),
    (Form(form_id="f", fields=[FormField(type="email", id="1", label="Mail", required=True)]),
     {"type": "form", "form_id": "f", "fields": [
         {"type": "email", "id": "1", "label": "Mail", "required": True}]}),
    (FilledForm(form_id="f", fields=[
        FilledFormField(type="email", id="1", label="Mail", answer="a@b.c")]),
     {"type": "filled_form", "form_id": "f", "fields": [
         {"type": "email", "id": "1", "label": "Mail", "answer": "a@b.c"}]}),
    (RichMessage(template_id="cards", elements=[RichMessageElement(title="T", buttons=[
        RichMessageButton(text="Go", type="url", value="https://a.b", postback_id="go",
                          user_ids=[])])]),
     {"type": "rich_message", "template_id": "cards", "elements": [{"title": "T", "buttons": [
         {"text": "Go", "type": "url", "value": "https://a.b", "postback_id": "go",
          "user_ids": []}]}]}),
    (Custom(content={"any": ["thing", None]}),
     {"type": "custom", "content": {"any": ["thing", None]}}),
    (SystemMessage(system_message_type="x", text="%a% left", text_vars={"a": "Ann"}),
     {"type": "system_message", "system_message_type": "x", "text": "%a% left",
      "text_vars": {"a": "Ann"}}),
]  # fmt: skip


@pytest.mark.parametrize(("event", "wire"), EVENTS)
def test_each_kind_of_event_can_be_sent(
    kit: Kit, server: Loopback, event: Any, wire: dict[str, Any]
) -> None:
    server.default = reply({"event_id": "E1"})
    sent = kit.client(server).send_event(chat_id="C1", event=event, attach_to_last_thread=True)
    assert sent == models.SentEvent(event_id="E1")
    assert server.last.json == {"chat_id": "C1", "event": wire, "attach_to_last_thread": True}


def test_every_kind_of_event_is_sent_here() -> None:
    assert {type(event) for event, _ in EVENTS} == set(get_args(models.NewEvent))


def test_a_call_has_the_headers_of_the_protocol(kit: Kit, server: Loopback) -> None:
    kit.client(server).follow_chat(id="C1")
    assert server.last.headers["authorization"] == f"Bearer {TOKEN}"
    assert server.last.headers["content-type"] == "application/json"
    assert server.last.headers["x-region"] == "dal"
    assert server.last.headers["content-length"] == str(len(server.last.body))
    assert "transfer-encoding" not in server.last.headers
    assert "cookie" not in server.last.headers


def test_an_unknown_event_costs_no_response(kit: Kit, server: Loopback) -> None:
    server.default = reply(response_of("list_archives.unknown_items"))
    page = kit.client(server).list_archives()
    events = [event for chat in page.chats for event in chat.thread.events or []]
    assert any(isinstance(event, models.UnknownEvent) for event in events)
    assert any(isinstance(event, models.MessageEvent) for event in events)


def test_a_response_may_come_compressed(kit: Kit, server: Loopback) -> None:
    import gzip

    body = gzip.compress(json.dumps({"event_id": "E" * 5000}).encode())
    server.default = reply(body, headers={"Content-Encoding": "gzip"})
    sent = kit.client(server).send_event(chat_id="C1", event=Message(text="hi"))
    assert sent.event_id == "E" * 5000
    assert server.last.headers["accept-encoding"] == "gzip"


def test_a_large_response_arrives_whole(kit: Kit, server: Loopback) -> None:
    server.default = reply({"event_id": "E" * 3_000_000})
    sent = kit.client(server).send_event(chat_id="C1", event=Message(text="hi"))
    assert len(sent.event_id) == 3_000_000


def test_a_client_is_closed_by_its_block(server: Loopback) -> None:
    with AgentClient(TOKEN, base_url=server.url) as client:
        client.follow_chat(id="C1")
        assert server.open == 1
    server.wait_until(lambda: server.open == 0)
