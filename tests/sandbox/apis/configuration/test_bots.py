"""Bots made, listed, changed and deleted through the Configuration API."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from frontdesk import AgentClient, ConfigurationClient
from frontdesk.errors import (
    APIError,
    AuthorizationError,
    GroupNotFound,
    LimitReached,
    NotFound,
    ValidationError,
)
from frontdesk.models import (
    GroupPriority,
    Message,
    WorkScheduler,
    WorkShift,
)
from frontdesk.pushes import BotCreated, BotDeleted, BotUpdated, GroupsStatusUpdated, Push
from frontdesk.sandbox import Sandbox
from frontdesk.sandbox.seeds.company import BOT_ID, CLIENT_ID
from frontdesk.sandbox.webhooks.webhook_calls import webhook_calls
from frontdesk.sandbox.world import Effect

from ._bots import only_bots_take_chats, token_of
from ._raw_calls import call, refusal

OTHER_CLIENT = "aa11bb22cc33dd44ee55ff6600778899"
OWN = ["agents-bot--my:rw"]
SCHEDULE = [{"day": "monday", "enabled": True, "start": "09:00", "end": "17:00"}]


@pytest.fixture
def configuration(sandbox: Sandbox) -> ConfigurationClient:
    return sandbox.configuration_client()


@pytest.fixture
def pat(sandbox: Sandbox) -> ConfigurationClient:
    return sandbox.configuration_client("pat")


@pytest.fixture
def of_own(sandbox: Sandbox) -> ConfigurationClient:
    """A client whose token reaches the bots of its client id."""
    token = sandbox.issue_token("smith@example.com", scopes=OWN)
    return sandbox.configuration_client(token)


def groups_of(configuration: ConfigurationClient, bot_id: str) -> dict[int, str]:
    groups = configuration.get_bot(id=bot_id).groups
    assert groups is not None
    return {group.id: group.priority for group in groups}


def pushed(sandbox: Sandbox, work: Callable[[], object], *types: type[Push]) -> list[Push]:
    """The pushes of these types that a logged-in agent gets from some work."""
    with sandbox.rtm_client() as rtm:
        pushes = rtm.pushes(*types, BotDeleted)
        work()
        # Something to wait for: pushes come in their order.
        configuration = sandbox.configuration_client()
        last = configuration.create_bot(name="last")
        configuration.delete_bot(id=last.id)
        received: list[Push] = []
        while True:
            push = pushes.get(10)
            if isinstance(push, BotDeleted) and push.id == last.id:
                return [
                    push
                    for push in received
                    if not (isinstance(push, BotCreated) and push.bot.id == last.id)
                ]
            received.append(push)


def test_without_groups_a_bot_is_where_its_default_priority_says(
    configuration: ConfigurationClient,
) -> None:
    plain = configuration.create_bot(name="plain")
    assert groups_of(configuration, plain.id) == {0: "normal"}
    everywhere = configuration.create_bot(name="everywhere", default_group_priority="first")
    assert groups_of(configuration, everywhere.id) == dict.fromkeys(range(4), "first")
    configuration.update_bot(id=everywhere.id, default_group_priority="last")
    assert groups_of(configuration, everywhere.id) == dict.fromkeys(range(4), "last")
    configuration.update_bot(id=everywhere.id, groups=[{"id": 2, "priority": "first"}])
    assert groups_of(configuration, everywhere.id) == {0: "last", 2: "first"}
    configuration.update_bot(id=everywhere.id, default_group_priority="normal")
    assert groups_of(configuration, everywhere.id) == {0: "normal", 2: "first"}
    named = configuration.create_bot(
        name="named", groups=[{"id": 3, "priority": "last"}, {"id": 0, "priority": "supervisor"}]
    )
    assert groups_of(configuration, named.id) == {0: "supervisor", 3: "last"}


def test_group_0_follows_the_default_priority_unless_it_was_named(
    configuration: ConfigurationClient,
) -> None:
    one = [{"id": 1, "priority": "first"}]
    at_once = configuration.create_bot(name="a", default_group_priority="last", groups=one)
    later = configuration.create_bot(name="b", groups=one)
    named = configuration.create_bot(name="c", groups=[*one, {"id": 0, "priority": "normal"}])
    for bot in (later, named):
        configuration.update_bot(id=bot.id, default_group_priority="last")
    followed = {0: "last", 1: "first"}
    assert groups_of(configuration, at_once.id) == followed
    assert groups_of(configuration, later.id) == followed
    assert groups_of(configuration, named.id) == {0: "normal", 1: "first"}
    configuration.update_bot(id=named.id, groups=one)
    configuration.update_bot(id=named.id, default_group_priority="first")
    assert groups_of(configuration, named.id) == {0: "first", 1: "first"}


def test_a_bot_is_shown_with_the_fields_that_are_asked_for(
    configuration: ConfigurationClient,
) -> None:
    bot = configuration.create_bot(
        name="Parcels",
        avatar="https://example.com/p.png",
        default_group_priority="last",
        job_title="Finds parcels",
        max_chats_count=7,
        type="ai_agent",
        groups=[{"id": 1, "priority": "first"}],
        work_scheduler={"timezone": "Europe/Warsaw", "schedule": SCHEDULE},
    )
    shown = configuration.get_bot(id=bot.id)
    assert (shown.id, shown.name, shown.avatar) == (bot.id, "Parcels", "https://example.com/p.png")
    assert (shown.default_group_priority, shown.owner_client_id) == ("last", CLIENT_ID)
    assert (shown.type, shown.max_chats_count) == ("ai_agent", 7)
    assert shown.groups == [
        GroupPriority(id=0, priority="last"),
        GroupPriority(id=1, priority="first"),
    ]
    assert (shown.job_title, shown.work_scheduler, shown.timezone) == (None, None, None)
    fields = ["job_title", "work_scheduler", "timezone"]
    whole = configuration.get_bot(id=bot.id, fields=fields)  # type: ignore[arg-type]
    assert (whole.job_title, whole.timezone) == ("Finds parcels", "Europe/Warsaw")
    assert whole.work_scheduler == WorkScheduler(
        timezone="Europe/Warsaw",
        schedule=[WorkShift(day="monday", enabled=True, start="09:00", end="17:00")],
    )
    (listed,) = [other for other in configuration.list_bots() if other.id == bot.id]
    assert (listed.name, listed.avatar) == ("Parcels", "https://example.com/p.png")
    assert (listed.groups, listed.max_chats_count) == (None, None)
    assert (listed.owner_client_id, listed.default_group_priority) == (None, None)
    (listed,) = [
        other
        for other in configuration.list_bots(fields=["groups", "max_chats_count"])
        if other.id == bot.id
    ]
    assert (listed.groups, listed.max_chats_count) == (shown.groups, 7)


def test_what_is_not_given_has_its_default(configuration: ConfigurationClient) -> None:
    bot = configuration.create_bot(name="Parcels")
    shown = configuration.get_bot(id=bot.id, fields=["job_title", "timezone"])
    assert (shown.max_chats_count, shown.type) == (6, "chatbot")
    assert (shown.default_group_priority, shown.avatar) == ("normal", None)
    assert (shown.job_title, shown.timezone) == ("", None)


def test_bots_belong_to_an_application_or_to_all_personal_access_tokens(
    sandbox: Sandbox, configuration: ConfigurationClient, pat: ConfigurationClient
) -> None:
    by_app = configuration.create_bot(name="by app").id
    for_another = configuration.create_bot(name="other", owner_client_id=OTHER_CLIENT).id
    by_pat = pat.create_bot(name="by PAT", owner_client_id=OTHER_CLIENT).id
    assert [bot.id for bot in configuration.list_bots()] == [BOT_ID, by_app]
    assert [bot.id for bot in pat.list_bots(all=False)] == [by_pat]
    everyone = [BOT_ID, by_app, for_another, by_pat]
    assert [bot.id for bot in configuration.list_bots(all=True)] == everyone
    assert [bot.id for bot in pat.list_bots(all=True)] == everyone
    token = sandbox.issue_token("smith@example.com", scopes=OWN)
    with pytest.raises(AuthorizationError, match="all:ro"):
        sandbox.configuration_client(token).list_bots(all=True)


def test_a_bot_made_with_a_personal_access_token_is_of_no_application(
    sandbox: Sandbox, pat: ConfigurationClient
) -> None:
    made = pat.create_bot(name="by PAT", owner_client_id=CLIENT_ID).id
    own = sandbox.configuration_client(
        sandbox.issue_token("smith@example.com", scopes=["agents-bot--my:rw"])
    )
    assert made not in [bot.id for bot in own.list_bots(all=False)]
    assert made in [bot.id for bot in pat.list_bots(all=False)]
    with pytest.raises(AuthorizationError, match=made):
        own.update_bot(id=made, name="x")


def test_a_new_bot_without_hours_is_pushed_with_an_empty_schedule(sandbox: Sandbox) -> None:
    effects: list[Effect] = []
    sandbox.backend.world.subscribe(effects.extend)
    call(sandbox, "create_bot", {"name": "Parcels"})
    (effect,) = [effect for effect in effects if effect.push == "bot_created"]
    bot = json.loads(effect.json)
    assert bot["work_scheduler"] == {"timezone": "", "schedule": []}


def test_a_personal_access_token_names_the_owner(pat: ConfigurationClient) -> None:
    for work in (
        lambda: pat.create_bot(name="Parcels"),
        lambda: pat.reset_bot_secret(id=BOT_ID),
    ):
        with pytest.raises(ValidationError, match="`owner_client_id`"):
            work()
    bot = pat.create_bot(name="Parcels", owner_client_id=OTHER_CLIENT)
    assert pat.get_bot(id=bot.id).owner_client_id == OTHER_CLIENT


def test_a_token_of_own_bots_reaches_no_other(
    configuration: ConfigurationClient, of_own: ConfigurationClient
) -> None:
    own = of_own.create_bot(name="own").id
    foreign = configuration.create_bot(name="foreign", owner_client_id=OTHER_CLIENT).id
    of_own.update_bot(id=own, name="mine")
    for work in (
        lambda: of_own.update_bot(id=foreign, name="mine"),
        lambda: of_own.delete_bot(id=foreign),
        lambda: of_own.get_bot(id=foreign),
        lambda: of_own.reset_bot_secret(id=foreign),
    ):
        with pytest.raises(AuthorizationError, match=foreign):
            work()
    of_own.delete_bot(id=own)
    assert configuration.get_bot(id=foreign).name == "foreign"
    configuration.update_bot(id=foreign, name="changed")
    configuration.delete_bot(id=foreign)


def test_an_unknown_bot_is_not_found(configuration: ConfigurationClient) -> None:
    # An agent is no bot.
    for bot_id in ("f" * 32, "jones@example.com"):
        for work in (
            lambda bot_id=bot_id: configuration.get_bot(id=bot_id),
            lambda bot_id=bot_id: configuration.update_bot(id=bot_id, name="x"),
            lambda bot_id=bot_id: configuration.delete_bot(id=bot_id),
            lambda bot_id=bot_id: configuration.reset_bot_secret(id=bot_id),
        ):
            with pytest.raises(NotFound, match=f"`id`.*{bot_id}"):
                work()


@pytest.mark.parametrize(
    ("arguments", "error", "field"),
    [
        ({"groups": [{"id": 1, "priority": "first"}, {"id": 99, "priority": "last"}]},
         GroupNotFound, "groups[1].id"),
        ({"groups": [{"id": 1, "priority": "first"}, {"id": 1, "priority": "last"}]},
         ValidationError, "groups[1].id"),
        ({"max_chats_count": 501}, ValidationError, "max_chats_count"),
        ({"max_chats_count": -1}, ValidationError, "max_chats_count"),
        ({"default_group_priority": "middle"}, ValidationError, "default_group_priority"),
        ({"work_scheduler": {"schedule": SCHEDULE}}, ValidationError, "work_scheduler.timezone"),
        ({"work_scheduler": {"timezone": "Europe/Atlantis", "schedule": SCHEDULE}},
         ValidationError, "work_scheduler.timezone"),
    ],
)  # fmt: skip
def test_what_does_not_fit_changes_nothing(
    sandbox: Sandbox, arguments: dict[str, Any], error: type[APIError], field: str
) -> None:
    configuration = sandbox.configuration_client()
    before = configuration.list_bots(all=True, fields=["groups", "max_chats_count"])
    for method, needed in (("create_bot", {"name": "x"}), ("update_bot", {"id": BOT_ID})):
        request = {**needed, "type": "other", **arguments}
        assert refusal(sandbox, method, request) == (error.error_type, field)
    after = configuration.list_bots(all=True, fields=["groups", "max_chats_count"])
    assert after == before


def test_the_license_limits_bots(sandbox: Sandbox, configuration: ConfigurationClient) -> None:
    agents = sandbox.backend.work(lambda world: len(world.store.company.agents))
    sandbox.set_properties({"limits": {"agents.base": agents + 1}})
    bot = configuration.create_bot(name="Parcels")
    with pytest.raises(LimitReached, match=str(agents + 1)):
        configuration.create_bot(name="one too many")
    configuration.delete_bot(id=bot.id)
    configuration.create_bot(name="there is room again")


def test_bots_of_every_group_enter_new_ones(configuration: ConfigurationClient) -> None:
    first, second, plain, named = (
        configuration.create_bot(name="x", **options).id
        for options in (
            {"default_group_priority": "first"},
            {"default_group_priority": "first"},
            {},
            {"default_group_priority": "first", "groups": [{"id": 1, "priority": "last"}]},
        )
    )
    new = configuration.create_group(name="new", agent_priorities={second: "last"}).id
    assert groups_of(configuration, first)[new] == "first"
    assert groups_of(configuration, second)[new] == "last"
    assert new not in groups_of(configuration, plain) | groups_of(configuration, named)
    group = configuration.get_group(id=new, fields=["agent_priorities"])
    assert group.agent_priorities == {first: "first", second: "last"}
    # What a group says of a bot outlasts another default priority.
    configuration.update_group(id=2, agent_priorities={second: "first"})
    configuration.update_bot(id=first, default_group_priority="normal")
    configuration.update_bot(id=second, default_group_priority="normal")
    everywhere = {0: "normal", 1: "normal", 2: "normal", 3: "normal"}
    assert groups_of(configuration, second) == {**everywhere, new: "last"}
    del everywhere[2]
    assert groups_of(configuration, first) == {**everywhere, new: "normal"}
    configuration.update_bot(id=plain, default_group_priority="last")
    assert groups_of(configuration, plain) == dict.fromkeys([0, 1, 2, 3, new], "last")


def test_each_change_is_pushed_once_with_what_changed(sandbox: Sandbox) -> None:
    configuration = sandbox.configuration_client()

    def work() -> None:
        bot = configuration.create_bot(name="Parcels")
        configuration.update_bot(id=bot.id)
        configuration.update_bot(id=bot.id, name="Parcels", max_chats_count=6)
        configuration.update_bot(id=bot.id, name="Parcels 2", job_title="Finds parcels")
        configuration.update_bot(id=bot.id, default_group_priority="last")
        configuration.reset_bot_secret(id=bot.id)
        configuration.delete_bot(id=bot.id)

    created, renamed, moved, deleted = pushed(sandbox, work, BotCreated, BotUpdated)
    assert isinstance(created, BotCreated)
    assert created.bot.groups == [GroupPriority(id=0, priority="normal")]
    assert (created.bot.type, created.bot.owner_client_id) == ("chatbot", CLIENT_ID)
    assert renamed == BotUpdated(id=created.bot.id, name="Parcels 2", job_title="Finds parcels",
                                 version="3.6")  # fmt: skip
    assert isinstance(moved, BotUpdated)
    assert moved.default_group_priority == "last"
    assert moved.groups == [GroupPriority(id=number, priority="last") for number in range(4)]
    assert isinstance(deleted, BotDeleted)
    assert deleted.id == created.bot.id


def test_a_new_bot_is_pushed_whole(sandbox: Sandbox) -> None:
    effects: list[Effect] = []
    sandbox.backend.world.subscribe(effects.extend)
    sandbox.configuration_client().create_bot(name="Parcels")
    (effect,) = [effect for effect in effects if effect.push == "bot_created"]
    assert set(json.loads(effect.json)) == {
        "avatar", "default_group_priority", "groups", "id", "job_title", "max_chats_count", "name",
        "owner_client_id", "type", "work_scheduler",
    }  # fmt: skip


def test_groups_hear_of_another_status(sandbox: Sandbox) -> None:
    configuration = sandbox.configuration_client()
    only_bots_take_chats(sandbox)
    bot = configuration.create_bot(name="Parcels", groups=[{"id": 1, "priority": "first"}])
    sandbox.client(token_of(sandbox, bot)).set_routing_status(status="accepting_chats")

    def work() -> None:
        # Logging in has made the owner accept chats.
        only_bots_take_chats(sandbox)
        configuration.update_bot(id=bot.id, groups=[{"id": 2, "priority": "first"}])

    updates = pushed(sandbox, work, GroupsStatusUpdated)
    statuses = {
        group.id: group.status
        for update in updates
        if isinstance(update, GroupsStatusUpdated)
        for group in update.groups
    }
    # The owner, who is logged in, has access to group 2 without being in it.
    assert statuses == {1: "not_accepting_chats", 2: "accepting_chats"}
    assert len(updates) == 1


def test_the_status_of_each_group_is_pushed_to_who_has_access_to_it(sandbox: Sandbox) -> None:
    configuration = sandbox.configuration_client()
    only_bots_take_chats(sandbox)
    bot = configuration.create_bot(name="Parcels", groups=[{"id": 1, "priority": "first"}])
    sandbox.client(token_of(sandbox, bot)).set_routing_status(status="accepting_chats")
    effects: list[Effect] = []
    sandbox.backend.world.subscribe(effects.extend)
    configuration.update_bot(id=bot.id, groups=[{"id": 2, "priority": "first"}])
    updates = [effect for effect in effects if effect.push == "groups_status_updated"]
    agents = sandbox.backend.world.store.company.agents
    reached = {
        agent_id: [(group.id, group.status) for group in effect.payload.groups]
        for effect in updates
        for agent_id in effect.recipients.agent_ids
    }
    both = [(1, "not_accepting_chats"), (2, "accepting_chats")]
    expected = {
        agent.id: [group for group in both if agent.role != "normal" or group[0] in agent.groups]
        for agent in agents.values()
    }
    assert reached == {agent_id: groups for agent_id, groups in expected.items() if groups}
    assert sum(len(effect.recipients.agent_ids) for effect in updates) == len(reached)


def test_agents_without_the_scope_hear_nothing_of_bots(sandbox: Sandbox) -> None:
    with sandbox.rtm_client("few_scopes") as few, sandbox.rtm_client() as all_of_them:
        seen = few.pushes()
        pushes = all_of_them.pushes(BotDeleted)
        configuration = sandbox.configuration_client()
        configuration.delete_bot(id=configuration.create_bot(name="Parcels").id)
        assert isinstance(pushes.get(10), BotDeleted)
        configuration.create_tag(name="last")
        while (push := seen.get(10)).spec.name != "tag_created":
            assert push.spec.family != "bots"


def test_bots_of_older_versions_have_no_type(
    sandbox: Sandbox, configuration: ConfigurationClient
) -> None:
    request = {"name": "x", "type": "other", "avatar": "a.png"}
    bot_id = call(sandbox, "create_bot", request, version="3.5")["id"]
    assert configuration.get_bot(id=bot_id).type == "chatbot"
    older, newer = (
        call(sandbox, "get_bot", {"id": bot_id}, version=version) for version in ("3.5", "3.6")
    )
    assert older["avatar"] == newer["avatar_path"] == "a.png"
    assert newer["type"] == "chatbot"
    assert not {"type", "avatar_path"} & set(older)
    assert "avatar" not in newer


@pytest.mark.parametrize("seed", ["demo", "empty"])
def test_a_batch_makes_and_deletes_bots(seed: str) -> None:
    with Sandbox(seed) as sandbox:
        configuration = sandbox.configuration_client()
        before = len(configuration.list_bots(all=True))
        made = configuration.batch_create_bots(
            requests=[
                {"name": "Parcels"},
                {"name": "x", "groups": [{"id": 99, "priority": "last"}]},
            ]
        ).responses
        assert made[0].error is None
        assert made[0].id is not None
        assert made[1].error is not None
        assert (made[1].error.type, made[1].id) == ("group_not_found", None)
        configuration.batch_delete_bots(requests=[{"id": made[0].id}])
        assert len(configuration.list_bots(all=True)) == before


def webhooks_of(sandbox: Sandbox, *actions: str) -> list[dict[str, Any]]:
    """Register webhooks of both types for the client id; returns where those sent are noted."""
    sent: list[dict[str, Any]] = []
    configuration = sandbox.configuration_client()
    for action in actions:
        for kind in ("bot", "license"):
            configuration.register_webhook(
                action=action,
                url=f"http://127.0.0.1:9/{kind}",
                secret_key="key",
                owner_client_id=CLIENT_ID,
                type=kind,
            )

    def note(effects: list[Effect]) -> None:
        for effect in effects:
            for webhook in webhook_calls(sandbox.backend.world, effect):
                kind = webhook.url.rpartition("/")[2]
                sent.append({"type": kind, **json.loads(webhook.body)})

    sandbox.backend.world.subscribe(note)
    return sent


def test_webhooks_of_bots_are_sent_while_a_bot_is_not_offline(
    sandbox: Sandbox, configuration: ConfigurationClient, agent_client: AgentClient
) -> None:
    configuration.delete_bot(id=BOT_ID)
    first, second = (configuration.create_bot(name=name) for name in ("Parcels", "Returns"))
    sent = webhooks_of(sandbox, "incoming_chat")

    def types() -> list[str]:
        sent.clear()
        sandbox.customer(str(sandbox.advance(1))).start_chat(Message("Hi"), continuous=True)
        return sorted(call["type"] for call in sent)

    assert types() == ["license"]
    agent_client.set_routing_status(status="not_accepting_chats", agent_id=first.id)
    agent_client.set_routing_status(status="accepting_chats", agent_id=second.id)
    # As many as there are registrations, not as there are bots.
    assert types() == ["bot", "license"]
    configuration.delete_bot(id=second.id)
    assert types() == ["bot", "license"]
    agent_client.set_routing_status(status="offline", agent_id=first.id)
    assert types() == ["license"]


def test_webhooks_say_what_became_of_a_bot_and_who_did_it(
    sandbox: Sandbox, configuration: ConfigurationClient
) -> None:
    sent = webhooks_of(sandbox, "bot_created", "bot_updated", "bot_deleted")
    bot = configuration.create_bot(name="Parcels")
    configuration.update_bot(id=bot.id, max_chats_count=9)
    configuration.update_bot(id=bot.id, max_chats_count=9)
    configuration.delete_bot(id=bot.id)
    of_license = [call for call in sent if call["type"] == "license"]
    assert [call["action"] for call in of_license] == ["bot_created", "bot_updated", "bot_deleted"]
    created, updated, deleted = (call["payload"] for call in of_license)
    assert created["max_chats_count"] == 6
    assert updated == {"id": bot.id, "max_chats_count": 9}
    assert deleted == {"id": bot.id}
    assert {call["requester"]["user_id"] for call in of_license} == {"smith@example.com"}
    assert bot.secret not in json.dumps(sent)


def test_older_versions_hear_nothing_of_types(sandbox: Sandbox) -> None:
    configuration = sandbox.configuration_client()
    with sandbox.rtm_client(version="3.5") as rtm:
        pushes = rtm.pushes(BotCreated, BotUpdated)
        bot = configuration.create_bot(name="Parcels")
        configuration.update_bot(id=bot.id, type="other")
        configuration.update_bot(id=bot.id, type="another", name="Returns")
        created, updated = pushes.get(10), pushes.get(10)
    assert isinstance(created, BotCreated)
    assert created.bot.type is None
    assert updated == BotUpdated(id=bot.id, name="Returns", version="3.5")
