"""The pages of the API's methods: one for each group, and the table of all."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, get_args, get_type_hints

import msgspec
from tools.reference.fields import cell, prose
from tools.reference.types import argument_html, limits, linked
from tools.render.annotations import Imports, type_text
from tools.render.docstrings import result_text
from tools.render.facades import upload_parameters

from frontdesk.actions import (
    ACTIONS,
    CONFIGURATION_ACTIONS,
    CUSTOMER_ACTIONS,
    Action,
    UploadFile,
)
from frontdesk.pushes import CUSTOMER_PUSHES, PUSHES
from frontdesk.sandbox.apis import HANDLERS
from frontdesk.spec.actions import dotted
from frontdesk.spec.fields import description_of
from frontdesk.webhooks import PAYLOADS

__all__ = [
    "ALL_ACTIONS",
    "GROUPS",
    "anchor_of",
    "page_of",
    "pages",
    "sample_name",
    "sample_of",
    "table",
]

_SAMPLES = Path(__file__).resolve().parents[2] / "examples" / "methods"

GROUPS = {
    "chats": ("Chats", "Find, read, start, resume and close chats; read and export archives."),
    "chat_access": ("Chat access", "Transfer a chat, and find out to whom."),
    "chat_users": ("Chat users", "Add people to a chat, and remove them."),
    "events": ("Events", "Send messages, files, forms and cards."),
    "properties": ("Properties", "Keep data of your own with chats, threads and events."),
    "thread_tags": ("Thread tags", "Tag a thread, and take a tag away."),
    "customers": ("Customers", "Read, update, ban and follow customers."),
    "status": ("Status", "Who accepts chats, and who is away."),
    "session": ("Session", "Log in and out over RTM; mostly done by the client itself."),
    "other": ("Typing, seen, multicast", "Indicators, summaries, transcripts, messages of yours."),
    "configuration": ("License", "What the license is, up to version 3.5."),
    "configuration-agents": ("Agents", "Make, read, change, suspend and delete agents."),
    "configuration-auto_access": ("Access rules", "Give chats groups by where they come from."),
    "configuration-bots": ("Bots", "Make bots and templates of them; get their tokens."),
    "configuration-customer_bans": ("Customer bans", "List, end and, from 3.7 on, set bans."),
    "configuration-greetings": ("Greetings", "Make, read, change and delete greetings."),
    "configuration-groups": ("Groups", "Make, read, change and delete groups of agents."),
    "configuration-properties": (
        "Property definitions",
        "Register properties; set those of the license and of groups.",
    ),
    "configuration-tags": ("Tags", "Make, list, change and delete tags."),
    "configuration-webhooks": ("Webhooks", "Register webhooks, list and remove them."),
    "configuration-other": ("Company and plan", "Channels, plan, company, e-mail."),
    "configuration-batch": ("Batches", "Several requests of one method in one call."),
    "configuration-allowed_domains": ("Allowed domains", "Who may embed the widget, from 3.7 on."),
    "configuration-canned_responses": ("Canned responses", "Texts kept ready, from 3.7 on."),
    "configuration-translations": ("Translations", "Phrases of the widget, from 3.7 on."),
    "customer-chats": ("Chats of a customer", "List, read, start, resume and close them."),
    "customer-events": ("Events of a customer", "Send and delete messages, files and forms."),
    "customer-customers": ("The customer", "Read and change what is known of the customer."),
    "customer-properties": ("Properties for customers", "Read them, write them, and rate a chat."),
    "customer-status": ("The customer's session", "Log in over RTM; see which groups are online."),
    "customer-other": (
        "Greetings and forms",
        "Greetings, forms, goals, previews of links, and what was seen.",
    ),
    "customer-configuration": ("The chat window", "What a chat window shows; without a token."),
    "customer-localization": ("Phrases", "The phrases of a chat window; without a token."),
}
"""Title of each page, and what its methods are for."""

_INDEX = """\
<!-- Rendered by `make render`; not to be edited by hand. -->

# API methods

Every method has the name and the parameters of LiveChat's docs. In the documentation as it is built (`make docs`), each name leads to its parameters,
limits, scopes, errors, cost, and a sample that runs against the sandbox. [openapi.json](../openapi.json) describes the Web API of agents there, and
[asyncapi.json](../asyncapi.json) their RTM API; [customer-openapi.json](../customer-openapi.json) and [customer-asyncapi.json](../customer-asyncapi.json)
those of customers.

Agents and customers have methods of the same names, which differ in what they take and show: [which side has which method](#which-side-has-which-method).

Methods return what the API responds, as structures of `frontdesk.models`. *Retried* says whether a call is sent again when its outcome is
unknown (see [what is retried](../../guide/errors.md#what-is-retried)).
"""

_SIDES = """\
## Which side has which method

Agents and bots call the Agent Chat API, customers the Customer Chat API. All methods of configuration, above, are for agents; of customers, only what
`list_license_properties` and `list_group_properties` return of it is to be read.

| Method | Agents | Customers |
| -- | -- | -- |
"""

ALL_ACTIONS = (
    *ACTIONS.values(),
    *CONFIGURATION_ACTIONS.values(),
    *CUSTOMER_ACTIONS.values(),
)
"""The declarations of all APIs."""

_CLIENTS = {
    "agent": "`AgentClient`, `AsyncAgentClient`, `AgentRTM` and `AsyncAgentRTM`",
    "configuration": "`ConfigurationClient` and `AsyncConfigurationClient`",
    "customer": "`CustomerClient`, `AsyncCustomerClient`, `CustomerRTM` and `AsyncCustomerRTM`",
}


def page_of(action: type[Action[Any]]) -> str:
    """Return the name of the page that a method stands on."""
    spec = action.spec
    return spec.group if spec.api == "agent" else f"{spec.api}-{spec.group}"


def anchor_of(action: type[Action[Any]]) -> str:
    """Return the anchor of a declaration."""
    package = "frontdesk.actions.customer" if action.spec.api == "customer" else "frontdesk.actions"
    return f"{package}.{action.__name__}"


def pages() -> dict[str, str]:
    """Return the text of each page by its path below ``reference/methods``."""
    return {f"{group}.md": _page(group, actions) for group, actions in _by_group().items()}


def table() -> str:
    """Return the text of the page that lists all methods, for readers of the repository too."""
    parts = [_INDEX]
    for group, actions in _by_group().items():
        title, purpose = GROUPS[group]
        rows = "\n".join(_row(group, action) for action in actions)
        needs = "Token" if actions[0].spec.api == "customer" else "Scopes"
        parts.append(
            f"## {title}\n\n{purpose}\n\n"
            f"| Method | Returns | {needs} | Causes | Retried |\n| -- | -- | -- | -- | -- |\n"
            f"{rows}\n"
        )
    return "\n".join((*parts, _sides()))


def _sides() -> str:
    """The table of the methods of chats: who has which, and over what."""
    names = sorted(ACTIONS.keys() | CUSTOMER_ACTIONS.keys())
    rows = "\n".join(
        f"| `{name}` | {_side(ACTIONS.get(name))} | {_side(CUSTOMER_ACTIONS.get(name))} |"
        for name in names
    )
    return _SIDES + rows + "\n"


def _side(action: type[Action[Any]] | None) -> str:
    """What one side has of a method: over what, with a link, and up to which version."""
    if action is None:
        return "—"
    until = f", to {dotted(action.spec.until)}" if action.spec.until else ""
    return f"[{_over(action)}]({page_of(action)}.md#{action.spec.name}){until}"


def sample_of(action: type[Action[Any]]) -> str:
    """Return the sample of a method, a program that runs against the sandbox."""
    return (_SAMPLES / f"{sample_name(action)}.py").read_text()


def sample_name(action: type[Action[Any]]) -> str:
    """Return the name of the sample of a method; agents have a `ban_customer` in two APIs.

    Samples of the Customer Chat API all begin with `customer_`: their client is another one.
    """
    spec = action.spec
    shared = spec.api != "agent" and spec.name in ACTIONS
    return f"{spec.api}_{spec.name}" if shared or spec.api == "customer" else spec.name


def _sample(action: type[Action[Any]]) -> str:
    """The sample of a method as the reference shows it."""
    return f"```python title='A sample that runs'\n{sample_of(action).strip()}\n```"


def _by_group() -> dict[str, list[type[Action[Any]]]]:
    by_group: dict[str, list[type[Action[Any]]]] = {group: [] for group in GROUPS}
    for action in ALL_ACTIONS:
        by_group[page_of(action)].append(action)
    return by_group


def _row(group: str, action: type[Action[Any]]) -> str:
    spec = action.spec
    returns = "—" if spec.returns is None else f"`{type_text(spec.returns, Imports())}`"
    causes = ", ".join(f"`{name}`" for name in spec.push) or "—"
    notes = [f"to {dotted(spec.until)}"] if spec.until else []
    if len(spec.transports) == 1:
        notes.append(f"{_over(action)} only")
    note = f" ({', '.join(notes)})" if notes and spec.api != "configuration" else ""
    needs = _token(action) if spec.api == "customer" else spec.all_scopes
    return (
        f"| [`{spec.name}`]({group}.md#{spec.name}){note} | {returns} | {needs} | {causes} | "
        f"{'yes' if spec.repeatable else 'no'} |"
    )


def _page(group: str, actions: Iterable[type[Action[Any]]]) -> str:
    title, purpose = GROUPS[group]
    actions = list(actions)
    head = [
        f"---\ntitle: {title}\ndescription: {purpose}\n---\n",
        f"# {title}\n\n{purpose} On {_CLIENTS[actions[0].spec.api]}.\n",
    ]
    return "\n".join([*head, *(_section(action) for action in actions)])


def _section(action: type[Action[Any]]) -> str:
    spec = action.spec
    parts = [
        f"[](){{ #{anchor_of(action)} }}",
        f"## `{spec.name}` {{ #{spec.name} data-toc-label='{spec.name}' }}",
        prose(action.__doc__),
        "\n".join(_facts(action)),
        "**Parameters**\n\n" + "\n".join(_parameters(action)),
        f"**Returns** {_returns(action)}",
        "**Raises** " + _errors(action),
        _sample(action),
        "\n".join(_fidelity(action)),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _facts(action: type[Action[Any]]) -> Iterator[str]:
    spec = action.spec
    versions = f"{dotted(spec.since)} and later"
    if spec.until:
        versions = f"{dotted(spec.since)} to {dotted(spec.until)}"
        versions += f"; later use {spec.replaced_by}" if spec.replaced_by else ""
    yield "| | |"
    yield "| -- | -- |"
    yield f"| Over | {_over(action)}{', with `GET`' if spec.verb == 'GET' else ''} |"
    if spec.api == "customer":
        yield f"| Token | {_token(action)} |"
    else:
        yield f"| Scopes | {_scopes(action)} |"
    yield f"| Versions | {versions} |"
    yield f"| Cost | {_cost(action)} |"
    if spec.push:
        pushes = ", ".join(_push(name, spec.api) for name in spec.push)
        yield f"| Pushes | {pushes} |"
    if spec.webhook:
        yield f"| Webhooks | {', '.join(_webhook(name) for name in spec.webhook)} |"
    package, _, name = anchor_of(action).rpartition(".")
    yield f"| As a value | [`{name}`][{package}.{name}] of `{package}` |"
    docs = f"[LiveChat's docs]({spec.url})" if spec.documented else "not in LiveChat's docs"
    yield f"| Source | {docs} |"


def _scopes(action: type[Action[Any]]) -> str:
    spec = action.spec
    scopes = _names(spec.scopes.names, " and " if spec.scopes.every else " or ") or "none"
    for extra in spec.extra_scopes:
        scopes += f"; {_names(extra.names, ' and ')} for {extra.when}"
    return scopes


def _token(action: type[Action[Any]]) -> str:
    """What a method of customers needs: they have no scopes."""
    return "of the customer" if action.spec.needs_token else "none is needed"


def _names(scopes: Iterable[str], link: str) -> str:
    return link.join(f"`{name}`" for name in scopes)


def _cost(action: type[Action[Any]]) -> str:
    spec = action.spec
    again = "sent again" if spec.repeatable else "not sent again"
    text = f"one request; {again} when its outcome is unknown"
    if spec.page:
        iterator = spec.name.replace("list_", "iter_", 1)
        text += (
            f". `{iterator}` makes one for each page of {spec.page.maximum} "
            f"(a page has {spec.page.default} by default)"
        )
    return text


def _parameters(action: type[Action[Any]]) -> Iterator[str]:
    rows = list(_upload_rows() if issubclass(action, UploadFile) else _field_rows(action))
    if not rows:
        yield "None."
        return
    yield "| Name | Type | What it is |"
    yield "| -- | -- | -- |"
    yield from rows


def _field_rows(action: type[Action[Any]]) -> Iterator[str]:
    hints = get_type_hints(action, include_extras=True)
    anchor = anchor_of(action)
    for field in sorted(msgspec.structs.fields(action), key=lambda field: not field.required):
        hint = hints[field.name]
        limit = limits(hint)
        text = description_of(hint)
        required = "**Required.** " if field.required else ""
        if limit and limit not in text:
            text = f"{text.rstrip('.')} ({limit})."
        yield (
            f'| <span id="{anchor}.{field.name}"></span>`{field.name}` | '
            f"{argument_html(field.name, hint, required=field.required)} | {required}{cell(text)} |"
        )


def _upload_rows() -> Iterator[str]:
    """The arguments of ``upload_file``, which streams a file instead of sending its fields."""
    for parameter in upload_parameters():
        required = "**Required.** " if parameter.required else ""
        yield (
            f"| `{parameter.name}` | {linked(parameter.annotation)} | "
            f"{required}{cell(parameter.description)} |"
        )


def _returns(action: type[Action[Any]]) -> str:
    spec = action.spec
    if spec.returns is None:
        return "nothing."
    text = type_text(spec.returns, Imports())
    about = result_text(text, spec.returns).removeprefix(f"`{text}`").removeprefix(": ")
    sentence = f"{linked(text)}{': ' + about if about != '.' else '.'}"
    if spec.page:
        item = get_args(get_type_hints(spec.returns)[spec.page.items])[0]
        iterator = spec.name.replace("list_", "iter_", 1)
        sentence += (
            f" `{iterator}` takes the same arguments and iterates over the items of all pages, each "
            f"{linked(type_text(item, Imports()))}."
        )
    return sentence


def _errors(action: type[Action[Any]]) -> str:
    names = ("InvalidArgument", *action.spec.errors)
    own = ", ".join(linked(name) for name in names)
    return f"{own}, and what [every call can raise](../errors.md)."


def _fidelity(action: type[Action[Any]]) -> Iterator[str]:
    yield '??? note "How close the sandbox is to it"'
    yield ""
    for rule in HANDLERS[action].rules:
        source = f" ({rule.source})" if rule.source else ""
        yield f"    - **{rule.basis}**: {cell(rule.text)}{source}"


def _over(action: type[Action[Any]]) -> str:
    return ", ".join({"web": "Web", "rtm": "RTM"}[name] for name in action.spec.transports)


def _push(name: str, api: str) -> str:
    push = (CUSTOMER_PUSHES if api == "customer" else PUSHES).get(name)
    return f"[`{name}`][frontdesk.pushes.{push.__name__}]" if push else f"`{name}`"


def _webhook(name: str) -> str:
    payload: Any = PAYLOADS.get(name)
    if payload is None:
        return f"`{name}`"
    package = "pushes" if payload.__module__.startswith("frontdesk.pushes") else "webhooks"
    return f"[`{name}`][frontdesk.{package}.{payload.__name__}]"
