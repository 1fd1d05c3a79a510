"""Rules of auto access at work: which groups have the chats that customers start."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from frontdesk.actions import (
    AddAutoAccess,
    DeleteAutoAccess,
    ListAutoAccesses,
    StartChat,
    UpdateAutoAccess,
)
from frontdesk.errors import NotFound
from frontdesk.models import Access, Geolocation, InitialChat, InitialUser
from frontdesk.sandbox.seeds import new_world
from frontdesk.sandbox.world.people import customer_actions, customers
from frontdesk.sandbox.world.people.customers import PageView
from frontdesk.sandbox.world.routing import auto_access

from ..._desk import GARCIA, JONES, MUELLER, SMITH, Desk

SALES, GERMAN = [2], [3]


def url(value, **match):
    return {"url": {"values": [{"value": value, **match}]}}


def add(desk, groups, conditions, **fields):
    """Add a rule; its id."""
    rule = AddAutoAccess(access={"groups": groups}, conditions=conditions, **fields)
    return desk.call(rule).id


def open_page(desk, customer_id, address, **details):
    desk.unit(
        lambda world: customers.visit(
            world, customers.find(world, customer_id), PageView(url=address, **details)
        )
    )


def groups_of_chat(desk, customer_id):
    """Start a chat; the groups of its thread."""
    desk.say(customer_id)
    chat = desk.chat(desk.chat_of(customer_id))
    assert chat.access.group_ids == chat.thread.access.group_ids
    return chat.thread.access.group_ids


def arrived(desk, address="https://www.example.com/", **details):
    """A new customer who opens a page first of all."""
    customer_id = desk.customer()
    open_page(desk, customer_id, address, **details)
    return customer_id


@pytest.mark.parametrize(
    ("conditions", "address", "fits"),
    [
        (url("/shop/"), "https://www.example.com/shop/chairs", True),
        (url("/SHOP/"), "https://www.example.com/shop/chairs", True),
        (url("/shop/"), "https://www.example.com/", False),
        (url("https://a.example/", exact_match=True), "https://a.example/", True),
        (url("https://a.example/", exact_match=True), "https://A.example/", True),
        (url("https://a.example/", exact_match=True), "https://a.example/b", False),
        ({"url": {"values": [{"value": "x"}, {"value": "a."}]}}, "https://a.example/", True),
        ({"url": {"exclude_values": [{"value": "/jobs"}]}}, "https://a.example/", True),
        ({"url": {"exclude_values": [{"value": "/jobs"}]}}, "https://a.example/jobs", False),
        (
            {"url": {"exclude_values": [{"value": "x"}, {"value": "/jobs"}]}},
            "https://a.example/jobs",
            False,
        ),
        ({"domain": {"values": [{"value": "example"}]}}, "https://a.example/", True),
        ({"domain": {"values": [{"value": "/shop"}]}}, "https://a.example/shop", False),
        (
            {"domain": {"values": [{"value": "a.example", "exact_match": True}]}},
            "https://user@A.example:8080/shop?b.example",
            True,
        ),
        ({"domain": {"values": [{"value": "a.example", "exact_match": True}]}}, "/shop", False),
        ({"domain": {"values": [{"value": "a"}]}}, "https://[broken", False),
        (
            {**url("/shop"), "domain": {"values": [{"value": "a.example"}]}},
            "https://a.example/shop",
            True,
        ),
        (
            {**url("/shop"), "domain": {"values": [{"value": "b.example"}]}},
            "https://a.example/shop",
            False,
        ),
    ],
)
def test_pages(desk, conditions, address, fits):
    desk.only(GARCIA)
    add(desk, SALES, conditions)
    assert groups_of_chat(desk, arrived(desk, address)) == (SALES if fits else [0])


@pytest.mark.parametrize(
    ("values", "fits"),
    [
        ([{"country_code": "DE"}], True),
        ([{"country_code": "de"}], True),
        ([{"country": "germany", "city": "KÖLN"}], True),
        ([{"country": "Germany", "city": "Berlin"}], False),
        ([{"city": "Berlin"}, {"city": "Köln"}], True),
        ([{"region": "NRW"}], False),
    ],
)
def test_places(desk, values, fits):
    desk.only(MUELLER)
    add(desk, GERMAN, {"geolocation": {"values": values}})
    cologne = Geolocation(country="Germany", country_code="DE", city="Köln")
    assert groups_of_chat(desk, arrived(desk, geolocation=cologne)) == (GERMAN if fits else [0])


def test_nobody_is_at_a_place_that_is_not_known(desk):
    desk.only(SMITH)
    add(desk, GERMAN, {"geolocation": {"values": [{"country": "Germany"}]}})
    assert groups_of_chat(desk, arrived(desk)) == [0]


def test_the_first_rule_that_fits_counts(desk):
    desk.only(GARCIA, SMITH)
    support = add(desk, [1], url("example"))
    add(desk, SALES, url("example.com"), next_id=support)
    assert groups_of_chat(desk, arrived(desk)) == SALES


def test_a_rule_may_name_several_groups_and_everybody(desk):
    desk.only(SMITH)
    add(desk, [2, 0], url("example"))
    assert groups_of_chat(desk, arrived(desk)) == [2, 0]


def test_the_router_asks_the_groups_of_the_rule(desk):
    desk.only(JONES, GARCIA)
    add(desk, SALES, url("/shop"))
    customer_id = arrived(desk, "https://www.example.com/shop")
    desk.say(customer_id)
    assert desk.present(desk.chat_of(customer_id)) == {customer_id, GARCIA}


def test_each_page_is_looked_at(desk):
    desk.only(GARCIA, SMITH)
    add(desk, SALES, url("/shop"))
    customer_id = arrived(desk)
    open_page(desk, customer_id, "https://www.example.com/shop")
    assert groups_of_chat(desk, customer_id) == SALES
    # Running chats keep their groups.
    open_page(desk, customer_id, "https://www.example.com/about")
    assert desk.chat(desk.chat_of(customer_id)).access.group_ids == SALES
    desk.unit(customer_actions.close_chat, customer_id)
    assert groups_of_chat(desk, customer_id) == [0]


def test_a_change_of_the_rules_counts_from_the_next_page_on(desk):
    desk.only(GARCIA, SMITH)
    first, second = arrived(desk), arrived(desk)
    rule = add(desk, SALES, url("example"))
    assert groups_of_chat(desk, first) == [0]
    open_page(desk, second, "https://www.example.com/2")
    desk.call(DeleteAutoAccess(id=rule))
    assert groups_of_chat(desk, second) == SALES


def test_what_is_asked_for_overrides_the_rules(desk):
    desk.only(GARCIA, SMITH)
    add(desk, SALES, url("example"))
    chat = desk.unit(
        customer_actions.open_chat, arrived(desk), InitialChat(access=Access(group_ids=[1]))
    )
    assert chat.group_ids == [1]
    chat = desk.unit(customer_actions.open_chat, arrived(desk), group_ids=[0])
    assert chat.group_ids == [0]


def test_agents_start_chats_of_everybody(desk):
    add(desk, SALES, url("example"))
    user = InitialUser(id=arrived(desk), type="customer")
    chat_id = desk.call(StartChat(chat=InitialChat(users=[user]))).chat_id
    assert desk.chat(chat_id).access.group_ids == [0]


def test_agents_see_customers_in_the_groups_of_the_rule(desk):
    add(desk, SALES, url("/shop"))
    customer_id = arrived(desk, "https://www.example.com/shop")
    incoming = desk.pushed("incoming_customer")[-1]
    assert (incoming.id, incoming.group_ids) == (customer_id, SALES)
    desk.forget()
    open_page(desk, customer_id, "https://www.example.com/about")
    assert desk.pushed("customer_transferred") == []
    open_page(desk, customer_id, "https://www.example.com/shop")
    left = {effect.recipients.agent_ids for effect in desk.effects("customer_transferred")}
    assert left
    assert (GARCIA,) not in left


def test_a_customer_of_a_group_stays_there_while_no_rule_fits(desk):
    add(desk, SALES, url("/shop"))
    customer_id = desk.customer(group_ids=[1])
    open_page(desk, customer_id, "https://www.example.com/")
    assert desk.world.store.customers.read(customer_id).group_ids == [1]


def test_the_website_resumes_with_the_groups_of_the_page(desk):
    desk.only(GARCIA, SMITH)
    customer_id = arrived(desk)
    assert groups_of_chat(desk, customer_id) == [0]
    desk.unit(customer_actions.close_chat, customer_id)
    add(desk, SALES, url("/shop"))
    open_page(desk, customer_id, "https://www.example.com/shop")
    desk.unit(customer_actions.open_chat, customer_id, InitialChat())
    assert desk.chat(desk.chat_of(customer_id)).access.group_ids == SALES


class Replica:
    """The rules as somebody knows them who has nothing but the pushes."""

    def __init__(self):
        self.rules = {}

    def take(self, changes):
        for change in changes:
            fields = {
                name: getattr(change, name)
                for name in ("description", "access", "conditions", "next_id")
            }
            if change.status == "deleted":
                del self.rules[change.id]
                continue
            assert (change.status == "added") == (change.id not in self.rules)
            known = self.rules.setdefault(change.id, {})
            new = {name: value for name, value in fields.items() if value is not None}
            assert all(known.get(name) != value for name, value in new.items())
            known.update(new)


def known(rule):
    names = ("description", "access", "conditions", "next_id")
    return {name: getattr(rule, name) for name in names}


position = st.integers(0, 5)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.sampled_from("ab"), st.none() | position),
        st.tuples(st.just("update"), position, st.sampled_from("ab"), st.none() | position),
        st.tuples(st.just("delete"), position),
    ),
    max_size=12,
)


@settings(max_examples=40)
@given(steps=steps)
def test_pushes_are_enough_to_know_the_rules(steps):
    desk = Desk(new_world("empty"))
    replica, ids = Replica(), []

    def next_id(index, own=None):
        others = [rule_id for rule_id in ids if rule_id != own]
        if index is None:
            return {}
        return {"next_id": others[index] if index < len(others) else ""}

    try:
        for kind, *parameters in steps:
            before = desk.call(ListAutoAccesses())
            desk.forget()
            if kind == "add":
                name, index = parameters
                ids.append(add(desk, [0], url(name), description=name, **next_id(index)))
            elif parameters[0] < len(ids):
                rule_id = ids[parameters[0]]
                if kind == "delete":
                    ids.remove(rule_id)
                    desk.call(DeleteAutoAccess(id=rule_id))
                else:
                    name, index = parameters[1:]
                    move = next_id(index, rule_id)
                    desk.call(UpdateAutoAccess(id=rule_id, description=name, **move))
            pushed = desk.pushed("auto_accesses_updated")
            listed = desk.call(ListAutoAccesses())
            assert len(pushed) == (listed != before)
            for changes in pushed:
                replica.take(changes)
            assert replica.rules == {rule.id: known(rule) for rule in listed}
            following = [rule.id for rule in listed[1:]]
            assert [rule.next_id for rule in listed] == [*following, ""][: len(listed)]
    finally:
        desk.world.store.close()


def delete_group(desk, group_id):
    """What deleting a group does to the rules."""

    def work(world):
        auto_access.forget_group(world, group_id)
        world.store.company.remove_group(group_id)

    desk.unit(work)


def test_rules_lose_a_group_that_is_deleted(desk):
    kept = add(desk, [1], url("a"))
    both = add(desk, [1, 2], url("b"))
    gone = add(desk, SALES, url("c"))
    desk.forget()
    delete_group(desk, 2)
    rules = desk.call(ListAutoAccesses())
    assert [(rule.id, rule.access.groups, rule.next_id) for rule in rules] == [
        (kept, [1], both), (both, [1], ""),
    ]  # fmt: skip
    (pushed,) = desk.pushed("auto_accesses_updated")
    assert [(change.id, change.status) for change in pushed] == [
        (both, "updated"), (gone, "deleted"),
    ]  # fmt: skip
    # A rule of several groups loses one without a push; what follows it is another rule now.
    assert (pushed[0].next_id, pushed[0].access) == ("", None)
    (effect,) = desk.effects("auto_accesses_updated")
    assert (effect.push, effect.webhook) == ("auto_accesses_updated", "auto_accesses_updated")


def test_a_rule_that_keeps_other_groups_loses_a_deleted_one_without_a_push(desk):
    both = add(desk, [1, 2], url("b"))
    desk.forget()
    delete_group(desk, 2)
    (rule,) = desk.call(ListAutoAccesses())
    assert (rule.id, rule.access.groups) == (both, [1])
    assert desk.effects("auto_accesses_updated") == []


def test_a_group_that_no_rule_names_changes_no_rule(desk):
    add(desk, [1], url("a"))
    desk.forget()
    delete_group(desk, 2)
    assert desk.pushed("auto_accesses_updated") == []


def test_a_chat_does_not_go_to_a_group_that_was_deleted_meanwhile(desk):
    desk.only(SMITH)
    add(desk, SALES, url("a"))
    customer_id = arrived(desk, "https://a.example/")
    delete_group(desk, 2)
    assert groups_of_chat(desk, customer_id) == [0]


def test_an_error_leaves_the_rules_alone(desk):
    rule = add(desk, [1], url("a"))
    with pytest.raises(NotFound):
        add(desk, SALES, url("b"), next_id="nobody")
    assert [listed.id for listed in desk.call(ListAutoAccesses())] == [rule]
