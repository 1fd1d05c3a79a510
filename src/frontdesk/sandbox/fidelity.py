"""The table of what the sandbox does as LiveChat documents it, and what it assumes."""

from collections.abc import Iterable
from typing import Any

from frontdesk.actions import ACTIONS, CONFIGURATION_ACTIONS, Action
from frontdesk.sandbox.handlers import HANDLERS

__all__ = ["fidelity_markdown"]

_HEAD = """\
<!-- Rendered from the handlers by tools/render.py; not to be edited by hand. -->

# How close the sandbox is to LiveChat

The sandbox answers each method below.

- **documented**: every rule it follows is in LiveChat's docs.
- **assumed**: the docs are silent on some rules; the note says which and what was assumed.
- **not emulated**: the method answers, or refuses, without doing the work.

What holds for all methods is assumed too: the HTTP statuses of errors (LiveChat documents error
types only), the texts of error messages, when a rate limit starts and ends, and the days in the
`Legacy` and `Deprecation` headers.
"""

_TABLE = """
## {title}

| Method | Over | Fidelity | Note |
| -- | -- | -- | -- |
"""


def fidelity_markdown() -> str:
    """The page ``docs/sandbox/fidelity.md``."""
    return (
        _HEAD
        + _table("Agent Chat API", ACTIONS.values())
        + _table("Configuration API", CONFIGURATION_ACTIONS.values())
    )


def _table(title: str, actions: Iterable[type[Action[Any]]]) -> str:
    rows = [_row(action) for action in sorted(actions, key=lambda action: action.spec.name)]
    return _TABLE.format(title=title) + "".join(rows)


def _row(action: type[Action[Any]]) -> str:
    spec = action.spec
    over = " and ".join("RTM" if name == "rtm" else "Web" for name in spec.transports)
    method = f"[`{spec.name}`]({spec.url})"
    handler = HANDLERS.get(action)
    if handler is None:
        return f"| {method} | {over} | not emulated | The sandbox answers `not_found`. |\n"
    note = " ".join(handler.note.split()).replace("|", "\\|")
    return f"| {method} | {over} | {handler.fidelity} | {note} |\n"
