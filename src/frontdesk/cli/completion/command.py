"""``frontdesk completion``: what a shell needs to complete commands and options."""

import os
from pathlib import PurePath
from typing import Annotated

import typer

from frontdesk.cli.arguments.help import PlainCommand
from frontdesk.cli.completion.shells import SCRIPTS, SHELLS
from frontdesk.cli.output.terminal import print_text, printable, say
from frontdesk.errors import InvalidArgument
from frontdesk.grammar import listed
from frontdesk.suggestions import did_you_mean

__all__ = ["register"]

HOW = {
    "bash": 'eval "$(frontdesk completion bash)"  # in ~/.bashrc',
    "zsh": 'eval "$(frontdesk completion zsh)"  # in ~/.zshrc, after compinit',
    "fish": "frontdesk completion fish > ~/.config/fish/completions/frontdesk.fish",
}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("completion", cls=PlainCommand)(completion)


def completion(
    shell: Annotated[
        str | None,
        typer.Argument(
            metavar="[bash|zsh|fish]",
            show_default=False,
            help="The shell; defaults to that of the variable SHELL.",
        ),
    ] = None,
) -> None:
    """Print what lets a shell complete commands, methods and options.

    For bash put `eval "$(frontdesk completion bash)"` into ~/.bashrc, for zsh the same with `zsh`
    into ~/.zshrc, after `compinit`. For fish write the output to
    ~/.config/fish/completions/frontdesk.fish.
    """
    name = shell or PurePath(os.environ.get("SHELL", "")).name
    if name not in SCRIPTS:
        names = listed([f"`{each}`" for each in SHELLS], "or")
        hint = did_you_mean(name, SHELLS)
        given = f", not {printable(name)[:60]!r}" if name else ""
        raise InvalidArgument("SHELL", f"must be {names}{given}{hint}")
    print_text(SCRIPTS[name])
    if shell is None:
        say(f"frontdesk: that is for {name}: {HOW[name]}")
