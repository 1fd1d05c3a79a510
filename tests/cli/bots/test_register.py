"""`frontdesk bot register`: what it does, shows and stores."""

import io
import json
import stat

import pytest

from frontdesk.auth import FileTokenStore
from frontdesk.bots.registrations import BotRegistrations
from frontdesk.sandbox import Sandbox
from frontdesk.sandbox.seeds.company import CLIENT_ID

from .._running import Run, as_json, ok, refused
from ._files import ECHO, write

URL = "http://127.0.0.1:9/webhooks"
COUNT = 6


@pytest.fixture
def register(tmp_path, run: Run):
    place = write(tmp_path)

    def register(*options: str, url: str | None = URL):
        where = () if url is None else ("--url", url)
        return run("bot", "register", place, *where, *options)

    return register


@pytest.fixture
def hooks(served: Sandbox):
    client = served.configuration_client()
    return lambda: client.list_webhooks(owner_client_id=CLIENT_ID)


def names(served: Sandbox) -> list[str]:
    return [bot.name for bot in served.configuration_client().list_bots()]


def test_what_was_done_is_shown_and_the_credentials_are_stored(
    register, hooks, served: Sandbox, settings
):
    code, output, errors = register()
    assert code == 0
    lines = output.splitlines()
    assert lines[0].startswith("create bot Echo (")
    assert lines[1].startswith("register webhook incoming_chat (")
    assert len(lines) == 1 + COUNT == 1 + len(hooks())
    assert f"talking to the sandbox at {served.url}" in errors
    path = settings / "frontdesk" / "bots.json"
    assert str(path) in errors
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    registration = BotRegistrations(FileTokenStore(path), "Echo").load(served.organization_id)
    assert registration is not None
    assert registration.bot_secret not in output + errors
    assert registration.webhook_secret not in output + errors


def test_the_second_time_nothing_changes(register, hooks, served: Sandbox):
    register()
    before = (hooks(), names(served))
    lines = ok(register()).splitlines()
    assert all(line.startswith("keep ") for line in lines)
    assert (hooks(), names(served)) == before


def test_a_dry_run_only_shows(register, hooks, served: Sandbox, settings):
    before = names(served)
    code, output, errors = register("--dry-run")
    assert code == 0
    assert output.splitlines()[0] == "create bot Echo"
    assert f"{1 + COUNT} changes would be made; nothing was" in errors
    assert (hooks(), names(served)) == ([], before)
    assert not (settings / "frontdesk" / "bots.json").exists()


def test_the_way_back(register, hooks, served: Sandbox):
    before = names(served)
    register()
    assert "remove bot Echo" in register("--delete", "--dry-run", url=None)[1]
    assert len(hooks()) == COUNT
    ok(register("--delete", url=None))
    assert (hooks(), names(served)) == ([], before)
    code, output, errors = register("--delete", url=None)
    assert (code, output) == (2, "")
    assert "is registered here" in errors
    assert "nothing was changed" not in errors, "it was wrong use"


def test_steps_as_json(register):
    steps = as_json(register("--json"))["steps"]
    assert steps[0]["verb"] == "create"
    assert steps[0]["id"]
    assert len(steps) == 1 + COUNT


def test_a_bot_on_rtm_has_no_webhooks(register, hooks):
    lines = ok(register("--rtm", url=None)).splitlines()
    assert len(lines) == 1
    assert hooks() == []


def test_chats_are_assigned_on_request(register, served: Sandbox):
    assert "set status accepting chats" in ok(register("--accept-chats"))
    bot_id = next(bot.id for bot in served.configuration_client().list_bots() if bot.name == "Echo")
    statuses = served.client().list_routing_statuses()
    assert {status.agent_id: status.status for status in statuses}[bot_id] == "accepting_chats"


def test_a_store_of_ones_own(register, tmp_path, served: Sandbox):
    path = tmp_path / "secret" / "mine.json"
    ok(register("--store", str(path), "--name", "Other"))
    assert BotRegistrations(FileTokenStore(path), "Other").organization_ids() == [
        served.organization_id
    ]


@pytest.fixture
def real(monkeypatch):
    """Let the sandbox count as a real service, which asks first."""
    monkeypatch.setattr("frontdesk.cli.bots.register.is_local", lambda url: False)


@pytest.mark.parametrize(("line", "code"), [("y\n", 0), ("yes\n", 0), ("n\n", 1), ("\n", 1)])
def test_the_real_service_is_asked_about(register, hooks, real, monkeypatch, line, code):
    monkeypatch.setattr("sys.stdin", io.StringIO(line))
    ended, _, errors = register()
    assert ended == code
    assert "  create bot Echo" in errors
    assert "Change that at" in errors
    assert len(hooks()) == (COUNT if code == 0 else 0)


def test_where_nobody_can_be_asked_it_must_be_said(register, hooks, real, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert "--yes" in refused(register())
    assert hooks() == []
    assert register("--yes")[0] == 0
    assert register()[0] == 0, "nothing is to be done, so nothing is asked"


def test_a_failure_halfway_says_how_to_go_on(register, hooks, served: Sandbox):
    served.fault("internal", "register_webhook", times=1)
    code, output, errors = register()
    assert code == 1
    assert output.startswith("create bot Echo")
    assert "run the same command again" in errors
    lines = errors.splitlines()
    assert "frontdesk: failed: register webhook incoming_chat" in lines
    assert sum(line.startswith("frontdesk: not begun: register webhook") for line in lines) == 5
    assert any("is done and stored" in line for line in lines)
    ok(register())
    assert len(hooks()) == COUNT
    assert names(served).count("Echo") == 1


@pytest.fixture
def may_only(served: Sandbox, monkeypatch):
    """Use a token of the owner that has these scopes and no more."""

    def may_only(*scopes: str) -> None:
        monkeypatch.setenv(
            "FRONTDESK_TOKEN", served.issue_token("smith@example.com", scopes=scopes)
        )

    return may_only


@pytest.mark.parametrize("method", ["list_bots", "create_bot"])
def test_a_refusal_of_the_first_step_says_that_nothing_was_done(
    register, hooks, served: Sandbox, may_only, method
):
    before = names(served)
    reads = () if method == "list_bots" else ("agents-bot--all:ro",)
    may_only("webhooks.configuration:rw", *reads)
    code, output, errors = register()
    assert (code, output) == (1, "")
    assert f"nothing was changed at the sandbox at {served.url}" in errors
    assert "done and stored" not in errors
    assert ("failed: create bot Echo" in errors) == (method == "create_bot")
    assert (hooks(), names(served)) == ([], before)


@pytest.fixture
def switched_off(served: Sandbox):
    """Webhooks of the license are switched off; returns whether they still are."""
    client = served.configuration_client()
    client.disable_license_webhooks(owner_client_id=CLIENT_ID)
    yield (
        lambda: (
            not client.get_license_webhooks_state(
                owner_client_id=CLIENT_ID
            ).license_webhooks_enabled
        )
    )
    client.enable_license_webhooks(owner_client_id=CLIENT_ID)


STEP = "enable webhooks of the license, which are switched off"


def test_webhooks_that_are_switched_off_are_switched_on(register, switched_off):
    assert STEP in register("--dry-run")[1].splitlines()
    assert switched_off()
    assert STEP in ok(register()).splitlines()
    assert not switched_off()
    assert STEP not in ok(register())


def test_a_bot_on_rtm_leaves_them_switched_off(register, switched_off):
    assert "webhooks" not in ok(register("--rtm", url=None))
    assert switched_off()


def test_switching_them_on_is_asked_about_like_the_rest(register, switched_off, real, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    assert f"  {STEP}" in register()[2]
    assert switched_off()


def test_a_token_that_may_not_look_is_told_what_it_needs(register, hooks, may_only):
    may_only("agents-bot--my:rw", "agents-bot--all:ro", "webhooks.configuration:rw")
    output = ok(register())
    assert "warn webhooks of the license" in output
    assert "webhooks.state:ro" in output
    assert len(hooks()) == COUNT


def test_a_token_that_may_look_and_not_switch_fails_at_that_step(register, switched_off, may_only):
    may_only(
        "agents-bot--my:rw", "agents-bot--all:ro", "webhooks.configuration:rw", "webhooks.state:ro"
    )
    code, _, errors = register()
    assert code == 1
    assert f"frontdesk: failed: {STEP}" in errors
    assert "webhooks.state:rw" in errors
    assert switched_off()


def test_a_token_without_the_scopes(run: Run, register, served: Sandbox, hooks, monkeypatch):
    before = names(served)
    monkeypatch.setenv("FRONTDESK_TOKEN", served.tokens["few_scopes"])
    assert "agents-bot--" in refused(register(), 1)
    assert (hooks(), names(served)) == ([], before)


def test_a_token_that_is_missing(register, monkeypatch):
    monkeypatch.delenv("FRONTDESK_TOKEN")
    assert "FRONTDESK_TOKEN" in refused(register())


def test_a_folder_that_cannot_be_written(register, served: Sandbox, tmp_path):
    before = names(served)
    (tmp_path / "file").write_text("")
    code, output, _ = register("--store", str(tmp_path / "file" / "bots.json"))
    assert (code, output) == (1, "")
    assert names(served) == before


@pytest.mark.parametrize(
    ("url", "options", "rule"),
    [
        (None, (), "--url"),
        (URL, ("--rtm",), "cannot be given with `--rtm`"),
        ("bot.example.com", (), "url"),
        (URL, ("--store", "."), "--store"),
        (URL, ("--organization-id", "no such"), "organization"),
    ],
)
def test_wrong_use(register, url, options, rule):
    assert rule in refused(register(*options, url=url))


def test_pushes_without_a_webhook_are_named(tmp_path, run: Run):
    place = write(
        tmp_path,
        f"{ECHO}\nfrom frontdesk.pushes import IncomingTypingIndicator\n\n"
        "@bot.on(IncomingTypingIndicator)\nasync def typing(ctx: Context) -> None: ...\n",
    )
    assert "warn webhook for IncomingTypingIndicator: there is none, only RTM has it" in ok(
        run("bot", "register", place, "--url", URL)
    )


@pytest.mark.parametrize(
    ("variable", "option"),
    [("CLIENT_ID", "--owner-client-id"), ("ORGANIZATION_ID", "--organization-id")],
)
def test_whose_bot_it_is_must_be_known_where_no_sandbox_tells(
    register, hooks, monkeypatch, variable, option
):
    monkeypatch.delenv(f"FRONTDESK_{variable}")
    for module in ("bots.credentials", "arguments.organizations"):
        monkeypatch.setattr(f"frontdesk.cli.{module}.is_local", lambda url: False)
    assert refused(register()).startswith(f"`{option}` is required")
    assert hooks() == []


def test_a_sandbox_tells_whose_bot_it_is(register, monkeypatch):
    monkeypatch.delenv("FRONTDESK_CLIENT_ID")
    monkeypatch.delenv("FRONTDESK_ORGANIZATION_ID")
    assert len(ok(register()).splitlines()) == 1 + COUNT


def test_livechat_does_not_reach_this_machine(register, monkeypatch):
    monkeypatch.setenv("FRONTDESK_BASE_URL", "https://api.livechatinc.com")
    assert "must be an address that LiveChat reaches" in refused(register())


def test_steps_before_a_failure_are_json_too(register, served: Sandbox):
    served.fault("internal", "register_webhook", times=1)
    code, output, _ = register("--json")
    assert code == 1
    shown = json.loads(output)
    assert [step["verb"] for step in shown["steps"]] == ["create"]
    assert shown["not_done"][0]["name"] == "incoming_chat"
    assert len(shown["not_done"]) == COUNT
