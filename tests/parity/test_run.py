"""Stories on a service that plays the real one: cost, care, and the ways in which it can end."""

from datetime import date

import pytest

from frontdesk import errors
from frontdesk.actions import (
    AddUserToChat,
    DeactivateChat,
    GetChat,
    RemoveUserFromChat,
    ResumeChat,
    SendEvent,
    StartChat,
    TransferChat,
)
from frontdesk.actions import customer as of_customers
from frontdesk.core.retry import Meter
from frontdesk.models import InitialChat, Message
from frontdesk.parity import NO_HOST, STORIES, Side, plan_of, run_stories, update_verified
from frontdesk.parity.report import rules_of
from frontdesk.parity.stories import Desk, NotOwn, Story
from frontdesk.parity.stories.chats import CHAT_STORIES
from frontdesk.sandbox import Sandbox
from frontdesk.sandbox.describe.fidelity import fidelity_markdown
from frontdesk.sandbox.describe.verified import Verdict, all_rules, read_verdicts
from frontdesk.sandbox.serve.embedded import DirectTransport


def side(sandbox, **options):
    transport = lambda: DirectTransport(sandbox.backend, sandbox.url)  # noqa: E731
    return Side(sandbox.url, sandbox.tokens["owner"], transport=transport, **options)


def active(sandbox):
    page = sandbox.client().list_chats(limit=100)
    return [chat.id for chat in page.chats_summary if chat.last_thread_summary.active]


def story_of(run):
    return Story(name="mine", title="", run=run, calls=9, methods=("start_chat",))


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_a_story_costs_what_it_says_and_leaves_nothing_open(sandbox, control, story):
    before = active(sandbox)
    service = side(sandbox, meter=Meter())
    report = run_stories(plan_of(STORIES, [story.name], ["web"]), service, side(control))
    assert report.equal, report.differences
    assert report.requests == service.meter.requests == story.calls
    assert active(sandbox) == before
    (result,) = report.results
    # What is left of a chat is closed when its story is over.
    assert {*result.methods, "deactivate_chat"} >= set(story.methods) >= set(result.methods)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_a_licence_with_one_agent_differs_in_nothing(control, story):
    with Sandbox("empty", webhook_hosts=[NO_HOST]) as licence:
        report = run_stories(plan_of(STORIES, [story.name], ["web"]), side(licence), side(control))
        assert report.equal, report.differences


def test_a_plan_names_each_scope_once():
    assert plan_of(STORIES, ["config-groups", "config-reading", "lists"]).scopes == (
        "chats--all:rw or chats--access:rw",
        "chats--all:ro or chats--access:ro",
        "groups--all:rw",
        "agents--all:ro",
        "properties.license.value--all:ro",
        "agents-bot--all:ro",
    )


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_a_story_makes_what_it_says(sandbox, control, story):
    run_stories(plan_of(STORIES, [story.name], ["web"]), side(sandbox), side(control))
    making = ("start_chat", "create_", "register_")
    calls = [call for call in sandbox.calls() if call.action.startswith(making) and not call.error]
    assert sorted(call.action.rpartition("_")[2] for call in calls) == sorted(story.makes)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_a_story_covers_rules_that_exist(story):
    assert {rule_id for _, rule_id in rules_of(story)} <= set(all_rules())


def test_a_budget_that_is_too_small_is_refused_before_anything_is_sent(sandbox, control):
    with pytest.raises(errors.InvalidArgument, match="must be at least"):
        run_stories(plan_of(STORIES), side(sandbox, meter=Meter(20)), side(control))
    assert sandbox.calls() == []


def test_a_plan_over_rtm_leaves_out_what_has_web_alone():
    plan = plan_of(STORIES, (), ["rtm"])
    assert [story.name for story in plan.stories] == [story.name for story in CHAT_STORIES]
    assert plan.makes == {"chat": len(CHAT_STORIES)}
    alone = plan_of(STORIES, ["config-tags"])
    assert (alone.via, alone.calls, alone.makes) == (("web",), 23, {"group": 1, "tag": 2})
    with pytest.raises(errors.InvalidArgument, match="`via` must be `web` for config-tags"):
        plan_of(STORIES, ["chat", "config-tags"], ["rtm"])


@pytest.mark.parametrize(
    "action",
    [
        lambda chat: GetChat(chat_id=chat),
        lambda chat: DeactivateChat(id=chat),
        lambda chat: SendEvent(chat_id=chat, event=Message(text="x")),
        lambda chat: ResumeChat(chat=InitialChat(id=chat)),
    ],
)
def test_a_story_cannot_touch_the_chats_of_others(sandbox, customer, action):
    customer.say("hello")
    desk = Desk(sandbox.client())
    count = len(sandbox.calls())
    for call in (desk, desk.refused):
        with pytest.raises(NotOwn, match="not the story's own"):
            call(action(customer.chat_id))
    assert len(sandbox.calls()) == count


@pytest.mark.parametrize(
    "action",
    [
        lambda own: AddUserToChat(
            chat_id=own, user_id="jones@example.com", user_type="agent", visibility="agents"
        ),
        lambda own: RemoveUserFromChat(chat_id=own, user_id="jones@example.com", user_type="agent"),
        lambda own: TransferChat(id=own),
        lambda own: TransferChat(id=own, target={"type": "group", "ids": [1]}),
        lambda own: TransferChat(id=own, target={"type": "agent", "ids": ["jones@example.com"]}),
        lambda _: StartChat(chat={"users": [{"id": "jones@example.com", "type": "agent"}]}),
        lambda _: StartChat(chat={"access": {"group_ids": [1]}}),
        lambda own: ResumeChat(chat={"id": own, "access": {"group_ids": [1]}}),
        lambda _: of_customers.StartChat(),
        lambda own: of_customers.DeactivateChat(id=own),
    ],
)
def test_a_story_brings_nobody_into_its_chats(sandbox, action):
    desk = Desk(sandbox.client())
    own = desk.start("one").chat_id
    count = len(sandbox.calls())
    with pytest.raises(NotOwn):
        desk(action(own))
    assert len(sandbox.calls()) == count


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, errors.ConnectionClosed("x")])
def test_what_was_started_is_closed_when_a_story_is_interrupted(sandbox, control, error):
    before = active(sandbox)
    calls = []

    def interrupted(desk):
        desk.start("one")
        calls.append(desk)
        if len(calls) == 2:  # on the service
            raise error

    plan = plan_of([story_of(interrupted)], (), ["web"])
    with pytest.raises(error if isinstance(error, type) else type(error)):
        run_stories(plan, side(sandbox), side(control))
    assert len(calls) == 2
    assert active(sandbox) == before


def test_chats_that_cannot_be_closed_are_named(sandbox, control):
    left = []
    sandbox.fault("internal", "deactivate_chat")
    plan = plan_of([story_of(lambda desk: desk.start("one"))], (), ["web"])
    run_stories(plan, side(sandbox), side(control), on_left=left.extend)
    assert left == [f"the chat {active(sandbox)[0]}"]


def test_an_interrupted_start_is_named(sandbox, control):
    left = []
    sandbox.fault("reset_after", "start_chat")
    plan = plan_of([story_of(lambda desk: desk.start("one"))], (), ["web"])
    with pytest.raises(errors.ConnectionClosed):
        run_stories(plan, side(sandbox), side(control), on_left=left.extend)
    assert left == ["a chat whose start was interrupted"]


def test_a_token_without_scopes_skips_the_story(sandbox, control):
    service = Side(
        sandbox.url,
        sandbox.tokens["few_scopes"],
        transport=lambda: DirectTransport(sandbox.backend, sandbox.url),
    )
    report = run_stories(plan_of(STORIES, ["chat"], ["web"]), service, side(control))
    assert "start_chat needs" in report.results[0].skipped
    assert not report.equal
    assert report.verdicts(date(2026, 11, 27)) == {}


def test_a_rate_limit_is_no_difference(sandbox, control):
    sandbox.limit(1, method="list_threads")
    report = run_stories(plan_of(STORIES, ["resuming"], ["web"]), side(sandbox), side(control))
    assert report.differences == []
    assert "rate limit" in report.results[0].skipped


def test_a_wrong_token_ends_the_run(sandbox, control):
    transport = lambda: DirectTransport(sandbox.backend, sandbox.url)  # noqa: E731
    service = Side(sandbox.url, "Bearer dal:nobody", transport=transport)
    with pytest.raises(errors.AuthenticationError):
        run_stories(plan_of(STORIES, (), ["web"]), service, side(control))
    assert len(sandbox.calls()) == 1


def test_verdicts_become_part_of_the_page_of_rules(sandbox, control, tmp_path):
    day = date(2026, 11, 27)
    report = run_stories(plan_of(STORIES, ["closing"], ["web"]), side(sandbox), side(control))
    verdicts = report.verdicts(day)
    assert {verdict.state for verdict in verdicts.values()} == {"verified"}
    sandbox.fault("internal", "send_event")
    worse = run_stories(plan_of(STORIES, ["closing"], ["web"]), side(sandbox), side(control))
    changed = worse.verdicts(day)
    assert sorted(verdict.state for verdict in changed.values()) == [
        "differs",
        "verified",
        "verified",
    ]
    file = tmp_path / "verified.json"
    assert update_verified(file, verdicts) == 3
    assert update_verified(file, changed) == 3
    page = fidelity_markdown(read_verdicts(file))
    assert "2 rules of the sandbox were verified with LiveChat itself, and 1 differ" in page
    assert "**verified** on 2026-11-27" in page
    assert "**differs** (seen on 2026-11-27): send_event: status (service: 500" in page
    assert "**verified** on" not in fidelity_markdown({})
    assert "Nothing in the sandbox was compared" in fidelity_markdown({})


def test_a_verdict_of_a_rule_that_is_gone_counts_no_more():
    verdicts = {"get_chat-00000000": Verdict(state="verified", on=date(2026, 11, 27))}
    assert fidelity_markdown(verdicts) == fidelity_markdown({})


def test_a_damaged_file_of_verdicts_is_refused(tmp_path):
    file = tmp_path / "verified.json"
    file.write_text("[]")
    with pytest.raises(errors.InvalidArgument, match="no file of verdicts"):
        update_verified(file, {})
    assert file.read_text() == "[]"


def test_every_rule_has_an_id_of_its_own():
    from frontdesk.sandbox.apis import HANDLERS
    from frontdesk.sandbox.describe.general_rules import GENERAL_RULES

    count = sum(len(handler.rules) for handler in HANDLERS.values())
    assert len(all_rules()) == count + sum(map(len, GENERAL_RULES.values()))
