"""Threads as lines of JSON on the standard output: `-`."""

import errno
import os
import sys
from collections.abc import Callable
from contextlib import suppress

from frontdesk.archives.pages import ArchivePage, Job, Position, State
from frontdesk.archives.targets.appended import UPDATABLE
from frontdesk.archives.targets.lines import check_lines, lines_of
from frontdesk.errors import ExportError

__all__ = ["OutputEnded", "StandardOutputTarget"]


class OutputEnded(ExportError):
    """Nobody reads the standard output any more: the reader of a pipe has ended."""


class StandardOutputTarget:
    """Lines of JSON on the standard output, as ``LinesTarget`` writes them to a file.

    Nothing is remembered: an export that was interrupted begins anew, and none can be updated.

    Args:
        address: ``-``.
        write: takes the bytes of a page; defaults to the standard output. What it raises leaves
            ``write`` of the target as it is, if it is no ``OSError``.
    """

    can_resume: bool = False
    can_update: bool = False

    def __init__(self, address: str = "-", *, write: Callable[[bytes], None] | None = None) -> None:
        self.address = address
        self._write = write or print_bytes

    def open(self) -> State | None:
        """Return ``None``: nothing is remembered."""
        return None

    def begin(self, job: Job, position: Position) -> None:
        """Start a run; raises ``ExportError`` for an update."""
        if position.is_update:
            raise ExportError(
                "the standard output cannot be updated, nor does it remember where a run was; "
                f"export to {UPDATABLE}"
            )
        check_lines(job)

    def write(self, page: ArchivePage) -> None:
        """Print the threads of a page.

        Raises:
            OutputEnded: Nobody reads them any more.
            ExportError: They cannot be written, such as to a file on a full disk.
        """
        data = b"".join(lines_of(page.tables))
        if not data:
            return
        try:
            self._write(data)
        except OSError as error:
            failure = _failure(error)
        else:
            return
        raise failure

    def finish(self, position: Position) -> None:
        """Do nothing: all that was written is out."""

    def close(self) -> None:
        """Do nothing."""


def print_bytes(data: bytes) -> None:
    """Write bytes to the standard output at once."""
    if sys.stdout is None:  # pyright: ignore[reportUnnecessaryComparison] - closed before the start
        raise BrokenPipeError(errno.EPIPE, "the standard output is closed")
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except OSError:
        _give_up_output()
        raise


def _give_up_output() -> None:
    """Let what is still buffered go nowhere, or Python fails with it once more at its end."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(nowhere, sys.stdout.fileno())
        finally:
            os.close(nowhere)


def _failure(error: OSError) -> ExportError:
    if isinstance(error, BrokenPipeError):
        return OutputEnded("nobody reads the standard output any more")
    return ExportError(f"cannot write to the standard output: {error.strerror or error}")
