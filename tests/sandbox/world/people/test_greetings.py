"""Greetings: shown, accepted, closed, and followed by a chat."""

import pytest

from frontdesk.actions import BanCustomer, DeactivateChat, GetCustomer
from frontdesk.errors import CustomerBanned, GreetingNotFound
from frontdesk.models import Ban
from frontdesk.sandbox.world.people import customers, greetings


def shown(desk, customer_id, greeting_id=7):
    return desk.unit(
        lambda world: greetings.show(world, customers.find(world, customer_id), greeting_id)
    )


def accept(desk, customer_id, unique_id):
    desk.unit(lambda world: greetings.accept(world, customers.find(world, customer_id), unique_id))


def cancel(desk, customer_id, unique_id):
    desk.unit(lambda world: greetings.cancel(customers.find(world, customer_id), unique_id))


def counts(desk, customer_id):
    statistics = desk.call(GetCustomer(id=customer_id)).statistics
    return (
        statistics.greetings_shown_count,
        statistics.greetings_accepted_count,
        statistics.greetings_converted_count,
    )


def test_a_greeting_is_shown_and_accepted_once(desk):
    ann = desk.visitor()
    desk.forget()
    unique_id = shown(desk, ann)
    accept(desk, ann, unique_id)
    accept(desk, ann, unique_id)
    assert counts(desk, ann) == (1, 1, None)
    first, second = desk.pushed("customer_statistics_updated")
    assert first.statistics.greetings_shown_count == 1
    assert second.statistics.greetings_accepted_count == 1


def test_a_newer_greeting_takes_the_place_of_the_one_before(desk):
    ann = desk.visitor()
    older, newer = shown(desk, ann), shown(desk, ann)
    assert older != newer
    with pytest.raises(GreetingNotFound, match=older):
        accept(desk, ann, older)
    accept(desk, ann, newer)
    assert counts(desk, ann) == (2, 1, None)


def test_a_chat_says_which_greeting_it_began_with(desk):
    ann = desk.visitor()
    unique_id = shown(desk, ann, 7)
    desk.say(ann)
    thread = desk.chat(desk.chat_of(ann)).thread
    assert thread.properties["lc2"] == {"greeting_id": 7, "greeting_unique_id": unique_id}
    assert counts(desk, ann) == (1, 1, 1)


def test_only_the_first_chat_after_a_greeting_comes_from_it(desk):
    ann = desk.visitor()
    accept(desk, ann, shown(desk, ann))
    desk.say(ann)
    desk.call(DeactivateChat(id=desk.chat_of(ann)))
    desk.say(ann)
    assert counts(desk, ann) == (1, 1, 1)
    assert "lc2" not in (desk.chat(desk.chat_of(ann)).thread.properties or {})


def test_a_chat_after_a_closed_greeting_has_nothing_to_do_with_it(desk):
    ann = desk.visitor()
    unique_id = shown(desk, ann)
    cancel(desk, ann, unique_id)
    desk.say(ann)
    assert "lc2" not in (desk.chat(desk.chat_of(ann)).thread.properties or {})
    assert counts(desk, ann) == (1, None, None)
    with pytest.raises(GreetingNotFound):
        cancel(desk, ann, unique_id)


def test_banned_customers_see_none(desk):
    ann = desk.visitor()
    desk.call(BanCustomer(id=ann, ban=Ban(days=1)))
    with pytest.raises(CustomerBanned):
        shown(desk, ann)
