"""The command of a method: its fields as options, and what it does with them."""

import re
from collections.abc import Callable, Mapping, Sequence
from inspect import Signature, cleandoc
from pathlib import Path
from typing import Any, Final

import msgspec
import typer
from msgspec.structs import replace

from frontdesk.actions import Action, UploadFile
from frontdesk.cli.arguments.confirmation import confirm_for_good
from frontdesk.cli.arguments.fields import Field, fields_of, renamed
from frontdesk.cli.arguments.json_values import read_object
from frontdesk.cli.arguments.organizations import required_organization
from frontdesk.cli.arguments.versions import read_version, usual_version
from frontdesk.cli.call.callers import Caller, caller_of
from frontdesk.cli.call.irreversible import is_irreversible, question
from frontdesk.cli.call.method_commands import as_options, set_fields
from frontdesk.cli.call.methods import shown_name
from frontdesk.cli.call.options import customer_token, own_parameters
from frontdesk.cli.output.prices import PRICE
from frontdesk.cli.output.services import is_local, service
from frontdesk.cli.output.terminal import print_document, print_json, print_text, printable, say
from frontdesk.clients.names import check_version
from frontdesk.codec.decoding import encode
from frontdesk.codec.plain import is_object
from frontdesk.errors import APIError, FrontdeskError, InvalidArgument
from frontdesk.grammar import counted
from frontdesk.spec.actions import dotted
from frontdesk.suggestions import did_you_mean

__all__ = ["fields_with_options", "function_of"]

BY_CONNECTION: Final = {"login": ("token", "reconnect")}
"""Fields that the log-in of a session fills in by itself."""
NEW_TOKEN: Final = "new_token"  # noqa: S105 - a name
"""The token of a method that swaps it; the other one makes the call."""
ERROR: Final = 400
CLASS: Final = re.compile(r"is not a field of [A-Z]\w*")
"""How errors call the structure that lacks a field."""


def function_of(action: type[Action[Any]]) -> Callable[..., None]:
    """Return the function that typer makes a command of: its signature is that of the method."""
    fields = fields_with_options(action)
    own = own_parameters(action)

    def call(**given: Any) -> None:
        options = {each.name: given.pop(each.name, None) for each in own}
        _call(action, fields, given, _Options(options))

    parameters = [*(_optional(field).parameter() for field in fields), *own]
    call.__name__ = action.spec.name
    call.__doc__ = _doc(action)
    call.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
    call.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return call


class _Options:
    """The options of a command besides the fields of its method; those that it lacks are empty."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.json: str | None = values.get("call_json")
        self.raw: bool = bool(values.get("call_raw"))
        self.dry_run: bool = bool(values.get("call_dry_run"))
        self.all: bool = bool(values.get("call_all"))
        self.budget: int | None = values.get("call_budget")
        self.yes: bool = bool(values.get("call_yes"))
        self.version: str | None = values.get("call_api_version")
        self.organization_id: str | None = values.get("call_organization_id")
        self.base_url: str | None = values.get("base_url")
        self.token: Any = values.get("token", values.get("customer_token"))


def fields_with_options(action: type[Action[Any]]) -> list[Field]:
    """Return the fields of a method that have an option."""
    filled = BY_CONNECTION.get(action.spec.name, ())
    return [_renamed(field) for field in fields_of(action) if field.name not in filled]


def _renamed(field: Field) -> Field:
    return replace(field, name=NEW_TOKEN, option="--new-token") if field.name == "token" else field


def _optional(field: Field) -> Field:
    """Return a field that may be in the JSON instead, and whose help says that it is required."""
    if not field.required:
        return field
    help_text = field.help if field.kind.empty is not None else f"{field.help} Required."
    return replace(field, required=False, help=help_text)


def _doc(action: type[Action[Any]]) -> str:
    spec = action.spec
    first, _, rest = cleandoc(action.__doc__ or "").partition("\n")
    paragraphs = [first, rest.strip()]
    if spec.scopes.names:
        paragraphs.append(f"The token needs {spec.all_scopes}.")
    if "web" not in spec.transports:
        paragraphs.append("It goes over an RTM connection, which is closed afterwards.")
    if spec.until is not None:
        paragraphs.append(f"Version {dotted(spec.until)} of the API is the last that has it.")
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)


def _call(
    action_class: type[Action[Any]],
    fields: Sequence[Field],
    given: Mapping[str, Any],
    options: _Options,
) -> None:
    action = _built(action_class, fields, given, options.json)
    if options.raw and (options.all or options.dry_run):
        other = "`--all`" if options.all else "`--dry-run`"
        raise InvalidArgument("--raw", f"cannot be given together with {other}")
    if options.budget is not None and not options.all:
        raise InvalidArgument("--budget", "is for `--all`: one call is one request")
    spec = action_class.spec
    version = options.version or usual_version(spec)
    if options.version is not None:
        check_version(spec, read_version("--api-version", options.version))
    token, organization_id = options.token, options.organization_id
    if spec.api == "customer":
        token = customer_token(token)
        if is_local(options.base_url) or not options.dry_run:
            organization_id = required_organization(organization_id, options.base_url)
    caller = caller_of(
        action,
        token=token,
        base_url=options.base_url,
        version=version,
        organization_id=organization_id,
        budget=options.budget,
    )
    if options.dry_run:
        _show_draft(caller, action, given, options)
        return
    where = service(options.base_url)
    say(f"frontdesk: talking to {where}")
    if is_irreversible(action_class) and not options.yes and not is_local(options.base_url):
        confirm_for_good(question(shown_name(action_class), _values(action)), where)
    try:
        with caller:
            _print_result(caller, action, given, options)
    except APIError as error:
        raise FrontdeskError(as_options(str(error), fields)) from None


def _print_result(
    caller: Caller, action: Action[Any], given: Mapping[str, Any], options: _Options
) -> None:
    if options.raw:
        reply = caller.raw(action)
        print_text(reply.body.decode("utf-8", "replace"))
        if reply.body and not reply.body.endswith(b"\n"):
            print_text("\n")
        if reply.status >= ERROR:
            say(f"frontdesk: the API refused the call (HTTP {reply.status})")
            raise typer.Exit(1)
        return
    if options.all:
        for item in caller.items(action):
            print_json(encode(item))
        say(f"frontdesk: {counted(caller.requests, 'request')}")
        return
    result = caller.call(action, _file(given))
    print_document(b"{}" if result is None else encode(result))


def _show_draft(
    caller: Caller, action: Action[Any], given: Mapping[str, Any], options: _Options
) -> None:
    """Print the request that would be sent, and say what it would cost."""
    is_one = "web" in action.spec.transports or action.spec.name == "login"
    requests = 1 if is_one else 2
    price = PRICE * requests / 1000
    costs = not is_local(options.base_url)
    cost = {"requests": requests, "usd": round(price, 5) if costs else 0}
    if options.all and action.spec.page is not None:
        cost["items_per_request"] = action.spec.page.maximum
    file = _file(given)
    draft = caller.draft(action, cost, file.name if file is not None else "")
    print_document(encode(draft))
    where = service(options.base_url)
    each = " for each page" if options.all else ""
    log_in = ", the log-in included," if requests > 1 else ""
    money = f"${price:.5f} at LiveChat's list price" if costs else "which cost nothing there"
    say(
        f"frontdesk: nothing was sent; it takes {counted(requests, 'request')}{each}{log_in} to "
        f"{where}, {money}")  # fmt: skip
    if action.spec.needs_token and caller.scheme is None:
        say("frontdesk: there is no token yet, which the call itself needs")


def _file(given: Mapping[str, Any]) -> Path | None:
    """Return the file to upload, of the one method that takes one."""
    name = given.get("file")
    return None if name is None else Path(name).expanduser()


def _built(
    action: type[Action[Any]], fields: Sequence[Field], given: Mapping[str, Any], text: str | None
) -> Action[Any]:
    """Build the action of the JSON and of the options, which count before it.

    Raises:
        InvalidArgument: Something does not fit; it names the field.
    """
    of_json = {} if text is None else _json_fields(action, text)
    values: dict[str, Any] = dict(of_json)
    typed: set[str] = set()
    for field in fields:
        value = given.get(field.name)
        is_given = value is not None and not (field.kind.multiple and not value)
        if is_given:
            typed.add(field.path[0])
            _put(values, field.path, field.kind.read(field.shown, value))
        elif field.required and field.kind.empty is not None and field.path[0] not in of_json:
            _put(values, field.path, field.kind.empty)
    for name in BY_CONNECTION.get(action.spec.name, ())[:1]:
        values.setdefault(name, "Bearer of-the-connection")
    if issubclass(action, UploadFile) and isinstance(values.get("file"), str):
        raise InvalidArgument("--json", "cannot hold a file: give it as `--file`")
    try:
        return action(**values)
    except InvalidArgument as error:
        top = error.field.replace("[", ".").partition(".")[0]
        if text is not None and top in of_json and top not in typed:
            raise _of_json(f"`{error.field}` {error.rule}") from None
        raise renamed(error, fields) from None


def _put(values: dict[str, Any], path: Sequence[str], value: Any) -> None:
    """Put a value where its path leads; what the JSON has beside it stays."""
    *outer, last = path
    for name in outer:
        inner: object = values.get(name)
        values[name] = dict(inner) if is_object(inner) else {}
        values = values[name]
    values[last] = value


def _json_fields(action: type[Action[Any]], text: str) -> dict[str, Any]:
    """Return the fields that the JSON has, by their names in Python."""
    data = read_object("--json", text)
    own = {field.encode_name: field.name for field in msgspec.structs.fields(action)}
    names = own | {name: name for name in own.values()}
    for name in data:
        if name not in names:
            hint = did_you_mean(name, own) or (f"; it has {', '.join(own)}" if own else "")
            raise _of_json(f"`{printable(name)[:60]}` is not a field of {shown_name(action)}{hint}")
    return {names[name]: value for name, value in data.items()}


def _of_json(rule: str) -> InvalidArgument:
    """Return the error of a field in the JSON, which is no option: its name is quoted otherwise."""
    rule = CLASS.sub("is not a field of it", rule).replace("`", '"')
    return InvalidArgument("--json", f"cannot be used: {rule}")


def _values(action: Action[Any]) -> dict[str, Any]:
    """Return the fields of an action that are set, but for secrets."""
    fields = set_fields(action)
    return {name: value for name, value in fields.items() if name not in action.not_shown}
