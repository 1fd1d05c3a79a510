"""Commands that are methods of the Configuration API, made of their declarations."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from inspect import Parameter, Signature, cleandoc
from typing import Annotated, Any

import typer
from msgspec import UNSET, Struct

from frontdesk.actions import Action
from frontdesk.cli.arguments.confirmation import confirm_for_good
from frontdesk.cli.arguments.fields import Field, built, check_change, fields_of
from frontdesk.cli.arguments.help import PlainCommand
from frontdesk.cli.arguments.options import BaseUrl, Token
from frontdesk.cli.arguments.versions import usual_version
from frontdesk.cli.output.services import is_local, service
from frontdesk.cli.output.tables import print_details, print_table
from frontdesk.cli.output.terminal import print_json, print_line, printable, say
from frontdesk.clients.options import DEFAULT_BASE_URL
from frontdesk.codec.decoding import encode
from frontdesk.codec.plain import is_array
from frontdesk.errors import APIError, FrontdeskError, InvalidArgument
from frontdesk.grammar import counted

__all__ = [
    "MethodCommand",
    "add_commands",
    "as_options",
    "set_fields",
]

Rows = Callable[[Any], "tuple[tuple[str, ...], list[tuple[Any, ...]]]"]
"""Makes the names of columns and the rows of a result."""

OWN = ("all_pages", "as_json", "yes", "base_url", "token")
"""The parameters of commands that are no fields."""
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
AllPages = Annotated[bool, typer.Option("--all", help="Read all pages; as JSON, one item a line.")]
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
    one field to print. ``note`` is said beside the result. ``item_rows`` makes rows of the items of
    a page, for a method with pages. ``show`` prints the result in another way than as a table.
    """

    name: str
    action: type[Action[Any]]
    arguments: tuple[str, ...] = ()
    summary: str = ""
    asks: str = ""
    columns: tuple[str, ...] = ()
    rows: Rows | None = None
    item_rows: Rows | None = None
    show: Callable[[Any], None] | None = None
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
        options = {
            name: given.pop(name, None)
            for name in ("all_pages", "as_json", "yes", "base_url", "token")
        }
        check_change(command.action, fields, given)
        action = built(command.action, fields, given)
        _call(command, action, fields, given, options)

    own = [
        Parameter("all_pages", Parameter.KEYWORD_ONLY, default=False, annotation=AllPages),
        Parameter("as_json", Parameter.KEYWORD_ONLY, default=False, annotation=AsJson),
        Parameter("yes", Parameter.KEYWORD_ONLY, default=False, annotation=Yes),
        Parameter("base_url", Parameter.KEYWORD_ONLY, default=None, annotation=BaseUrl),
        Parameter("token", Parameter.KEYWORD_ONLY, default=None, annotation=Token),
    ]
    hidden: set[str] = set() if command.asks else {"yes"}
    if command.only:
        hidden.add("as_json")
    if command.item_rows is None:
        hidden.add("all_pages")
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
            confirm_for_good(command.asks.format_map(shown), where)
        try:
            if options["all_pages"]:
                _show_all(command, client, action, as_json=bool(options["as_json"]))
                return
            result = client(action)
        except APIError as error:
            raise FrontdeskError(as_options(str(error), fields)) from None
    _show(command, result, given.get("fields") or (), as_json=bool(options["as_json"]))
    if command.note:
        say(f"frontdesk: {command.note}")


def _show_all(command: MethodCommand, client: Any, action: Action[Any], *, as_json: bool) -> None:
    """Print the items of all pages."""
    if "page_id" in (fields := set_fields(action)):
        raise InvalidArgument("--page-id", "cannot be given together with `--all`")
    items = getattr(client, f"iter_{action.spec.name.removeprefix('list_')}")(**fields)
    if as_json:
        for item in items:
            print_json(encode(item))
    elif command.item_rows is not None:
        print_table(*command.item_rows(list(items)))
    say(f"frontdesk: {counted(client.meter.requests, 'request')}")


def set_fields(action: Action[Any]) -> dict[str, Any]:
    """Return the fields of an action that are given."""
    return {
        name: value
        for name in action.__struct_fields__
        if (value := getattr(action, name)) is not UNSET
    }


def _client(command: MethodCommand, options: Mapping[str, Any]) -> Any:
    from frontdesk import AgentClient, ConfigurationClient

    base_url = options["base_url"]
    if command.action.spec.api == "agent":
        version = usual_version(command.action.spec)
        return AgentClient(options["token"], base_url=base_url, version=version)
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
    elif command.show is not None:
        command.show(result)
    elif command.rows is not None:
        print_table(*command.rows(result))
    elif command.item_rows is not None:
        _show_page(command, result)
    elif is_array(result):
        columns = _shown(command.columns, asked, result)
        print_table(columns, [[getattr(item, name) for name in columns] for item in result])
    else:
        print_details(result)


def _show_page(command: MethodCommand, page: Any) -> None:
    """Print the items of a page, and say how to come to the next one."""
    paging = command.action.spec.page
    if paging is None or command.item_rows is None:
        return
    items = getattr(page, paging.items)
    print_table(*command.item_rows(items))
    next_page = getattr(page, "next_page_id", None)
    if next_page:
        number = getattr(page, paging.found, None)
        about = f" of about {number:,}" if isinstance(number, int) else ""
        say(
            f"frontdesk: {len(items)}{about}; `--all` reads the rest, "
            f"`--page-id {printable(next_page)}` the next page"
        )


def as_options(text: str, fields: Sequence[Field]) -> str:
    """Return what the API says with the options in the place of its fields."""
    for field in fields:
        for name in {".".join(field.path), field.path[-1]}:
            text = text.replace(f"`{name}`", f"`{field.shown}`")
    return text
