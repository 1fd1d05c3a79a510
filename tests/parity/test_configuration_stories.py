"""The guard of the stories of the Configuration API, and how they end when something goes wrong."""

import pytest
from msgspec.structs import replace

from frontdesk import errors
from frontdesk.actions import (
    CONFIGURATION_ACTIONS,
    CreateBot,
    CreateGroup,
    CreateTag,
    DeleteAgent,
    DeleteBot,
    DeleteGroup,
    DeleteGroupProperties,
    DeleteLicenseProperties,
    DeleteTag,
    GetAgent,
    GetBot,
    GetCompanyDetails,
    GetGroup,
    ListGroupsProperties,
    RegisterProperty,
    RegisterWebhook,
    SetRoutingStatus,
    UnregisterProperty,
    UnregisterWebhook,
    UpdateAgent,
    UpdateBot,
    UpdateGroup,
    UpdateGroupProperties,
    UpdateLicenseProperties,
    UpdateTag,
)
from frontdesk.core.retry import Meter
from frontdesk.models import GroupMembership
from frontdesk.parity import NO_HOST, STORIES, Side, plan_of, run_stories
from frontdesk.parity.stories import Desk, NotOwn, Story
from frontdesk.parity.stories.configuration import CONFIGURATION_STORIES
from frontdesk.parity.stories.things import NO_URL, READING
from frontdesk.sandbox import Sandbox
from frontdesk.sandbox.seeds.company import BOT_ID, CLIENT_ID
from frontdesk.sandbox.serve.embedded import DirectTransport
from frontdesk.spec.scopes import covers
from frontdesk.transport import Reply

RUN = "5afe5afe"
MINE = f"frontdesk parity x {RUN}"
OF_AGENTS = {"license": {"agent": ["read"]}}


def side(sandbox, token=None, change=lambda transport: transport, **options):
    return Side(
        sandbox.url,
        token or sandbox.tokens["owner"],
        transport=lambda: change(DirectTransport(sandbox.backend, sandbox.url)),
        **options,
    )


def settings(sandbox):
    """All that stories could leave behind, or change."""
    with sandbox.client().configuration() as client:
        return (
            client.list_groups(fields=["agent_priorities"]),
            client.list_tags(),
            client.list_bots(all=True, fields=["groups", "job_title"]),
            client.list_agents(fields=["groups"]),
            client.list_properties(owner_client_id=CLIENT_ID),
            client.list_webhooks(owner_client_id=CLIENT_ID),
            client.list_groups_properties(group_ids=[]),
            client.list_license_properties(),
        )


class Changed:
    """A service that responds to one call of a method in another way."""

    def __init__(self, transport, method, status, body, call=1):
        self._transport, self._method, self._left = transport, method, call
        self._reply = Reply(status, {"content-type": "application/json"}, body)

    def send(self, request):
        reply = self._transport.send(request)
        if not request.url.endswith(f"/{self._method}"):
            return reply
        self._left -= 1
        return reply if self._left else self._reply

    def close(self):
        self._transport.close()


@pytest.mark.parametrize(
    "action",
    [
        GetGroup(id=0),
        UpdateGroup(id=1, name=MINE),
        DeleteGroup(id=1),
        CreateGroup(name="Sales", agent_priorities={}),
        CreateGroup(name=MINE, agent_priorities={"smith@example.com": "first"}),
        CreateGroup(name="frontdesk parity x", agent_priorities={}),
        CreateTag(name="support 2"),
        CreateTag(name=MINE, group_ids=[0]),
        UpdateTag(name="support", group_ids=[]),
        UpdateTag(name=MINE, group_ids=[0]),
        DeleteTag(name="support"),
        DeleteTag(name=f"support {RUN}"),
        CreateBot(name=MINE),
        CreateBot(name=MINE, max_chats_count=1),
        CreateBot(name=MINE, max_chats_count=0, default_group_priority="last"),
        CreateBot(name=MINE, max_chats_count=0, groups=[GroupMembership(id=1, priority="last")]),
        CreateBot(name="Bot", max_chats_count=0),
        GetBot(id=BOT_ID),
        UpdateBot(id=BOT_ID, name=MINE),
        DeleteBot(id=BOT_ID),
        GetAgent(id="smith@example.com"),
        UpdateAgent(id="smith@example.com", job_title="x"),
        DeleteAgent(id="jones@example.com"),
        RegisterProperty(
            name=f"frontdesk_parity_x_{RUN}", owner_client_id="c" * 32, type="int", access=OF_AGENTS
        ),
        UnregisterProperty(name="string_property", owner_client_id=CLIENT_ID),
        UpdateGroupProperties(group_id=0, properties={CLIENT_ID: {"x": 1}}),
        DeleteGroupProperties(id=1, properties={"chats": ["queue.enabled"]}),
        UpdateLicenseProperties(properties={"chats": {"queue.enabled": True}}),
        DeleteLicenseProperties(properties={"chats": ["queue.enabled"]}),
        RegisterWebhook(
            action="incoming_chat",
            url="https://example.com",
            secret_key="x",
            owner_client_id=CLIENT_ID,
            type="license",
            description=MINE,
        ),
        UnregisterWebhook(id="w" * 32, owner_client_id=CLIENT_ID),
        ListGroupsProperties(group_ids=[]),
        ListGroupsProperties(group_ids=[0]),
        GetCompanyDetails(),
        SetRoutingStatus(status="offline"),
    ],
    ids=lambda action: action.spec.name,
)
def test_a_story_cannot_touch_what_it_has_not_made(sandbox, action):
    desk = Desk(sandbox.client(), RUN)
    for call in (desk, desk.refused):
        with pytest.raises(NotOwn, match=action.spec.name):
            call(action)
    assert sandbox.calls() == []


def test_only_reading_methods_need_no_thing_of_the_story():
    assert all(action.spec.reads for action in READING)


def test_values_of_the_own_property_are_set_in_the_own_group_alone(sandbox):
    desk = Desk(sandbox.client(), RUN)
    owner, name = desk.client_id(), desk.property_name("x")
    group_id = desk(CreateGroup(name=desk.name("x"), agent_priorities={})).id
    desk(
        RegisterProperty(
            name=name,
            owner_client_id=owner,
            type="int",
            access={"group": {"agent": ["read", "write"]}},
        )
    )
    for refused in (
        UpdateGroupProperties(group_id=0, properties={owner: {name: 1}}),
        UpdateGroupProperties(group_id=group_id, properties={"chats": {name: 1}}),
        UpdateGroupProperties(group_id=group_id, properties={owner: {"int_property": 1}}),
    ):
        with pytest.raises(NotOwn):
            desk(refused)
    desk(UpdateGroupProperties(group_id=group_id, properties={owner: {name: 1}}))
    desk.close()
    assert desk.left == []


@pytest.mark.parametrize("story", CONFIGURATION_STORIES, ids=lambda story: story.name)
@pytest.mark.parametrize("seed", ["empty", "demo"])
def test_a_licence_is_as_before_and_differs_in_nothing(control, seed, story):
    with Sandbox(seed, random_seed=5, webhook_hosts=[NO_HOST]) as licence:
        before = settings(licence)
        report = run_stories(plan_of(STORIES, [story.name]), side(licence), side(control))
        assert report.differences == report.problems == report.skipped == []
        assert settings(licence) == before


def make_all(desk):
    owner = desk.client_id()
    group_id = desk(CreateGroup(name=desk.name("a"), agent_priorities={})).id
    bot = CreateBot(
        name=desk.name("b"),
        max_chats_count=0,
        groups=[GroupMembership(id=group_id, priority="last")],
    )
    desk(bot)
    desk(CreateTag(name=desk.name("c"), group_ids=[group_id]))
    name = desk.property_name("d")
    desk(RegisterProperty(name=name, owner_client_id=owner, type="int", access=OF_AGENTS))
    desk(
        RegisterWebhook(
            action="thread_untagged",
            url=NO_URL,
            secret_key="x",
            owner_client_id=owner,
            type="bot",
            description=desk.name("e"),
        )
    )


def story_of(run):
    return Story(name="mine", title="", run=run, calls=20, methods=("create_group",))


@pytest.mark.parametrize("error", [KeyboardInterrupt, errors.ConnectionClosed("x"), ValueError])
def test_all_that_was_made_is_taken_away_when_a_story_is_interrupted(sandbox, control, error):
    before = settings(sandbox)
    calls = []

    def interrupted(desk):
        make_all(desk)
        calls.append(desk)
        if len(calls) == 2:  # on the service
            assert settings(sandbox) != before
            raise error

    left = []
    plan = plan_of([story_of(interrupted)])
    with pytest.raises(error if isinstance(error, type) else type(error)):
        run_stories(plan, side(sandbox), side(control), on_left=left.extend)
    assert (len(calls), left) == (2, [])
    assert settings(sandbox) == before


def test_what_cannot_be_taken_away_is_named(sandbox, control):
    left = []
    for method in ("delete_group", "delete_tag", "unregister_property"):
        sandbox.fault("internal", method)
    run_stories(plan_of([story_of(make_all)]), side(sandbox), side(control), on_left=left.extend)
    sandbox.clear_faults()
    groups, tags, *_ = settings(sandbox)
    assert groups[-1].name.startswith("frontdesk parity a ")
    assert left[0] == f"the group {groups[-1].id}"
    assert left[1] == f"the tag `{tags[0].name}`"
    assert left[2].startswith("the property `frontdesk_parity_d_")
    assert len(left) == 3


def test_what_has_a_name_is_taken_away_even_if_no_response_said_that_it_is_there(sandbox, control):
    before, left = settings(sandbox), []
    sandbox.fault("reset_after", "create_tag")
    plan = plan_of(STORIES, ["config-tags"])
    with pytest.raises(errors.ConnectionClosed):
        run_stories(plan, side(sandbox), side(control), on_left=left.extend)
    assert left == []
    assert settings(sandbox) == before


@pytest.mark.parametrize(("method", "noun"), [("create_group", "group"), ("create_bot", "bot")])
def test_what_may_have_been_made_without_an_id_is_named(sandbox, control, method, noun):
    left = []
    sandbox.fault("reset_after", method)
    with pytest.raises(errors.ConnectionClosed):
        run_stories(
            plan_of(STORIES, ["config-bots"]), side(sandbox), side(control), on_left=left.extend
        )
    (named,) = left
    assert named.startswith(f"a {noun} `frontdesk parity {noun} ")
    assert named.endswith("`, if it was made")


def test_what_the_service_makes_against_expectation_is_taken_away_within_the_plan(sandbox, control):
    before = settings(sandbox)

    class WithoutCase:
        """A service to which a tag in capitals is another one."""

        def __init__(self, transport):
            self.transport = transport

        def send(self, request):
            body = request.body.replace(b"FRONTDESK PARITY TAG", b"FRONTDESK PARITY OTHER")
            return self.transport.send(replace(request, body=body))

        def close(self):
            self.transport.close()

    plan = plan_of(STORIES, ["config-tags"])
    service = side(sandbox, change=WithoutCase, meter=Meter(plan.calls))
    left = []
    report = run_stories(plan, service, side(control), on_left=left.extend)
    found = {(one.method, one.service) for one in report.differences}
    assert ("create_tag", "done") in found
    assert left == []
    assert settings(sandbox) == before
    assert report.requests <= plan.calls


def scopes_of(story):
    return sorted(name for text in story.needs for name in text.split())


@pytest.mark.parametrize(
    ("story", "scope"),
    [(story, scope) for story in CONFIGURATION_STORIES for scope in scopes_of(story)],
    ids=lambda value: value if isinstance(value, str) else value.name,
)
def test_a_story_says_which_scopes_it_needs(sandbox, control, story, scope):
    owner = "smith@example.com"
    plan = plan_of(STORIES, [story.name])
    enough = sandbox.issue_token(owner, scopes=story.needs)
    assert run_stories(plan, side(sandbox, enough), side(control)).equal
    others = [other for other in story.needs if other != scope]
    token = sandbox.issue_token(owner, scopes=others)
    before = settings(sandbox)
    report = run_stories(plan, side(sandbox, token), side(control))
    assert report.differences == report.problems == []
    (skipped,) = report.skipped
    assert any(name in skipped.skipped for name in covers(scope))
    assert settings(sandbox) == before


def test_a_token_for_own_groups_alone_skips_the_story(sandbox, control):
    token = sandbox.issue_token("smith@example.com", scopes=["groups--all:rw", "tags--groups:rw"])
    report = run_stories(plan_of(STORIES, ["config-tags"]), side(sandbox, token), side(control))
    assert report.differences == []
    assert "create_tag needs tags--all:rw" in report.skipped[0].skipped


def test_a_plan_without_room_is_no_difference(sandbox, control):
    body = b'{"error":{"type":"limit_reached","message":"m"}}'
    full = lambda transport: Changed(transport, "create_group", 400, body)  # noqa: E731
    service = side(sandbox, change=full)
    report = run_stories(plan_of(STORIES, ["config-groups"]), service, side(control))
    assert report.differences == []
    assert report.skipped[0].skipped == "create_group: the plan has no room for another"


def test_stories_that_need_a_client_id_are_skipped_with_a_personal_access_token(sandbox, control):
    service = side(sandbox, sandbox.tokens["pat"])
    report = run_stories(plan_of(CONFIGURATION_STORIES), service, side(control))
    skipped = {one.story: one.skipped for one in report.skipped}
    assert set(skipped) == {"config-bots", "config-properties", "config-webhooks"}
    assert "give a bearer token" in skipped["config-bots"]
    assert report.differences == report.problems == []


def test_every_method_of_a_story_is_declared():
    for story in CONFIGURATION_STORIES:
        assert story.via == ("web",)
        assert any(method in CONFIGURATION_ACTIONS for method in story.methods)


def with_a_bot_in_every_group(licence):
    client = licence.client()
    bot = client.configuration().create_bot(name="Everywhere", default_group_priority="first")
    client.set_routing_status(agent_id=bot.id, status="accepting_chats")


def with_what_a_run_has_left(licence):
    client = licence.client().configuration()
    client.create_tag(name="frontdesk parity tag 00000000")
    client.create_group(name="frontdesk parity group 00000000", agent_priorities={})
    client.create_bot(name="frontdesk parity bot 00000000")


def with_another_status(licence):
    licence.client().set_routing_status(status="not_accepting_chats")


@pytest.mark.parametrize(
    "prepare", [with_a_bot_in_every_group, with_what_a_run_has_left, with_another_status]
)
def test_a_licence_may_be_set_up_otherwise(control, prepare):
    with Sandbox("empty", webhook_hosts=[NO_HOST]) as licence:
        prepare(licence)
        before = settings(licence)
        report = run_stories(plan_of(STORIES, (), ["web"]), side(licence), side(control))
        assert report.equal, report.differences
        assert settings(licence) == before
