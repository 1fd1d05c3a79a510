"""Customers, agents and bots."""

import pytest

from frontdesk import errors
from frontdesk.models import Ban, MulticastRecipients, MulticastRecipientsAgents

AGENT = "jones@example.com"
UNKNOWN = "b7eff798-f8df-4364-8059-649c35c9ed0c"


def test_a_customer_is_read_and_changed(desk, ann):
    ann.visit("https://example.com/pricing", "Pricing")
    desk.update_customer(id=ann.id, name="Anna", email="anna@example.com", phone_number="+48123")
    customer = desk.get_customer(id=ann.id)
    assert (customer.name, customer.email) == ("Anna", "anna@example.com")
    assert customer.phone_number == "+48123"
    assert customer.visit.last_pages[-1].title == "Pricing"
    assert customer.chat_ids == [ann.chat_id]
    with pytest.raises(errors.NotFound):
        desk.get_customer(id=UNKNOWN)


def test_session_fields_keep_their_order(desk, ann):
    fields = [{"plan": "gold"}, {"age": "7"}, {"plan": "again"}]
    desk.update_customer(id=ann.id, session_fields=fields)
    assert desk.get_customer(id=ann.id).session_fields == fields


def test_a_banned_customer_is_out(desk, ann):
    desk.ban_customer(id=ann.id, ban=Ban(days=3))
    assert desk.get_chat(chat_id=ann.chat_id).thread.active is False
    with pytest.raises(errors.CustomerBanned):
        ann.say("let me in")
    desk.sandbox.advance(3 * 24 * 3600 + 60)
    ann.say("thank you")


@pytest.mark.filterwarnings("ignore::frontdesk.DeprecatedVersionWarning")
@pytest.mark.web_only
def test_customers_are_created_at_the_version_that_has_it(desk):
    created = desk.create_customer(name="Zed", session_fields=[{"a": "b"}])
    assert desk.get_customer(id=created.customer_id).name == "Zed"


@pytest.mark.filterwarnings("ignore::frontdesk.DeprecatedVersionWarning")
def test_customers_are_created_at_an_older_version(desk):
    created = desk.as_("owner", version="3.5").create_customer(name="Zed")
    assert desk.get_customer(id=created.customer_id).name == "Zed"


def test_routing_statuses(desk):
    desk.set_routing_status(status="not_accepting_chats", agent_id=AGENT)
    statuses = {one.agent_id: one.status for one in desk.list_routing_statuses()}
    assert statuses[AGENT] == "not_accepting_chats"
    desk.as_("agent").set_routing_status(status="accepting_chats")
    statuses = {one.agent_id: one.status for one in desk.list_routing_statuses()}
    assert statuses[AGENT] == "accepting_chats"


def test_the_router_gives_chats_to_those_who_accept(desk):
    desk.set_routing_status(status="not_accepting_chats")
    customer = desk.sandbox.customer("Ann")
    customer.start_chat(group_ids=(1,))
    agents = desk.get_chat(chat_id=customer.chat_id).agents
    assert "smith@example.com" not in agents


def test_multicast(desk):
    everybody = MulticastRecipients(agents=MulticastRecipientsAgents(all=True))
    desk.multicast(recipients=everybody, content={"lunch": [1, None, "soup"]}, type="news")
    call = desk.sandbox.calls("multicast")[-1]
    assert call.request["content"] == {"lunch": [1, None, "soup"]}


def test_following_a_customer(desk, ann):
    desk.follow_customer(id=ann.id)
    desk.unfollow_customer(id=ann.id)
    with pytest.raises(errors.NotFound):
        desk.follow_customer(id=UNKNOWN)


@pytest.fixture(params=["3.4", "3.5"])
def older(request, desk):
    return desk.as_("owner", version=request.param)


@pytest.mark.filterwarnings("ignore::frontdesk.DeprecatedVersionWarning")
def test_customers_are_listed_at_the_versions_that_have_it(older):
    names = [f"Customer {number}" for number in range(5)]
    for name in names:
        older.create_customer(name=name, email=f"{name[-1]}@example.com")
        older.sandbox.advance(1)
    mine = {"name": {"values": names}}
    first = older.list_customers(filters=mine, limit=2)
    assert [customer.name for customer in first.customers] == ["Customer 4", "Customer 3"]
    assert (first.total_customers, first.previous_page_id) == (5, None)
    second = older.list_customers(page_id=first.next_page_id)
    assert [customer.name for customer in second.customers] == ["Customer 2", "Customer 1"]
    back = older.list_customers(page_id=second.previous_page_id)
    assert [customer.id for customer in back.customers] == [c.id for c in first.customers]
    walked = older.list(older.iter_customers(filters=mine, sort_order="asc", limit=2))
    assert [customer.name for customer in walked] == names


@pytest.mark.filterwarnings("ignore::frontdesk.DeprecatedVersionWarning")
def test_customers_are_filtered(desk, ann):
    older = desk.as_("owner", version="3.5")
    created = older.create_customer(name="Zed", email="zed@example.com").customer_id

    def ids(**filters):
        return {each.id for each in older.list(older.iter_customers(filters=filters))}

    assert ids(email={"values": ["zed@example.com"]}) == {created}
    assert ids(customer_id={"values": (ann.id, created)}) == {ann.id, created}
    everybody = ids()
    assert ids(email={"exclude_values": ["zed@example.com"]}) == everybody - {created}
    assert created not in ids(include_customers_without_chats=False)
    assert ann.id in ids(chats_count={"gte": 1, "lt": 2})
    assert created in ids(chats_count={"eq": 0}, visits_count={"lte": 0})
    day = desk.sandbox.now
    assert ids(created_at={"gt": day}) == set()
    assert ids(created_at={"lte": day}) == everybody
    assert created not in ids(customer_last_event_created_at={"gt": "2000-01-01T00:00:00Z"})
    assert ann.id in ids(customer_last_event_created_at={"gt": "2000-01-01T00:00:00Z"})


@pytest.mark.web_only
def test_a_version_that_lacks_the_list_names_what_to_use(desk):
    with pytest.raises(errors.InvalidArgument, match="use `subscribe_customers`"):
        desk.list_customers()
