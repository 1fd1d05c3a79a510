"""Agents made, read, changed, suspended and deleted through the Configuration API."""

import json

import pytest

from frontdesk.actions import (
    AddUserToChat,
    ApproveAgent,
    CreateAgent,
    DeleteAgent,
    GetAgent,
    ListAgents,
    RequestAgentUnsuspension,
    SetRoutingStatus,
    StartChat,
    SuspendAgent,
    TransferChat,
    UnsuspendAgent,
    UpdateAgent,
)
from frontdesk.errors import (
    AgentOffline,
    AlreadyExists,
    AuthorizationError,
    GroupNotFound,
    InvalidArgument,
    LimitReached,
    NotFound,
    RequesterAwaitingApproval,
    RequesterSuspended,
    ValidationError,
)
from frontdesk.models import (
    AgentsFilters,
    GroupMembership,
    InitialChat,
    InitialUser,
    NewWorkScheduler,
    NewWorkShift,
    Target,
)
from frontdesk.sandbox.seeds.company import AGENT_TOKEN, ALL_SCOPES, BOT_ID

from ..._desk import BROWN, GARCIA, JONES, MUELLER, NOWAK, SMITH, call_web

FIELDS = (
    "work_scheduler", "groups", "email_subscriptions", "notifications", "job_title", "mobile",
    "max_chats_count", "suspended", "awaiting_approval", "last_logout",
)  # fmt: skip
NEW = "new@example.com"


def create(desk, agent_id=NEW, by=None, **fields):
    return desk.call(CreateAgent(id=agent_id, name=fields.pop("name", "New"), **fields), by).id


def get(desk, agent_id=NEW, by=None, fields=FIELDS):
    return desk.call(GetAgent(id=agent_id, fields=list(fields)), by)


def groups_of(desk, agent_id):
    return {group.id: group.priority for group in get(desk, agent_id).groups}


def with_role(desk, agent_id, role):
    """An agent with another role, and every scope that a token may have."""
    agent = desk.world.store.company.agents[agent_id]
    agent.role = role
    desk.unit(lambda world: world.store.company.save_agent(agent))
    return desk.requester(agent_id, *ALL_SCOPES)


def hours():
    shift = NewWorkShift(day="monday", enabled=True, start="08:00", end="16:00")
    return NewWorkScheduler(timezone="Europe/Warsaw", schedule=[shift])


def body(desk, method, request):
    response = call_web(desk, method, request, api="configuration")
    assert response.status == 200, response.body
    return json.loads(response.body)


def arrive(desk, name="Ann", **kwargs):
    customer = desk.visitor(name)
    desk.say(customer, **kwargs)
    return desk.chat_of(customer)


def test_a_new_agent_has_what_it_was_made_with(desk):
    create(
        desk,
        "New@Example.com",
        name="Ms. New",
        role="administrator",
        login_status="accepting chats",
        job_title="Hero",
        mobile="+48 1",
        max_chats_count=0,
        groups=[GroupMembership(id=2, priority="last"), GroupMembership(id=0, priority="first")],
        notifications=["ticket", "new_goal"],
        email_subscriptions=["weekly_summary"],
        work_scheduler=hours(),
    )
    agent = get(desk)
    assert (agent.id, agent.name, agent.role) == ("New@Example.com", "Ms. New", "administrator")
    assert (agent.job_title, agent.mobile, agent.max_chats_count) == ("Hero", "+48 1", 0)
    assert agent.login_status == "accepting chats"
    assert groups_of(desk, NEW) == {0: "first", 2: "last"}
    assert agent.notifications == ["ticket", "new_goal"]
    assert agent.email_subscriptions == ["weekly_summary"]
    assert agent.work_scheduler.timezone == "Europe/Warsaw"
    assert agent.work_scheduler.schedule[0].end == "16:00"
    assert (agent.suspended, agent.awaiting_approval, agent.last_logout) == (False, False, None)
    assert len(agent.account_id) == 36


def test_the_push_of_a_new_agent_carries_everything(desk):
    create(desk)
    (effect,) = desk.effects("agent_created")
    assert (effect.webhook, effect.actor) == ("agent_created", desk.owner)
    assert desk.names() == ["agent_created"]
    sent = json.loads(effect.json)
    assert sent.pop("account_id") == get(desk).account_id
    assert sent == {
        "id": NEW, "name": "New", "role": "normal", "avatar": "",
        "login_status": "not accepting chats", "job_title": "", "mobile": "",
        "max_chats_count": 6, "groups": [{"id": 0, "priority": "normal"}],
        "work_scheduler": {"timezone": "", "schedule": []}, "notifications": [],
        "email_subscriptions": [], "suspended": False, "awaiting_approval": False,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "error", "text"),
    [
        ({"agent_id": "new"}, ValidationError, "`id` must be an e-mail address"),
        ({"agent_id": "SMITH@example.com"}, AlreadyExists, "`id`: there is an agent `smith@"),
        ({"groups": [GroupMembership(id=1, priority="last"),
                     GroupMembership(id=1, priority="first")]}, ValidationError,
         r"`groups\[1\].id` must not be 1 again"),
        ({"groups": [GroupMembership(id=9, priority="last")]}, GroupNotFound,
         r"`groups\[0\].id`: there is no group 9"),
        ({"work_scheduler": NewWorkScheduler(timezone="Europe/Nowhere", schedule=[])},
         ValidationError, "`work_scheduler.timezone`: there is no time zone"),
        ({"work_scheduler": NewWorkScheduler(timezone="../etc", schedule=[])},
         ValidationError, "`work_scheduler.timezone`"),
    ],
)  # fmt: skip
def test_what_does_not_fit_makes_no_agent(desk, fields, error, text):
    before = desk.call(ListAgents())
    with pytest.raises(error, match=text):
        create(desk, **fields)
    assert desk.call(ListAgents()) == before
    assert desk.names() == []


@pytest.mark.parametrize("max_chats_count", [-1, 21])
def test_an_agent_takes_at_most_20_chats(max_chats_count):
    with pytest.raises(InvalidArgument, match="max_chats_count"):
        CreateAgent(id=NEW, name="New", max_chats_count=max_chats_count)


def test_without_the_scopes_for_it_an_agent_has_to_be_approved(desk):
    limited = desk.requester(BROWN, "accounts--all:rc")
    create(desk, by=limited)
    assert get(desk).awaiting_approval is True
    with pytest.raises(AuthorizationError, match=r"`awaiting_approval`.*subscription\.lc:rw"):
        create(desk, "other@example.com", by=limited, awaiting_approval=False)
    with pytest.raises(AuthorizationError, match=r"`role`.*accounts\.roles\.lc--all:rw"):
        create(desk, "other@example.com", by=limited, role="administrator")
    with pytest.raises(AuthorizationError):
        create(desk, "other@example.com", by=desk.requester(BROWN, "accounts--my:rw"))
    create(desk, "other@example.com", by=limited, role="normal", awaiting_approval=True)


def test_the_plan_limits_agents(desk):
    company = desk.world.store.company
    desk.set_license("agents.base", len(company.agents) + 1, "limits")
    create(desk)
    with pytest.raises(LimitReached, match="9 agents"):
        create(desk, "second@example.com")
    create(desk, "second@example.com", awaiting_approval=True)
    with pytest.raises(LimitReached):
        desk.call(ApproveAgent(id="second@example.com"))
    desk.call(SuspendAgent(id=NEW))
    desk.call(ApproveAgent(id="second@example.com"))
    with pytest.raises(LimitReached):
        desk.call(UnsuspendAgent(id=NEW))
    assert get(desk).suspended is True


def test_the_plan_limits_the_groups_of_an_agent(desk):
    desk.set_license("groups_per_agent.base", 2, "limits")
    two = [GroupMembership(id=1, priority="last"), GroupMembership(id=2, priority="last")]
    three = [*two, GroupMembership(id=3, priority="last")]
    create(desk, groups=two)
    with pytest.raises(LimitReached, match="2 groups for each agent"):
        create(desk, "second@example.com", groups=three)
    with pytest.raises(LimitReached):
        desk.call(UpdateAgent(id=NEW, groups=three))
    assert groups_of(desk, NEW) == {0: "normal", 1: "last", 2: "last"}


def test_agents_are_read_without_bots_and_with_what_is_asked_for(desk):
    listed = body(desk, "list_agents", {})
    assert [agent["name"] for agent in listed] == [
        "Agent Brown", "Agent Jones", "Agent Smith", "Anna Nowak", "Jörg Müller",
        "Lucía García", "Yuki Tanaka",
    ]  # fmt: skip
    usual = {"id", "account_id", "name", "role", "login_status"}
    assert set(listed[0]) == {*usual, "avatar_path"}
    assert listed[0]["avatar_path"] == "cdn.livechat-files.com/api/file/avatars/brown.png"
    agent = body(desk, "get_agent", {"id": "SMITH@example.com", "fields": ["suspended", "mobile"]})
    assert set(agent) == {*usual, "avatar", "suspended", "mobile"}
    assert (agent["suspended"], agent["mobile"]) == (False, "")
    assert agent["avatar"].startswith("https://")
    for agent_id in (BOT_ID, "nobody@example.com"):
        with pytest.raises(NotFound, match="`id`: there is no agent"):
            get(desk, agent_id)
    response = call_web(desk, "get_agent", {"id": SMITH, "fields": ["x"]}, api="configuration")
    assert b'"validation"' in response.body


def test_agents_are_filtered(desk):
    def ids(**filters):
        return {agent.id for agent in desk.call(ListAgents(filters=AgentsFilters(**filters)))}

    everybody = {agent.id for agent in desk.call(ListAgents())}
    desk.call(SuspendAgent(id=JONES))
    assert ids(suspended=True) == {JONES}
    assert ids(suspended=False) == everybody - {JONES}
    assert ids(group_ids=[3, 999]) == {GARCIA, MUELLER}
    assert ids(group_ids=[999]) == set()
    assert ids(group_ids=[0]) == everybody
    assert ids(group_ids=[1], suspended=True) == {JONES}


def test_ones_own_scope_reaches_nobody_else(desk):
    own = desk.requester(BROWN, "agents--my:rw")
    assert get(desk, BROWN, by=own).id == BROWN
    desk.call(UpdateAgent(id=BROWN, job_title="Boss"), own)
    assert get(desk, BROWN).job_title == "Boss"
    with pytest.raises(AuthorizationError, match="agents--all:ro"):
        get(desk, JONES, by=own)
    with pytest.raises(AuthorizationError, match="agents--all:rw"):
        desk.call(UpdateAgent(id=JONES, job_title="x"), own)
    with pytest.raises(AuthorizationError, match=r"`role`.*accounts\.roles\.lc--all:rw"):
        desk.call(UpdateAgent(id=BROWN, role="normal"), own)
    desk.call(UpdateAgent(id=BROWN, role="administrator"), own)
    with pytest.raises(AuthorizationError):
        desk.call(ListAgents(), own)
    with pytest.raises(AuthorizationError, match="accounts--my:rw"):
        desk.call(DeleteAgent(id=BROWN), own)
    own = desk.requester(BROWN, "agents--my:rw", "accounts--my:rw")
    with pytest.raises(AuthorizationError, match="accounts--all:rw"):
        desk.call(DeleteAgent(id=JONES), own)
    desk.call(DeleteAgent(id=BROWN), own)
    with pytest.raises(NotFound):
        get(desk, BROWN)


def test_an_update_replaces_what_is_given_and_pushes_what_changed(desk):
    create(desk, job_title="Hero", mobile="1", groups=[GroupMembership(id=1, priority="last")])
    desk.forget()
    desk.call(
        UpdateAgent(
            id="NEW@example.com",
            job_title="Hero",
            mobile="",
            max_chats_count=3,
            login_status="accepting chats",
            groups=[GroupMembership(id=2, priority="first")],
            notifications=["ticket"],
        )
    )
    (effect,) = desk.effects("agent_updated")
    assert (effect.webhook, desk.names()) == ("agent_updated", ["agent_updated"])
    assert json.loads(effect.json) == {
        "id": NEW, "mobile": "", "max_chats_count": 3, "login_status": "accepting chats",
        "groups": [{"id": 0, "priority": "normal"}, {"id": 2, "priority": "first"}],
        "notifications": ["ticket"],
    }  # fmt: skip
    assert get(desk).job_title == "Hero"
    desk.forget()
    desk.call(UpdateAgent(id=NEW, max_chats_count=3, notifications=["ticket"], role="normal"))
    desk.call(UpdateAgent(id=NEW))
    assert desk.names() == []
    desk.call(UpdateAgent(id=NEW, groups=[], notifications=[]))
    assert groups_of(desk, NEW) == {0: "normal"}


def test_what_a_client_of_an_older_version_sends_besides_is_ignored(desk):
    body(desk, "update_agent", {"id": JONES, "name": "x", "avatar": "y", "job_title": "z"})
    agent = get(desk, JONES)
    assert (agent.name, agent.job_title) == ("Agent Jones", "z")


@pytest.mark.parametrize("field", ["job_title", "groups", "work_scheduler", "role"])
def test_null_is_no_way_to_empty_a_field(desk, field):
    desk.call(UpdateAgent(id=JONES, job_title="Hero"))
    desk.forget()
    request = {"id": JONES, "mobile": "1", field: None}
    response = call_web(desk, "update_agent", request, api="configuration")
    assert (response.status, f"`{field}` must not be null".encode() in response.body) == (400, True)
    reply = body(desk, "batch_update_agents", {"requests": [request]})
    assert reply["responses"][0]["error"]["type"] == "validation"
    assert (get(desk, JONES).job_title, get(desk, JONES).mobile) == ("Hero", "")
    body(desk, "update_agent", {"id": JONES, "name": None, "mobile": "2"})
    assert get(desk, JONES).mobile == "2"


@pytest.mark.parametrize(
    ("role", "target", "works"),
    [
        ("owner", "viceowner", True),
        ("viceowner", "viceowner", True),
        ("administrator", "viceowner", False),
        ("administrator", "administrator", True),
        ("viceowner", "owner", False),
        ("administrator", "owner", False),
    ],
)
@pytest.mark.parametrize(
    "action",
    [
        UpdateAgent(id=GARCIA, job_title="x"),
        SuspendAgent(id=GARCIA),
        DeleteAgent(id=GARCIA),
    ],
    ids=["update", "suspend", "delete"],
)
def test_who_may_change_whom(desk, role, target, works, action):
    requester = with_role(desk, BROWN, role)
    with_role(desk, GARCIA, target)
    desk.forget()
    if works:
        desk.call(action, requester)
        return
    with pytest.raises(AuthorizationError, match="owner"):
        desk.call(action, requester)
    assert desk.names() == []


@pytest.mark.parametrize(
    ("role", "given", "works"),
    [
        ("administrator", "administrator", True),
        ("administrator", "viceowner", False),
        ("viceowner", "viceowner", True),
        ("owner", "viceowner", True),
    ],
)
def test_nobody_gives_a_role_above_the_own_one(desk, role, given, works):
    requester = with_role(desk, BROWN, role)
    if works:
        desk.call(UpdateAgent(id=JONES, role=given), requester)
        create(desk, role=given, by=requester)
        assert get(desk, JONES).role == get(desk, NEW).role == given
        return
    for action in (UpdateAgent(id=JONES, role=given), CreateAgent(id=NEW, name="x", role=given)):
        with pytest.raises(AuthorizationError, match=f"`role`: `{given}` is above your own"):
            desk.call(action, requester)
    assert get(desk, JONES).role == "normal"


def test_the_owner_stays_the_owner(desk):
    for action in (
        UpdateAgent(id=SMITH, role="administrator"),
        DeleteAgent(id=SMITH),
        SuspendAgent(id=SMITH),
    ):
        with pytest.raises(AuthorizationError, match="owner"):
            desk.call(action)
    desk.call(UpdateAgent(id=SMITH, job_title="Boss"))
    assert (get(desk, SMITH).role, get(desk, SMITH).job_title) == ("owner", "Boss")


def test_a_lower_role_takes_scopes_from_tokens(desk):
    token = desk.requester(BROWN, *ALL_SCOPES).token_id
    desk.call(UpdateAgent(id=BROWN, role="normal"))
    requester = desk.identities.requester(f"Bearer {token}")
    assert requester.role == "normal"
    with pytest.raises(AuthorizationError):
        desk.call(UpdateAgent(id=JONES, job_title="x"), requester)
    desk.call(UpdateAgent(id=BROWN, job_title="x"), requester)
    assert "chats--access:rw" in requester.scopes


def test_new_groups_and_places_count_at_once_and_running_chats_stay(desk):
    desk.only(MUELLER)
    desk.set_limit(MUELLER, 1)
    running, waiting = arrive(desk, group_ids=[3]), arrive(desk, "Ben", group_ids=[3])
    third = arrive(desk, "Cid", group_ids=[3])
    desk.set_status(JONES, "accepting_chats")
    desk.set_limit(JONES, 1)
    assert desk.chat(waiting).thread.queue
    desk.call(UpdateAgent(id=JONES, groups=[GroupMembership(id=3, priority="last")]))
    assert JONES in desk.present(waiting)
    desk.call(UpdateAgent(id=JONES, max_chats_count=2))
    assert JONES in desk.present(third)
    desk.call(UpdateAgent(id=MUELLER, groups=[]))
    assert MUELLER in desk.present(running)


def test_the_status_of_groups_follows(desk):
    desk.call(UpdateAgent(id=MUELLER, groups=[]))
    (push,) = desk.pushed("groups_status_updated")
    assert [(group.id, group.status) for group in push.groups] == [(3, "not_accepting_chats")]
    assert desk.names() == ["agent_updated", "groups_status_updated"]


def test_chats_of_a_deleted_agent_are_handed_over_before_it_is_said(desk):
    desk.only(JONES)
    chat_id = arrive(desk)
    desk.set_status(BROWN, "accepting_chats")
    desk.forget()
    desk.call(DeleteAgent(id="JONES@example.com"))
    assert desk.system_messages(chat_id)[-1] == "routing.assigned_deleted"
    assert BROWN in desk.present(chat_id)
    names = desk.names()
    assert names[-1] == "agent_deleted"
    assert desk.effects("agent_deleted")[0].webhook == "agent_deleted"
    assert "groups_status_updated" not in names
    response = call_web(desk, "list_chats", {}, token=AGENT_TOKEN)
    assert (response.status, b'"authentication"' in response.body) == (401, True)
    with pytest.raises(NotFound):
        desk.call(DeleteAgent(id=JONES))


def test_the_same_address_can_be_used_again(desk):
    desk.only(JONES)
    chat_id = arrive(desk)
    before = get(desk, JONES).account_id
    desk.call(DeleteAgent(id=JONES))
    create(desk, JONES)
    assert get(desk, JONES).account_id != before
    assert call_web(desk, "list_chats", {}, token=AGENT_TOKEN).status == 401
    assert JONES not in desk.present(chat_id)


def test_a_suspended_agent_can_only_ask_to_be_let_in_again(desk):
    desk.call(SuspendAgent(id=JONES))
    assert desk.names() == ["routing_status_set", "agent_suspended"]
    for method, api in (("list_chats", "agent"), ("list_groups", "configuration")):
        response = call_web(desk, method, {}, token=AGENT_TOKEN, api=api)
        assert (response.status, b'"authorization"' in response.body) == (403, True)
    with pytest.raises(RequesterSuspended):
        desk.identities.requester(f"Bearer {AGENT_TOKEN}")
    response = call_web(
        desk, "request_agent_unsuspension", {}, token=AGENT_TOKEN, api="configuration"
    )
    assert (response.status, response.body) == (200, b"{}")
    agent = desk.world.store.company.agents[JONES]
    assert agent.unsuspension_requested_at is not None
    with pytest.raises(AuthorizationError, match="not suspended"):
        desk.call(RequestAgentUnsuspension())
    desk.forget()
    desk.call(UnsuspendAgent(id=JONES))
    desk.call(UnsuspendAgent(id=JONES))
    assert desk.names() == ["agent_unsuspended"]
    assert agent.status == "offline"
    assert call_web(desk, "list_chats", {}, token=AGENT_TOKEN).status == 200


def test_who_is_suspended_or_not_approved_gets_no_chat(desk):
    desk.only(SMITH)
    chat_id = arrive(desk)
    desk.call(SuspendAgent(id=JONES))
    create(desk, awaiting_approval=True)
    for agent_id, state in ((JONES, "suspended"), (NEW, "not approved")):
        for action in (
            TransferChat(
                id=chat_id,
                target=Target(type="agent", ids=[agent_id]),
                ignore_agents_availability=True,
            ),
            AddUserToChat(
                chat_id=chat_id, user_id=agent_id, user_type="agent", visibility="agents"
            ),
            StartChat(chat=InitialChat(users=[InitialUser(id=agent_id, type="agent")])),
        ):
            with pytest.raises(ValidationError, match=state):
                desk.call(action)
        with pytest.raises(AgentOffline):
            desk.call(SetRoutingStatus(agent_id=agent_id, status="accepting_chats"))


def test_an_agent_who_waits_for_approval_may_work_once_approved(desk):
    create(desk, awaiting_approval=True)
    token = "dal:new"
    from frontdesk.sandbox.store.records import TokenRecord

    record = TokenRecord(id=token, kind="bearer", user_id=NEW, client_id="c", scopes=[])
    desk.unit(lambda world: world.store.company.save_token(record))
    with pytest.raises(RequesterAwaitingApproval):
        desk.identities.requester(f"Bearer {token}")
    for method in ("list_chats", "request_agent_unsuspension"):
        api = "agent" if method == "list_chats" else "configuration"
        response = call_web(desk, method, {}, token=token, api=api)
        assert (response.status, b'"authorization"' in response.body) == (403, True)
    desk.forget()
    desk.call(ApproveAgent(id=NEW))
    desk.call(ApproveAgent(id=NEW))
    desk.call(ApproveAgent(id=NOWAK))
    assert desk.names() == ["agent_approved"]
    assert desk.effects("agent_approved")[0].webhook == "agent_approved"
    assert desk.identities.requester(f"Bearer {token}").id == NEW


@pytest.mark.parametrize("action", [ApproveAgent, DeleteAgent, SuspendAgent, UnsuspendAgent])
@pytest.mark.parametrize("agent_id", [BOT_ID, "nobody@example.com"])
def test_agents_who_are_not_there(desk, action, agent_id):
    with pytest.raises(NotFound, match="`id`: there is no agent"):
        desk.call(action(id=agent_id))


def test_one_request_of_a_batch_may_fail(desk):
    reply = body(
        desk,
        "batch_delete_agents",
        {"requests": [{"id": JONES}, {"id": SMITH}, {"id": JONES}, {"id": MUELLER}]},
    )
    kinds = [item.get("error", {}).get("type") for item in reply["responses"]]
    assert kinds == [None, "authorization", "not_found", None]
    assert [push.id for push in desk.pushed("agent_deleted")] == [JONES, MUELLER]


@pytest.mark.parametrize(
    ("method", "requests", "kinds"),
    [
        (
            "batch_update_agents",
            [{"id": JONES, "role": "normal"}, {"id": JONES, "role": "administrator"}],
            [None, "authorization"],
        ),
        ("batch_delete_agents", [{"id": JONES}, {"id": MUELLER}], [None, "authentication"]),
        ("batch_suspend_agents", [{"id": JONES}, {"id": MUELLER}], [None, "authorization"]),
        ("batch_delete_agents", [{"id": BROWN}, {"id": MUELLER}], [None, None]),
    ],
)
def test_what_a_batch_does_to_the_caller_counts_for_its_further_requests(
    desk, method, requests, kinds
):
    token = with_role(desk, JONES, "administrator").token_id
    response = call_web(desk, method, {"requests": requests}, api="configuration", token=token)
    items = json.loads(response.body)["responses"]
    assert [item.get("error", {}).get("type") for item in items] == kinds
    if kinds[1] is not None and "role" not in requests[1]:
        assert not get(desk, MUELLER).suspended
    elif kinds[1] is not None:
        assert get(desk, JONES).role == "normal"


def test_who_is_suspended_and_not_approved_takes_no_seat_before_both_are_over(desk):
    create(desk, awaiting_approval=True)
    desk.call(SuspendAgent(id=NEW))
    desk.set_license("agents.base", 1, "limits")
    desk.call(UnsuspendAgent(id=NEW))
    desk.call(SuspendAgent(id=NEW))
    desk.call(ApproveAgent(id=NEW))
    with pytest.raises(LimitReached):
        desk.call(UnsuspendAgent(id=NEW))
    assert (get(desk).suspended, get(desk).awaiting_approval) == (True, False)


def test_what_a_suspended_agent_asked_for_is_settled_by_the_end_of_the_suspension(desk):
    desk.call(SuspendAgent(id=JONES))
    call_web(desk, "request_agent_unsuspension", {}, token=AGENT_TOKEN, api="configuration")
    desk.call(UnsuspendAgent(id=JONES))
    assert desk.world.store.company.agents[JONES].unsuspension_requested_at is None
