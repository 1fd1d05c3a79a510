"""Commands called in a way that cannot be meant: one line, which says what to do."""

import pytest

from frontdesk.sandbox import Sandbox

from ._running import Run, refused


@pytest.mark.parametrize(
    ("words", "command"),
    [
        ("chat", "chat"),
        ("chats show", "chats show"),
        ("webhooks replay x.jsonl", "webhooks replay"),
        ("bot queue --replay", "bot queue"),
        ("parity recorded.jsonl", "parity"),
        ("call send_event chat", "call send_event"),
        ("doctor --scope x", "doctor"),
    ],
)
def test_what_is_missing_or_too_much_leads_to_the_help_of_the_command(
    alone: Run, words: str, command: str
) -> None:
    assert refused(alone(*words.split())).endswith(f"; see `frontdesk {command} --help`")


@pytest.mark.parametrize("words", ["chatz", "chats lst", "chats list --limt 3"])
def test_where_a_name_is_suggested_that_is_enough(alone: Run, words: str) -> None:
    line = refused(alone(*words.split()))
    assert "id you mean" in line
    assert "--help" not in line


@pytest.mark.parametrize("words", ["chats list", "call list_chats", "tail", "bot register --rtm"])
@pytest.mark.parametrize("value", ["", " "])
@pytest.mark.parametrize("option", ["--token", "--base-url"])
def test_an_option_whose_variable_is_not_set_is_not_another_account(
    run: Run, served: Sandbox, words: str, option: str, value: str
) -> None:
    line = refused(run(*words.split(), option, value))
    assert line.startswith(f"`{option}` must not be empty")
    assert served.calls() == []


@pytest.mark.parametrize("words", ["chats list", "call list_chats", "chat X", "webhooks names"])
def test_nothing_is_said_of_a_service_that_has_no_address(run: Run, words: str) -> None:
    code, output, errors = run(*words.split(), "--base-url", "nonsense")
    assert (code, output) == (2, "")
    assert errors == "frontdesk: `--base-url` must look like https://host or https://host:port\n"


def test_an_address_in_the_environment_is_called_by_its_variable(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FRONTDESK_BASE_URL", "nonsense")
    assert refused(run("chats", "list")).startswith("`FRONTDESK_BASE_URL` must look like")


def test_errors_of_the_api_name_arguments_of_the_command(run: Run) -> None:
    assert "not_found: `ID`: there is no chat `NOPE`" in refused(run("chat", "NOPE"), 1)


def test_errors_of_the_accounts_server_name_arguments_of_the_command(run: Run) -> None:
    line = refused(run("customers", "token", "nobody"), 1)
    assert "`ID`: there is no such customer" in line


def test_a_date_that_is_none_is_shown_what_one_looks_like(run: Run) -> None:
    line = refused(run("archives", "list", "--filter", "from=yesterday"))
    assert line.endswith("`from` must be a date and time such as 2026-03-31T12:00:00Z")


def test_a_file_without_a_name_is_no_folder(run: Run) -> None:
    line = refused(run("call", "list_chats", "--json", "@"))
    assert line == "`--json` must have the name of a file after the @"


def test_the_next_command_can_be_copied(alone: Run, tmp_path) -> None:
    folder = tmp_path / "my bot"
    _, _, errors = alone("bot", "init", str(folder))
    assert f"`frontdesk bot chat '{folder}/bot.py'`" in errors
