"""The help of every command, at 80 columns, and what is said to somebody who mistypes."""

import inspect
import re
from itertools import pairwise
from typing import get_args

import pytest
import typer

from frontdesk.cli import main
from frontdesk.cli._app import app
from frontdesk.core.rtm.settings import Level
from frontdesk.sandbox.seeds import SEEDS

WIDTH = 80


def commands(command, path=()):
    """Every command and group below one, by the words that call it."""
    yield path, command
    if path == ("call",):
        return  # tests/cli/call goes through the methods
    for name, below in getattr(command, "commands", {}).items():
        # `frontdesk export chats/` calls the command that is meant without its name.
        if name != getattr(command, "default", None):
            yield from commands(below, (*path, name))


COMMANDS = dict(commands(typer.main.get_command(app)))
paths = pytest.mark.parametrize("path", COMMANDS, ids=lambda path: " ".join(path) or "frontdesk")


@pytest.fixture
def shown(monkeypatch, capsys):
    """Run the command; its exit code, its output and its errors."""

    def show(*words):
        monkeypatch.setenv("COLUMNS", str(WIDTH))
        with pytest.raises(SystemExit) as ended:
            main(list(words))
        captured = capsys.readouterr()
        return ended.value.code, captured.out, captured.err

    return show


@paths
def test_help_fits_and_has_no_stray_line_breaks(shown, path):
    code, text, errors = shown(*path, "--help")
    assert (code, errors) == (0, "")
    assert "..." not in text.partition("Commands:")[2], "a summary is cut off"
    lines = text.splitlines()
    assert max(map(len, lines)) <= WIDTH
    for line, following in pairwise(lines):
        indent = re.match(" *", line).end()
        if line.strip() and following.strip() and re.match(" *", following).end() == indent == 2:
            word = following.split()[0]
            starts_entry = re.match(r"  (-|[A-Z_]+  |[a-z_.-]+  )", following)
            assert starts_entry or len(line) + 1 + len(word) >= WIDTH - 2, (line, following)


GROUPS = [path for path, command in COMMANDS.items() if hasattr(command, "commands")]


@pytest.mark.parametrize("path", GROUPS, ids=lambda path: " ".join(path) or "frontdesk")
def test_without_a_command_the_help_is_shown(shown, path):
    _, text, _ = shown(*path, "--help")
    assert shown(*path) == (2, "", text)


@paths
def test_help_says_everything_in_sentences(path):
    command = COMMANDS[path]
    assert command.help.strip().endswith(".")
    for parameter in command.params:
        if parameter.name != "help":
            assert parameter.help.endswith("."), parameter.name
            assert "by default" not in parameter.help, parameter.name


@paths
def test_help_shows_no_types_of_python(shown, path):
    _, text, _ = shown(*path, "--help")
    assert not re.search(r"<(?:list|str|int|path|Path|float)[>\[]|INTEGER|FLOAT|\bRANGE\b", text)


@paths
def test_help_shows_defaults_and_variables(shown, path):
    _, text, _ = shown(*path, "--help")
    text = " ".join(text.split())
    function = COMMANDS[path].callback
    for parameter in COMMANDS[path].params:
        if parameter.name == "help":
            continue
        if parameter.name == "profile" and "profile" not in inspect.signature(function).parameters:
            continue  # it comes with every token, and has no default
        default = inspect.signature(function).parameters[parameter.name].default
        if default not in (None, False, "", inspect.Parameter.empty):
            value = parameter.name if default is True else default
            assert re.search(rf"[\[ ]default: {value}[\];]", text), parameter.name
        if parameter.envvar:
            assert f"env var: {parameter.envvar}" in text


@paths
def test_every_command_with_a_token_takes_a_profile(path):
    names = [parameter.name for parameter in COMMANDS[path].params]
    assert "token" not in names or "profile" in names


def test_help_shows_choices(shown):
    _, text, _ = shown("sandbox", "--help")
    for seed in SEEDS:
        assert re.search(rf"--seed \[.*{re.escape(seed)}.*\]", text)
    _, text, _ = shown("tail", "--help")
    assert f"--monitor <{'|'.join(get_args(Level))}>" in text
    _, text, _ = shown("webhooks", "listen", "--help")
    assert "--type <license|bot>" in text


@pytest.mark.parametrize("path", [path for path in COMMANDS if path], ids=" ".join)
def test_a_mistyped_command_is_suggested(shown, path):
    *group, name = path
    code, text, errors = shown(*group, f"{name[:-1]}{name[-1]}x")
    assert (code, text) == (2, "")
    assert errors.startswith("frontdesk: ")
    assert f"Did you mean '{name}'?" in errors


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("sandbox --sed demo", "--seed"),
        ("sandbox demo", "Got unexpected extra argument (demo)"),
        ("sandbox demo quiet", "Got unexpected extra arguments (demo quiet)"),
        ("sandbox --port x", "Invalid value for '--port'"),
        ("sandbox --seed gala", "`--seed` cannot be used: there is no seed 'gala'"),
        ("sandbox --seed gala", "; choose one of demo, quiet, empty, bulk:N"),
        ("sandbox --seed dmo", "; did you mean `demo`?"),
        ("sandbox --seed bulk:x", "; did you mean `bulk:N`?"),
        ("sandbox --rate-limit often", "`--rate-limit` must look like 180/min"),
        ("sandbox --rate-limit send_evnt=3/s", "; did you mean `send_event`?"),
        ("sandbox --rate-limit list_tag=3/s", "; did you mean `list_tags`?"),
        ("sandbox --port 70000", "'--port': must be a whole number from 0 to 65535"),
        ("sandbox --port x", "'--port': must be a whole number from 0 to 65535"),
        ("sandbox --random-seed x", "'--random-seed': must be a whole number"),
        ("tail --count 0", "'-n': must be a whole number, at least 1"),
        ("webhooks replay x --url http://x --timeout 0", ": must be a number from 0.1 to 86400"),
        ("sandbox --allow-origin x/y", "`--allow-origin` must be origins such as http://localhost"),
        ("sandbox --allow-host a/b", "`--allow-host` must be host names or addresses"),
        ("sandbox --allow-host *", "`--allow-host` must not be `*`, which lets in every web page"),
        (
            "sandbox --allow-host a:80",
            "`--allow-host` must be host names or addresses without a port",
        ),
        ("sandbox --webhook-host a/b", "`--webhook-host` must be host names, addresses, networks"),
        (
            "tail --token t --organization-id o --base-url http://x/v3.6/agent/action",
            'use --base-url "http://x" and --api-version "3.6"',
        ),
        ("webhooks replay nosuch.json --url http://x", "nosuch.json: No such file or directory"),
        ("tail --monitor all", "'all' is not one of 'my', 'chatting'"),
        ("tail --token t", "`--organization-id` is required"),
        ("tail --token t --organization-id o --api-version new", "`--api-version` must look like"),
        ("tail --organization-id o", "a token is required; set FRONTDESK_TOKEN, or give `--token`"),
        ("webhooks listen --type both --owner-client-id c", "'both' is not one of 'license'"),
        ("webhooks replay", "Missing argument 'FILE'"),
    ],
)
def test_a_mistake_is_explained_in_one_line(shown, monkeypatch, words, message):
    for name in ("FRONTDESK_TOKEN", "FRONTDESK_ORGANIZATION_ID", "FRONTDESK_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    code, text, errors = shown(*words.split())
    assert (code, text) == (2, "")
    assert message in errors
    assert errors.count("\n") == 1
    assert not re.search(r"Value error|Input should|\[Errno|allow_|webhook_hosts", errors)
    assert "(s)" not in errors
