"""The page that compares the methods of the official SDK with ours, one by one."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tools.render.annotations import Imports, type_text
from tools.render.files import DOCS

from frontdesk.actions import Action
from frontdesk.migrate.official_methods import METHODS
from frontdesk.migrate.references import OURS, action_of
from frontdesk.spec.actions import dotted

__all__ = ["coverage", "files"]

OF_CLIENTS = {
    "modify_header": "`headers=` of the client, or `client.with_options(headers=…)`",
    "remove_header": "a client without it: `with_options` makes copies, and changes none",
    "get_headers": "`client.raw(action).headers` has those of a response",
    "open_connection": "`rtm.connect()`, or `with AgentRTM(…) as rtm:`",
    "close_connection": "`rtm.close()`, or the end of the `with` block",
    "login": "`rtm.connect()` logs in; the response is `rtm.login_response`",
}
"""What is no method of the API there, and what does it here."""
NAMES = {
    "agent_web": "Agent Chat Web API",
    "agent_rtm": "Agent Chat RTM API",
    "configuration": "Configuration API",
    "customer_web": "Customer Chat Web API",
    "customer_rtm": "Customer Chat RTM API",
    "reports": "Reports API",
}
_HEAD = """\
---
title: The methods of lc-sdk-python
description: Each method of lc-sdk-python and what takes its place in frontdesk
---

<!-- Rendered by `make render`; not to be edited by hand. -->

# The methods of lc-sdk-python

Methods have the same names and parameters in both libraries. There, arguments may be given in the
order that stands here, and every method takes `payload` and, over Web, `headers`, too; here they
are given by their names. How to convert programs:
[From lc-sdk-python](../guide/from-lc-sdk-python.md).

| API | Methods of lc-sdk-python | Here |
| -- | -- | -- |
"""


def coverage() -> dict[str, tuple[int, int]]:
    """Return how many methods each client has there, and how many of them have a place here."""
    return {
        key: (len(methods), sum(_has_place(key, name) for name in methods))
        for key, methods in METHODS.items()
    }


def files() -> dict[Path, str]:
    """Return the text of the page."""
    return {DOCS / "reference" / "lc-sdk-python.md": _HEAD + "\n".join(_lines()) + "\n"}


def _lines() -> Iterator[str]:
    counts = coverage()
    for key, (there, here) in counts.items():
        yield f"| {NAMES[key]} | {there} | {here} |"
    there, here = (sum(numbers) for numbers in zip(*counts.values(), strict=True))
    yield f"| all | {there} | {here} |"
    for key in OURS:
        missing = [name for name in METHODS[key] if not _has_place(key, name)]
        yield from ("", f"## {NAMES[key]}", "", "| Method and its parameters | Result here | |")
        yield "| -- | -- | -- |"
        yield from (_row(key, name) for name in METHODS[key] if name not in missing)
        if missing:
            names = ", ".join(f"`{name}`" for name in missing)
            yield from ("", f"Not here yet: {names}.")


def _has_place(key: str, name: str) -> bool:
    return key in OURS and (name in OF_CLIENTS or action_of(key, name) is not None)


def _row(key: str, name: str) -> str:
    parameters = [one for one in METHODS[key][name] if one not in ("payload", "headers")]
    shown = f"`{name}({', '.join(parameters)})`"
    if name in OF_CLIENTS:
        return f"| {shown} | — | {OF_CLIENTS[name]} |"
    action = action_of(key, name)
    assert action is not None
    return f"| {shown} | {_result(action)} | {_note(action, parameters)} |"


def _result(action: type[Action[Any]]) -> str:
    returns = action.spec.returns
    return "nothing" if returns is None else f"`{type_text(returns, Imports())}`"


def _note(action: type[Action[Any]], parameters: list[str]) -> str:
    spec = action.spec
    notes: list[str] = []
    if spec.until is not None:
        notes.append(f"up to version {dotted(spec.until)}")
    if spec.name == "upload_file":
        notes.append("`upload_file(content, name=…)` takes bytes, a path or an open file")
        parameters = []
    if spec.page is not None:
        notes.append(f"`{spec.name.replace('list_', 'iter_', 1)}` walks over all pages")
    gone = [name for name in parameters if name not in action.__struct_fields__]
    if gone:
        notes.append("no " + ", ".join(f"`{name}`" for name in gone))
    more = [name for name in action.__struct_fields__ if name not in parameters]
    if more and spec.name != "upload_file":
        notes.append("also " + ", ".join(f"`{name}`" for name in more))
    return "; ".join(notes)
