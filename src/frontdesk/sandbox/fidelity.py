"""The table of what the sandbox does as LiveChat documents it, and what it assumes."""

from frontdesk.actions import ACTIONS
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

| Method | Over | Fidelity | Note |
| -- | -- | -- | -- |
"""


def fidelity_markdown() -> str:
    """The page ``docs/sandbox/fidelity.md``."""
    rows: list[str] = []
    for name, action in sorted(ACTIONS.items()):
        handler = HANDLERS.get(action)
        over = " and ".join(
            transport.upper() if transport == "rtm" else "Web"
            for transport in action.spec.transports
        )
        method = f"[`{name}`]({action.spec.url})"
        if handler is None:
            rows.append(f"| {method} | {over} | not emulated | the sandbox answers `not_found` |")
            continue
        note = " ".join(handler.note.split()).replace("|", "\\|")
        rows.append(f"| {method} | {over} | {handler.fidelity} | {note} |")
    return _HEAD + "\n".join(rows) + "\n"
