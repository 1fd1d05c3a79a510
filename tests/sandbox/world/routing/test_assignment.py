"""The router and the queue."""

import pytest

from frontdesk.actions import (
    AddUserToChat,
    SetRoutingStatus,
)
from frontdesk.errors import GroupsOffline
from frontdesk.models import InitialChat, InitialThread
from frontdesk.sandbox.world.people import customer_actions

from ..._desk import BROWN, GARCIA, JONES, MUELLER, NOWAK, SMITH


def agents_of(desk, chat_id):
    chat = desk.chat(chat_id)
    return [user.id for user in chat.users if user.present and user.type == "agent"]


def arrive(desk, name="Ann", **kwargs):
    """A new customer writes; the id of the chat."""
    customer = desk.visitor(name)
    desk.say(customer, **kwargs)
    return desk.chat_of(customer)


def test_a_chat_goes_to_whoever_has_the_fewest(desk):
    desk.only(SMITH, JONES)
    got = [agents_of(desk, arrive(desk))[0] for _ in range(4)]
    assert sorted(got) == [JONES, JONES, SMITH, SMITH]
    assert got[0] != got[1]


def test_a_chat_stays_in_its_group(desk):
    desk.only(SMITH, JONES, MUELLER)
    for _ in range(3):
        assert agents_of(desk, arrive(desk, group_ids=[3])) == [MUELLER]


def test_priorities_come_before_numbers_of_chats(desk):
    """In group 2, Brown is first, García normal."""
    desk.only(BROWN, GARCIA)
    assert agents_of(desk, arrive(desk, group_ids=[2])) == [BROWN]
    assert agents_of(desk, arrive(desk, group_ids=[2])) == [BROWN]
    desk.set_limit(BROWN, 2)
    assert agents_of(desk, arrive(desk, group_ids=[2])) == [GARCIA]


def test_supervisors_get_nothing(desk):
    """In group 1, Brown is a supervisor."""
    desk.only(BROWN)
    chat_id = arrive(desk, group_ids=[1])
    assert agents_of(desk, chat_id) == []
    assert desk.chat(chat_id).thread.queue.position == 1


def test_a_bot_must_accept_chats(desk):
    desk.only()
    with pytest.raises(GroupsOffline):
        arrive(desk, group_ids=[1])
    desk.call(SetRoutingStatus(status="accepting_chats"), desk.bot)
    assert agents_of(desk, arrive(desk, group_ids=[1])) == [desk.bot.id]


def test_bots_can_be_left_out_by_the_customer(desk):
    desk.only(desk.bot.id)
    customer = desk.visitor()
    desk.unit(
        customer_actions.open_chat,
        customer,
        InitialChat(thread=InitialThread(properties={"routing": {"ignore_bots": True}})),
        group_ids=[1],
    )
    assert desk.chat(desk.chat_of(customer)).thread.queue is not None


def test_the_limit_of_an_agent(desk):
    desk.only(SMITH)
    desk.set_limit(SMITH, 2)
    chats = [arrive(desk) for _ in range(3)]
    assert [bool(agents_of(desk, chat_id)) for chat_id in chats] == [True, True, False]


def test_the_limit_of_the_license(desk):
    desk.only(SMITH)
    desk.set_license("max_agent_active_chats", 1)
    arrive(desk)
    assert agents_of(desk, arrive(desk)) == []


def test_chats_that_nobody_sees_take_no_place(desk):
    desk.only(SMITH, JONES)
    desk.set_limit(SMITH, 1)
    other = arrive(desk)
    if agents_of(desk, other) != [JONES]:
        other = arrive(desk)
    assert desk.world.store.chats.loads()[JONES] == 1
    desk.call(
        AddUserToChat(
            chat_id=other,
            user_id=SMITH,
            user_type="agent",
            visibility="agents",
            ignore_requester_presence=True,
        )
    )
    assert desk.world.store.chats.loads().get(SMITH, 0) <= 1


def test_manual_routing_leaves_chats_to_the_agents(desk):
    desk.set_license("manual_routing", value=True)
    chat_id = arrive(desk)
    assert agents_of(desk, chat_id) == []
    desk.set_status(NOWAK, "accepting_chats")
    assert agents_of(desk, chat_id) == []


def test_the_recent_agent_can_be_preferred(desk):
    desk.only(SMITH, JONES)
    customer = desk.visitor()
    desk.say(customer)
    chat_id = desk.chat_of(customer)
    (before,) = agents_of(desk, chat_id)
    desk.unit(customer_actions.close_chat, customer)
    other = SMITH if before == JONES else JONES
    desk.set_license("prefer_recent_agent", value=True)
    desk.start_with(desk.customer(), before, by=desk.requester(GARCIA, "chats--all:rw"))
    desk.say(customer, "me again")
    assert agents_of(desk, chat_id) == [before]
    desk.unit(customer_actions.close_chat, customer)
    desk.set_license("prefer_recent_agent", value=False)
    desk.say(customer, "and again")
    assert agents_of(desk, chat_id) == [other]


def test_nobody_is_there(desk):
    desk.only()
    with pytest.raises(GroupsOffline):
        arrive(desk)


def test_a_continuous_chat_waits_for_somebody(desk):
    desk.only()
    customer = desk.visitor()
    desk.unit(customer_actions.open_chat, customer, continuous=True)
    chat_id = desk.chat_of(customer)
    assert agents_of(desk, chat_id) == []
    desk.set_status(SMITH, "accepting_chats")
    assert agents_of(desk, chat_id) == [SMITH]


def test_chats_can_be_kept_from_the_router(desk):
    desk.only(SMITH)
    desk.set_limit(SMITH, 0)
    left_alone, second = desk.visitor(), desk.visitor()
    desk.unit(
        customer_actions.open_chat,
        left_alone,
        InitialChat(properties={"routing": {"ignore_agents_routing": True}}),
    )
    desk.say(second)
    desk.set_limit(SMITH, 1)
    desk.set_status(SMITH, "not_accepting_chats")
    desk.set_status(SMITH, "accepting_chats")
    assert agents_of(desk, desk.chat_of(left_alone)) == []
    assert agents_of(desk, desk.chat_of(second)) == [SMITH]


def test_among_equals_the_first_made_gets_the_chat(desk):
    desk.only(SMITH, JONES)
    assert [agents_of(desk, arrive(desk)) for _ in range(3)] == [[SMITH], [JONES], [SMITH]]


class TestBots:
    """Bots that accept chats come first in their groups."""

    def test_before_agents_whatever_their_priority(self, desk):
        desk.only(desk.bot.id, BROWN, SMITH)
        bot = desk.world.store.company.agents[desk.bot.id]
        bot.groups = {0: "last", 1: "normal", 2: "last"}
        desk.unit(lambda world: world.store.company.save_agent(bot))
        desk.set_limit(bot.id, 3)
        assert agents_of(desk, arrive(desk, group_ids=[2])) == [bot.id]
        assert agents_of(desk, arrive(desk, group_ids=[1])) == [bot.id]
        assert agents_of(desk, arrive(desk)) == [bot.id]
        assert agents_of(desk, arrive(desk, group_ids=[2])) == [BROWN]

    def test_not_those_that_are_no_members(self, desk):
        desk.only(desk.bot.id, MUELLER)
        bot = desk.world.store.company.agents[desk.bot.id]
        bot.groups = {1: "first"}
        desk.unit(lambda world: world.store.company.save_agent(bot))
        assert agents_of(desk, arrive(desk, group_ids=[3])) == [MUELLER]
