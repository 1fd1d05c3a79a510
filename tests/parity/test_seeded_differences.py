"""Differences between the service and the sandbox: each is found, and no other."""

import pytest

from frontdesk.parity import NO_HOST, STORIES, Side, plan_of, run_stories
from frontdesk.parity.stories.configuration import CONFIGURATION_STORIES
from frontdesk.sandbox import Sandbox
from frontdesk.sandbox.serve.embedded import DirectTransport

from ._seeds import Mutated, MutatedFrames, at, drop, longer, put, reverse, shorter

ERROR = {"error": {"type": "internal", "message": "m"}}
WEB = [
    # A story, a method, what the service says otherwise, and how that is called.
    ("chat", "start_chat", at("thread_id", drop), "missing field", "missing"),
    ("chat", "get_chat", at("thread.created_at", drop), "extra field", "thread.created_at"),
    ("chat", "get_chat", at("thread.events.0.author_id", drop), "extra field", "author_id"),
    ("chat", "get_chat", at("users.0.email", drop), "extra field", "users[].email"),
    ("chat", "get_chat", at("access", drop), "extra field", "access"),
    ("chat", "get_chat", at("is_followed", drop), "extra field", "is_followed"),
    ("chat", "get_chat", at("queue", put({"position": 1})), "missing field", "queue"),
    ("chat", "get_chat", at("thread.summary", put("a text")), "missing field", "thread.summary"),
    ("chat", "get_chat", at("thread.brand_new", put(1)), "missing field", "thread.brand_new"),
    ("chat", "get_chat", at("users.0.job_title", put("boss")), "missing field", "job_title"),
    ("chat", "get_chat", at("id", put(17)), "type", "id"),
    ("chat", "get_chat", at("thread.active", put("true")), "type", "thread.active"),
    ("chat", "get_chat", at("thread.events", put(None)), "type", "thread.events"),
    ("chat", "get_chat", at("thread.created_at", put(1764201600)), "type", "thread.created_at"),
    ("chat", "get_chat", at("access.group_ids.0", put("0")), "type", "access.group_ids[]"),
    ("chat", "get_chat", at("thread", put([])), "type", "thread"),
    ("chat", "get_chat", at("users.0.name", put(None)), "type", "users[].name"),
    ("chat", "get_chat", at("id", put("no-id")), "format", "id"),
    (
        "chat",
        "get_chat",
        at("thread.id", put("b7eff798-f8df-4364-8059-649c35c9ed0c")),
        "format",
        "thread.id",
    ),
    (
        "chat",
        "get_chat",
        at("thread.created_at", put("2026-11-26T10:00:00Z")),
        "format",
        "thread.created_at",
    ),
    (
        "chat",
        "get_chat",
        at("thread.created_at", put("2026-11-26T10:00:00.123456+01:00")),
        "format",
        "thread.created_at",
    ),
    (
        "chat",
        "get_chat",
        at("thread.events.0.id", put("ABCDEFGHIJ")),
        "format",
        "thread.events[].id",
    ),
    ("chat", "get_chat", at("id", put("ABCDEFGHIJ")), "id", "id"),
    (
        "chat",
        "get_chat",
        at("thread.events.1.author_id", put("someone@else.example")),
        "id",
        "author_id",
    ),
    ("chat", "get_chat", at("is_followed", put(True)), "value", "is_followed"),
    ("chat", "get_chat", at("thread.active", put(False)), "value", "thread.active"),
    ("chat", "get_chat", at("users.0.type", put("customer")), "value", "users[].type"),
    ("chat", "get_chat", at("users.0.visibility", put("agents")), "value", "users[].visibility"),
    ("chat", "get_chat", at("thread.events.0.text", put("frontdesk parity: ONE")), "value", "text"),
    ("chat", "get_chat", at("users.0.name", put("")), "value", "users[].name"),
    ("chat", "get_chat", at("thread.events", reverse), "order", "thread.events[]"),
    ("chat", "get_chat", at("thread.events", shorter), "length", "thread.events[]"),
    ("chat", "get_chat", at("users", longer), "length", "users[]"),
    ("resuming", "list_threads", at("threads", reverse), "order", "threads[]"),
    ("resuming", "list_threads", at("found_threads", drop), "extra field", "found_threads"),
    ("resuming", "resume_chat", at("error.type", put("chat_active")), "error type", "error.type"),
    ("events", "send_event", at("event_id", put(None)), "type", "event_id"),
    ("events", "get_chat", at("thread.events.1.visibility", put("all")), "value", "visibility"),
    ("events", "get_chat", at("thread.events.2.type", put("message")), "value", "type"),
    ("closing", "send_event", at("error.type", put("validation")), "error type", "error.type"),
    ("closing", "send_event", at("error.data", put({})), "missing field", "error.data"),
    ("errors", "get_chat", at("error.type", put("missing_access")), "error type", "error.type"),
    ("lists", "list_chats", at("found_chats", put("1")), "type", "found_chats"),
    (
        "lists",
        "list_chats",
        at("chats_summary.0.last_thread_summary", drop),
        "extra field",
        "last_thread_summary",
    ),
    (
        "lists",
        "list_routing_statuses",
        put([{"agent_id": "a@b.example", "status": 1}]),
        "type",
        "[].status",
    ),
]


def of_story(change):
    """Change what a story has made, in a list of others' too."""

    def changed(items):
        return [
            change(item) if str(item.get("name", "")).startswith("frontdesk parity") else item
            for item in items
        ]

    return changed


def without_last_own(items):
    own = [item for item in items if item["name"].startswith("frontdesk parity")]
    return [item for item in items if item not in own[-1:]]


def error(kind):
    return at("error.type", put(kind))


def of_each(**fields):
    return lambda items: [{**item, **fields} for item in items]


READING, NAMES, GROUPS, TAGS, BOTS, PROPERTIES, WEBHOOKS = (
    story.name for story in CONFIGURATION_STORIES
)
CONFIGURATION = [
    (READING, "list_agents", of_each(role="x"), "value", "[].role"),
    (READING, "list_agents", of_each(groups="x"), "type", "[].groups"),
    (READING, "list_agents", of_each(new_field=1), "missing field", "[].new_field"),
    (READING, "list_agents", of_each(id="17"), "format", "[].id"),
    (READING, "list_groups", of_each(routing_status=None), "type", "[].routing_status"),
    (READING, "list_license_properties", at("limits", drop), "extra field", "limits"),
    (
        READING,
        "list_license_properties",
        at("limits", lambda limits: {**limits, "agents.base": "400"}),
        "type",
        "limits.agents.base",
    ),
    (WEBHOOKS, "register_webhook", error("validation"), "error type", "error.type"),
    (WEBHOOKS, "list_webhooks", of_each(secret_key="x"), "missing field", "[].secret_key"),
    (WEBHOOKS, "list_webhooks", of_each(url="http://a.example"), "value", "[].url"),
    (WEBHOOKS, "list_webhooks", shorter, "length", "[]"),
    (WEBHOOKS, "unregister_webhook", error("validation"), "error type", "error.type"),
    (NAMES, "list_webhook_names", at("0.filters", shorter), "value", "[].filters[]"),
    (NAMES, "list_webhook_names", at("0.additional_data", drop), "extra field", "data"),
    (NAMES, "list_webhook_names", shorter, "value", "[].action"),
    (NAMES, "list_webhook_names", error("validation"), "error type", "error.type"),
    (GROUPS, "create_group", at("id", put("4")), "type", "id"),
    (GROUPS, "get_group", at("language_code", put("pt")), "value", "language_code"),
    (GROUPS, "get_group", at("routing_status", drop), "extra field", "routing_status"),
    (GROUPS, "get_group", at("name", put("Sales")), "value", "name"),
    (GROUPS, "get_group", error("not_found"), "error type", "error.type"),
    (GROUPS, "list_groups", reverse, "order", "[]"),
    (GROUPS, "list_groups", without_last_own, "length", "[]"),
    (GROUPS, "list_groups", of_story(at("language_code", put("pt"))), "value", "language_code"),
    (GROUPS, "delete_group", error("validation"), "error type", "error.type"),
    (TAGS, "list_tags", reverse, "order", "[]"),
    (TAGS, "list_tags", without_last_own, "length", "[]"),
    (TAGS, "list_tags", of_story(at("group_ids", put([1, 2]))), "length", "[].group_ids[]"),
    (TAGS, "list_tags", of_story(at("author_id", drop)), "extra field", "[].author_id"),
    (TAGS, "list_tags", of_story(at("created_at", put(1764201600))), "type", "[].created_at"),
    (TAGS, "create_tag", error("validation"), "error type", "error.type"),
    (TAGS, "update_tag", error("validation"), "error type", "error.type"),
    (BOTS, "create_bot", at("secret", drop), "extra field", "secret"),
    (BOTS, "create_bot", error("already_exists"), "error type", "error.type"),
    (BOTS, "get_bot", at("secret", put("a secret")), "missing field", "secret"),
    (BOTS, "get_bot", at("max_chats_count", put(6)), "value", "max_chats_count"),
    (BOTS, "get_bot", at("groups", longer), "length", "groups[]"),
    (BOTS, "get_bot", at("default_group_priority", put("first")), "value", "group_priority"),
    (BOTS, "list_bots", of_story(at("owner_client_id", put("c"))), "missing field", "client_id"),
    (BOTS, "list_routing_statuses", at("0.status", put("accepting_chats")), "value", "status"),
    (PROPERTIES, "list_properties", lambda _: {}, "extra field", "*"),
    (PROPERTIES, "list_groups_properties", at("0.properties", put({})), "extra field", "*"),
]
CONFIGURATION_STATUSES = [
    (TAGS, "create_tag", 200, "success"),
    (PROPERTIES, "delete_group_properties", 404, "success"),
    (GROUPS, "update_group", 400, "success"),
    (PROPERTIES, "update_group_properties", 422, "status"),
]
STATUSES = [
    ("closing", "send_event", 403, "status"),
    ("chat", "get_chat", 201, "status"),
    ("chat", "list_threads", 500, "success"),
]


def deaf(action, payload):
    return [] if action == "incoming_event" else [(action, payload)]


def twice(action, payload):
    return [(action, payload)] * (2 if action == "incoming_chat" else 1)


def renamed(action, payload):
    return [("chat_closed" if action == "chat_deactivated" else action, payload)]


def without_thread(action, payload):
    if action == "incoming_event":
        payload.pop("thread_id")
    return [(action, payload)]


def with_more(action, payload):
    return [(action, payload | {"brand_new": 1} if action == "incoming_event" else payload)]


def with_words(action, payload):
    if action == "incoming_event":
        payload["event"]["type"] = "system_message"
    return [(action, payload)]


PUSHES = [
    ("events", deaf, "extra push", "incoming_event"),
    ("chat", twice, "missing push", "incoming_chat"),
    ("closing", renamed, "missing push", "chat_closed"),
    ("resuming", without_thread, "extra field", "incoming_event"),
    ("events", with_more, "missing field", "incoming_event"),
    ("resuming", with_words, "value", "incoming_event"),
]


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox("quiet", served=True, webhook_hosts=[NO_HOST]) as sandbox:
        yield sandbox


def side(sandbox, mutated=lambda transport: transport, observe=None):
    return Side(
        sandbox.url,
        sandbox.tokens["owner"],
        organization_id=sandbox.organization_id,
        transport=lambda: mutated(DirectTransport(sandbox.backend, sandbox.url)),
        observe=observe,
    )


def test_there_are_enough():
    assert len(WEB) + len(STATUSES) + len(PUSHES) >= 50
    assert len(CONFIGURATION) + len(CONFIGURATION_STATUSES) >= 12


@pytest.mark.parametrize(
    ("story", "method", "change", "kind", "path"),
    [*WEB, *CONFIGURATION],
    ids=[f"{kind}-{method}-{path}" for _, method, _, kind, path in (*WEB, *CONFIGURATION)],
)
def test_each_difference_of_a_response_is_found(sandbox, story, method, change, kind, path):
    service = side(sandbox, lambda transport: Mutated(transport, method, change))
    report = run_stories(plan_of(STORIES, [story], ["web"]), service, side(sandbox))
    if path == "missing":
        # Without the field, the client itself cannot read the response.
        assert report.problems or report.differences
        return
    shown = [one for one in report.differences if one.kind == kind and one.method == method]
    assert any(one.path.endswith(path) for one in shown), report.differences
    assert {one.method for one in report.differences} == {method}
    assert not report.equal


@pytest.mark.parametrize(
    ("story", "method", "status", "kind"), [*STATUSES, *CONFIGURATION_STATUSES]
)
def test_each_difference_of_a_status_is_found(sandbox, story, method, status, kind):
    service = side(sandbox, lambda transport: Mutated(transport, method, at("x", drop), status))
    report = run_stories(plan_of(STORIES, [story], ["web"]), service, side(sandbox))
    assert (kind, method) in [(one.kind, one.method) for one in report.differences]


@pytest.mark.parametrize(
    ("story", "change", "kind", "action"), PUSHES, ids=[case[1].__name__ for case in PUSHES]
)
def test_each_difference_of_pushes_is_found(sandbox, story, change, kind, action):
    service = side(sandbox, observe=lambda seen: MutatedFrames(seen, change))
    report = run_stories(
        plan_of(STORIES, [story], ["rtm"]), service, side(sandbox), push_seconds=0.2
    )
    assert (kind, action) in [(one.kind, one.method) for one in report.differences]


def test_an_order_of_pushes_is_found(sandbox):
    held = []

    def swapped(action, payload):
        if action == "incoming_typing_indicator":
            held.append((action, payload))
            return []
        came = [(action, payload), *held]
        held.clear()
        return came

    service = side(sandbox, observe=lambda seen: MutatedFrames(seen, swapped))
    report = run_stories(
        plan_of(STORIES, ["indicators"], ["rtm"]), service, side(sandbox), push_seconds=0.2
    )
    assert "push order" in [one.kind for one in report.differences]


def test_an_unchanged_sandbox_differs_in_nothing(sandbox):
    with Sandbox("demo", served=True, random_seed=7, webhook_hosts=[NO_HOST]) as other:
        plan = plan_of(STORIES)
        report = run_stories(plan, side(other), side(sandbox), push_seconds=1)
        assert report.differences == []
        assert report.skipped == report.problems == []
        assert report.equal
        assert report.requests == plan.calls - sum(story.spare for story in plan.stories)
        # All that was started is closed.
        summaries = other.client().list_chats(limit=100).chats_summary
        last = [(len(one.users), one.last_thread_summary) for one in summaries]
        assert not [thread for users, thread in last if users == 1 and thread and thread.active]
