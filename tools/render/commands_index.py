"""The index of the commands, which completion and the help of ``frontdesk`` read."""

import json
from pathlib import Path

import typer

from frontdesk.cli._app import app
from frontdesk.cli.completion.index import INDEX, commands_of

__all__ = ["files"]


def files() -> dict[Path, str]:
    """Return the text of the index by its path."""
    tree = commands_of(typer.main.get_command(app))
    return {INDEX: json.dumps(tree, ensure_ascii=False, indent=0) + "\n"}
