"""Commands that are methods of the Configuration API, made of their declarations."""

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from inspect import Parameter, Signature, cleandoc
from typing import TYPE_CHECKING, Annotated, Any

import typer
from msgspec import Struct

from frontdesk.actions import Action
from frontdesk.cli.arguments.fields import Field, built, check_change, fields_of
from frontdesk.cli.arguments.help import PlainCommand
from frontdesk.cli.arguments.options import BaseUrl, Token
from frontdesk.cli.output.services import is_local, service
from frontdesk.cli.output.tables import print_details, print_table
from frontdesk.cli.output.terminal import print_json, print_line, printable, say
from frontdesk.clients.options import DEFAULT_BASE_URL
from frontdesk.codec.decoding import encode
from frontdesk.codec.plain import is_array
from frontdesk.errors import APIError, FrontdeskError, InvalidArgument

if TYPE_CHECKING:
    from frontdesk import ConfigurationClient

__all__ = ["MethodCommand", "add_commands", "as_options", "confirm", "is_local", "service"]

Rows = Callable[[Any], "tuple[tuple[str, ...], list[tuple[Any, ...]]]"]
"""Makes the names of columns and the rows of a result."""

AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
Yes = Annotated[
    bool,
    typer.Option(
        "--yes", "-y", help="Do not ask before what cannot be undone on the real service."
    ),
]


class MethodCommand(Struct, frozen=True, kw_only=True):
    """A command that calls a method.

    ``arguments`` are the fields that are given without a dash, in their order. ``summary`` replaces
    the first sentence of the declaration. ``asks`` is what is asked first on the real service, for
    what cannot be undone; ``{name}`` stands for a field. ``columns`` are the fields that a list
    shows, as far as it was asked for them; ``rows`` makes rows of anything else, ``only`` is the
    one field to print. ``note`` is said beside the result.
    """

    name: str
    action: type[Action[Any]]
    arguments: tuple[str, ...] = ()
    summary: str = ""
    asks: str = ""
    columns: tuple[str, ...] = ()
    rows: Rows | None = None
    only: str = ""
    note: str = ""


def add_commands(group: typer.Typer, *commands: MethodCommand) -> None:
    """Add commands to a group."""
    for command in commands:
        group.command(command.name, cls=PlainCommand)(_function(command))


def _function(command: MethodCommand) -> Callable[..., None]:
    """Return the function that typer makes a command of: its signature is that of the method."""
    fields = fields_of(command.action, command.arguments)

    def call(**given: Any) -> None:
        options = {name: given.pop(name, None) for name in ("as_json", "yes", "base_url", "token")}
        check_change(command.action, fields, given)
        action = built(command.action, fields, given)
        _call(command, action, fields, given, options)

    own = [
        Parameter("as_json", Parameter.KEYWORD_ONLY, default=False, annotation=AsJson),
        Parameter("yes", Parameter.KEYWORD_ONLY, default=False, annotation=Yes),
        Parameter("base_url", Parameter.KEYWORD_ONLY, default=None, annotation=BaseUrl),
        Parameter("token", Parameter.KEYWORD_ONLY, default=None, annotation=Token),
    ]
    hidden: set[str] = set() if command.asks else {"yes"}
    if command.only:
        hidden.add("as_json")
    parameters = [field.parameter() for field in fields]
    parameters += [parameter for parameter in own if parameter.name not in hidden]
    call.__name__ = command.name.replace("-", "_")
    call.__doc__ = _doc(command)
    call.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
    call.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return call


def _doc(command: MethodCommand) -> str:
    text = cleandoc(command.action.__doc__ or "")
    first, _, rest = text.partition("\n")
    paragraphs = [command.summary or first, rest.strip(), _scopes(command)]
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)


def _scopes(command: MethodCommand) -> str:
    scopes = command.action.spec.scopes
    return f"The token needs {scopes}." if scopes.names else ""


def _shown(columns: Iterable[str], asked: Iterable[str], items: list[Any]) -> list[str]:
    """Return the columns that something is in, and those that were asked for.

    All of them for an empty list.
    """
    asked = tuple(asked)
    return [
        name
        for name in dict.fromkeys((*columns, *asked))
        if not items or name in asked or any(getattr(item, name) is not None for item in items)
    ]


def _call(
    command: MethodCommand,
    action: Action[Any],
    fields: Sequence[Field],
    given: Mapping[str, Any],
    options: Mapping[str, Any],
) -> None:
    with _client(command, options) as client:
        where = service(options["base_url"])
        say(f"frontdesk: talking to {where}")
        if command.asks and not options["yes"] and not is_local(options["base_url"]):
            shown = {name: printable(str(value)) for name, value in given.items()}
            confirm(command.asks.format_map(shown), where)
        try:
            result = client(action)
        except APIError as error:
            raise FrontdeskError(as_options(str(error), fields)) from None
    _show(command, result, given.get("fields") or (), as_json=bool(options["as_json"]))
    if command.note:
        say(f"frontdesk: {command.note}")


def _client(command: MethodCommand, options: Mapping[str, Any]) -> "ConfigurationClient":
    from frontdesk import ConfigurationClient

    base_url = options["base_url"]
    # What needs no token is given one only if somebody asks for that.
    if isinstance(options["token"], str) or command.action.spec.needs_token:
        return ConfigurationClient(options["token"], base_url=base_url)
    from frontdesk.transport.anonymous import UNSENT_TOKEN, AnonymousTransport
    from frontdesk.transport.urllib3 import Urllib3Transport

    transport = AnonymousTransport(Urllib3Transport(base_url or DEFAULT_BASE_URL))
    return ConfigurationClient(UNSENT_TOKEN, base_url=base_url, transport=transport)


def _show(command: MethodCommand, result: Any, asked: Iterable[str], *, as_json: bool) -> None:
    if command.only:
        print_line(getattr(result, command.only))
    elif as_json:
        print_json(b"{}" if result is None else encode(result))
    elif result is None:
        say("frontdesk: done")
    elif command.rows is not None:
        print_table(*command.rows(result))
    elif is_array(result):
        columns = _shown(command.columns, asked, result)
        print_table(columns, [[getattr(item, name) for name in columns] for item in result])
    else:
        print_details(result)


def as_options(text: str, fields: Sequence[Field]) -> str:
    """Return what the API says with the options in the place of its fields."""
    for field in fields:
        for name in {".".join(field.path), field.path[-1]}:
            text = text.replace(f"`{name}`", f"`{field.shown}`")
    return text


def confirm(question: str, where: str) -> None:
    """Ask whether to go on; ends the command unless the answer is yes.

    Raises:
        InvalidArgument: Nobody is there to be asked.
    """
    sys.stderr.write(f"{question} It cannot be undone on {where}. [y/N] ")
    sys.stderr.flush()
    try:
        line = sys.stdin.readline() if sys.stdin is not None else ""
    except UnicodeError:
        line = "no"
    if not line:
        sys.stderr.write("\n")
        raise InvalidArgument("--yes", "is required where nobody can be asked")
    if line.strip().lower() not in {"y", "yes"}:
        say("frontdesk: nothing was changed")
        raise typer.Exit(1)
