"""The sandbox registers webhooks and delivers them as LiveChat does."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from livechat.webhooks.parser import parse_webhook

from frontdesk.models import (
    RichMessage,
    RichMessageButton,
    RichMessageElement,
    RichMessagePostback,
    WebhookFilters,
)
from frontdesk.models import (
    Target as TransferTo,
)
from frontdesk.sandbox import Sandbox
from frontdesk.webhooks import PAYLOADS, RoutingStatusSet, Webhook, parse

from ...webhooks._target import Target, bring, settled
from ...webhooks.conftest import OWNER

Register = Callable[..., str]


def test_a_webhook_arrives(sandbox: Sandbox, target: Target, register: Register) -> None:
    webhook_id = register("incoming_event")
    ann = sandbox.customer("Ann")
    ann.start_chat()
    ann.say("hello")
    settled(sandbox)
    (webhook,) = target.got
    assert webhook["webhook_id"] == webhook_id
    assert webhook["secret_key"] == "open-sesame"
    assert webhook["organization_id"] == "390e44e6-f1e6-0368c-z6ddb-74g14508c2ex"
    assert webhook["additional_data"] == {}
    assert webhook["payload"]["chat_id"] == ann.chat_id
    assert webhook["payload"]["event"]["text"] == "hello"
    assert target.sent_headers["content-type"] == "application/json"
    assert sandbox.webhooks.counts.delivered == 1


def test_additional_data_when_it_was_asked_for(
    sandbox: Sandbox, target: Target, register: Register
) -> None:
    register("incoming_event", additional_data=["chat_properties", "chat_presence_user_ids"])
    register("incoming_event", additional_data=["chat_presence_user_ids"])
    ann = sandbox.customer("Ann")
    chat_id = ann.start_chat()
    sandbox.client().update_chat_properties(id=chat_id, properties={"test": {"int_property": 7}})
    ann.say("hello")
    settled(sandbox)
    everything, users = (webhook["additional_data"] for webhook in target.got)
    if "chat_properties" not in everything:
        everything, users = users, everything
    assert everything["chat_properties"]["test"] == {"int_property": 7}
    assert set(users) == {"chat_presence_user_ids"}
    assert ann.id in users["chat_presence_user_ids"]
    assert set(users["chat_presence_user_ids"]) == set(everything["chat_presence_user_ids"])


def the_story(sandbox: Sandbox) -> None:
    """Things that customers, agents, routing and the clock do."""
    owner = sandbox.client()
    ann = sandbox.customer("Ann")
    chat_id = ann.start_chat()
    thread_id = ann.thread_id or ""
    sent = ann.say("hello")
    bring(sandbox, "smith@example.com", chat_id)
    owner.update_chat_properties(id=chat_id, properties={"test": {"bool_property": True}})
    owner.delete_chat_properties(id=chat_id, properties={"test": ["bool_property"]})
    where = {"chat_id": chat_id, "thread_id": thread_id}
    owner.update_thread_properties(**where, properties={"test": {"int_property": 1}})
    owner.delete_thread_properties(**where, properties={"test": ["int_property"]})
    event = {**where, "event_id": sent.id}
    owner.update_event_properties(**event, properties={"test": {"string_property": "x"}})
    owner.delete_event_properties(**event, properties={"test": ["string_property"]})
    owner.tag_thread(**where, tag="support")
    owner.untag_thread(**where, tag="support")
    owner.mark_events_as_seen(chat_id=chat_id, seen_up_to=sandbox.now)
    owner.update_customer(id=ann.id, session_fields=[{"plan": "gold"}])
    owner.set_routing_status(agent_id="brown@example.com", status="not_accepting_chats")
    owner.transfer_chat(
        id=chat_id,
        target=TransferTo(type="group", ids=[1]),
        ignore_agents_availability=True,
        ignore_requester_presence=True,
    )
    owner.deactivate_chat(id=chat_id, ignore_requester_presence=True)


CAUSED = {
    "incoming_chat",
    "chat_deactivated",
    "chat_access_updated",
    "chat_transferred",
    "user_added_to_chat",
    "user_removed_from_chat",
    "incoming_event",
    "chat_properties_updated",
    "chat_properties_deleted",
    "thread_properties_updated",
    "thread_properties_deleted",
    "event_properties_updated",
    "event_properties_deleted",
    "thread_tagged",
    "thread_untagged",
    "routing_status_set",
    "customer_session_fields_updated",
    "events_marked_as_seen",
}


def test_what_happens_is_told_typed_and_in_order(
    sandbox: Sandbox, target: Target, register: Register
) -> None:
    for action in PAYLOADS:
        register(action)
    the_story(sandbox)
    settled(sandbox)
    assert set(target.actions) >= CAUSED
    for raw in target.got:
        webhook = parse(json.dumps(raw).encode())
        assert isinstance(webhook, Webhook)
        assert type(webhook.payload) is PAYLOADS[webhook.action]
    chat = [action for action in target.actions if action != "routing_status_set"]
    assert chat[0] == "incoming_chat"
    assert chat[-1] in {"chat_deactivated", "user_removed_from_chat", "incoming_event"}
    assert chat.index("thread_tagged") < chat.index("thread_untagged")


def test_every_webhook_of_a_chat_has_what_was_asked_for(
    sandbox: Sandbox, target: Target, register: Register
) -> None:
    for action in CAUSED:
        register(action, additional_data=["chat_properties", "chat_presence_user_ids"])
    the_story(sandbox)
    settled(sandbox)
    for webhook in target.got:
        about_a_chat = webhook["action"] != "routing_status_set"
        asked = {"chat_properties", "chat_presence_user_ids"} if about_a_chat else set()
        assert set(webhook["additional_data"]) == asked, webhook["action"]


def test_buttons_and_summaries_are_told(
    sandbox: Sandbox, target: Target, register: Register
) -> None:
    for action in ("incoming_rich_message_postback", "thread_summary_set"):
        register(action)
    ann = sandbox.customer("Ann")
    chat_id = ann.start_chat()
    bring(sandbox, "smith@example.com", chat_id)
    client = sandbox.client()
    button = RichMessageButton(
        type="message", text="Yes", value="yes", postback_id="yes", user_ids=[]
    )
    cards = RichMessage(template_id="cards", elements=[RichMessageElement(buttons=[button])])
    sent = client.send_event(chat_id=chat_id, event=cards)
    ann.press(sent.event_id, RichMessagePostback(id="yes", toggled=True))
    ann.say("Thank you!")
    client.deactivate_chat(id=chat_id)
    client.request_thread_summary(chat_id=chat_id, thread_id=ann.thread_id or "")
    sandbox.advance(60)
    settled(sandbox)
    assert target.actions == ["incoming_rich_message_postback", "thread_summary_set"]


def test_the_official_parser_takes_what_the_sandbox_sends(
    sandbox: Sandbox, target: Target, register: Register
) -> None:
    for action in CAUSED:
        register(action)
    the_story(sandbox)
    settled(sandbox)
    for raw in target.got:
        if raw["action"].startswith("user_") and "requester_id" not in raw["payload"]:
            continue  # the router did it, and the official class has no default for it
        assert parse_webhook(raw).action == raw["action"]


def test_routing_statuses_have_spaces(sandbox: Sandbox, target: Target, register: Register) -> None:
    register("routing_status_set")
    sandbox.client().set_routing_status(agent_id="brown@example.com", status="not_accepting_chats")
    settled(sandbox)
    payload = parse(json.dumps(target.got[0])).payload
    assert isinstance(payload, RoutingStatusSet)
    assert payload.status == "not accepting chats"
    assert payload.routing_status == "not_accepting_chats"


@pytest.mark.frontdesk(seed="quiet")
def test_timers_cause_webhooks(sandbox: Sandbox, target: Target, register: Register) -> None:
    register("chat_deactivated")
    ann = sandbox.customer("Ann")
    ann.say("hello")
    sandbox.advance(24 * 3600)
    settled(sandbox)
    # The chats that were there before Ann's end, too.
    assert set(target.actions) == {"chat_deactivated"}
    (payload,) = [got["payload"] for got in target.got if got["payload"]["chat_id"] == ann.chat_id]
    assert "user_id" not in payload


def test_following_a_chat_causes_no_webhook(
    sandbox: Sandbox, target: Target, register: Register
) -> None:
    register("incoming_chat")
    chat_id = sandbox.customer("Ann").start_chat()
    settled(sandbox)
    assert "requester_id" not in target.got[0]["payload"]
    sandbox.client("agent").follow_chat(id=chat_id)
    sandbox.client().transfer_chat(
        id=chat_id,
        target=TransferTo(type="agent", ids=["brown@example.com"]),
        ignore_agents_availability=True,
        ignore_requester_presence=True,
    )
    settled(sandbox)
    assert len(target.got) == 1


def test_registrations_outlive_the_process(tmp_path: Any, target: Target) -> None:
    with Sandbox("empty", db=tmp_path / "world.db") as sandbox:
        sandbox.configuration_client().register_webhook(
            action="incoming_chat",
            url=target.url,
            secret_key="open-sesame",
            owner_client_id=OWNER,
            type="license",
            filters=WebhookFilters(source_type=["other_clients", "system"]),
        )
    with Sandbox("empty", db=tmp_path / "world.db") as sandbox:
        sandbox.customer("Ann").start_chat()
        settled(sandbox)
    assert target.actions == ["incoming_chat"]


def test_control_lists_registrations_and_deliveries(served: Sandbox, target: Target) -> None:
    import urllib.request

    def control(path: str, method: str = "GET") -> Any:
        request = urllib.request.Request(f"{served.url}/__sandbox__/{path}", method=method)
        with urllib.request.urlopen(request, timeout=10) as response:
            text = response.read().decode()
        assert "open-sesame" not in text
        return json.loads(text)

    served.configuration_client().register_webhook(
        action="incoming_event",
        url=target.url,
        secret_key="open-sesame",
        owner_client_id=OWNER,
        type="license",
    )
    ann = served.customer("Ann")
    ann.start_chat()
    ann.say("delivered")
    settled(served)
    target.respond = lambda webhook: 500
    ann.say("dead")
    settled(served)
    served.advance(60)
    settled(served)
    assert control("webhooks")["webhooks"][0]["url"] == target.url
    listed = control("deliveries")
    assert listed["counts"] == {"waiting": 0, "delivered": 1, "retries": 3, "dead": 1}
    assert [one["state"] for one in listed["deliveries"]] == ["delivered", "dead"]
    (dead,) = control("deliveries?state=dead")["deliveries"]
    assert dead["webhook"]["payload"]["event"]["text"] == "dead"
    assert [attempt["status"] for attempt in dead["attempts"]] == [500] * 4
    control("deliveries", "DELETE")
    assert control("deliveries")["deliveries"] == []


def test_secrets_are_not_shown(sandbox: Sandbox, target: Target, register: Register) -> None:
    register("incoming_event")
    ann = sandbox.customer("Ann")
    ann.start_chat()
    ann.say("hello")
    settled(sandbox)
    (delivery,) = sandbox.webhooks.all()
    assert "open-sesame" not in repr(delivery)
    assert "secret_key" not in delivery.webhook
    assert "open-sesame" not in repr(sandbox.backend.world.store.company.webhooks)
    assert "open-sesame" not in str(sandbox.calls())
