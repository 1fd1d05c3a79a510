"""The page of errors: the tree, what each type on the wire raises, and what each class has."""

import inspect
from collections.abc import Iterator

from tools.reference.fields import cell, prose, source_of
from tools.reference.methods import ALL_ACTIONS, anchor_of
from tools.reference.types import linked

from frontdesk import errors
from frontdesk.errors import API_ERRORS, APIError, FrontdeskError

__all__ = ["pages"]

_WHEN = {
    "FrontdeskError": "Raised as one of the classes below.",
    "InvalidArgument": "Raised by methods, structures and clients before anything is sent.",
    "UnexpectedArgument": "Raised when a structure is built.",
    "MissingToken": "Raised when a client is made.",
    "MissingDependency": "Raised where a part is imported whose extra is not installed.",
    "BudgetExceeded": "Raised by a call, before its request.",
    "ClientClosed": "Raised by calls and subscriptions.",
    "NoEventLoop": "Raised by async clients.",
    "TransportError": "Raised as one of the classes below.",
    "ConnectError": "Raised after the last attempt; nothing was sent.",
    "CertificateError": "Raised at once, without a retry.",
    "UnknownHost": "Raised at once, without a retry.",
    "RequestTimeout": "Raised after `timeout`; the work may have been done.",
    "PoolTimeout": "Raised by the async client after `timeout`; nothing was sent.",
    "ResponseTooLarge": "Raised once more than `max_response_bytes` came; the work was done.",
    "ConnectionClosed": "Raised when the connection ends in between; the work may have been done.",
    "Disconnected": "Raised by calls, subscriptions and `wait_closed` of an RTM session.",
    "DecodeError": "Raised after a response came, so the work was done.",
    "NotTheAPI": "Raised for HTML, an empty body, another encoding than gzip.",
    "StoreError": "Raised by `Sandbox(db=…)` and `frontdesk sandbox --db`.",
    "StoreInUse": "Raised by `Sandbox(db=…)` and `frontdesk sandbox --db`.",
    "ForeignFile": "Raised by `Sandbox(db=…)`, `restore` and `frontdesk sandbox --db`.",
    "ExportError": "Raised by an export.",
    "TargetInUse": "Raised by an export before it writes.",
    "ForeignTarget": "Raised by an export before it writes.",
    "BotError": "Raised as one of the classes below.",
    "NotInChat": "Raised by what a handler sends; the message counts as handled then.",
    "QueueError": "Raised by the queue of a bot where it has no class of its own.",
    "QueueUnavailable": "Raised when an item is published; its webhook gets 503.",
    "QueueFull": "Raised when an item is published; its webhook gets 503.",
    "ItemTooLarge": "Raised before an item is published; its webhook gets 413.",
    "ForeignQueue": "Raised when a queue is started.",
    "StateStoreError": "Raised by the state store of a bot where it has no class of its own.",
    "StateConflict": "Raised when a state is saved; the message is handled again.",
    "ModelBudgetExceeded": "Raised before a model is called again; hand the chat over to a person.",
    "StateDamaged": "Raised before a handler is called; the message becomes a dead letter.",
    "ServerError": "Raised by `Sandbox.serve` and `frontdesk sandbox`.",
    "OAuthError": "Raised for each error of the accounts server that has no class of its own.",
    "LoginRequired": "Raised by calls whose token has ended and cannot be renewed.",
    "NotInstalled": "Raised by `Clients.of`, `uninstall`, and calls of an organization's client.",
    "InstallationEnded": "Raised by `Clients.of` and calls of an organization's client.",
    "InvalidGrant": "Raised by `exchange`, `refresh`, and calls whose token is to be renewed.",
    "InvalidClient": "Raised by every method of `OAuth` that asks the server.",
    "UnauthorizedClient": "Raised by every method of `OAuth` that asks the server.",
    "InvalidScope": "Raised by `exchange`, for what the server says.",
    "InvalidOAuthRequest": "Raised by `exchange`, also for a callback without a code.",
    "AccessDenied": "Raised by `exchange`, for what the callback says.",
    "StateMismatch": "Raised by `exchange` before anything is sent; the code stays unused.",
    "RedirectMismatch": "Raised by `exchange`, mostly before anything is sent.",
    "TooManyRedirects": "Raised by `exchange`, for what the callback says.",
    "TemporarilyUnavailable": "Raised after the last attempt.",
    "TokenRejected": "Raised by `introspect`.",
    "TokenStoreError": "Raised as one of the classes below.",
    "TokenStoreDamaged": "Raised by token stores, `exchange`, and calls that need a token.",
    "TokenStoreExposed": "Raised by `FileTokenStore`, `exchange`, and calls that need a token.",
    "TokenStoreUnavailable": "Raised by token stores, `exchange`, and calls that need a token.",
    "APIError": "Raised for each error that the API responds with.",
    "UnknownAPIError": "Raised for a type that no class stands for.",
}
"""When an error is raised that is not the API's own."""

_HEAD = """\
---
title: Errors
description: Every error of frontdesk, when it is raised, and what to do about it
---

# Errors

Everything that frontdesk raises is a `FrontdeskError`; import them from `frontdesk`. How to handle them, and what is retried:
[Errors and retries](../guide/errors.md).

```text
{tree}
```

## What the API responds

The class follows from `error.type` of the response, never from its HTTP status.

| `error.type` | Raises | When | What to do |
| -- | -- | -- | -- |
{rows}

`API_ERRORS` is this table in Python, and `api_error` makes an error of what a response holds.

### API_ERRORS {{ #frontdesk.errors.API_ERRORS }}

`API_ERRORS` maps each type on the wire to its class. <span id="frontdesk.API_ERRORS"></span>

::: frontdesk.api_error
    options:
      heading_level: 3

## Every class

"""


def pages() -> dict[str, str]:
    """Return the text of the page."""
    tree = prose(errors.__doc__).partition("FrontdeskError")[2].partition("\n\n")[0]
    tree = "FrontdeskError\n" + inspect.cleandoc(tree.lstrip("\n"))
    rows = "\n".join(
        f"| `{kind}` | [`{error.__name__}`][frontdesk.{error.__name__}] | "
        f"{cell(prose(error.__doc__).partition(chr(10))[0])} | {error.next_step}. |"
        for kind, error in API_ERRORS.items()
    )
    classes = [
        value
        for name in errors.__all__
        if isinstance(value := getattr(errors, name), type) and issubclass(value, FrontdeskError)
    ]
    own = [error for error in classes if not (issubclass(error, APIError) and error.error_type)]
    own.sort(key=lambda error: list(_WHEN).index(error.__name__))
    typed = [error for error in classes if error not in own]
    sections = [_section(error) for error in (*own, *typed)]
    return {"errors.md": _HEAD.format(tree=tree, rows=rows) + "\n".join(sections)}


def _attributes(error: type[FrontdeskError]) -> Iterator[str]:
    """Yield a row for each attribute that a class adds to those of its base."""
    source = source_of(error)
    init = source.members.get("__init__")
    parameters = {each.name: each.annotation for each in getattr(init, "parameters", ())}
    for name, member in source.members.items():
        if name.startswith("_") or not member.is_attribute:
            continue
        if name in {"error_type", "next_step"} and error is not APIError:
            continue
        annotation = member.annotation or parameters.get(name)
        yield (
            f'| <span id="frontdesk.{error.__name__}.{name}"></span>`{name}` | '
            f"{linked(str(annotation))} |"
        )


def _section(error: type[FrontdeskError]) -> str:
    name = error.__name__
    base = error.__bases__[0].__name__
    article = "an" if base[0] in "AEIOU" else "a"
    lines = [
        f"### {name} {{ #frontdesk.{name} data-toc-label='{name}' }}",
        f"`from frontdesk import {name}`"
        + (f", {article} {linked(base)}" if base != "Exception" else ""),
        prose(error.__doc__),
    ]
    if name in _WHEN:
        lines.append(_WHEN[name])
    if issubclass(error, APIError) and error.error_type:
        lines.append(f"For `{error.error_type}`. {error.next_step}.")
        methods = [
            f"[`{action.spec.name}`][{anchor_of(action)}]"
            for action in ALL_ACTIONS
            if name in action.spec.errors
        ]
        if methods:
            lines.append(f"To expect of {', '.join(methods)}.")
    rows = list(_attributes(error))
    if rows:
        lines.append("\n".join(["| Attribute | Type |", "| -- | -- |", *rows]))
    return "\n\n".join(lines) + "\n"
