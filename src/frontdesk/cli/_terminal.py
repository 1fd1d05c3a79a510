"""What the commands have in common that print as things come."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime
from difflib import get_close_matches
from typing import TypeVar

from frontdesk.errors import InvalidArgument

__all__ = ["check_names", "leave_pipe", "line_printer", "on_end", "one_line", "say"]

Name = TypeVar("Name", bound=str)


def say(line: str) -> None:
    """Tell people something beside the output; nothing happens if their terminal has gone."""
    with suppress(OSError):
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()


def one_line(text: str, length: int) -> str:
    """Make a text that somebody else wrote fit a line, and do nothing to a terminal."""
    shown = "".join(char if char.isprintable() else " " for char in text[: 4 * length])
    line = " ".join(shown.split())
    return line if len(line) <= length else f"{line[:length]}…"


def line_printer() -> Callable[..., None]:
    """Make a function that prints a line of ``(text, style)``, after the time."""
    from rich.console import Console
    from rich.text import Text

    console = Console(soft_wrap=True)

    def show(*parts: tuple[str, str]) -> None:
        moment = f"{datetime.now():%H:%M:%S} "  # noqa: DTZ005 - the user's own time
        console.print(Text.assemble((moment, "dim"), *parts))

    return show


def check_names(given: Iterable[str], known: Iterable[Name], what: str, argument: str) -> None:
    """Raise ``InvalidArgument`` for a name that is not known, with the one that may be meant."""
    names = tuple(known)
    for name in given:
        if name not in names:
            close = get_close_matches(name, names, n=1)
            hint = f"; did you mean `{close[0]}`?" if close else ""
            raise InvalidArgument(argument, f"there is no {what} `{name}`{hint}")


def on_end(end: Callable[[], object]) -> None:
    """Have a function called when the user, the system or a closed terminal ends the command."""
    loop = asyncio.get_running_loop()
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        # What is ignored already, as under `nohup`, stays ignored.
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            with suppress(NotImplementedError):
                loop.add_signal_handler(number, end)


def leave_pipe() -> None:
    """End well although nobody reads: what Python still flushes at its end goes nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
