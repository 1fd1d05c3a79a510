"""Setting up an integration in a terminal: bots, webhooks, properties, tags, groups, agents."""

import io
import json
import re

import pytest
from rich.cells import cell_len

from frontdesk import AuthorizationError
from frontdesk.actions import CONFIGURATION_ACTIONS
from frontdesk.cli import configuration
from frontdesk.cli.call import method_commands
from frontdesk.sandbox import Sandbox
from frontdesk.sandbox.seeds.company import BOT_ID, CLIENT_ID

from ._running import Run, as_json, ok, refused

SECRET = "641e2ae6d997d2009a3ac92a05f37fc3"


def test_a_tag_from_its_beginning_to_its_end(run: Run) -> None:
    code, text, errors = run("tags", "create", "chargeback", "--group-id", "0", "--group-id", "1")
    assert (code, text) == (0, "")
    assert "done" in errors
    listed = as_json(run("tags", "list", "--json"))
    (tag,) = [tag for tag in listed if tag["name"] == "chargeback"]
    assert tag["group_ids"] == [0, 1]
    assert {tag["name"] for tag in as_json(run("tags", "list", "--group-id", "2", "--json"))} == {
        "lead"
    }
    assert as_json(run("tags", "update", "chargeback", "--group-id", "2", "--json")) == {}
    assert re.search(r"(?m)^chargeback +2 ", ok(run("tags", "list")))
    ok(run("tags", "delete", "chargeback"))
    assert "chargeback" not in ok(run("tags", "list"))


def test_a_bot_its_secret_and_its_token(
    run: Run, served: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("bot", "create", "Ada", "--group", "1=first", "--type", "ai_agent")
    code, text, errors = run(*words, "--json")
    assert code == 0
    made = json.loads(text)
    assert set(made) == {"id", "secret"}
    assert "keep the secret" in errors
    assert made["secret"] not in errors
    shown = as_json(run("bot", "show", made["id"], "--field", "groups", "--json"))
    assert (shown["name"], shown["type"]) == ("Ada", "ai_agent")
    assert {"id": 1, "priority": "first"} in shown["groups"]
    monkeypatch.setenv("FRONTDESK_BOT_SECRET", made["secret"])
    code, token, errors = run("bot", "token", made["id"])
    assert code == 0
    assert token.count("\n") == 1
    assert token.strip() not in errors
    assert made["secret"] not in errors
    assert served.client(token.strip()).list_chats(limit=1)
    with pytest.raises(AuthorizationError):
        served.configuration_client(token.strip()).list_tags()
    assert "Ada" in ok(run("bot", "list"))
    ok(run("bot", "delete", made["id"]))
    assert "Ada" not in ok(run("bot", "list", "--all"))


def test_a_wrong_secret_is_not_repeated(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "'--bot-secret' (env var: 'FRONTDESK_BOT_SECRET')" in refused(
        run("bot", "token", BOT_ID)
    )
    monkeypatch.setenv("FRONTDESK_BOT_SECRET", "not-the-secret-of-it")
    line = refused(run("bot", "token", BOT_ID), 1)
    assert "`--bot-secret`" in line
    assert "not-the-secret-of-it" not in line


def test_a_webhook_from_its_beginning_to_its_end(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FRONTDESK_WEBHOOK_SECRET", "open-sesame-of-it")
    url = "http://localhost:9/hooks"
    made = as_json(
        run(
            "webhooks", "register", "incoming_event", url, "--type", "license",
            "--filters", '{"author_type": "customer"}', "--additional-data", "chat_properties",
            "--json",
        )
    )  # fmt: skip
    (listed,) = as_json(run("webhooks", "list", "--json"))
    assert (listed["id"], listed["url"]) == (made["id"], url)
    assert listed["filters"] == {"author_type": "customer"}
    text = ok(run("webhooks", "list"))
    assert made["id"] in text
    assert "open-sesame-of-it" not in text
    ok(run("webhooks", "unregister", made["id"]))
    assert as_json(run("webhooks", "list", "--json")) == []


def test_webhooks_of_the_license_are_switched(run: Run) -> None:
    assert "incoming_event" in ok(run("webhooks", "names"))
    assert ok(run("webhooks", "state")).split() == ["license_webhooks_enabled", "yes"]
    ok(run("webhooks", "disable"))
    assert ok(run("webhooks", "state")).split() == ["license_webhooks_enabled", "no"]
    ok(run("webhooks", "enable"))
    assert as_json(run("webhooks", "state", "--json")) == {"license_webhooks_enabled": True}


def test_a_bot_gets_its_token_with_its_secret_alone(
    run: Run, served: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FRONTDESK_TOKEN")
    monkeypatch.setenv("FRONTDESK_BOT_SECRET", SECRET)
    token = ok(run("bot", "token", BOT_ID))
    assert served.client(token.strip()).list_chats(limit=1)
    (call,) = served.calls("issue_bot_token")
    assert not call.requester_id
    assert "incoming_event" in ok(run("webhooks", "names"))


def test_a_property_and_what_it_is_set_to(run: Run) -> None:
    access = json.dumps({"group": {"agent": ["read", "write"]}, "license": {"agent": ["read"]}})
    ok(
        run(
            "properties", "register", "score", "--type", "int", "--access", access,
            "--range-from", "0", "--range-to", "10", "--description", "How it went",
        )
    )  # fmt: skip
    (row,) = [row for row in ok(run("properties", "list")).splitlines() if "score" in row]
    assert row.split()[:2] == ["score", "int"]
    name = f"{CLIENT_ID}.score"
    ok(run("properties", "set-group", "1", "--property", f"{name}=7"))
    rows = ok(run("properties", "groups", "--group-id", "1")).splitlines()
    assert [row.split() for row in rows[1:]] == [[name, "1", "7"]]
    assert "`--property`" not in ok(run("properties", "unset-group", "1", "--property", name))
    assert refused(run("properties", "set-group", "1", "--property", f"{name}=99"), 1)
    ok(run("properties", "unregister", "score"))
    assert "score" not in ok(run("properties", "list"))


def test_properties_of_the_license_keep_their_types(run: Run) -> None:
    ok(
        run(
            "properties", "set-license", "--property", "chats.queue.enabled=false",
            "--property", "chats.max_agent_active_chats=7",
        )
    )  # fmt: skip
    chats = as_json(run("properties", "license", "--namespace", "chats", "--json"))["chats"]
    assert (chats["queue.enabled"], chats["max_agent_active_chats"]) == (False, 7)
    rows = ok(run("properties", "license", "--namespace", "chats")).splitlines()
    assert ["chats.queue.enabled", "no"] in [row.split() for row in rows]


def test_a_group_and_its_agents(run: Run) -> None:
    made = as_json(
        run(
            "groups", "create", "Returns", "--language-code", "de",
            "--agent-priority", "jones@example.com=first", "--json",
        )
    )  # fmt: skip
    group = str(made["id"])
    text = ok(run("groups", "show", group, "--field", "agent_priorities"))
    assert "jones@example.com=first" in text
    ok(run("groups", "update", group, "--name", "Refunds"))
    assert "Refunds" in ok(run("groups", "list"))
    ok(run("groups", "delete", group))
    assert "Refunds" not in ok(run("groups", "list"))


def test_an_agent_from_the_beginning_to_the_end(run: Run) -> None:
    agent_id = "ada@example.com"
    words = ("agents", "create", agent_id, "Ada", "--role", "normal", "--group", "2=first")
    assert as_json(run(*words, "--json")) == {"id": agent_id}
    ok(run("agents", "update", agent_id, "--max-chats-count", "3", "--job-title", "Seller"))
    text = ok(run("agents", "show", agent_id, "--field", "max_chats_count", "--field", "job_title"))
    rows = [row.split() for row in text.splitlines()]
    assert rows[0] == ["id", agent_id]
    assert ["max_chats_count", "3"] in rows
    assert agent_id in ok(run("agents", "list", "--group-id", "2"))
    ok(run("agents", "suspend", agent_id))
    assert agent_id in ok(run("agents", "list", "--suspended"))
    assert agent_id not in ok(run("agents", "list", "--no-suspended"))
    ok(run("agents", "delete", agent_id))
    assert agent_id not in ok(run("agents", "list"))
    assert "not_found" in refused(run("agents", "show", agent_id), 1)


# What is said beside it


def test_each_command_says_what_it_talks_to(
    run: Run, served: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert f"talking to the sandbox at {served.url}" in run("tags", "list")[2]
    assert method_commands.service(None) == "LiveChat (https://api.livechatinc.com)"
    assert method_commands.service("https://proxy.example/x") == "https://proxy.example/x"
    for url in ("http://localhost:1", "http://127.0.0.1", "http://[::1]:8080"):
        assert method_commands.service(url) == f"the sandbox at {url}"
    code, text, errors = run("tags", "list", "--base-url", "http://127.0.0.1:9")
    assert (code, text) == (1, "")
    assert errors.splitlines()[0].endswith("talking to the sandbox at http://127.0.0.1:9")


@pytest.mark.parametrize(
    ("words", "option"),
    [
        ("tags create x --group-id z", "`--group-id` must be a whole number, not 'z'"),
        ("tags create x --group-id=-1", "`--group-id` must be at least 0"),
        ("groups show x", "`ID` must be a whole number"),
        ("groups create R --agent-priority a@b.example", "`--agent-priority` must look like ID="),
        ("groups create R --agent-priority a@b.example=frist", "did you mean `first`?"),
        ("groups list --field agents", "`--field` must be one of `agent_priorities`"),
        ("bot create Ada --group x=first", "`--group` must be a whole number, not 'x'"),
        ("bot create Ada --max-chats-count 501", "`--max-chats-count` must be at most 500"),
        ("bot create Ada --work-scheduler {", "`--work-scheduler` must be JSON"),
        ("webhooks register incoming_caht http://x --secret-key s --type bot", "`incoming_chat`?"),
        ("webhooks register incoming_chat x --secret-key s --type bot", "`URL` must be an abs"),
        ("webhooks register incoming_chat http://x --secret-key s --type all", "`--type` must be"),
        ("properties set-license --property x", "`--property` must look like NAMESPACE.NAME=VAL"),
        ("properties set-license --property x=1", "`--property` must begin with NAMESPACE.NAME"),
        ("properties unset-license --property x", "`--property` must begin with NAMESPACE.NAME"),
        ('properties register p --type int --access {"cht":{}}', "did you mean `chat`?"),
        ("tags list --token t --base-url nonsense", "`--base-url` must look like"),
    ],
)  # fmt: skip
def test_a_wrong_value_names_its_option(run: Run, served: Sandbox, words: str, option: str) -> None:
    line = refused(run(*words.split(" ")))
    assert option in line
    assert not re.search(r"Expected|Input should|Literal|UNSET|msgspec|pydantic|New[A-Z]", line)
    assert served.calls() == []


def test_what_the_api_refuses_names_the_option(run: Run) -> None:
    line = refused(run("tags", "create", "x", "--group-id", "99"), 1)
    assert "group_not_found" in line
    assert "`--group-id`: there is no group 99" in line


def test_an_empty_name_is_refused_before_it_is_sent(run: Run, served: Sandbox) -> None:
    assert refused(run("tags", "create", "")) == "`NAME` must not be empty"
    assert served.calls() == []


def test_every_method_has_its_command_or_is_known_to_have_none() -> None:
    without = {
        "request_agent_unsuspension",  # only suspended agents may call it, for themselves
        "create_bot_template", "update_bot_template", "delete_bot_template",
        "list_bot_templates", "reset_bot_template_secret",
    }  # fmt: skip
    groups = {"agents", "bots", "groups", "properties", "tags", "webhooks"}
    methods = {
        name for name, action in CONFIGURATION_ACTIONS.items() if action.spec.group in groups
    }
    commands = [*configuration.WEBHOOKS, *configuration.BOTS]
    for _, of_group in configuration.HELP.values():
        commands += of_group
    assert {command.action.spec.name for command in commands} == methods - without


def test_a_token_is_required(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FRONTDESK_TOKEN")
    assert "a token is required" in refused(run("tags", "list"))


# Asking first


@pytest.fixture
def real(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the sandbox for the real service."""
    monkeypatch.setattr(method_commands, "is_local", lambda base_url: False)


def answer(monkeypatch: pytest.MonkeyPatch, text: str | None) -> None:
    monkeypatch.setattr("sys.stdin", None if text is None else io.StringIO(text))


DESTROYING = [
    ("tags", "delete", "support"),
    ("groups", "delete", "1"),
    ("bot", "delete", BOT_ID),
    ("bot", "reset-secret", BOT_ID),
    ("agents", "delete", "jones@example.com"),
    ("webhooks", "unregister", "an-id"),
    ("properties", "unregister", "int_property"),
    ("properties", "publish", "int_property", "--access-type", "read"),
    ("properties", "unset-license", "--property", "chats.queue.limit"),
    ("properties", "unset-group", "1", "--property", "a.b"),
]


@pytest.mark.usefixtures("real")
@pytest.mark.parametrize("words", DESTROYING, ids=" ".join)
@pytest.mark.parametrize("text", ["n\n", "\n", "yes please\n"])
def test_no_leaves_everything_as_it_is(
    run: Run, served: Sandbox, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], text: str
) -> None:
    answer(monkeypatch, text)
    code, output, errors = run(*words)
    assert (code, output) == (1, "")
    assert "[y/N]" in errors
    assert errors.endswith("nothing was changed\n")
    assert served.calls() == []


@pytest.mark.usefixtures("real")
@pytest.mark.parametrize("text", ["", None])
def test_where_nobody_can_be_asked_the_option_is_required(
    run: Run, served: Sandbox, monkeypatch: pytest.MonkeyPatch, text: str | None
) -> None:
    answer(monkeypatch, text)
    assert "`--yes` is required" in refused(run("tags", "delete", "support"))
    assert served.calls() == []


@pytest.mark.usefixtures("real")
def test_what_is_no_text_is_no_yes(
    run: Run, served: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    garbled = io.TextIOWrapper(io.BytesIO(b"\xff\xfe\n"), encoding="utf-8")
    monkeypatch.setattr("sys.stdin", garbled)
    assert run("tags", "delete", "support")[0] == 1
    assert served.calls() == []


@pytest.mark.usefixtures("real")
@pytest.mark.parametrize("text", ["y\n", "Yes\n"])
def test_yes_does_it(run: Run, served: Sandbox, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    answer(monkeypatch, text)
    code, _, errors = run("tags", "delete", "support")
    assert code == 0
    assert "Delete the tag support?" in errors
    assert [call.action for call in served.calls()] == ["delete_tag"]


@pytest.mark.usefixtures("real")
def test_the_option_does_it_without_a_question(
    run: Run, served: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(monkeypatch, "n\n")
    code, _, errors = run("tags", "delete", "support", "--yes")
    assert code == 0
    assert "[y/N]" not in errors
    assert [call.action for call in served.calls()] == ["delete_tag"]


@pytest.mark.usefixtures("real")
def test_a_name_cannot_write_to_the_terminal(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    answer(monkeypatch, "n\n")
    errors = run("tags", "delete", "\x1b[2Jx")[2]
    assert "\x1b" not in errors


def test_nobody_is_asked_for_a_sandbox(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    answer(monkeypatch, None)
    assert "[y/N]" not in run("tags", "delete", "support")[2]
    assert "support" not in ok(run("tags", "list"))


# Tables


def test_tables_fit_80_columns_and_keep_what_a_row_is_called_by(run: Run, served: Sandbox) -> None:
    client = served.configuration_client()
    for number in range(3):
        client.create_tag(
            name=f"a tag with quite a long name, number {number}", group_ids=[0, 1, 2]
        )
    lines = ok(run("tags", "list")).splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[0].split() == ["name", "group_ids", "author_id", "created_at"]
    assert any(line.startswith("a tag with quite a long name, number 2") for line in lines)


def test_a_name_that_is_too_long_itself_is_cut_last(run: Run, served: Sandbox) -> None:
    served.configuration_client().create_tag(name="long " * 30, group_ids=[0])
    text = ok(run("tags", "list"))
    assert max(map(len, text.splitlines())) <= 80
    assert "…" in text


def test_wide_characters_take_two_columns(run: Run, served: Sandbox) -> None:
    served.configuration_client().create_tag(name="返品 🙂", group_ids=[0, 1])
    lines = ok(run("tags", "list")).splitlines()
    (wide,) = [line for line in lines if line.startswith("返品")]
    (plain,) = [line for line in lines if line.startswith("refund")]
    assert cell_len(wide.partition("0, 1")[0]) == cell_len(plain.partition("1 ")[0])


def test_details_fit_80_columns_and_keep_ids_whole(run: Run, served: Sandbox) -> None:
    lines = ok(run("groups", "show", "1", "--field", "agent_priorities")).splitlines()
    assert max(map(len, lines)) <= 80
    words = " ".join(lines).replace(",", "").split()
    assert {f"{BOT_ID}=last", "jones@example.com=normal"} <= set(words)


def test_a_wider_terminal_gets_a_wider_table(
    run: Run, served: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"http://localhost:9/{'x' * 60}"
    served.configuration_client().register_webhook(
        action="incoming_chat", url=url, secret_key="s", owner_client_id=CLIENT_ID, type="license"
    )  # fmt: skip
    narrow = ok(run("webhooks", "list"))
    assert url not in narrow
    assert "…" in narrow
    assert max(map(len, narrow.splitlines())) <= 80
    monkeypatch.setenv("COLUMNS", "200")
    assert url in ok(run("webhooks", "list"))


def test_what_others_wrote_does_nothing_to_the_terminal(run: Run, served: Sandbox) -> None:
    served.configuration_client().create_tag(name="\x1b[31mred\x1b[0m\nline", group_ids=[0])
    text = ok(run("tags", "list"))
    assert "\x1b" not in text
    assert "[31mred [0m line" in text


def test_a_list_shows_the_columns_that_it_was_asked_for(run: Run) -> None:
    assert ok(run("bot", "list")).splitlines()[0].split() == ["id", "name", "type"]
    asked = ok(run("bot", "list", "--field", "max_chats_count"))
    assert asked.splitlines()[0].split() == ["id", "name", "type", "max_chats_count"]


@pytest.mark.parametrize(
    ("words", "columns"),
    [
        ("agents list --field groups --field work_scheduler", ["groups", "work_scheduler"]),
        ("agents list --field suspended --field awaiting_approval",
         ["suspended", "awaiting_approval"]),
        ("agents list --field mobile", ["mobile"]),
        ("bot list --field groups", ["groups"]),
        ("groups list --field agent_priorities", ["agent_priorities"]),
    ],
)  # fmt: skip
def test_a_field_that_was_asked_for_is_a_column(
    run: Run, monkeypatch: pytest.MonkeyPatch, words: str, columns: list[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    names = ok(run(*words.split())).splitlines()[0].split()
    assert names[0] == "id"
    assert names[-len(columns) :] == columns


def test_groups_are_shown_as_they_are_given(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    ok(run("agents", "create", "ada@example.com", "Ada", "--group", "2=first"))
    lines = ok(run("agents", "list", "--field", "groups")).splitlines()
    (row,) = [line for line in lines if line.startswith("ada@example.com")]
    assert row.endswith("0=normal, 2=first")
    ok(run("agents", "suspend", "jones@example.com"))
    lines = ok(run("agents", "list", "--field", "suspended")).splitlines()
    states = {line.split()[0]: line.split()[-1] for line in lines[1:]}
    assert [agent for agent, state in states.items() if state == "yes"] == ["jones@example.com"]
    assert states["ada@example.com"] == "no"


@pytest.mark.parametrize(
    ("words", "options"),
    [
        ("agents update jones@example.com", ["--role", "--group", "--work-scheduler"]),
        ("groups update 1", ["--name", "--agent-priority"]),
        ("tags update lead", ["--group-id"]),
        (f"bot update {BOT_ID}", ["--name", "--group", "--max-chats-count"]),
        ("properties set-license", ["--property"]),
        ("properties set-group 1", ["--property"]),
        ("properties unset-license", ["--property"]),
        ("properties unset-group 1 --yes", ["--property"]),
    ],
)
def test_a_change_of_nothing_is_refused(
    run: Run, served: Sandbox, words: str, options: list[str]
) -> None:
    line = refused(run(*words.split()))
    assert line.startswith("there is nothing to change: give ")
    assert all(f"`{option}`" in line for option in options)
    assert served.calls() == []


def test_a_change_to_no_is_a_change(run: Run) -> None:
    ok(run("agents", "update", "jones@example.com", "--max-chats-count", "0"))
    ok(run("agents", "update", "jones@example.com", "--mobile", ""))


@pytest.mark.parametrize("type", ["string", "tokenized_string"])
def test_values_of_a_text_property_are_texts(run: Run, type: str) -> None:
    access = json.dumps({"group": {"agent": ["read"]}})
    words = ("properties", "register", "size", "--type", type, "--access", access)
    values = ("1", "true", '"2"', "large")
    domain = [word for value in values for word in ("--domain", value)]
    ok(run(*words, *domain, "--default-value", "1"))
    definition = as_json(run("properties", "list", "--json"))["size"]
    assert definition["domain"] == ["1", "true", "2", "large"]
    assert definition["default_value"] == "1"


def test_values_of_other_properties_are_no_texts(run: Run) -> None:
    access = json.dumps({"group": {"agent": ["read"]}})
    words = ("properties", "register", "size", "--type", "int", "--access", access)
    ok(run(*words, "--domain", "1", "--domain", "2"))
    assert as_json(run("properties", "list", "--json"))["size"]["domain"] == [1, 2]


@pytest.mark.parametrize("command", ["set-license", "set-group", "register"])
def test_the_help_says_how_a_number_is_a_text(
    run: Run, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    text = " ".join(ok(run("properties", command, "--help")).split())
    assert "Numbers, true and false are sent as such" in text
