"""The commands by the modules that have them: each is loaded when it is called.

To load them all takes ten times as long as typer itself, which everybody who asks for help or for
completion would wait for.
"""

from collections.abc import Iterator, MutableMapping
from importlib import import_module
from typing import Any, Final

import typer
from typer.core import TyperGroup

from frontdesk.cli.completion.index import summary_of

__all__ = ["COMMANDS", "LazyGroup"]

COMMANDS: Final = {
    "demo": "demo:register",
    "sandbox": "sandbox:register",
    "call": "call.group:register",
    "chat": "chats.talk:register",
    "chats": "chats.listing:register",
    "archives": "chats.listing:register",
    "customers": "chats.listing:register",
    "tail": "tail:register",
    "record": "traffic.record:register_commands",
    "parity": "traffic.parity:register_commands",
    "migrate": "migrate:register",
    "report": "report:register",
    "mcp": "mcp:register",
    "login": "accounts.login:register_commands",
    "logout": "accounts.login:register_commands",
    "whoami": "accounts.whoami:register_commands",
    "profiles": "accounts.whoami:register_commands",
    "doctor": "accounts.doctor:register_commands",
    "webhooks": "webhooks:register",
    "agents": "configuration:register",
    "groups": "configuration:register",
    "tags": "configuration:register",
    "properties": "configuration:register",
    "bot": "bot:register",
    "export": "export:register",
    "completion": "completion.command:register",
}
"""Each command or group, in the order of the help, and the function that adds it to an app."""


class LazyCommands(MutableMapping[str, Any]):
    """The commands by their names; its names are there without the commands."""

    def __init__(self) -> None:
        self._loaded: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._loaded and name in COMMANDS:
            module, _, function = COMMANDS[name].partition(":")
            app = _app()
            getattr(import_module(f"frontdesk.cli.{module}"), function)(app)
            group: Any = typer.main.get_command(app)
            # What else the module has is here then, too.
            self._loaded = {**group.commands, **self._loaded}
        return self._loaded[name]

    def __setitem__(self, name: str, command: Any) -> None:
        self._loaded[name] = command

    def __delitem__(self, name: str) -> None:
        del self._loaded[name]

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys((*COMMANDS, *self._loaded)))

    def __len__(self) -> int:
        return len({*COMMANDS, *self._loaded})

    def __contains__(self, name: object) -> bool:
        return name in COMMANDS or name in self._loaded


class LazyGroup(TyperGroup):
    """The group of all commands, which shows its help without loading them."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.commands: Any = LazyCommands()

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the names of the commands with what each does."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary_of(name)) for name in self.commands])


def _app() -> typer.Typer:
    """Return an app for the commands of one module."""
    app = typer.Typer(add_completion=False, rich_markup_mode=None)

    @app.callback()
    def group() -> None:
        """Only what is below it is used."""

    return app
