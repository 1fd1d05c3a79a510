"""Settings: what routing, queues and times obey, through Python and over HTTP."""

import json
from datetime import UTC, datetime

import pytest

from frontdesk.errors import GroupUnavailable, NotFound, ValidationError
from frontdesk.models.customer_chat.widget import FormTemplate, FormTemplateField
from frontdesk.sandbox import Sandbox
from frontdesk.sandbox.control.dispatch import Control


@pytest.fixture
def desk():
    with Sandbox("empty") as sandbox:
        yield sandbox


def post(sandbox, content):
    body = json.dumps(content).encode()
    response = Control(sandbox.backend).handle("POST", "/__sandbox__/settings", "", body)
    return response.status, json.loads(response.body)


def fill(sandbox):
    """Take every place there is; the next customer has to wait."""
    sandbox.set_properties({"chats": {"max_agent_active_chats": 1}})
    for number in range(len(sandbox.backend.world.store.company.agents)):
        sandbox.customer(f"Customer {number}").say("hello")


def test_a_closed_queue_refuses_those_who_would_wait(desk):
    fill(desk)
    desk.set_properties({"chats": {"queue.enabled": False}})
    with pytest.raises(GroupUnavailable):
        desk.customer("Zed").say("hello")
    desk.set_properties({"chats": {"queue.enabled": True}})
    assert desk.customer("Zed").say("hello")


def test_those_who_wait_are_served_when_the_limit_rises(desk):
    fill(desk)
    zed = desk.customer("Zed")
    zed.say("hello")
    client = desk.client("owner")
    assert client.get_chat(chat_id=zed.chat_id).thread.queue is not None
    desk.set_properties({"chats": {"max_agent_active_chats": 20}})
    assert client.get_chat(chat_id=zed.chat_id).thread.queue is None


def test_groups_have_settings_of_their_own(desk):
    desk.set_properties({"chats": {"queue.enabled.override": 0}}, group_id=0)
    changed = {"id": 0, "properties": {"chats": {"manual_routing.override": 1}}}
    status, shown = post(desk, {"groups": [changed]})
    assert status == 200
    (everybody,) = [group for group in shown["groups"] if group["id"] == 0]
    assert everybody["properties"]["chats"] == {
        "queue.enabled.override": 0,
        "manual_routing.override": 1,
    }
    with pytest.raises(NotFound, match="no group 99"):
        desk.set_properties({"chats": {"queue.enabled.override": 0}}, group_id=99)


def test_groups_may_have_forms_of_their_own(desk):
    form = {"id": "1", "fields": [{"type": "question", "label": "Why?", "id": "2"}]}
    forms = {"prechat": {"enabled": True, "form": form}, "postchat": {"enabled": False}}
    status, shown = post(desk, {"groups": [{"id": 0, "forms": forms}]})
    assert status == 200
    assert [group["forms"] for group in shown["groups"] if group["id"] == 0] == [forms]
    own = FormTemplate(fields=[FormTemplateField(type="name", label="Who?")])
    desk.set_form("ticket", own)
    customer = desk.customer_client()
    assert customer.get_form(group_id=0, type="ticket").form == own
    assert not customer.get_form(group_id=0, type="postchat").enabled
    desk.set_form("ticket", None)
    desk.set_form("prechat", None)
    _, shown = post(desk, {"groups": [{"id": 0, "forms": {}}]})
    (off,) = [group["forms"] for group in shown["groups"] if group["id"] == 0]
    assert off == {name: {"enabled": False} for name in ("prechat", "postchat", "ticket")}
    with pytest.raises(NotFound, match="no group 99"):
        desk.set_form("prechat", None, group_id=99)


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({"license": {"chats": {"queue.enabled": "yes"}}}, "license.chats.queue.enabled"),
        ({"license": {"chats": {"nonsense": 1}}}, "license.chats.nonsense"),
        ({"license": {"routing": {"idle": True}}}, "license.routing.idle"),
        ({"license": 3}, "license"),
        (
            {"groups": [{"id": 0, "properties": {"chats": {"queue.enabled": True}}}]},
            "groups.0.chats.queue.enabled",
        ),
        ({"groups": [{"id": "x", "properties": {}}]}, "groups[0].id"),
        ({"groups": [{"id": 0}]}, "groups[0].properties"),
        ({"groups": [{"id": 0, "forms": {"nonsense": {"enabled": False}}}]}, "forms"),
        ({"groups": [{"id": 0, "forms": {"prechat": {"enabled": True}}}]}, "form` is required"),
        ({}, "license"),
        ({"license": {}, "licence": {}}, "licence"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(desk, content, field):
    before = json.dumps(desk.backend.world.store.company.license.properties)
    status, response = post(desk, content)
    assert (status, response["error"]["type"]) == (400, "validation")
    assert field in response["error"]["message"]
    assert json.dumps(desk.backend.world.store.company.license.properties) == before


def test_all_or_nothing_is_changed(desk):
    with pytest.raises(ValidationError):
        desk.set_properties({"chats": {"queue.enabled": False, "queue.limit": "many"}})
    status, _ = post(
        desk,
        {"license": {"chats": {"queue.enabled": False}}, "groups": [{"id": 99, "properties": {}}]},
    )
    assert status == 404
    assert desk.backend.world.store.company.license.properties["chats"]["queue.enabled"] is True


@pytest.mark.parametrize("year", [2026, 5924, 8999])
def test_times_that_never_come_are_taken_and_harm_nobody(year):
    """Four thousand years of minutes lead beyond the last date that there is."""
    names = ("chat_inactive", "archive_chat", "archive_offline_chat", "customer_timeout")
    longest = {f"{name}_after_min": 2**31 - 1 for name in (*names, "transfer_chat")}
    start = datetime(year, 6, 1, tzinfo=UTC)
    with Sandbox("demo", start=start, running=False) as desk:
        ann = desk.customer("Ann")
        ann.say("before")
        desk.set_properties({"chats": longest})
        ann.say("first")
        ann.visit("https://shop.example/")
        desk.advance(86400 * 100)
        ann.say("later")
        chat = desk.client().get_chat(chat_id=ann.chat_id)
        assert chat.thread.active
