"""``frontdesk call METHOD``: the group of all methods; each becomes a command when it is called."""

from collections.abc import Iterator, MutableMapping
from typing import Any, Final

import typer
from typer.core import TyperGroup

from frontdesk.cli.arguments.help import PlainCommand
from frontdesk.cli.call.command import function_of
from frontdesk.cli.call.methods import APIS, check_api, method_of, names, shown_name
from frontdesk.errors import InvalidArgument

__all__ = ["CallGroup", "register"]

TITLES: Final = {
    "agent": "Agent Chat API",
    "configuration": "Configuration API",
    "customer": "Customer Chat API",
}


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(cls=CallGroup, no_args_is_help=True, help=HELP, rich_markup_mode=None)

    @group.callback()
    def call() -> None:
        """Only what is below it does something."""

    app.add_typer(group, name="call", help=HELP)


HELP: Final = """Call any method of any API.

The result is JSON. The options of a method are its fields: `frontdesk call METHOD --help` shows
them. Where several APIs have a method, its name means that of the first one; write
`customer.send_event`, or give `--api customer`, for another.
"""


class Methods(MutableMapping[str, Any]):
    """The commands by the names of the methods."""

    def __init__(self) -> None:
        self._commands: dict[Any, Any] = {}

    def __getitem__(self, name: str) -> Any:
        try:
            action = method_of(name)
        except InvalidArgument:
            raise KeyError(name) from None
        return self.command(action)

    def command(self, action: Any) -> Any:
        """Return the command of a declaration."""
        if action not in self._commands:
            app = typer.Typer(add_completion=False, rich_markup_mode=None)
            app.command(shown_name(action), cls=PlainCommand)(function_of(action))
            self._commands[action] = typer.main.get_command(app)
        return self._commands[action]

    def __setitem__(self, name: str, command: Any) -> None:
        self._commands[method_of(name)] = command

    def __delitem__(self, name: str) -> None:
        del self._commands[method_of(name)]

    def __iter__(self) -> Iterator[str]:
        return names()

    def __len__(self) -> int:
        return sum(1 for _ in names())


class CallGroup(TyperGroup):
    """The group of all methods; ``--api`` may stand before or after the name of the method."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.subcommand_metavar = "METHOD [OPTIONS]..."
        self.methods: Methods = Methods()
        self.commands: Any = self.methods

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Take the API out of the words, wherever it stands: it says which options there are."""
        rest, api = _without_api(args)
        ctx.meta["frontdesk.api"] = api
        remaining: list[str] = super().parse_args(ctx, rest)
        return remaining

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the command of the method that the first word names."""
        name, *rest = args
        if name.startswith("-"):
            return super().resolve_command(ctx, args)
        action = method_of(name, ctx.meta["frontdesk.api"])
        return shown_name(action), self.methods.command(action), rest

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the methods of each API with what each does."""
        for api, actions in APIS.items():
            with formatter.section(TITLES[api]):
                formatter.write_dl(
                    [
                        (shown_name(action), (action.__doc__ or "").partition("\n")[0])
                        for action in actions.values()
                    ]
                )


def _without_api(words: list[str]) -> tuple[list[str], str | None]:
    """Return the words without ``--api``, and its value.

    Raises:
        InvalidArgument: There is no such API.
    """
    rest: list[str] = []
    api: str | None = None
    left = iter(words)
    for word in left:
        if word == "--":
            rest += [word, *left]
        elif word == "--api":
            api = next(left, "")
        elif word.startswith("--api="):
            api = word.partition("=")[2]
        else:
            rest.append(word)
    if api is not None:
        check_api(api)
    return rest, api
