"""Bans: what they end, and how they end."""

import pytest

from frontdesk.actions import (
    BanCustomer,
)
from frontdesk.errors import (
    CustomerBanned,
    InvalidArgument,
    LimitReached,
    ValidationError,
)
from frontdesk.models import (
    Ban,
)
from frontdesk.sandbox.world.people import customer_actions, customers

from ..._desk import SMITH


def visit(desk, customer_id, url="https://shop.example/", **kwargs):
    desk.unit(
        lambda world: customers.visit(
            world, customers.find(world, customer_id), customers.PageView(url=url, **kwargs)
        )
    )


def test_banning_ends_everything(desk):
    desk.only(SMITH)
    customer = desk.visitor()
    desk.say(customer)
    chat_id = desk.chat_of(customer)
    desk.forget()
    desk.call(BanCustomer(id=customer, ban=Ban(days=3)))
    thread = desk.chat(chat_id).thread
    assert not thread.active
    assert thread.events[-1].text == (
        "Chat archived because customer was banned by Agent Smith for 3 day(s)"
    )
    (pushed,) = desk.pushed("customer_banned")
    assert (pushed.customer_id, pushed.ban.days) == (customer, 3)
    assert len(desk.pushed("customer_left")) == 1
    assert len(desk.pushed("chat_deactivated")) == 1


def test_a_banned_customer_cannot_do_anything(desk):
    desk.only(SMITH)
    customer = desk.visitor()
    desk.say(customer)
    desk.call(BanCustomer(id=customer, ban=Ban(days=1)))
    for attempt in (
        lambda: desk.say(customer),
        lambda: visit(desk, customer),
        lambda: desk.unit(customer_actions.rate, customer, 1),
        lambda: desk.unit(customer_actions.sneak_peek, customer, "x"),
        lambda: desk.unit(customer_actions.open_chat, customer),
        lambda: desk.unit(customer_actions.mark_seen, customer),
    ):
        with pytest.raises(CustomerBanned):
            attempt()


def test_a_ban_ends(desk):
    customer = desk.visitor()
    desk.call(BanCustomer(id=customer, ban=Ban(days=2)))
    desk.advance(days=1, hours=23)
    with pytest.raises(CustomerBanned):
        desk.say(customer)
    desk.advance(hours=2)
    assert desk.say(customer).text == "hello"


def test_bans_are_limited_by_the_license(desk):
    desk.set_license("banned.base", 2, "limits")
    people = [desk.customer() for _ in range(3)]
    for one in people[:2]:
        desk.call(BanCustomer(id=one, ban=Ban(days=1)))
    desk.call(BanCustomer(id=people[0], ban=Ban(days=5)))
    with pytest.raises(LimitReached):
        desk.call(BanCustomer(id=people[2], ban=Ban(days=1)))
    desk.advance(days=1, minutes=1)
    desk.call(BanCustomer(id=people[2], ban=Ban(days=1)))


@pytest.mark.parametrize("days", [0, -1])
def test_a_ban_has_at_least_a_day(days):
    with pytest.raises(InvalidArgument):
        Ban(days=days)


def test_a_ban_of_ages_is_refused(desk):
    with pytest.raises(ValidationError, match=r"`ban.days`"):
        desk.call(BanCustomer(id=desk.customer(), ban=Ban(days=10**9)))
