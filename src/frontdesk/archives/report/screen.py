"""The report in a terminal: the same figures, in 80 columns."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from frontdesk.archives.report.figures import Figure, Report
from frontdesk.archives.report.views import (
    TIMES,
    Table,
    note_of,
    section_figures,
    table_of,
    times_table,
)
from frontdesk.archives.report.wording import WEEKDAYS, cards

if TYPE_CHECKING:
    from rich.text import Text

__all__ = ["show_report"]

WIDTH: Final = 80
GAP: Final = 2
LEAST: Final = 8
"""How narrow the first column may become."""
MOST_ROWS: Final = 10
SHADES: Final = " ░▒▓█"
LABEL: Final = 24
VALUE: Final = 14
_HIDDEN: Final = {
    "agents": ("First responses",),
    "queue": ("Shortest", "Longest"),
}
"""Columns that only the page and the files have."""
_SHORT: Final = {
    "90th percentile": "90 %",
    "First response, median": "1st response",
}


def show_report(report: Report, show: "Callable[[Text], object]") -> None:
    """Show a report line by line; what comes from chats does nothing to the terminal."""
    _Screen(report, show).show_all()


class _Screen:
    def __init__(self, report: Report, show: "Callable[[Text], object]") -> None:
        self._report = report
        self._show = show

    def show_all(self) -> None:
        """Show the head, the key figures, and each section."""
        report = self._report
        self._line((report.period.label, "bold"))
        zone = "this machine's time zone" if report.timezone_is_machines else "time zone"
        self._wrapped(f"{report.timezone}, {zone}. {report.period.reason}", "dim")
        if report.has_before:
            self._wrapped(f"Compared with {report.before.label}.", "dim")
        else:
            self._wrapped(f"No data before: the export lacks {report.before.label}.", "dim")
        if report.groups:
            groups = ", ".join(str(group) for group in report.groups)
            self._wrapped(f"Only chats of group {groups}.", "dim")
        for note in report.notes:
            self._wrapped(note, "yellow")
        self._line()
        for card in cards(report):
            style = {"better": "green", "worse": "red"}.get(card.verdict, "")
            changed = f"{card.change} {card.verdict}".strip()
            self._line(
                f"  {card.label:<{LABEL}}",
                (f"{card.value:>{VALUE}}", "bold"),
                (f"  {changed:<20}" if report.has_before else "  ", style),
                (card.before, "dim"),
            )
        for section in section_figures(report):
            self._line()
            self._line((section.title, "bold cyan"))
            figures = [report.figures[name] for name in section.figures]
            times = [figure for figure in figures if figure.name in TIMES]
            if times:
                self._table(times_table(times))
            others = [figure for figure in figures if figure.name not in TIMES]
            for figure in others:
                self._figure(figure, is_named=len(figures) > 1)

    def _figure(self, figure: Figure, *, is_named: bool) -> None:
        if figure.name == "chats_per_day":
            # Every day is on the page; here the days show as part of the weekdays.
            return
        if is_named and figure.name != "chats":
            self._line((f"  {figure.title}", "bold"))
        if figure.name == "chats_per_hour" and not note_of(figure):
            self._heat(figure)
            return
        table = table_of(figure, MOST_ROWS)
        self._table(_without(table, _HIDDEN.get(figure.name, ())))
        more = len(figure.rows) - MOST_ROWS
        if more > 0:
            self._line((f"  … and {more:,} more", "dim"))

    def _heat(self, figure: Figure) -> None:
        """Show the hours of a week, the busier the darker."""
        counts = {(row["weekday"], row["hour"]): row["chats"] for row in figure.rows}
        most = max(counts.values(), default=0)
        marks = "".join(f"{hour:<6}" for hour in range(0, 24, 3))
        self._line((f"  {'':4}{marks}{'chats':>9}".rstrip(), "dim"))
        for weekday, name in enumerate(WEEKDAYS, start=1):
            hours = [counts.get((weekday, hour), 0) for hour in range(24)]
            cells = "".join(
                SHADES[-(-count * (len(SHADES) - 1) // most) if most else 0] * 2 for count in hours
            )
            self._line(f"  {name} ", (cells, "cyan"), f"{sum(hours):>9,}")
        self._line((f"  The darkest hour has {most:,}.", "dim"))

    def _table(self, table: Table) -> None:
        from rich.cells import cell_len

        if table.rows:
            lines = [table.headings, *table.rows]
            lines = [tuple(_plain(_SHORT.get(cell, cell)) for cell in line) for line in lines]
            widths = [max(map(cell_len, column)) for column in zip(*lines, strict=True)]
            while sum(widths) + GAP * len(widths) > WIDTH:
                # Texts give way before numbers, and what a row is called by as the last of them.
                texts = [number for number in table.texts if widths[number] > LEAST]
                widest = max(texts, key=widths.__getitem__, default=0)
                if widths[widest] <= LEAST:
                    break
                widths[widest] -= 1
            for number, line in enumerate(lines):
                cells = [_cut(cell, width) for cell, width in zip(line, widths, strict=True)]
                text = ""
                for column, (cell, width) in enumerate(zip(cells, widths, strict=True)):
                    room = " " * (width - cell_len(cell))
                    is_text = not column or column in table.texts
                    text += " " * GAP + (cell + room if is_text else room + cell)
                self._line((text.rstrip(), "" if number else "dim"))
        if table.note and not (table.rows and not self._report.has_before):
            self._line((f"  {table.note}", "dim"))

    def _wrapped(self, text: str, style: str) -> None:
        from textwrap import wrap

        for line in wrap(_plain(text), WIDTH):
            self._line((line, style))

    def _line(self, *parts: "str | tuple[str, str]") -> None:
        from rich.text import Text

        self._show(Text.assemble(*parts))


def _plain(text: str) -> str:
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def _cut(text: str, width: int) -> str:
    from rich.cells import cell_len, set_cell_size

    return text if cell_len(text) <= width else f"{set_cell_size(text, width - 1).rstrip()}…"


def _without(table: Table, headings: Sequence[str]) -> Table:
    """Return a table without some of its columns."""
    kept = [number for number, name in enumerate(table.headings) if name not in headings]
    return Table(
        table.title,
        tuple(table.headings[number] for number in kept),
        [tuple(row[number] for number in kept) for row in table.rows],
        table.note,
        frozenset(place for place, number in enumerate(kept) if number in table.texts),
    )
