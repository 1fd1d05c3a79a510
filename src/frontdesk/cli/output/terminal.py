"""Output that never fails on what somebody else wrote, and the ends of commands that go on."""

import io
import json
import os
import signal
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime
from typing import IO, TYPE_CHECKING, Final, TypeVar

from frontdesk.errors import FrontdeskError, InvalidArgument
from frontdesk.suggestions import did_you_mean

if TYPE_CHECKING:
    from rich.text import Text

__all__ = [
    "NOBODY_READS",
    "OutputClosed",
    "OutputFailed",
    "TextPrinter",
    "check_names",
    "flush_output",
    "give_up_output",
    "line_printer",
    "on_end",
    "prepare_output",
    "print_document",
    "print_json",
    "print_line",
    "print_text",
    "printable",
    "say",
    "why_not",
]

Name = TypeVar("Name", bound=str)

PIPED_WIDTH: Final = 200
"""Columns of a line for people when the output is no terminal, and `COLUMNS` says nothing."""
LEAST_WIDTH: Final = 40
LONGEST_NAME: Final = 60
"""How much of a wrong name an error repeats."""
NOBODY_READS: Final = "nobody reads the standard output any more"


class OutputFailed(FrontdeskError):
    """The standard output takes no more, such as on a full disk."""


class OutputClosed(OutputFailed):
    """Nobody reads the standard output any more: the reader of a pipe has ended."""


def prepare_output() -> None:
    """Let both outputs take every character, and be there even if the caller closed them.

    What their encoding lacks becomes a question mark: nobody can choose what customers write.
    """
    for name in ("stdout", "stderr"):
        stream: IO[str] | None = getattr(sys, name)
        if stream is None:
            # Python has no object for a descriptor that was closed before it started.
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: PTH123, SIM115
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def print_line(line: str) -> None:
    """Print a line on the standard output at once.

    Raises ``OutputClosed`` when nobody reads it any more, else ``OutputFailed``.
    """
    _write(f"{line}\n")


def print_text(text: str) -> None:
    """Print text that ends its lines itself, as it is; raises as ``print_line`` does."""
    if text:
        _write(text)


def print_json(data: bytes) -> None:
    """Print a line of JSON as UTF-8, whatever the locale; raises as ``print_line`` does."""
    buffer: IO[bytes] | None = getattr(sys.stdout, "buffer", None)
    if buffer is None:
        _write(data.decode() + "\n")
        return
    try:
        sys.stdout.flush()
        buffer.write(data + b"\n")
        buffer.flush()
    except OSError as error:
        raise _output_error(error) from None


def print_document(data: bytes) -> None:
    """Print JSON: on a terminal in lines for people, else as ``print_json``; raises as it does.

    What customers write does nothing to the terminal, and is the same text to who reads the JSON.
    """
    if not sys.stdout.isatty():
        print_json(data)
        return
    import msgspec

    text = msgspec.json.format(data, indent=2).decode()
    escaped = (
        char if char.isprintable() or char == "\n" else json.dumps(char)[1:-1] for char in text
    )
    print_line("".join(escaped))


def flush_output() -> None:
    """Write what is still buffered; raises as ``print_line`` does."""
    _write("")


def _write(text: str) -> None:
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as error:
        raise _output_error(error) from None


def _output_error(error: OSError) -> OutputFailed:
    give_up_output()
    if isinstance(error, BrokenPipeError):
        return OutputClosed(NOBODY_READS)
    return OutputFailed(f"cannot write to the standard output: {error.strerror or error}")


def give_up_output() -> None:
    """Let whatever is still buffered, which Python flushes at its end, go nowhere."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(nowhere, sys.stdout.fileno())
        finally:
            os.close(nowhere)


def say(line: str) -> None:
    """Tell people something beside the output; nothing happens if their terminal has gone."""
    with suppress(OSError):
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()


def why_not(error: OSError) -> str:
    """Return what the system says of a file, without its number."""
    reason = error.strerror or str(error)
    return f"{error.filename}: {reason}" if error.filename else reason


def printable(text: str) -> str:
    """Make a text that somebody else wrote one line that does nothing to a terminal."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


class TextPrinter:
    """Prints texts of rich as ``print_line`` prints lines; with colours on a terminal only.

    ``width`` defaults to that of the terminal.
    """

    def __init__(self, width: int | None = None) -> None:
        from rich.console import Console

        # Rich ends the process when the reader of a pipe has gone; a page of its own cannot.
        self._page = io.StringIO()
        self._console = Console(
            file=self._page, force_terminal=sys.stdout.isatty(), width=width, highlight=False
        )

    @property
    def width(self) -> int:
        """Columns of a line."""
        return self._console.width

    def __call__(self, text: "Text") -> None:
        """Print a text; a line that is too long stays one."""
        self._console.print(text, no_wrap=True, overflow="ignore", crop=False)
        _write(self._page.getvalue())
        self._page.seek(0)
        self._page.truncate()


def line_printer() -> Callable[[str, str, str, str], None]:
    """Make a function that prints a push or a webhook for people, after the time.

    It takes the action, the id of the chat, a note and the text; the line is cut to the width of
    the terminal. It raises as ``print_line`` does.
    """
    from rich.text import Text

    width = None if sys.stdout.isatty() or "COLUMNS" in os.environ else PIPED_WIDTH
    print_text = TextPrinter(width)

    def show(action: str, chat_id: str, note: str, text: str) -> None:
        room = max(print_text.width, LEAST_WIDTH)
        time = f"{datetime.now():%H:%M:%S}"  # noqa: DTZ005 - the user's own time
        line = Text.assemble(
            (f"{time} ", "dim"),
            (f"{printable(action):<18} ", "bold cyan"),
            (f"{printable(chat_id):<10} ", "magenta"),
            (f"{note} " if note else "", "yellow"),
            printable(text[: 4 * room]),
        )
        line.truncate(room, overflow="ellipsis")
        print_text(line)

    return show


def check_names(given: Iterable[str], names: Iterable[Name], what: str, argument: str) -> None:
    """Raise ``InvalidArgument`` for a name that is not known, with the one that may be meant."""
    names = tuple(names)
    for name in given:
        if name not in names:
            hint = did_you_mean(name, names)
            raise InvalidArgument(
                argument,
                f"must be the name of a {what}, not `{printable(name)[:LONGEST_NAME]}`{hint}",
            )


def on_end(end: Callable[[], object]) -> None:
    """Have a function called when the user, the system or a closed terminal ends the command."""
    import asyncio

    loop = asyncio.get_running_loop()
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        # What is ignored already, as under `nohup`, stays ignored.
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            with suppress(NotImplementedError):
                loop.add_signal_handler(number, end)
