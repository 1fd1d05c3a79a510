"""Errors of a user's own code, shown by the user's own lines."""

import logging
import sys
import sysconfig
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Final

import frontdesk
from frontdesk.cli.output.terminal import printable
from frontdesk.redaction import redacted

__all__ = ["FailureFormatter", "describe", "place_of"]

_FOREIGN: Final = tuple(
    str(Path(folder).resolve())
    for folder in {
        str(Path(frontdesk.__file__).parent),
        *(sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")),
    }
)
"""Where code is that the user did not write."""


def place_of(error: BaseException) -> str:
    """Return the user's line that an error comes from, as ``bot.py, line 12``; else nothing."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{_shown(error.filename)}, line {error.lineno}"
    frames = list(_frames(error))
    return f"{_shown(frames[-1].filename)}, line {frames[-1].lineno}" if frames else ""


def describe(error: BaseException) -> list[str]:
    """Return an error as lines: the user's calls that led to it, and what it says.

    Frames of libraries are left out, since nobody who writes a bot can change them.
    """
    lines: list[str] = []
    if isinstance(error, SyntaxError) and error.filename:
        lines.append(f"{place_of(error)}: {(error.text or '').strip()}")
    for frame in _frames(error):
        line = f"{_shown(frame.filename)}, line {frame.lineno}, in {frame.name}"
        lines.append(f"{line}: {frame.line}" if frame.line else line)
    lines.append(summary(error))
    return [printable(redacted(line)) for line in lines]


def summary(error: BaseException) -> str:
    """Return what an error says, in one line."""
    text = error.msg if isinstance(error, SyntaxError) else str(error)
    name = type(error).__name__
    return printable(redacted(f"{name}: {text}" if text else name))


class FailureFormatter(logging.Formatter):
    """Formats records of the log for people: errors by the lines of their own code."""

    def formatException(  # noqa: N802 - the name of the base
        self,
        ei: "tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]",  # noqa: E501
    ) -> str:
        """Return the user's lines of an error."""
        error = ei[1]
        return "" if error is None else "\n".join(f"  {line}" for line in describe(error))


def _frames(error: BaseException) -> Iterator[traceback.FrameSummary]:
    for frame in traceback.extract_tb(error.__traceback__):
        if frame.filename.startswith("<"):
            continue
        path = str(Path(frame.filename).resolve())
        if not path.startswith(_FOREIGN) and sys.argv[0] != frame.filename:
            yield frame


def _shown(filename: str) -> str:
    """Return the path of a file as short as it can be."""
    path = Path(filename)
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except (OSError, ValueError):
        return str(path)
