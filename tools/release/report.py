"""What the run prints: a line for each thing that was looked at, in 80 columns."""

import textwrap
from collections.abc import Iterable
from typing import Final

WIDTH: Final = 80
_MARKS: Final = {"ok": "  ok      ", "failed": "  FAILED  ", "note": "  note    "}


class Report:
    """Prints results as they come, and counts what failed."""

    def __init__(self) -> None:
        self.failures = 0
        self.skipped: list[str] = []

    def heading(self, text: str) -> None:
        print(f"\n{text}", flush=True)

    def ok(self, text: str) -> None:
        self._line("ok", text)

    def failed(self, text: str, output: str = "") -> None:
        """Report a failure, with the last lines of what a program printed."""
        self.failures += 1
        self._line("failed", text)
        for line in output.rstrip().splitlines()[-12:]:
            print(textwrap.indent(textwrap.fill(line, WIDTH - 12), " " * 12), flush=True)

    def note(self, text: str) -> None:
        self._line("note", text)

    def skip(self, text: str) -> None:
        """Remember what could not be tried; the end of the run lists it."""
        self.skipped.append(text)

    def check(self, text: str, problems: Iterable[str]) -> None:
        """Report one success, or each of the problems."""
        problems = list(problems)
        for problem in problems:
            self.failed(problem)
        if not problems:
            self.ok(text)

    def end(self) -> int:
        """Print what was not tried and the result; return the exit code."""
        if self.skipped:
            self.heading("Not tried")
            for text in self.skipped:
                self._line("note", text)
        self.heading(f"{self.failures} failed" if self.failures else "All passed")
        return 1 if self.failures else 0

    def _line(self, kind: str, text: str) -> None:
        mark = _MARKS[kind]
        print(
            textwrap.fill(
                text,
                WIDTH,
                initial_indent=mark,
                subsequent_indent=" " * len(mark),
                break_on_hyphens=False,
            ),
            flush=True,
        )
