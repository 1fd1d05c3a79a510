"""Asking whether to go on."""

import sys

import typer

from frontdesk.cli.output.terminal import say
from frontdesk.errors import InvalidArgument

__all__ = ["confirm", "confirm_for_good"]


def confirm(question: str) -> None:
    """Ask whether to go on; ends the command unless the answer is yes.

    Raises:
        InvalidArgument: Nobody is there to be asked.
    """
    sys.stderr.write(f"{question} [y/N] ")
    sys.stderr.flush()
    try:
        line = sys.stdin.readline() if sys.stdin is not None else ""
    except UnicodeError:
        line = "no"
    if not line:
        sys.stderr.write("\n")
        raise InvalidArgument("--yes", "is required where nobody can be asked")
    if line.strip().lower() not in {"y", "yes"}:
        say("frontdesk: nothing was changed")
        raise typer.Exit(1)


def confirm_for_good(question: str, where: str) -> None:
    """Ask whether to go on with what cannot be undone, as ``confirm`` does."""
    confirm(f"{question} It cannot be undone on {where}.")
