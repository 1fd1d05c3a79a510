"""Groups made, read, changed and deleted through the Configuration API, and what follows."""

import pytest

from frontdesk.actions import (
    AddAutoAccess,
    CreateGroup,
    DeleteGroup,
    GetGroup,
    ListArchives,
    ListAutoAccesses,
    ListChats,
    ListGroups,
    ListRoutingStatuses,
    ListTags,
    ResumeChat,
    StartChat,
    TransferChat,
    UpdateGroup,
)
from frontdesk.errors import (
    AuthorizationError,
    GroupNotFound,
    InvalidArgument,
    LimitReached,
    NotFound,
    ValidationError,
)
from frontdesk.models import (
    Access,
    ArchivesFilters,
    ChatsFilters,
    InitialChat,
    NewAutoAccessConditions,
    NewAutoAccessGroups,
    NewTextCondition,
    NewTextMatch,
    RoutingStatusesFilters,
    Target,
)
from frontdesk.sandbox.seeds.company import BOT_ID

from ..._desk import BROWN, GARCIA, JONES, MUELLER, NOWAK, SMITH, call_web

EVERYTHING = ("agent_priorities", "routing_status")


def make(desk, name="VIP", **priorities):
    return desk.call(CreateGroup(name=name, agent_priorities=priorities.pop("members", {}))).id


def get(desk, group_id, *fields, by=None):
    return desk.call(GetGroup(id=group_id, fields=list(fields or EVERYTHING)), by)


def priorities(desk, group_id):
    return get(desk, group_id, "agent_priorities").agent_priorities


def arrive(desk, name="Ann", **kwargs):
    customer = desk.visitor(name)
    desk.say(customer, **kwargs)
    return desk.chat_of(customer)


def wait(desk, name="Ann", group_ids=(3,)):
    """A chat that waits for groups of an agent who has no place; the agent's id is Müller's."""
    desk.set_limit(MUELLER, 0)
    desk.only(MUELLER)
    chat_id = arrive(desk, name, group_ids=list(group_ids))
    desk.forget()
    assert desk.chat(chat_id).thread.queue
    return chat_id


def serving(desk, chat_id):
    return [user.id for user in desk.chat(chat_id).users if user.present and user.type == "agent"]


def test_a_new_group_has_what_it_was_made_with(desk):
    members = {JONES: "first", BOT_ID: "supervisor"}
    group_id = desk.call(CreateGroup(name="VIP", language_code="pl", agent_priorities=members)).id
    group = get(desk, group_id)
    assert (group.id, group.name, group.language_code) == (4, "VIP", "pl")
    assert group.agent_priorities == members
    assert group.routing_status == "accepting_chats"
    (push,) = desk.pushed("group_created")
    assert push == get(desk, group_id, "agent_priorities")
    (status,) = desk.pushed("groups_status_updated")
    assert [(group.id, group.status) for group in status.groups] == [(4, "accepting_chats")]
    assert desk.names() == ["group_created", "groups_status_updated"]
    (effect,) = desk.effects("group_created")
    assert (effect.webhook, effect.actor) == ("group_created", desk.owner)


def test_a_group_may_have_no_members_and_the_name_of_another(desk):
    first, second = make(desk), make(desk)
    assert first != second
    group = get(desk, second)
    assert (group.agent_priorities, group.routing_status) == ({}, "offline")
    assert group.language_code == "en"


def test_an_id_is_not_used_again(desk):
    first = make(desk)
    desk.call(DeleteGroup(id=first))
    assert make(desk) == first + 1


def test_members_are_known_whatever_the_case_of_the_address(desk):
    group_id = make(desk, members={"Jones@EXAMPLE.com": "last"})
    assert priorities(desk, group_id) == {JONES: "last"}


def test_fields_come_on_request(desk):
    group = desk.call(GetGroup(id=1))
    assert (group.agent_priorities, group.routing_status) == (None, None)
    listed = desk.call(ListGroups())
    assert [group.id for group in listed] == [0, 1, 2, 3]
    assert all(group.routing_status for group in listed)
    assert not any(group.agent_priorities for group in listed)
    everybody = desk.call(ListGroups(fields=["agent_priorities"]))[0].agent_priorities
    assert everybody.keys() == desk.world.store.company.agents.keys()
    assert (everybody[SMITH], everybody[MUELLER]) == ("normal", "last")


@pytest.mark.parametrize(
    ("action", "error", "text"),
    [
        (CreateGroup(name="x", agent_priorities={"nobody@example.com": "last"}), NotFound,
         "`agent_priorities`: there is no agent or bot `nobody@example.com`"),
        (UpdateGroup(id=1, name="x", agent_priorities={JONES: "last", "no": "last"}), NotFound,
         "`agent_priorities`"),
        (CreateGroup(name="x", agent_priorities={JONES: "last", JONES.upper(): "first"}),
         ValidationError, f"`agent_priorities` must not name `{JONES}` twice"),
        (UpdateGroup(id=1, agent_priorities={JONES.title(): "last", JONES: "first"}),
         ValidationError, f"`agent_priorities` must not name `{JONES}` twice"),
        (UpdateGroup(id=99, name="x"), GroupNotFound, "`id`: there is no group 99"),
        (GetGroup(id=99), GroupNotFound, "`id`: there is no group 99"),
        (DeleteGroup(id=99), GroupNotFound, "`id`: there is no group 99"),
        (DeleteGroup(id=0), ValidationError, "`id`: group 0"),
    ],
)  # fmt: skip
def test_what_does_not_fit_changes_nothing(desk, action, error, text):
    before = desk.call(ListGroups(fields=list(EVERYTHING)))
    with pytest.raises(error, match=text):
        desk.call(action)
    assert desk.call(ListGroups(fields=list(EVERYTHING))) == before
    assert desk.names() == []
    assert make(desk) == 4


@pytest.mark.parametrize(
    ("name", "members"),
    [("", {}), ("x" * 181, {}), ("x", {JONES: "second"}), ("x", None)],
)
def test_the_shape_is_checked(desk, name, members):
    with pytest.raises(InvalidArgument):
        CreateGroup(name=name, agent_priorities=members)
    response = call_web(
        desk, "create_group", {"name": name, "agent_priorities": members}, api="configuration"
    )
    assert response.status == 400
    assert b'"validation"' in response.body


def test_the_plan_limits_groups(desk):
    desk.set_license("groups.base", 5, "limits")
    make(desk)
    with pytest.raises(LimitReached, match="allows 5 groups"):
        make(desk)
    desk.set_license("groups.additional", 1, "limits")
    make(desk)
    desk.set_license("groups.hard", 6, "limits")
    desk.set_license("groups.additional", 10, "limits")
    with pytest.raises(LimitReached, match="allows 6 groups"):
        make(desk)


def test_the_plan_limits_the_groups_of_an_agent(desk):
    desk.set_license("groups_per_agent.base", 2, "limits")
    make(desk, members={JONES: "last", BOT_ID: "last", NOWAK: "last"})
    make(desk, members={BOT_ID: "last"})
    before = priorities(desk, 3)
    with pytest.raises(LimitReached, match="2 groups for each agent"):
        desk.call(UpdateGroup(id=3, agent_priorities={MUELLER: "last", JONES: "last"}))
    assert priorities(desk, 3) == before
    with pytest.raises(LimitReached):
        make(desk, members={JONES: "last"})
    assert len(desk.call(ListGroups())) == 6
    # Another priority is no further group.
    desk.call(UpdateGroup(id=1, agent_priorities={JONES: "first"}))


def test_an_update_replaces_the_members_and_pushes_what_changed(desk):
    desk.call(UpdateGroup(id=3, name="Service", agent_priorities={MUELLER: "last"}))
    assert priorities(desk, 3) == {MUELLER: "last"}
    (push,) = desk.pushed("group_updated")
    assert (push.id, push.name, push.agent_priorities) == (3, "Service", {MUELLER: "last"})
    (effect,) = desk.effects("group_updated")
    assert b"language_code" not in effect.json
    assert effect.webhook == "group_updated"
    assert desk.names() == ["group_updated"]
    assert 3 not in desk.world.store.company.agents[GARCIA].groups
    desk.forget()
    desk.call(UpdateGroup(id=3, name="Service", agent_priorities={MUELLER: "last"}))
    desk.call(UpdateGroup(id=3))
    assert desk.names() == []


def test_nobody_leaves_group_0(desk):
    before = priorities(desk, 0)
    desk.call(UpdateGroup(id=0, name="All", agent_priorities={JONES: "supervisor"}))
    assert priorities(desk, 0) == {**before, JONES: "supervisor"}
    (push,) = desk.pushed("group_updated")
    assert push.agent_priorities == {**before, JONES: "supervisor"}
    assert get(desk, 0).name == "All"


def test_members_who_come_and_go_change_the_status(desk):
    desk.call(UpdateGroup(id=3, agent_priorities={NOWAK: "normal"}))
    desk.call(UpdateGroup(id=3, agent_priorities={NOWAK: "normal", GARCIA: "normal"}))
    desk.call(UpdateGroup(id=3, agent_priorities={JONES: "normal"}))
    pushes = desk.effects("groups_status_updated")
    statuses = [push.payload.groups[0].status for push in pushes]
    assert statuses == ["offline", "not_accepting_chats", "accepting_chats"]
    company = desk.world.store.company.agents.values()
    in_charge = {agent.id for agent in company if agent.role != "normal"}
    assert SMITH in in_charge
    assert JONES not in in_charge
    assert set(pushes[2].recipients.agent_ids) - in_charge == {JONES}
    assert in_charge <= set(pushes[2].recipients.agent_ids)
    assert {push.webhook for push in pushes} == {None}


def test_who_waits_goes_to_a_new_member_at_once_and_running_chats_stay(desk):
    desk.only(MUELLER)
    running = arrive(desk, group_ids=[3])
    waiting = wait(desk, "Ben")
    desk.set_status(JONES, "accepting_chats")
    assert serving(desk, waiting) == []
    desk.call(UpdateGroup(id=3, agent_priorities={JONES: "last"}))
    assert serving(desk, waiting) == [JONES]
    assert serving(desk, running) == [MUELLER]


def test_who_waits_for_a_group_that_nobody_is_in_any_more_waits_no_more(desk):
    waiting = wait(desk)
    desk.call(UpdateGroup(id=3, agent_priorities={}))
    assert not desk.chat(waiting).thread.active
    assert desk.system_messages(waiting)[-1] == "routing.archived_offline"


def test_a_token_for_ones_own_groups_reaches_no_other(desk):
    limited = desk.requester(BROWN, "groups--my:rw")
    with pytest.raises(AuthorizationError, match="not in group 3"):
        get(desk, 3, by=limited)
    with pytest.raises(AuthorizationError):
        desk.call(UpdateGroup(id=3, name="x"), by=limited)
    with pytest.raises(AuthorizationError):
        desk.call(DeleteGroup(id=3), by=limited)
    with pytest.raises(AuthorizationError):
        desk.call(ListGroups(), by=limited)
    with pytest.raises(AuthorizationError):
        desk.call(CreateGroup(name="x", agent_priorities={}), by=limited)
    desk.call(UpdateGroup(id=0, name="All"), by=limited)
    desk.call(UpdateGroup(id=2, name="Deals"), by=limited)
    desk.call(DeleteGroup(id=2), by=limited)
    assert [group.name for group in desk.call(ListGroups())] == [
        "All", "Support", "Kundenservice",
    ]  # fmt: skip


def test_chats_and_threads_of_a_deleted_group_come_to_others(desk):
    desk.only(MUELLER, JONES)
    running = arrive(desk, group_ids=[3])
    shared = arrive(desk, "Ben", group_ids=[1, 3])
    closed = desk.start(chat=InitialChat(access=Access(group_ids=[3])), active=False)
    desk.forget()
    desk.call(DeleteGroup(id=3))
    for chat_id, group_ids in ((running, [0]), (shared, [1]), (closed, [0])):
        chat = desk.chat(chat_id)
        assert (chat.access.group_ids, chat.thread.access.group_ids) == (group_ids, group_ids)
    assert serving(desk, running) == [MUELLER]
    pushes = {push.id: push.access.group_ids for push in desk.pushed("chat_access_updated")}
    assert pushes.items() >= {running: [0], shared: [1], closed: [0]}.items()
    assert len(desk.pushed("chat_access_updated")) == len(pushes)
    (effect,) = [
        effect for effect in desk.effects("chat_access_updated") if effect.chat_id == shared
    ]
    assert {MUELLER, GARCIA} <= set(effect.recipients.agent_ids)
    (push,) = desk.pushed("group_deleted")
    assert push.id == 3
    assert desk.names()[-1] == "group_deleted"


def test_who_waits_for_a_deleted_group_is_routed_anew(desk):
    first, second = wait(desk), wait(desk, "Ben")
    desk.set_limit(JONES, 1)
    desk.set_status(JONES, "accepting_chats")
    desk.forget()
    desk.call(DeleteGroup(id=3))
    assert serving(desk, first) == [JONES]
    assert desk.chat(second).thread.queue.position == 1
    assert desk.world.store.queue.places(3) == []
    (push,) = desk.pushed("chat_transferred")
    assert (push.chat_id, push.transferred_to.group_ids) == (first, [0])


def test_who_waits_for_a_deleted_group_and_may_wait_no_longer_is_sent_away(desk):
    chat_id = wait(desk)
    desk.set_license("queue.enabled", value=False)
    desk.call(DeleteGroup(id=3))
    assert not desk.chat(chat_id).thread.active
    assert desk.system_messages(chat_id)[-1] == "routing.archived_other"


def test_members_tags_and_customers_lose_a_deleted_group(desk):
    customer = desk.visitor("Ann", group_ids=[3])
    company = desk.world.store.company
    group = company.groups[3]
    group.properties = {"chats": {"queue.enabled.override": 0}}
    desk.unit(lambda world: world.store.company.save_group(group))
    desk.forget()
    desk.call(DeleteGroup(id=3))
    assert set(desk.names()) == {"chat_access_updated", "group_deleted"}
    assert not any(3 in agent.groups for agent in company.agents.values())
    assert next(tag for tag in desk.call(ListTags()) if tag.name == "rückruf").group_ids == []
    assert desk.world.store.customers.read(customer).group_ids == [0]
    assert make(desk) == 4
    assert not company.groups[4].properties


def test_agents_who_lose_a_customer_with_a_group_learn_of_those_who_are_there(desk):
    there, gone = (desk.visitor(name, group_ids=[2, 3]) for name in ("Ann", "Ben"))
    desk.leave_site(gone)
    desk.forget()
    desk.call(DeleteGroup(id=3))
    (effect,) = desk.effects("customer_transferred")
    assert (effect.payload.id, effect.recipients.agent_ids) == (there, (MUELLER,))
    assert effect.payload.transferred_to.group_ids == [2]
    assert desk.world.store.customers.read(gone).group_ids == [2]


def test_a_deleted_group_is_nowhere_a_defect(desk):
    arrive(desk, group_ids=[3])
    desk.call(DeleteGroup(id=3))
    assert desk.call(ListChats(filters=ChatsFilters(group_ids=[3]))).found_chats == 0
    assert desk.call(ListArchives(filters=ArchivesFilters(group_ids=[3]))).found_chats == 0
    gone = InitialChat(access=Access(group_ids=[3]))
    chat_id = arrive(desk, "Ben")
    for action in (
        ListRoutingStatuses(filters=RoutingStatusesFilters(group_ids=[3])),
        StartChat(chat=gone),
        TransferChat(id=chat_id, target=Target(type="group", ids=[3])),
        DeleteGroup(id=3),
    ):
        with pytest.raises((ValidationError, GroupNotFound), match="no group 3"):
            desk.call(action)
    closed = desk.start(active=False)
    with pytest.raises(ValidationError, match="no group 3"):
        desk.call(ResumeChat(chat=InitialChat(id=closed, access=Access(group_ids=[3]))))


def test_everybody_who_is_logged_in_learns_of_groups(dial, served):
    agent, owner = dial("agent"), dial("owner")
    configuration = served.configuration_client()
    group_id = configuration.create_group(name="VIP", agent_priorities={SMITH: "normal"}).id
    configuration.update_group(id=group_id, name="V")
    configuration.delete_group(id=group_id)
    pushes = [push for push in agent.settle() if "group" in push["action"]]
    assert [push["action"] for push in pushes] == [
        "group_created",
        "group_updated",
        "group_deleted",
    ]
    assert pushes[1]["payload"] == {"id": group_id, "name": "V"}
    assert [name for name in owner.names() if "group" in name] == [
        "group_created", "groups_status_updated", "group_updated", "group_deleted",
    ]  # fmt: skip


def test_access_rules_and_canned_responses_of_a_deleted_group_go(desk):
    everywhere = NewAutoAccessConditions(url=NewTextCondition(values=[NewTextMatch(value="/")]))
    for group_ids in ([3], [1, 3]):
        access = NewAutoAccessGroups(groups=group_ids)
        desk.call(AddAutoAccess(access=access, conditions=everywhere))
    desk.forget()
    desk.call(DeleteGroup(id=3))
    assert [rule.access.groups for rule in desk.call(ListAutoAccesses())] == [[1]]
    (push,) = desk.pushed("auto_accesses_updated")
    assert [change.status for change in push] == ["deleted"]
    assert desk.world.store.canned_responses.of_groups([3], private_of=None).count() == 0
