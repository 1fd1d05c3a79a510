"""What customers do beyond chatting, as programs ask for it: from Python and over HTTP."""

import json
from typing import Any

import pytest

from frontdesk.errors import GreetingNotFound
from frontdesk.models import Cart, FilledForm, FilledFormField
from frontdesk.sandbox import Sandbox
from frontdesk.sandbox.control.customers import SandboxCustomer
from frontdesk.sandbox.control.dispatch import Control

SURVEY = FilledForm(
    form_id="after",
    fields=[FilledFormField(type="textarea", id="1", label="Comment:", answer="Kind")],
)


@pytest.fixture
def ann(sandbox: Sandbox) -> SandboxCustomer:
    return sandbox.customer("Ann Example")


def ask(sandbox: Sandbox, path: str, content: dict[str, Any]) -> Any:
    body = json.dumps(content).encode()
    response = Control(sandbox.backend).handle("POST", f"/__sandbox__/{path}", "", body)
    assert response.status == 200, response.body
    return json.loads(response.body)


def test_a_visit_has_an_address_a_browser_and_a_place(
    sandbox: Sandbox, ann: SandboxCustomer
) -> None:
    ann.visit(
        "https://shop.example/",
        ip="192.0.2.7",
        user_agent="Mozilla/5.0",
        geolocation={"country": "Poland", "country_code": "PL", "latitude": "51.1"},
    )
    visit = sandbox.client().get_customer(id=ann.id).visit
    assert visit is not None
    assert (visit.ip, visit.user_agent) == ("192.0.2.7", "Mozilla/5.0")
    assert visit.geolocation is not None
    assert (visit.geolocation.country, visit.geolocation.latitude) == ("Poland", "51.1")


def test_the_profile_changes(ann: SandboxCustomer) -> None:
    ann.update(name="Ann Other", phone_number="+48123456789")
    ann.set_session_fields({"plan": "free"}, {"theme": "dark"})
    ann.set_cart(Cart(store_uuid="shop", total=12.5))
    profile = ann.profile
    assert (profile.name, profile.phone_number) == ("Ann Other", "+48123456789")
    assert profile.session_fields == [{"plan": "free"}, {"theme": "dark"}]
    assert profile.carts is not None
    assert profile.carts[0].total == 12.5


def test_a_greeting_is_seen_and_closed(ann: SandboxCustomer) -> None:
    ann.accept_greeting(ann.see_greeting(3))
    unique_id = ann.see_greeting(4)
    ann.cancel_greeting(unique_id)
    with pytest.raises(GreetingNotFound):
        ann.accept_greeting(unique_id)
    statistics = ann.profile.statistics
    assert statistics is not None
    assert (statistics.greetings_shown_count, statistics.greetings_accepted_count) == (2, 1)


def test_a_ticket_is_left_and_deleted(sandbox: Sandbox, ann: SandboxCustomer) -> None:
    client = sandbox.client("owner")
    for agent in client.list_routing_statuses():
        if agent.status == "accepting_chats":
            client.set_routing_status(status="not_accepting_chats", agent_id=agent.agent_id)
    ticket_id = ann.leave_ticket()
    assert [ticket.ticket_id for ticket in ann.profile.tickets or ()] == [ticket_id]
    ann.delete_ticket(ticket_id)
    assert ann.profile.tickets is None


def test_after_the_chat(sandbox: Sandbox, ann: SandboxCustomer) -> None:
    ann.say("hello")
    ann.request_transcript("ann@example.com")
    ann.rate("good")
    ann.cancel_rating()
    ann.close_chat()
    event = ann.fill_survey(SURVEY)
    assert ann.chat_id is not None
    thread = sandbox.client().get_chat(chat_id=ann.chat_id).thread
    assert thread.events[-1].id == event.id
    kinds = [getattr(event, "system_message_type", None) for event in thread.events]
    assert "transcript_requested" in kinds
    assert "rating.chat_rating_canceled" in kinds


def test_another_group_has_the_customer(ann: SandboxCustomer, sandbox: Sandbox) -> None:
    ann.transfer(3)
    record = sandbox.backend.world.store.customers.read(ann.id)
    assert record is not None
    assert record.group_ids == [3]


def test_each_thing_can_be_asked_for_over_http(sandbox: Sandbox, ann: SandboxCustomer) -> None:
    path = f"customers/{ann.id}"
    unique_id = ask(sandbox, f"{path}/show_greeting", {"greeting_id": 2})["unique_id"]
    ask(sandbox, f"{path}/accept_greeting", {"unique_id": unique_id})
    ask(sandbox, f"{path}/update_customer", {"name": "Ann Third"})
    ask(sandbox, f"{path}/set_customer_session_fields", {"session_fields": [{"a": "1"}]})
    ask(sandbox, f"{path}/set_cart", {"cart": {"store_uuid": "s", "total": 3}})
    places = ask(sandbox, f"{path}/say", {"text": "hello"})
    ask(sandbox, f"{path}/request_transcript", {"email": "ann@example.com"})
    ask(sandbox, f"{path}/rate", {"score": "bad"})
    ask(sandbox, f"{path}/cancel_rating", {})
    ask(sandbox, f"{path}/close_chat", {})
    form = {
        "type": "filled_form",
        "form_id": "after",
        "fields": [{"type": "textarea", "id": "1", "label": "?", "answer": "Kind"}],
    }
    survey = ask(sandbox, f"{path}/fill_survey", {"form": form})
    assert survey["event"]["form_type"] == "postchat"
    ask(sandbox, f"{path}/transfer", {"group_ids": [3]})
    assert ann.profile.name == "Ann Third"
    event_id = ask(sandbox, f"{path}/say", {"text": "again"})["event"]["id"]
    ask(sandbox, f"events/{event_id}/update", {"text": "anew"})
    assert ann.transcript()[-1].text == "anew"  # type: ignore[union-attr]
    ask(sandbox, f"{path}/close_chat", {})
    ask(sandbox, f"threads/{places['thread_id']}/delete", {})
    assert ask(sandbox, "threads/delete", {"tag": "no such tag"}) == {"deleted": 0}
    ask(sandbox, f"chats/{places['chat_id']}/delete", {})
    assert ann.chat_id is None


@pytest.mark.parametrize(
    ("path", "content", "message"),
    [
        ("update_customer", {}, "give one of name"),
        ("update_customer", {"name": 3}, "`name`"),
        ("update_customer", {"phone_number": "48123"}, "`phone_number`"),
        ("show_greeting", {"greeting_id": 0}, "`greeting_id`"),
        ("accept_greeting", {"unique_id": "X"}, "`unique_id`"),
        ("cancel_greeting", {"unique_id": "X"}, "`unique_id`"),
        ("leave_ticket", {"group_ids": []}, "`group_ids`"),
        ("leave_ticket", {}, "a group is online"),
        ("delete_ticket", {"ticket_id": "X"}, "`ticket_id`"),
        ("fill_survey", {"form": {}}, "`form"),
        ("request_transcript", {"email": ""}, "`email`"),
        ("transfer", {"group_ids": [77]}, "`group_ids`"),
        ("set_cart", {"cart": 3}, "`cart`"),
        ("visit_page", {"url": "https://a.example/", "geolocation": "here"}, "`geolocation`"),
        ("dance", {}, "customers cannot `dance`"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(
    sandbox: Sandbox, ann: SandboxCustomer, path: str, content: dict[str, Any], message: str
) -> None:
    body = json.dumps(content).encode()
    control = Control(sandbox.backend)
    response = control.handle("POST", f"/__sandbox__/customers/{ann.id}/{path}", "", body)
    assert response.status in (400, 404)
    assert message in json.loads(response.body)["error"]["message"]


@pytest.mark.parametrize("path", ["chats/X/delete", "threads/X/delete", "events/X_1/update"])
def test_what_is_not_there_is_named(sandbox: Sandbox, path: str) -> None:
    body = json.dumps({"text": "x"} if "events" in path else {}).encode()
    response = Control(sandbox.backend).handle("POST", f"/__sandbox__/{path}", "", body)
    assert response.status == 404
    assert "`X" in json.loads(response.body)["error"]["message"]
