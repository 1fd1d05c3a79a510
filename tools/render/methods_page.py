"""The tables of methods in the reference."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from tools.render.annotations import Imports, type_text
from tools.render.files import DOCS

from frontdesk.actions import ACTIONS, CONFIGURATION_ACTIONS, Action
from frontdesk.spec.actions import dotted

__all__ = ["files"]

_HEAD = """\
# API methods

<!-- Rendered by `make render`; not to be edited by hand. -->

Every method has the wire's name and parameter names, on both clients. For other tools:
[openapi.json](openapi.json) describes the Web API, [asyncapi.json](asyncapi.json) the RTM API.
"""
_CONFIGURATION = """
## Configuration API

`ConfigurationClient` and `AsyncConfigurationClient` have these, for webhooks.
"""


def files() -> dict[Path, str]:
    """Return the text of the page."""
    lines = [_HEAD, *_rows(ACTIONS.values()), _CONFIGURATION]
    lines += _rows(CONFIGURATION_ACTIONS.values())
    return {DOCS / "reference" / "methods.md": "\n".join(lines) + "\n"}


def _rows(actions: Iterable[type[Action[Any]]]) -> Iterator[str]:
    yield "| Method | Returns | Transports | Scopes | Causes | Retried after an unknown outcome |"
    yield "| -- | -- | -- | -- | -- | -- |"
    for action in actions:
        spec = action.spec
        returns = "—" if spec.returns is None else f"`{type_text(spec.returns, Imports())}`"
        causes = ", ".join(f"`{push}`" for push in spec.push) or "—"
        versions = f" (to {dotted(spec.until)})" if spec.until else ""
        yield (
            f"| [`{spec.name}`]({spec.url}){versions} | {returns} | {', '.join(spec.transports)} | "
            f"{spec.scopes} | {causes} | {'yes' if spec.repeatable else 'no'} |"
        )
