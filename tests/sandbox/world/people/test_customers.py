"""Customers: profiles, visits, bans, and what changes about them."""

import json
import re
from datetime import timedelta

import pytest

from frontdesk.actions import (
    BanCustomer,
    CreateCustomer,
    DeactivateChat,
    FollowCustomer,
    GetChat,
    GetCustomer,
    UnfollowCustomer,
    UpdateCustomer,
)
from frontdesk.errors import (
    InvalidArgument,
    NotFound,
    ValidationError,
)
from frontdesk.models import (
    Address,
    Ban,
    Cart,
    FacebookIdentity,
    Geolocation,
    OmnichannelRequest,
    TwilioIdentity,
)
from frontdesk.sandbox.store import to_micros
from frontdesk.sandbox.world.people import customers

from ..._desk import JONES, SMITH, call_web

UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
NOBODY = "b7eff798-f8df-4364-8059-649c35c9ed0c"


def get(desk, customer_id):
    return desk.call(GetCustomer(id=customer_id))


def visit(desk, customer_id, url="https://shop.example/", **kwargs):
    desk.unit(
        lambda world: customers.visit(
            world, customers.find(world, customer_id), customers.PageView(url=url, **kwargs)
        )
    )


def test_creating_a_customer_as_before_3_6(desk):
    created = desk.call(
        CreateCustomer(name="Ann", email="ann@example.com", session_fields=[{"a": "1"}])
    )
    assert UUID4.fullmatch(created.customer_id)
    shown = get(desk, created.customer_id)
    assert (shown.name, shown.email, shown.session_fields) == (
        "Ann",
        "ann@example.com",
        [{"a": "1"}],
    )
    assert shown.created_at is not None
    assert shown.visit is None
    assert shown.chat_ids is None
    (effect,) = desk.effects("incoming_customer")
    assert effect.webhook == "incoming_customer"
    assert effect.recipients.customer_id == created.customer_id


def test_an_unknown_customer_is_not_found(desk):
    for action in (
        GetCustomer(id=NOBODY),
        UpdateCustomer(id=NOBODY, name="x"),
        BanCustomer(id=NOBODY, ban=Ban(days=1)),
        FollowCustomer(id=NOBODY),
        UnfollowCustomer(id=NOBODY),
    ):
        with pytest.raises(NotFound, match=f"`id`: there is no customer `{NOBODY}`"):
            desk.call(action)


def test_updating_changes_what_is_given(desk):
    customer = desk.customer("Ann", email="ann@example.com")
    desk.forget()
    address = Address(city="Wrocław", country="Poland")
    desk.call(
        UpdateCustomer(
            id=customer,
            name="Anna",
            avatar="https://example.com/a.png",
            phone_number="+48123456789",
            session_fields=[{"b": "2"}, {"a": "1"}],
            address=address,
        )
    )
    shown = get(desk, customer)
    assert (shown.name, shown.email) == ("Anna", "ann@example.com")
    assert (shown.phone_number, shown.address) == ("+48123456789", address)
    assert shown.session_fields == [{"b": "2"}, {"a": "1"}]
    (pushed,) = desk.pushed("customer_updated")
    assert (pushed.id, pushed.name, pushed.phone_number) == (customer, "Anna", "+48123456789")
    from msgspec import UNSET

    assert pushed.email is UNSET


def test_identities_in_other_channels(desk):
    customer = desk.customer()
    identity = FacebookIdentity(id="f1", name="Ann A.", is_verified_user=True)
    number = TwilioIdentity(phone_number="+1")
    desk.call(
        UpdateCustomer(
            id=customer, omnichannel=OmnichannelRequest(fbmessenger=identity, twilio=number)
        )
    )
    held = get(desk, customer).omnichannel
    assert (held.fb_messenger[0].id, held.fb_messenger[0].is_verified_user) == ("f1", True)
    assert held.twilio[0]["+1"].phone_number == "+1"
    (pushed,) = desk.pushed("customer_updated")
    assert pushed.omnichannel.fb_messenger[0].name == "Ann A."
    assert pushed.omnichannel.twilio[0].phone_number == "+1"


def test_at_least_one_field_and_a_uuid_are_needed(desk):
    with pytest.raises(InvalidArgument):
        UpdateCustomer(id=NOBODY)
    with pytest.raises(InvalidArgument):
        UpdateCustomer(id="1", name="x")
    with pytest.raises(ValidationError, match=r"`session_fields\[1\]`"):
        desk.call(UpdateCustomer(id=desk.customer(), session_fields=[{"a": "1"}, {}]))


@pytest.mark.parametrize(
    ("changes", "by_agent", "by_bot"),
    [
        (
            {"name": "Anna"},
            "Agent Smith has changed customer's name to Anna",
            "Customer's name has been changed to Anna",
        ),
        (
            {"email": "a@x.org"},
            "Agent Smith has changed customer's email to a@x.org",
            "Customer's email has been changed to a@x.org",
        ),
        (
            {"name": "Anna", "email": "a@x.org"},
            "Agent Smith has changed customer's name to Anna and email to a@x.org",
            "Customer's name and email have been changed to Anna and a@x.org",
        ),
        (
            {"name": ""},
            "Agent Smith has changed customer's name to ",
            "Customer's name has been changed to ",
        ),
        (
            {"name": "", "email": ""},
            "Agent Smith has changed customer's name to  and email to ",
            "Customer's name and email have been changed to  and ",
        ),
    ],
)
def test_agents_learn_of_a_new_name_in_active_chats(desk, changes, by_agent, by_bot):
    for who, text in ((desk.owner, by_agent), (desk.bot, by_bot)):
        customer = desk.customer("Ann", email="ann@example.com")
        chat_id = desk.start_with(customer)
        desk.call(UpdateCustomer(id=customer, **changes), who)
        event = desk.chat(chat_id).thread.events[-1]
        assert (event.text, event.visibility) == (text, "agents")
        assert event.system_message_type == "customer_updated"


def test_the_same_name_is_no_news(desk):
    customer = desk.customer("Ann")
    chat_id = desk.start_with(customer)
    desk.call(UpdateCustomer(id=customer, name="Ann"))
    assert desk.system_messages(chat_id) == []


def test_session_fields_are_sent_for_the_active_chat(desk):
    customer = desk.customer("Ann")
    desk.call(DeactivateChat(id=desk.start_with(customer)))
    active = desk.start_with(customer)
    thread = desk.chat(active).thread.id
    desk.forget()
    desk.call(UpdateCustomer(id=customer, session_fields=[{"a": "1"}]))
    sent = desk.effects("customer_session_fields_updated")
    assert [one.payload["active_chat"] for one in sent] == [
        {"chat_id": active, "thread_id": thread}
    ]
    assert {one.push for one in sent} == {None}
    assert sent[0].payload["session_fields"] == [{"a": "1"}]


def test_visits(desk):
    customer = desk.customer()
    desk.forget()
    place = Geolocation(country="Poland", country_code="PL", city="Wrocław")
    visit(desk, customer, "https://shop.example/1", title="One", ip="1.2.3.4", geolocation=place)
    visit(desk, customer, "https://shop.example/2", title="Two")
    shown = get(desk, customer)
    assert [page.url for page in shown.visit.last_pages] == [
        "https://shop.example/1",
        "https://shop.example/2",
    ]
    assert (shown.visit.ip, shown.visit.geolocation.city) == ("1.2.3.4", "Wrocław")
    assert (shown.statistics.visits_count, shown.statistics.page_views_count) == (1, 2)
    (pushed,) = desk.pushed("customer_page_updated")
    assert (pushed.url, pushed.title, pushed.visit_id) == ("https://shop.example/2", "Two", 1)
    assert len(desk.pushed("incoming_customer")) == 1
    assert len(desk.pushed("customer_statistics_updated")) == 2


def test_leaving_ends_the_visit_and_the_session(desk):
    customer = desk.visitor(session_fields=[{"a": "1"}])
    desk.leave_site(customer)
    shown = get(desk, customer)
    assert shown.visit.ended_at is not None
    assert shown.session_fields is None
    (pushed,) = desk.pushed("customer_left")
    assert pushed.id == customer
    visit(desk, customer)
    assert get(desk, customer).statistics.visits_count == 2


@pytest.mark.parametrize("minutes", [1, 900])
def test_a_visit_ends_exactly_when_nothing_happens_for_so_long(desk, minutes):
    desk.set_license("customer_timeout_after_min", minutes)
    customer = desk.visitor()
    opened_at = get(desk, customer).visit.last_pages[-1].opened_at
    end = to_micros(opened_at) + minutes * 60_000_000
    for at, ended in ((end - 1, False), (end, True)):
        desk.world.clock.move_to(at)
        desk.advance()
        assert (get(desk, customer).visit.ended_at is not None) is ended


def test_a_visit_goes_on_as_long_as_the_customer_writes(desk):
    desk.set_license("customer_timeout_after_min", 15)
    customer = desk.visitor()
    for _ in range(3):
        desk.advance(minutes=14)
        desk.say(customer)
        assert get(desk, customer).visit.ended_at is None
    desk.advance(minutes=14)
    assert get(desk, customer).visit.ended_at is None
    desk.advance(minutes=2)
    assert get(desk, customer).visit.ended_at is not None


def test_the_thread_knows_where_the_customer_was(desk):
    customer = desk.customer()
    visit(desk, customer, ip="1.2.3.4", user_agent="Browser", referrer="https://search.example")
    desk.say(customer)
    thread = desk.chat(desk.chat_of(customer)).thread
    assert (thread.customer_visit.ip, thread.customer_visit.user_agent) == ("1.2.3.4", "Browser")
    assert thread.properties["routing"]["start_url"] == "https://shop.example/"
    assert thread.properties["routing"]["referrer"] == "https://search.example"


def test_a_customer_in_a_chat_shows_when_it_was_written(desk):
    customer = desk.visitor()
    desk.only(SMITH)
    desk.say(customer)
    chat_id = desk.chat_of(customer)
    desk.write(chat_id)
    chat = desk.chat(chat_id)
    first, second = chat.thread.events
    shown = chat.users[0]
    assert shown.customer_last_event_created_at == first.created_at
    assert shown.agent_last_event_created_at == second.created_at
    assert (shown.online, shown.state, shown.present) == (True, "chatting", True)
    assert get(desk, customer).agent_last_event_created_at == second.created_at


def test_following_a_customer(desk):
    customer = desk.customer()
    desk.forget()
    desk.call(FollowCustomer(id=customer), desk.agent)
    desk.call(FollowCustomer(id=customer), desk.agent)
    (effect,) = desk.heard
    assert (effect.push, effect.webhook) == ("incoming_customer", None)
    assert effect.recipients.agent_ids == (JONES,)
    assert effect.payload.followed is True
    desk.forget()
    desk.call(UnfollowCustomer(id=customer), desk.agent)
    desk.call(UnfollowCustomer(id=customer), desk.agent)
    assert desk.names() == ["customer_unfollowed"]


def test_whoever_chats_with_a_customer_is_not_told_when_following(desk):
    customer = desk.customer()
    desk.start_with(customer, by=desk.agent)
    desk.forget()
    desk.call(FollowCustomer(id=customer), desk.agent)
    assert desk.heard == []


def test_two_customers_have_apart_lives(desk):
    one, other = desk.visitor("Ann"), desk.visitor("Bob")
    desk.say(one, "from Ann")
    desk.say(other, "from Bob")
    first, second = desk.chat_of(one), desk.chat_of(other)
    assert first != second
    assert desk.call(GetChat(chat_id=first)).customers[one].name == "Ann"
    assert desk.texts(second) == ["from Bob"]


def test_seconds_pass_between_visits(desk):
    customer = desk.visitor()
    started = get(desk, customer).visit.started_at
    desk.leave_site(customer)
    desk.advance(minutes=5)
    visit(desk, customer)
    again = get(desk, customer).visit.started_at
    assert timedelta(minutes=5) <= again - started < timedelta(minutes=5, seconds=5)


def test_a_second_identity_adds_and_the_same_replaces(desk):
    customer = desk.customer()
    for number in ("+1", "+2", "+1"):
        twilio = TwilioIdentity(phone_number=number)
        desk.call(UpdateCustomer(id=customer, omnichannel=OmnichannelRequest(twilio=twilio)))
    assert [list(one) for one in get(desk, customer).omnichannel.twilio] == [["+2"], ["+1"]]
    for name in ("Ann", "Anna"):
        facebook = FacebookIdentity(id="f1", name=name)
        desk.call(UpdateCustomer(id=customer, omnichannel=OmnichannelRequest(fbmessenger=facebook)))
    held = get(desk, customer).omnichannel
    assert [(one.id, one.name) for one in held.fb_messenger] == [("f1", "Anna")]
    assert len(held.twilio) == 2


def test_a_new_address_is_not_verified(desk):
    customer = desk.customer()
    assert get(desk, customer).email_verified is None
    desk.call(UpdateCustomer(id=customer, email="ann@example.com"))
    assert get(desk, customer).email_verified is False


def test_what_is_emptied_is_no_longer_set(desk):
    customer = desk.customer("Ann", email="ann@example.com")
    full = {
        "avatar": "https://example.com/a.png",
        "phone_number": "+48123456789",
        "session_fields": [{"a": "1"}],
        "address": {"city": "Wrocław", "country": "Poland"},
    }
    desk.call(UpdateCustomer(id=customer, **full))
    empty = {
        "name": "",
        "email": "",
        "avatar": "",
        "phone_number": "",
        "session_fields": [],
        "address": {"city": "", "country": ""},
    }
    half = {"address": {"city": "", "country": "Poland"}}
    desk.call(UpdateCustomer(id=customer, **half))
    body = json.loads(call_web(desk, "get_customer", {"id": customer}).body)
    assert body["address"] == {"country": "Poland"}
    desk.forget()
    desk.call(UpdateCustomer(id=customer, **empty))
    body = json.loads(call_web(desk, "get_customer", {"id": customer}).body)
    assert sorted(body) == ["created_at", "id", "statistics", "type"]
    (push,) = desk.pushed("customer_updated")
    assert (push.name, push.email, push.session_fields) == ("", "", [])


def test_emptied_session_fields_are_sent_as_none(desk):
    customer = desk.customer("Ann")
    desk.start_with(customer)
    desk.call(UpdateCustomer(id=customer, session_fields=[{"a": "1"}]))
    desk.forget()
    desk.call(UpdateCustomer(id=customer, session_fields=[]))
    (sent,) = desk.effects("customer_session_fields_updated")
    assert sent.payload["session_fields"] == []


@pytest.mark.parametrize("number", ["+48123456789", "+12", "+123456789012345", ""])
def test_a_phone_number_is_e_164_or_empty(desk, number):
    customer = desk.customer("Ann")
    desk.call(UpdateCustomer(id=customer, phone_number=number))
    assert get(desk, customer).phone_number == (number or None)


@pytest.mark.parametrize(
    "number", ["123 456", "+1 555 0100", "069 1234567", "+0123", "+1", "48123456789", "+", "x",
               "+1234567890123456", "+48123456789\n", " +48123456789", "+\uff14\uff18\uff11"],
)  # fmt: skip
def test_other_phone_numbers_are_refused(desk, number):
    with pytest.raises(InvalidArgument, match="phone_number"):
        UpdateCustomer(id=NOBODY, phone_number=number)
    request = {"id": desk.customer("Ann"), "phone_number": number}
    response = call_web(desk, "update_customer", request)
    assert response.status == 400
    assert b"`phone_number` must look like" in response.body


def test_a_customer_is_made_without_what_is_empty(desk):
    request = {"name": "", "email": "", "avatar": "", "session_fields": []}
    made = json.loads(call_web(desk, "create_customer", request, "3.5").body)
    body = json.loads(call_web(desk, "get_customer", {"id": made["customer_id"]}).body)
    assert sorted(body) == ["created_at", "id", "statistics", "type"]


def test_agents_learn_of_a_customer_who_goes_to_other_groups(desk):
    ann = desk.visitor(group_ids=[1])
    desk.call(FollowCustomer(id=ann))
    desk.forget()
    desk.unit(lambda world: customers.transfer(world, customers.find(world, ann), [3]))
    agents = desk.world.store.company.agents.values()
    losing = {agent.id for agent in agents if 1 in agent.groups and 3 not in agent.groups}
    effects = desk.effects("customer_transferred")
    assert losing
    assert {effect.recipients.agent_ids for effect in effects} == {(agent,) for agent in losing}
    followed = {effect.recipients.agent_ids[0]: effect.payload.followed for effect in effects}
    assert followed.get(SMITH, True) is True
    assert followed[JONES] is False
    assert effects[0].payload.transferred_to.group_ids == [3]


def test_the_cart_of_a_shop_takes_the_place_of_the_one_before(desk):
    ann = desk.visitor()
    desk.forget()
    for total, store in ((10, "shop-1"), (5, "shop-2"), (30, "shop-1")):
        cart = Cart(store_uuid=store, total=total, currency="EUR")
        desk.unit(
            lambda world, cart=cart: customers.set_cart(world, customers.find(world, ann), cart)
        )
    carts = {cart.store_uuid: cart.total for cart in get(desk, ann).carts}
    assert carts == {"shop-1": 30, "shop-2": 5}
    assert [push.cart.total for push in desk.pushed("customer_updated")] == [10, 5, 30]


def test_a_customer_chats_as_long_as_any_chat_is_active(desk):
    def state():
        world = desk.world
        return customers.shown(world, desk.owner, customers.find(world, customer)).state

    customer = desk.visitor()
    first = desk.start_with(customer)
    desk.call(DeactivateChat(id=first, ignore_requester_presence=True))
    assert state() == "browsing"
    second = desk.start_with(customer)
    assert second != first
    assert state() == "chatting"
