"""Which webhooks an effect causes, and what is in them."""

import msgspec
import pytest

from frontdesk.actions import UpdateThreadProperties
from frontdesk.models import RegisteredFilters
from frontdesk.sandbox.store.records import WebhookRecord
from frontdesk.sandbox.webhooks.calls import webhook_calls
from frontdesk.sandbox.world.people import customer_actions

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
