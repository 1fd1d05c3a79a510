"""Which webhooks an effect causes, and what is in them."""

import json

import msgspec
import pytest

from frontdesk.actions import (
    AddAutoAccess,
    AddUserToChat,
    ListWebhookNames,
    PublishProperty,
    RegisterProperty,
    RemoveUserFromChat,
    RequestThreadSummary,
    UpdateChatProperties,
    UpdateThreadProperties,
)
from frontdesk.models import RegisteredChatPresence, RegisteredFilters
from frontdesk.pushes import UserRemovedFromChat
from frontdesk.sandbox.seeds.company import BOT_ID
from frontdesk.sandbox.store.records import WebhookRecord
from frontdesk.sandbox.webhooks.webhook_calls import webhook_calls
from frontdesk.sandbox.world.effects import Effect
from frontdesk.sandbox.world.people import customer_actions

from .._desk import JONES, SMITH, call_web

OWNER = "an application of its own"


@pytest.fixture
def register(desk):
    """Registers a webhook."""

    def register(action, id="w", **filters):
        record = WebhookRecord(
            id=id,
            action=action,
            url="http://127.0.0.1:9/",
            secret_key="secret",
            owner_client_id=OWNER,
            type="license",
            filters=RegisteredFilters(**filters) if filters else None,
        )
        desk.unit(lambda world: world.store.company.save_webhook(record))
        desk.forget()

    return register


def caused(desk):
    return [call for effect in desk.heard for call in webhook_calls(desk.world, effect)]


@pytest.mark.parametrize(
    ("source_type", "matches"), [("other_clients", 1), ("my_client", 0), ("system", 0)]
)
@pytest.mark.parametrize("act", ["rating", "message"])
def test_what_customers_do_comes_from_another_client(desk, register, act, source_type, matches):
    customer_id = desk.visitor()
    desk.say(customer_id)
    action = "thread_properties_updated" if act == "rating" else "incoming_event"
    register(action, source_type=[source_type])
    if act == "rating":
        desk.unit(customer_actions.rate, customer_id, 1)
    else:
        desk.say(customer_id, "hello again")
    assert len(caused(desk)) == matches


@pytest.mark.parametrize(
    ("source_type", "matches"), [("other_clients", 1), ("my_client", 0), ("system", 0)]
)
def test_what_agents_do_comes_from_their_client(desk, register, source_type, matches):
    chat_id = desk.start()
    thread_id = desk.chat(chat_id).thread.id
    register("thread_properties_updated", source_type=[source_type])
    properties = {"test": {"string_property": "x"}}
    desk.call(UpdateThreadProperties(chat_id=chat_id, thread_id=thread_id, properties=properties))
    assert len(caused(desk)) == matches


@pytest.mark.parametrize(
    ("owner", "agents", "matches"),
    [
        (OWNER, [BOT_ID], 1),
        (OWNER, [SMITH, BOT_ID], 1),
        ("another application", [BOT_ID], 0),
        (OWNER, [SMITH], 0),
        (OWNER, [], 0),
    ],
)
def test_only_chats_with_a_bot_of_the_same_client(desk, register, owner, agents, matches):
    bot = desk.world.store.company.agents[BOT_ID]
    bot.owner_client_id = owner
    desk.unit(lambda world: world.store.company.save_agent(bot))
    ann = desk.visitor()
    chat_id = desk.start_with(ann, *agents)
    register("incoming_event", chat_presence=RegisteredChatPresence(my_bots=True))
    desk.write(chat_id)
    desk.say(ann)
    assert len(caused(desk)) == 2 * matches


def test_what_timers_do_comes_from_the_system(desk, register):
    desk.start()
    register("chat_deactivated", source_type=["system"])
    desk.advance(hours=3)
    assert len(caused(desk)) == 1


def test_all_webhooks_of_an_event_have_the_bytes_of_the_store(desk, register):
    chat_id = desk.start()
    register("incoming_event", "w1")
    register("incoming_event", "w2")
    event_id = desk.write(chat_id, "héllo")
    thread_id, _, number = event_id.rpartition("_")
    thread = desk.world.store.threads.get(thread_id)
    stored = desk.world.store.events.get(thread.num, int(number)).data
    bodies = [call.body for call in caused(desk)]
    assert [msgspec.json.decode(body)["webhook_id"] for body in bodies] == ["w1", "w2"]
    assert all(stored in body for body in bodies)


def payloads(desk):
    return [msgspec.json.decode(call.body)["payload"] for call in caused(desk)]


class TestVersions:
    """Webhooks have the shape of the version that they were registered with."""

    @pytest.fixture
    def register(self, desk):
        def register(action, version, id="w"):
            record = WebhookRecord(
                id=id,
                action=action,
                url="http://127.0.0.1:9/",
                secret_key="secret",
                owner_client_id=OWNER,
                type="license",
                version=version,
            )
            desk.unit(lambda world: world.store.company.save_webhook(record))
            desk.forget()

        return register

    def test_visits(self, desk, register):
        for version in ((3, 4), (3, 5), (3, 6), (3, 7)):
            register("incoming_chat", version, f"{version}")
        customer_id = desk.visitor(phone_number="+48123456789")
        desk.say(customer_id)
        sent = [payload["chat"]["users"][0] for payload in payloads(desk)]
        assert [("visit" in user, "last_visit" in user) for user in sent] == [
            (False, True),
            (False, True),
            (True, False),
            (True, False),
        ]
        assert ["phone_number" in user for user in sent] == [False, False, True, True]

    def test_what_a_version_does_not_have_is_not_sent(self, desk, register):
        register("incoming_event", (3, 5))
        register("incoming_event", (3, 6), "new")
        chat_id = desk.start()
        desk.write(chat_id)
        thread_id = desk.chat(chat_id).thread.id
        desk.forget()
        desk.call(RequestThreadSummary(chat_id=chat_id, thread_id=thread_id))
        desk.advance(seconds=5)
        (call,) = caused(desk)
        assert call.webhook_id == "new"
        assert payloads(desk)[0]["event"]["type"] == "system"

    @pytest.mark.parametrize("version", ["3.4", "3.5", "3.6", "3.7"])
    def test_the_version_is_the_one_of_the_registration(self, desk, version):
        response = call_configuration(desk, version, "incoming_chat")
        assert response.status == 200
        (record,) = desk.world.store.company.webhooks.values()
        assert record.version == tuple(map(int, version.split(".")))

    @pytest.mark.parametrize("version", ["3.4", "3.5", "3.6", "3.7"])
    def test_every_listed_name_can_be_registered(self, desk, version):
        names = [name.action for name in desk.call(ListWebhookNames(version=version))]
        assert len(names) >= 33
        for name in names:
            assert call_configuration(desk, version, name).status == 200, name
        registered = desk.world.store.company.webhooks.values()
        assert {record.action for record in registered} == set(names)

    @pytest.mark.parametrize(
        ("version", "name"),
        [
            ("3.4", "tag_created"),
            ("3.5", "event_deleted"),
            ("3.5", "auto_access_added"),
            ("3.6", "incoming_customer"),
            ("3.7", "auto_access_deleted"),
        ],
    )
    def test_others_cannot(self, desk, version, name):
        response = call_configuration(desk, version, name)
        assert response.status == 400
        assert f"version {version} has no webhook `{name}`" in response.body.decode()

    @pytest.mark.parametrize("change", ["added", "updated", "deleted"])
    def test_what_is_never_sent_cannot_be_registered_or_waited_for(self, desk, change):
        name = f"auto_access_{change}"
        response = call_configuration(desk, "3.4", name)
        assert response.status == 400
        error = json.loads(response.body)["error"]
        assert error["type"] == "validation"
        assert f"does not send `{name}` of version 3.4" in error["message"]
        listed = desk.call(ListWebhookNames(version="3.4"))
        assert name not in [webhook.action for webhook in listed]

    def test_new_customers_are_sent_up_to_3_5(self, desk, register):
        register("incoming_customer", (3, 5))
        customer_id = desk.customer("Ann", phone_number="+48123456789")
        (payload,) = payloads(desk)
        assert payload["id"] == customer_id
        assert "phone_number" not in payload

    def test_changes_of_access_rules_are_a_list(self, desk, register):
        register("auto_accesses_updated", (3, 5))
        register("auto_accesses_updated", (3, 6), "new")
        conditions = {"url": {"values": [{"value": "/shop"}]}}
        desk.call(AddAutoAccess(access={"groups": [2]}, conditions=conditions))
        old, new = [msgspec.json.decode(call.body) for call in caused(desk)]
        assert old["payload"] == new["payload"]
        (change,) = new["payload"]
        assert change == {
            "id": change["id"],
            "status": "added",
            "description": "",
            "access": {"groups": [2]},
            "conditions": conditions,
            "next_id": "",
        }
        assert "requester" not in old
        assert new["requester"]["user_id"] == SMITH
        assert new["additional_data"] == {}

    def test_the_envelope_names_the_requester_since_3_6(self, desk, register):
        register("tag_created", (3, 5))
        register("tag_created", (3, 6), "new")
        effect = Effect(payload={"name": "vip"}, webhook="tag_created", actor=desk.owner)
        calls = list(webhook_calls(desk.world, effect))
        envelopes = [msgspec.json.decode(call.body) for call in calls]
        assert ["requester" in envelope for envelope in envelopes] == [False, True]


def call_configuration(desk, version, name):
    return call_web(
        desk,
        "register_webhook",
        {
            "action": name,
            "url": "http://127.0.0.1:9/",
            "secret_key": "secret",
            "owner_client_id": OWNER,
            "type": "license",
        },
        version,
        api="configuration",
    )


def test_who_came_and_went_is_an_agent_or_a_customer(desk, register):
    register("user_added_to_chat")
    register("user_removed_from_chat", "r")
    chat_id = desk.start()
    customer_id = desk.visitor()
    for user_id, user_type in ((JONES, "agent"), (customer_id, "customer")):
        desk.call(
            AddUserToChat(chat_id=chat_id, user_id=user_id, user_type=user_type, visibility="all")
        )
    desk.call(RemoveUserFromChat(chat_id=chat_id, user_id=JONES, user_type="agent"))
    sent = [
        (payload.get("user_id") or payload["user"]["id"], payload["user_type"])
        for payload in payloads(desk)
    ]
    assert sent == [(JONES, "agent"), (customer_id, "customer"), (JONES, "agent")]
    pushes = [*desk.pushed("user_added_to_chat"), *desk.pushed("user_removed_from_chat")]
    assert {push.user_type for push in pushes} == {None}


@pytest.mark.parametrize(
    ("user_id", "user_type"), [(JONES, "agent"), (BOT_ID, "agent"), ("somebody", "customer")]
)
def test_whoever_left_a_chat_that_is_gone_since_has_a_type(desk, register, user_id, user_type):
    """Webhooks are made at the commit, when the chat may be deleted."""
    register("user_removed_from_chat")
    push = UserRemovedFromChat(chat_id="GONE", thread_id="T", user_id=user_id, reason="manual")
    effect = Effect(payload=push, webhook="user_removed_from_chat", chat_id="GONE")
    (call,) = webhook_calls(desk.world, effect)
    payload = msgspec.json.decode(call.body)["payload"]
    assert (payload["user_id"], payload["user_type"]) == (user_id, user_type)


@pytest.mark.parametrize("published", [False, True])
def test_additional_data_has_what_the_owner_of_the_webhook_may_read(desk, published):
    chat_id = desk.start()
    property_ = {"name": "x", "owner_client_id": desk.owner.client_id}
    desk.call(
        RegisterProperty(type="int", access={"chat": {"agent": ["read", "write"]}}, **property_)
    )
    if published:
        desk.call(PublishProperty(access_type=["read"], **property_))
    for owner in (OWNER, desk.owner.client_id):
        record = WebhookRecord(
            id=owner,
            action="incoming_event",
            url="http://127.0.0.1:9/",
            secret_key="secret",
            owner_client_id=owner,
            type="license",
            additional_data=["chat_properties"],
        )
        desk.unit(lambda world, record=record: world.store.company.save_webhook(record))
    values = {desk.owner.client_id: {"x": 7}}
    desk.call(UpdateChatProperties(id=chat_id, properties=values))
    desk.forget()
    desk.write(chat_id)
    shown = {
        call.webhook_id: msgspec.json.decode(call.body)["additional_data"]["chat_properties"]
        for call in caused(desk)
    }
    assert shown[desk.owner.client_id][desk.owner.client_id] == {"x": 7}
    assert (desk.owner.client_id in shown[OWNER]) == published
    assert "source" in shown[OWNER]
