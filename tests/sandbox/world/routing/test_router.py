"""The router and the queue."""

import pytest

from frontdesk.actions import (
    AddUserToChat,
    DeactivateChat,
    GetChat,
    ListRoutingStatuses,
    SetRoutingStatus,
)
from frontdesk.errors import GroupsOffline, GroupUnavailable
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


def test_the_queue_is_served_in_order(desk):
    desk.only(SMITH)
    desk.set_limit(SMITH, 1)
    first, second, third = (arrive(desk, name) for name in ("Ann", "Bob", "Cid"))
    places = [desk.chat(one).thread.queue for one in (first, second, third)]
    assert places[0] is None
    assert [place.position for place in places[1:]] == [1, 2]
    assert places[1].wait_time < places[2].wait_time
    assert places[1].queued_at == desk.chat(second).thread.queue.queued_at
    desk.forget()
    desk.advance(minutes=1)
    desk.call(DeactivateChat(id=first))
    assert agents_of(desk, second) == [SMITH]
    thread = desk.chat(second).thread
    assert (thread.queue, thread.queues_duration) == (None, 60)
    assert thread.properties["routing"]["unassigned"] is False
    assert desk.chat(third).thread.queue.position == 1
    positions = desk.pushed("queue_positions_updated")[-1]
    assert [(one.chat_id, one.queue.position) for one in positions] == [(third, 1)]
    (push,) = desk.pushed("chat_transferred")
    assert (push.reason, push.transferred_to.agent_ids) == ("assigned", [SMITH])
    (added,) = desk.pushed("user_added_to_chat")
    assert (added.user.id, added.reason, added.requester_id) == (SMITH, "assigned", None)


def test_a_queued_chat_is_unassigned_and_pinned(desk):
    desk.only(SMITH)
    desk.set_limit(SMITH, 0)
    chat = desk.chat(arrive(desk))
    assert chat.thread.properties["routing"]["unassigned"] is True
    assert chat.thread.properties["routing"]["pinned"] is True
    assert chat.properties["routing"]["unassigned"] is True


def test_incoming_chat_tells_the_place_in_the_queue(desk):
    desk.only(SMITH)
    desk.set_limit(SMITH, 0)
    arrive(desk)
    (push,) = desk.pushed("incoming_chat")
    assert push.chat.thread.queue.position == 1
    assert push.requester_id is None


def test_whoever_begins_to_accept_chats_gets_queued_ones(desk):
    desk.only(SMITH)
    desk.set_limit(SMITH, 0)
    chat_id = arrive(desk)
    desk.set_status(JONES, "accepting_chats")
    assert agents_of(desk, chat_id) == [JONES]


def test_queues_of_groups_are_apart(desk):
    desk.only(SMITH, MUELLER)
    desk.set_limit(SMITH, 0)
    desk.set_limit(MUELLER, 0)
    support, german = arrive(desk, group_ids=[1]), arrive(desk, group_ids=[3])
    assert desk.chat(german).thread.queue.position == 1
    desk.set_limit(MUELLER, 5)
    desk.set_status(NOWAK, "accepting_chats")
    assert agents_of(desk, german) == [MUELLER]
    assert agents_of(desk, support) == []


def test_the_priority_of_a_group_goes_before_waiting_time(desk):
    """`queue.routing_priority`: a lower number is served first."""
    desk.only(SMITH)
    desk.set_limit(SMITH, 0)
    normal = arrive(desk, group_ids=[0])
    group = desk.world.store.company.groups[1]
    group.properties = {"chats": {"queue.routing_priority": 0}}
    desk.unit(lambda world: world.store.company.save_group(group))
    urgent = arrive(desk, group_ids=[1])
    desk.set_limit(SMITH, 1)
    desk.set_status(BROWN, "accepting_chats")
    desk.set_status(BROWN, "not_accepting_chats")
    desk.set_status(NOWAK, "accepting_chats")
    assert agents_of(desk, urgent) == [SMITH]
    assert agents_of(desk, normal) != [SMITH]


def test_taking_a_queued_chat_by_hand(desk):
    desk.only(SMITH)
    desk.set_limit(SMITH, 0)
    chat_id = arrive(desk)
    desk.call(
        AddUserToChat(
            chat_id=chat_id,
            user_id=JONES,
            user_type="agent",
            visibility="all",
            ignore_requester_presence=True,
        ),
        desk.agent,
    )
    thread = desk.chat(chat_id).thread
    assert thread.queue is None
    assert thread.properties["routing"]["unassigned"] is False


def test_without_a_queue_a_customer_without_an_agent_is_refused(desk):
    desk.only(SMITH)
    desk.set_limit(SMITH, 0)
    desk.set_license("queue.enabled", value=False)
    before = desk.world.store.chats.count()
    with pytest.raises(GroupUnavailable):
        arrive(desk)
    assert desk.world.store.chats.count() == before


def test_a_full_queue_refuses(desk):
    desk.only(SMITH)
    desk.set_limit(SMITH, 0)
    desk.set_license("queue.limit", 1)
    arrive(desk)
    with pytest.raises(GroupUnavailable):
        arrive(desk)


def test_a_group_may_override_the_queue_of_the_license(desk):
    desk.only(MUELLER)
    desk.set_limit(MUELLER, 0)
    group = desk.world.store.company.groups[3]
    group.properties = {"chats": {"queue.enabled.override": 0}}
    desk.unit(lambda world: world.store.company.save_group(group))
    with pytest.raises(GroupUnavailable):
        arrive(desk, group_ids=[3])
    assert desk.chat(arrive(desk)).thread.queue


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


@pytest.mark.parametrize(
    ("cause", "text"),
    [
        ("signed_out", "Chat assigned to Agent Jones because Agent Smith had signed out"),
        (
            "disconnected",
            "Chat assigned to Agent Jones because Agent Smith had lost internet connection",
        ),
        (
            "remotely_signed_out",
            "Chat assigned to Agent Jones because Agent Smith had been remotely signed out",
        ),
        ("deleted", "Chat assigned to Agent Jones because Agent Smith account had been deleted"),
    ],
)
def test_chats_of_an_agent_who_is_gone_go_to_another(desk, cause, text):
    desk.only(SMITH)
    chat_id = arrive(desk)
    desk.set_status(JONES, "accepting_chats")
    desk.forget()
    desk.set_status(SMITH, "offline", cause=cause)
    assert agents_of(desk, chat_id) == [JONES]
    assert desk.texts(chat_id)[-1] == text
    (push,) = desk.pushed("chat_transferred")
    assert (push.reason, push.transferred_to.agent_ids) == ("assigned", [JONES])


def test_they_wait_when_there_is_no_other(desk):
    desk.only(SMITH)
    chat_id = arrive(desk)
    desk.set_status(SMITH, "offline", cause="signed_out")
    thread = desk.chat(chat_id).thread
    assert thread.queue.position == 1
    assert thread.events[-1].text == "Customer was queued because Agent Smith had signed out"
    assert thread.events[-1].system_message_type == "routing.unassigned_signed_out"


def test_they_end_when_there_is_no_queue(desk):
    desk.only(SMITH)
    desk.set_license("queue.enabled", value=False)
    chat_id = arrive(desk)
    desk.set_status(SMITH, "offline", cause="signed_out")
    thread = desk.chat(chat_id).thread
    assert not thread.active
    assert thread.events[-1].text == "The chat was closed because Agent Smith had signed out"
    (push,) = desk.pushed("chat_deactivated")
    assert push.user_id is None


def test_a_chat_with_a_second_agent_stays(desk):
    desk.only(SMITH)
    chat_id = arrive(desk)
    desk.call(AddUserToChat(chat_id=chat_id, user_id=JONES, user_type="agent", visibility="all"))
    desk.set_status(SMITH, "offline", cause="signed_out")
    assert agents_of(desk, chat_id) == [JONES]
    assert desk.system_messages(chat_id) == ["agent_added"]
    assert desk.chat(chat_id).thread.queue is None


def test_statuses_are_listed(desk):
    listed = {one.agent_id: one.status for one in desk.call(ListRoutingStatuses())}
    assert listed[SMITH] == listed[JONES] == "accepting_chats"
    assert listed[GARCIA] == "not_accepting_chats"
    assert listed[NOWAK] == "offline"
    assert desk.bot.id in listed
    assert list(listed) == sorted(listed)


def test_statuses_of_groups(desk):
    from frontdesk.models import RoutingStatusesFilters

    filters = RoutingStatusesFilters(group_ids=[3])
    listed = [one.agent_id for one in desk.call(ListRoutingStatuses(filters=filters))]
    assert listed == [GARCIA, MUELLER]


def test_queue_and_chat_agree_after_everything(desk):
    desk.only(SMITH)
    desk.set_limit(SMITH, 1)
    chats = [arrive(desk) for _ in range(5)]
    for chat_id in chats:
        desk.call(DeactivateChat(id=chat_id, ignore_requester_presence=True))
    assert desk.world.store.queue.count() == 0
    assert desk.world.store.chats.loads()[SMITH] == 0
    assert all(not desk.call(GetChat(chat_id=one)).thread.active for one in chats)


def test_waiting_ends_when_nobody_is_left(desk):
    desk.only(SMITH)
    desk.set_limit(SMITH, 0)
    waiting = arrive(desk, group_ids=[1])
    customer = desk.visitor()
    desk.unit(customer_actions.open_chat, customer, group_ids=[1], continuous=True)
    continuous = desk.chat_of(customer)
    for agent_id in (JONES, BROWN, desk.bot.id):
        desk.set_status(agent_id, "offline")
    assert desk.chat(waiting).thread.active
    desk.set_status(SMITH, "offline")
    thread = desk.chat(waiting).thread
    assert not thread.active
    assert thread.events[-1].text == "Chat archived due to no available agents"
    assert desk.chat(continuous).thread.queue.position == 1


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


def test_continuous_chats_have_a_queue_of_their_own_length(desk):
    desk.only()
    desk.set_license("queue_continuous.base", 1, "limits")
    people = [desk.visitor() for _ in range(2)]
    for one in people:
        desk.unit(customer_actions.open_chat, one, continuous=True)
    waiting, apart = (desk.chat(desk.chat_of(one)).thread for one in people)
    assert waiting.queue.position == 1
    assert apart.queue is None
    assert apart.properties["routing"]["unassigned"] is True


def test_closing_unpins_unless_the_customer_leaves_an_unassigned_chat(desk):
    desk.only(SMITH)
    desk.set_limit(SMITH, 0)
    pinned = []
    for close in ("agent", "customer"):
        customer = desk.visitor()
        desk.say(customer)
        chat_id = desk.chat_of(customer)
        if close == "agent":
            desk.call(DeactivateChat(id=chat_id, ignore_requester_presence=True))
        else:
            desk.unit(customer_actions.close_chat, customer)
        pinned.append(desk.chat(chat_id).thread.properties["routing"]["pinned"])
    assert pinned == [False, True]


def test_among_equals_the_first_made_gets_the_chat(desk):
    desk.only(SMITH, JONES)
    assert [agents_of(desk, arrive(desk)) for _ in range(3)] == [[SMITH], [JONES], [SMITH]]
