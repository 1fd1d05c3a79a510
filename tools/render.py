"""Write what follows from the declarations: façades, tables of methods, the OpenAPI document.

``render.py`` writes the files, ``render.py --check`` fails when one of them differs by a byte.
"""

import argparse
import subprocess
import sys
import types
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from textwrap import dedent, indent, wrap
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Struct, UnsetType

from frontdesk import errors, models
from frontdesk.actions import ACTIONS, CONFIGURATION_ACTIONS, Action
from frontdesk.sandbox.describe.asyncapi import asyncapi_text
from frontdesk.sandbox.describe.fidelity import fidelity_markdown
from frontdesk.sandbox.describe.openapi import openapi_text

ROOT = Path(__file__).resolve().parent.parent
SRC = ROOT / "src" / "frontdesk"
WIDTH = 92
ALIASES = {
    frozenset(get_args(getattr(models, name))): name for name in ("Event", "NewEvent", "User")
}
NAMED = {
    repr(getattr(models, name)): name
    for name in ("NewProperties", "PropertyNames", "AgentsForTransfer", "WebhookAction")
}

NAMED_INPUTS = {repr(models.WebhookAction): "WebhookAction"}


class Facade(Struct, frozen=True, kw_only=True):
    """One file with one client class."""

    path: str
    name: str
    driver: str
    doc: str
    actions: Callable[[], dict[str, type[Action[Any]]]]
    transport: str
    is_async: bool
    pages: str | None


def agent_actions() -> dict[str, type[Action[Any]]]:
    return ACTIONS


def configuration_actions() -> dict[str, type[Action[Any]]]:
    return CONFIGURATION_ACTIONS


FACADES = [
    Facade(
        path="clients/agent.py",
        name="AgentClient",
        driver="frontdesk.clients._sync.SyncDriver",
        doc="The Agent Chat Web API: one method per API method, each waits for its response.",
        actions=agent_actions,
        transport="web",
        is_async=False,
        pages="frontdesk.core.pages.Pages",
    ),
    Facade(
        path="clients/async_agent.py",
        name="AsyncAgentClient",
        driver="frontdesk.clients._async.AsyncDriver",
        doc="The Agent Chat Web API: one method per API method, each to be awaited.",
        actions=agent_actions,
        transport="web",
        is_async=True,
        pages="frontdesk.core.pages.AsyncPages",
    ),
    Facade(
        path="clients/rtm_sync.py",
        name="AgentRTM",
        driver="frontdesk.clients._rtm_sync.SyncRTMDriver",
        doc="The Agent Chat RTM API: one method per API method, and the pushes of the server.",
        actions=agent_actions,
        transport="rtm",
        is_async=False,
        pages="frontdesk.core.pages.Pages",
    ),
    Facade(
        path="clients/rtm_async.py",
        name="AsyncAgentRTM",
        driver="frontdesk.clients._rtm_async.AsyncRTMDriver",
        doc="The Agent Chat RTM API: one method per API method, and the pushes of the server.",
        actions=agent_actions,
        transport="rtm",
        is_async=True,
        pages="frontdesk.core.pages.AsyncPages",
    ),
    Facade(
        path="clients/configuration.py",
        name="ConfigurationClient",
        driver="frontdesk.clients._sync.SyncDriver",
        doc="The Configuration API, webhooks so far; each method waits for its response.",
        actions=configuration_actions,
        transport="web",
        is_async=False,
        pages=None,
    ),
    Facade(
        path="clients/async_configuration.py",
        name="AsyncConfigurationClient",
        driver="frontdesk.clients._async.AsyncDriver",
        doc="The Configuration API, webhooks so far; each method is to be awaited.",
        actions=configuration_actions,
        transport="web",
        is_async=True,
        pages=None,
    ),
]


PUBLIC = {
    "frontdesk._version": ["__version__"],
    "frontdesk.auth": ["BearerToken", "PersonalAccessToken"],
    "frontdesk.clients.agent": ["AgentClient"],
    "frontdesk.clients.async_agent": ["AsyncAgentClient"],
    "frontdesk.clients.async_configuration": ["AsyncConfigurationClient"],
    "frontdesk.clients.configuration": ["ConfigurationClient"],
    "frontdesk.clients.rtm_async": ["AsyncAgentRTM"],
    "frontdesk.clients.rtm_sync": ["AgentRTM"],
    "frontdesk.clients.subscriptions": ["AsyncSubscription", "Subscription"],
    "frontdesk.core.exchange": ["Call", "DeprecatedVersionWarning"],
    "frontdesk.core.limiter": ["Limiter"],
    "frontdesk.core.pages": ["AsyncPages", "Pages"],
    "frontdesk.core.policy": ["Meter", "MeterReading", "Retry"],
    "frontdesk.core.rtm.notices": ["ConnectionLost", "PushesLost", "Reconnected", "Recovered"],
    "frontdesk.core.rtm.settings": ["Backoff"],
    "frontdesk.core.rtm.stats": ["SessionStats"],
    "frontdesk._damage": ["Damage"],
    "frontdesk.decoding": ["decode", "encode", "to_dict"],
    "frontdesk.errors": errors.__all__,
    "frontdesk.models": ["validate_event"],
}
"""The names of the package itself and where they come from."""

SUBPACKAGES = ["actions", "auth", "errors", "models", "pushes", "webhooks"]


class Argument(Struct, frozen=True):
    """One field of a declaration, as an argument."""

    name: str
    type: str
    required: bool
    description: str


class Names:
    """The names that a rendered file has to import."""

    def __init__(self) -> None:
        self.modules: dict[str, set[str]] = {}

    def add(self, module: str, name: str) -> str:
        self.modules.setdefault(module, set()).add(name)
        return name

    def text(self) -> str:
        def line(module: str, names: set[str]) -> str:
            return f"from {module} import {', '.join(sorted(names))}"

        return "\n".join(line(module, names) for module, names in sorted(self.modules.items()))


def taken_text(hint: Any, names: Names) -> str:
    """Write what an argument takes for a type: any sequence for a list, dicts for structures."""
    origin, args = get_origin(hint), get_args(hint)
    if repr(hint) in NAMED_INPUTS:
        return names.add("frontdesk.models", NAMED_INPUTS[repr(hint)])
    if origin is Annotated:
        return taken_text(args[0], names)
    if origin in (Union, types.UnionType):
        parts = [part for part in args if part not in (UnsetType, types.NoneType)]
        return _taken_union(parts, names)
    if origin is list:
        names.add("collections.abc", "Sequence")
        return f"Sequence[{taken_text(args[0], names)}]"
    if origin is dict:
        names.add("collections.abc", "Mapping")
        return f"Mapping[{', '.join(taken_text(arg, names) for arg in args)}]"
    if isinstance(hint, type) and issubclass(hint, Struct):
        return f"{type_text(hint, names)} | {_plain(names)}"
    return type_text(hint, names)


def _taken_union(parts: list[Any], names: Names) -> str:
    structs = [part for part in parts if isinstance(part, type) and issubclass(part, Struct)]
    others = [taken_text(part, names) for part in parts if part not in structs]
    if structs:
        others = [*_union_parts(tuple(structs), names), _plain(names), *others]
    return " | ".join(others)


def _plain(names: Names) -> str:
    names.add("collections.abc", "Mapping")
    names.add("typing", "Any")
    return "Mapping[str, Any]"


def type_text(hint: Any, names: Names) -> str:
    """Write a type as a person would in an annotation, and note what to import."""
    origin, args = get_origin(hint), get_args(hint)
    if repr(hint) in NAMED:
        return names.add("frontdesk.models", NAMED[repr(hint)])
    if origin is Annotated:
        return type_text(args[0], names)
    if origin in (Union, types.UnionType):
        return " | ".join(_union_parts(args, names))
    if origin is Literal:
        names.add("typing", "Literal")
        return f"Literal[{', '.join(map(repr, args))}]".replace("'", '"')
    if origin in (list, dict):
        return f"{origin.__name__}[{', '.join(type_text(arg, names) for arg in args)}]"
    if hint is Any:
        return names.add("typing", "Any")
    if hint is UnsetType:
        return names.add("msgspec", "UnsetType")
    if hint is datetime:
        return names.add("datetime", "datetime")
    if hint is types.NoneType or hint is None:
        return "None"
    if hint.__module__.startswith("frontdesk.models"):
        return names.add("frontdesk.models", hint.__name__)
    if hint.__module__.startswith("frontdesk."):
        return names.add(hint.__module__, hint.__name__)
    return str(hint.__name__)


def _union_parts(args: tuple[Any, ...], names: Names) -> Iterator[str]:
    left = set(args)
    for members, alias in ALIASES.items():
        if members <= left:
            left -= members
            yield names.add("frontdesk.models", alias)
    for arg in args:
        if arg in left:
            yield type_text(arg, names)


def arguments(action: type[Action[Any]], names: Names) -> list[Argument]:
    """Return the fields of a declaration, the required ones first."""
    hints = get_type_hints(action, include_extras=True)
    found = [
        Argument(
            field.name,
            taken_text(hints[field.name], names) + ("" if field.required else " | None"),
            field.required,
            _description(hints[field.name]),
        )
        for field in msgspec.structs.fields(action)
    ]
    return sorted(found, key=lambda argument: not argument.required)


def _description(hint: Any) -> str:
    for meta in reversed(getattr(hint, "__metadata__", ())):
        if isinstance(meta, msgspec.Meta) and meta.description:
            return meta.description
    return ""


def summary(action: type[Action[Any]]) -> tuple[str, str]:
    """Return the first line and the rest of a declaration's docstring."""
    first, _, rest = dedent(action.__doc__ or "").strip().partition("\n")
    return first, dedent(rest).strip()


def docstring(
    action: type[Action[Any]], given: list[Argument], returns: str, extra: str = ""
) -> str:
    """Write the docstring of a method: purpose, arguments, result, errors, source."""
    parts = [part for part in (*summary(action), extra) if part]
    if given:
        parts.append(_section("Args", ((each.name, each.description) for each in given)))
    if returns:
        lines = wrap(returns, WIDTH - 12, break_long_words=False)
        parts.append("Returns:\n" + indent("\n".join(lines), "    "))
    parts.append(_section("Raises", _errors(action)))
    parts.append("\n".join(_facts(action)))
    return '"""' + "\n\n".join(parts) + '\n"""'


def _section(heading: str, items: Iterable[tuple[str, str]]) -> str:
    """Write a section of names and descriptions."""
    lines = [
        line
        for name, description in items
        for line in wrap(
            f"{name}: {description}",
            WIDTH - 8,
            initial_indent="    ",
            subsequent_indent="        ",
            break_long_words=False,
        )
    ]
    return "\n".join([f"{heading}:", *lines])


def _errors(action: type[Action[Any]]) -> Iterator[tuple[str, str]]:
    typical = ", ".join(f"`{name}`" for name in action.spec.errors)
    yield "InvalidArgument", "An argument breaks a rule; nothing was sent."
    yield (
        "APIError",
        "The API responded with an error" + (f", typically {typical}." if typical else "."),
    )
    yield "TransportError", "No complete response arrived."
    yield "DecodeError", "The response is not what the API documents."


def _facts(action: type[Action[Any]]) -> Iterator[str]:
    spec = action.spec
    yield from wrap(f"Scopes: {spec.scopes}.", WIDTH - 8, break_long_words=False)
    if spec.until:
        later = f"; later use {spec.replaced_by}" if spec.replaced_by else ""
        versions = f"{spec.since[0]}.{spec.since[1]} to {spec.until[0]}.{spec.until[1]}"
        yield from wrap(f"Versions: {versions}{later}.", WIDTH - 8)
    yield f"Source: {spec.url}"


def signature(name: str, given: list[Argument], returns: str, prefix: str) -> str:
    lines = ["self,"]
    if given:
        lines.append("*,")
    for argument in given:
        default = ""
        if not argument.required:
            default = " = None"
        lines.append(f"{argument.name}: {argument.type}{default},")
    return f"{prefix}def {name}(\n{indent(chr(10).join(lines), '    ')}\n) -> {returns}:"


def method(facade: Facade, action: type[Action[Any]], names: Names) -> str:
    """Write one method."""
    spec = action.spec
    if spec.name == "upload_file":
        return upload_method(facade, action, names)
    given = arguments(action, names)
    returns = type_text(spec.returns, names)
    names.add(action.__module__, action.__name__)
    prefix = "async " if facade.is_async else ""
    wait = "await " if facade.is_async else ""
    call = f"self({action.__name__}({', '.join(f'{a.name}={a.name}' for a in given)}))"
    body = f"{wait}{call}" if spec.returns is None else f"return {wait}{call}"
    what = "" if spec.returns is None else _result(returns, spec.returns)
    return (
        signature(spec.name, given, returns, prefix)
        + "\n"
        + indent(docstring(action, given, what), "    ")
        + f"\n    {body}\n"
    )


def _result(text: str, returns: Any) -> str:
    """Say what a method returns, in the words of the structure's own docstring."""
    doc = getattr(returns, "__doc__", None) if isinstance(returns, type) else None
    first = (doc or "").strip().partition("\n")[0]
    if not first or not first.endswith("."):
        return f"`{text}`."
    return f"`{text}`: {first[0].lower() if first[1].islower() else first[0]}{first[1:]}"


def upload_method(facade: Facade, action: type[Action[Any]], names: Names) -> str:
    """Write upload_file, whose argument is streamed."""
    names.add("frontdesk._upload", "FileLike")
    names.add("collections.abc", "Callable")
    returns = type_text(action.spec.returns, names)
    given = [
        Argument(
            "file",
            "FileLike",
            True,
            "The bytes, a path, or a binary file open for reading; at most 10 MB, no executable.",
        ),
        Argument("name", "str | None", False, "File name to send; defaults to that of the path."),
        Argument(
            "content_type", "str | None", False, "MIME type; defaults to a guess by the name."
        ),
        Argument(
            "on_progress",
            "Callable[[int, int], object] | None",
            False,
            "Called with the bytes sent so far and the size of the file.",
        ),
    ]
    prefix, wait = ("async ", "await ") if facade.is_async else ("", "")
    head = signature("upload_file", given, returns, prefix).replace(
        "*,\n    file: FileLike,", "file: FileLike,\n    *,"
    )
    call = ", ".join(["file", *(f"{a.name}={a.name}" for a in given[1:])])
    return (
        head
        + "\n"
        + indent(docstring(action, given, f"`{returns}`: its URL."), "    ")
        + f"\n    return {wait}self._upload({call})\n"
    )


def iterator_method(facade: Facade, action: type[Action[Any]], names: Names) -> str:
    """Write the iterator over all pages of a paged method."""
    spec = action.spec
    page = spec.page
    assert page is not None
    assert facade.pages is not None
    module, _, pages = facade.pages.rpartition(".")
    names.add(module, pages)
    names.add(action.__module__, action.__name__)
    item_type = get_args(get_type_hints(spec.returns)[page.items])[0]
    returns = f"{pages}[{type_text(item_type, names)}]"
    given = [a for a in arguments(action, names) if a.name != "min_events_count"]
    passed = ", ".join(f"{a.name}={a.name}" for a in given)
    loop = "async for" if facade.is_async else "for"
    extra = (
        f"Follows `next_page_id` to the end (`{loop} item in client.{iterator_name(spec.name)}"
        "(…)`) and keeps one page in\nmemory. Sends the filters with the first request only, and "
        f"asks for {page.maximum} items a page unless\n`limit` is given."
    )
    names.add("frontdesk.core.pages", "full_pages")
    return (
        signature(iterator_name(spec.name), given, returns, "")
        + "\n"
        + indent(
            docstring(action, given, f"`{returns}`: an iterator over the items.", extra).replace(
                summary(action)[0], f"Iterate over all pages of `{spec.name}`.", 1
            ),
            "    ",
        )
        + f"\n    return self._pages(full_pages({action.__name__}({passed})))\n"
    )


def iterator_name(name: str) -> str:
    return name.replace("list_", "iter_", 1)


def facade_text(facade: Facade) -> str:
    """Write one façade."""
    names = Names()
    module, _, driver = facade.driver.rpartition(".")
    names.add(module, driver)
    methods: list[str] = []
    for action in facade.actions().values():
        if facade.transport not in action.spec.transports:
            continue
        methods.append(method(facade, action, names))
        if action.spec.page and facade.pages:
            methods.append(iterator_method(facade, action, names))
    body = indent("\n".join(methods), "    ")
    return (
        f'"""Rendered from the declarations by tools/render.py; not to be edited by hand."""\n\n'
        f'{names.text()}\n\n__all__ = ["{facade.name}"]\n\n\n'
        f'class {facade.name}({driver}):\n    """{facade.doc}"""\n\n{body}'
    )


def package_text() -> str:
    """Write the package's own module: the public names, each loaded when it is first used."""
    imports = "\n".join(
        f"from {module} import {', '.join(f'{name} as {name}' for name in names)}"
        for module, names in PUBLIC.items()
    )
    subpackages = ", ".join(f"{name} as {name}" for name in SUBPACKAGES)
    where = {name: module for module, names in PUBLIC.items() for name in names}
    where |= dict.fromkeys(SUBPACKAGES, "")
    listed = "\n".join(f"    {name!r}: {module!r}," for name, module in sorted(where.items()))
    exported = "\n".join(f"    {name!r}," for name in sorted(where))
    return f'''"""Typed clients for LiveChat's Agent Chat API, and a sandbox that speaks it.

Rendered by tools/render.py; not to be edited by hand. Each name is loaded when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
{indent(imports, "    ")}
    from frontdesk import {subpackages}

__all__ = [
{exported}
]

_WHERE = {{
{listed}
}}


def __getattr__(name: str) -> Any:
    module = _WHERE.get(name)
    if module is None:
        raise AttributeError(f"module 'frontdesk' has no attribute {{name!r}}")
    loaded = import_module(module or f"frontdesk.{{name}}")
    value = globals()[name] = getattr(loaded, name) if module else loaded
    return value


def __dir__() -> list[str]:
    return __all__
'''


def methods_table() -> str:
    """Write the tables of methods for the docs."""
    rows = ["# API methods", "", "<!-- Rendered by tools/render.py; not to be edited by hand. -->"]
    rows += ["", "Every method has the wire's name and parameter names, on both clients.", ""]
    rows += table_rows(ACTIONS.values())
    rows += ["", "## Configuration API", ""]
    rows += ["`ConfigurationClient` and `AsyncConfigurationClient` have these, for webhooks.", ""]
    rows += table_rows(CONFIGURATION_ACTIONS.values())
    return "\n".join(rows) + "\n"


def table_rows(actions: Iterable[type[Action[Any]]]) -> Iterator[str]:
    yield "| Method | Returns | Transports | Scopes | Causes | Retried after an unknown outcome |"
    yield "| -- | -- | -- | -- | -- | -- |"
    for action in actions:
        spec = action.spec
        returns = "—" if spec.returns is None else f"`{type_text(spec.returns, Names())}`"
        causes = ", ".join(f"`{push}`" for push in spec.push) or "—"
        versions = f" (to {spec.until[0]}.{spec.until[1]})" if spec.until else ""
        yield (
            f"| [`{spec.name}`]({spec.url}){versions} | {returns} | {', '.join(spec.transports)} | "
            f"{spec.scopes} | {causes} | {'yes' if spec.repeatable else 'no'} |"
        )


def outputs() -> dict[Path, str]:
    """Return every rendered file and its text."""
    files = {SRC / facade.path: _formatted(facade_text(facade)) for facade in FACADES}
    files[SRC / "__init__.py"] = _formatted(package_text())
    files[ROOT / "docs" / "reference" / "methods.md"] = methods_table()
    files[ROOT / "docs" / "reference" / "openapi.json"] = openapi_text()
    files[ROOT / "docs" / "reference" / "asyncapi.json"] = asyncapi_text()
    files[ROOT / "docs" / "sandbox" / "fidelity.md"] = fidelity_markdown()
    return files


def _formatted(text: str) -> str:
    ruff = [str(Path(sys.executable).with_name("ruff"))]
    config = ["--config", str(ROOT / "pyproject.toml"), "--stdin-filename", "facade.py", "-"]
    fixed = subprocess.run(
        [*ruff, "check", "--fix", "--quiet", "--select", "I,F401,Q,RUF022", *config],
        input=text,
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    ).stdout
    return subprocess.run(
        [*ruff, "format", "--quiet", *config],
        input=fixed,
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    ).stdout


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="only compare; fail on a difference")
    check = parser.parse_args().check
    stale = []
    for path, text in outputs().items():
        if path.exists() and path.read_text() == text:
            continue
        stale.append(path.relative_to(ROOT))
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    for path in stale:
        print(f"{'differs' if check else 'wrote'}: {path}")
    if check and stale:
        print("run `make render`")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
