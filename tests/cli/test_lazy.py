"""Commands are loaded when they are called: the help of ``frontdesk`` needs none of them."""

import subprocess
import sys
from importlib import import_module

import pytest
import typer

from frontdesk.cli._app import app
from frontdesk.cli.completion.index import LONGEST, index
from frontdesk.cli.lazy import COMMANDS, LazyGroup

HEAVY = ("aiohttp", "asyncio", "frontdesk.actions", "frontdesk.cli.call", "rich", "urllib3")


def modules_after(code: str) -> set[str]:
    script = f"import sys\ntry:\n    {code}\nexcept SystemExit: pass\nprint(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    return set(done.stdout.splitlines()[-1].split())


def test_help_loads_no_command() -> None:
    loaded = modules_after("from frontdesk.cli import main; main(['--help'])")
    assert "typer" in loaded
    assert not loaded.intersection(HEAVY)
    assert not [name for name in loaded if name.startswith("frontdesk.cli.accounts")]


def test_a_completion_loads_no_command_and_not_even_typer() -> None:
    code = "import os; os.environ['_FRONTDESK_COMPLETE'] = 'fish'; "
    loaded = modules_after(f"{code}from frontdesk.cli import main; main(['call', 'send_'])")
    assert not loaded.intersection({*HEAVY, "typer", "msgspec"})


def test_a_command_loads_no_other() -> None:
    loaded = modules_after("from frontdesk.cli import main; main(['tail', '--help'])")
    assert "frontdesk.cli.tail" in loaded
    assert "frontdesk.cli.webhooks" not in loaded


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_is_where_the_table_says(name: str) -> None:
    module, _, function = COMMANDS[name].partition(":")
    group = typer.Typer()
    getattr(import_module(f"frontdesk.cli.{module}"), function)(group)
    commands = [each.name for each in group.registered_commands]
    groups = [each.name for each in group.registered_groups]
    assert name in commands + groups


def test_summaries_are_those_of_the_commands_and_fit() -> None:
    group = typer.main.get_command(app)
    assert isinstance(group, LazyGroup)
    for name, command in group.commands.items():
        summary = index()["commands"][name]["help"]
        assert " ".join((command.help or "").split()).startswith(summary)
        assert len(summary) <= LONGEST


def test_the_commands_are_a_mapping() -> None:
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    assert list(commands) == list(COMMANDS)
    assert len(commands) == len(COMMANDS)
    assert "nosuch" not in commands
    assert commands.get("nosuch") is None
    assert commands["login"] is commands.get("login")
    commands["own"] = commands["tail"]
    assert list(commands)[-1] == "own"
    del commands["own"]
    assert "own" not in commands
