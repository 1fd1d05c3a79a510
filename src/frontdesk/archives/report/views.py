"""What the page and the terminal show of each figure: sections, tables and their rows."""

from collections.abc import Iterable
from typing import Any, Final

from msgspec import Struct

from frontdesk.archives.report.figures import Figure, Report, Row
from frontdesk.archives.report.queries import NAMES
from frontdesk.archives.report.wording import (
    NO_DATA_BEFORE,
    change,
    heading,
    key_of,
    label_of,
    shown,
)

__all__ = ["SECTIONS", "Section", "Table", "section_figures", "table_of", "times_table"]

TIMES: Final = ("first_response_time", "response_time", "duration", "duration_with_agents")
"""Figures with the same columns, which make one table."""
_STATISTICS: Final = ("mean_seconds", "median_seconds", "p90_seconds")
_BEFORE: Final = "Before"
_CHANGE: Final = "Change"
_HIDDEN: Final = frozenset(
    {"type", "agent", "country", "customer_id", "thread_id", "first_response_mean_seconds"}
)
"""Columns that are part of a label, or say little to people; JSON and CSV have them."""


class Table(Struct, frozen=True):
    """A table as people read it."""

    title: str
    headings: tuple[str, ...]
    rows: list[tuple[str, ...]]
    note: str = ""
    """Why there are no rows, or no values before."""
    texts: frozenset[int] = frozenset()
    """Which columns hold texts, no numbers."""


class Section(Struct, frozen=True):
    """A part of the report."""

    id: str
    title: str
    figures: tuple[str, ...]


SECTIONS: Final = (
    Section("chats", "Chats", ("chats", "chats_per_day", "chats_per_hour")),
    Section("responses", "Response times and durations", (*TIMES, "first_response_classes")),
    Section("queue", "Queue and missed chats", ("queue", "missed_chats")),
    Section("ratings", "Ratings", ("ratings",)),
    Section("tags", "Tags", ("tags",)),
    Section("groups", "Groups", ("groups",)),
    Section("agents", "Agents", ("agents",)),
    Section("bots", "Bots and people", ("bots_and_people",)),
    Section("customers", "Customers", ("repeated_customers", "countries")),
)


def section_figures(report: Report) -> list[Section]:
    """Return the sections, with one for named customers and one for queries of the user."""
    usual = {name for section in SECTIONS for name in section.figures}
    sections = list(SECTIONS)
    named = tuple(name for name in report.figures if name.startswith(f"{NAMES}/"))
    if named:
        sections.append(Section("names", "Customers by name", named))
    others = tuple(name for name in report.figures if name not in usual and name not in named)
    if others:
        sections.append(Section("own", "More figures", others))
    return [
        Section(each.id, each.title, tuple(name for name in each.figures if name in report.figures))
        for each in sections
    ]


def note_of(figure: Figure) -> str:
    """Return why a figure has no rows, if it has none."""
    if figure.missing:
        tables = ", ".join(figure.missing)
        noun = "table" if len(figure.missing) == 1 else "tables"
        return f"Not in the export, which lacks the {noun} {tables}."
    return "" if figure.rows else "None in this period."


def table_of(figure: Figure, limit: int | None = None) -> Table:
    """Return a figure as a table, each row beside that of the period before.

    Args:
        figure: the figure.
        limit: how many rows; defaults to all.
    """
    key = key_of(figure)
    if not key and len(figure.rows) == 1 and len(figure.before or ()) <= 1:
        row = figure.this
        if all(value is None or isinstance(value, (int, float)) for value in row.values()):
            return _values(figure)
    columns = [name for name in figure.columns if name != key and name not in _HIDDEN]
    measured = "chats" if "chats" in columns and key else ""
    headings = [heading(key)] if key else []
    texts = {
        len(headings) + number
        for number, column in enumerate(columns)
        if any(isinstance(row.get(column), str) for row in figure.rows)
    }
    earlier = {row.get(key): row for row in figure.before or []}
    compares = bool(measured) and figure.before is not None
    for column in columns:
        headings.append(heading(column))
        if column == measured and compares:
            headings += [_BEFORE, _CHANGE]
    rows: list[tuple[str, ...]] = []
    for row in _all_rows(figure, key)[:limit]:
        cells = [label_of(figure, row)] if key else []
        for column in columns:
            value = row.get(column)
            cells.append(shown(column, value))
            if column == measured and compares:
                previous = (earlier.get(row.get(key)) or {}).get(column, 0)
                cells += [shown(column, previous), change(column, value, previous)]
        rows.append(tuple(cells))
    return Table(figure.title, tuple(headings), rows, _note(figure), frozenset(texts))


def _all_rows(figure: Figure, key: str) -> list[Row]:
    """Return the rows of the period, then those that only the period before has."""
    if not key or not figure.before:
        return figure.rows
    present = {row.get(key) for row in figure.rows}
    gone = [row for row in figure.before if row.get(key) not in present]
    empty: Row = dict.fromkeys(figure.columns)
    labels = ("agent", "country", "type", key)
    return figure.rows + [
        {**empty, "chats": 0, **{name: row[name] for name in labels if name in row}} for row in gone
    ]


def _values(figure: Figure) -> Table:
    """Return a figure with one row as a table of its columns."""
    row, earlier = figure.this, figure.earlier
    compares = figure.before is not None
    rows: list[tuple[str, ...]] = []
    for column in figure.columns:
        cells: list[str] = [_name(figure, column), shown(column, row.get(column))]
        if compares:
            previous: Any = earlier.get(column)
            cells += [shown(column, previous), change(column, row.get(column), previous)]
        rows.append(tuple(cells))
    headings = ("", "This period", _BEFORE, _CHANGE) if compares else ("", "This period")
    return Table(figure.title, headings, rows, _note(figure))


def _name(figure: Figure, column: str) -> str:
    if figure.name == "missed_chats":
        return "Missed" if column == "chats" else "Share of all"
    return heading(column)


def _note(figure: Figure) -> str:
    if note := note_of(figure):
        return note
    return f"{NO_DATA_BEFORE.capitalize()}." if figure.before is None else ""


def times_table(figures: Iterable[Figure]) -> Table:
    """Return the times of chats as one table: a row for each, with mean, median and percentile."""
    figures = list(figures)
    compares = any(figure.before is not None for figure in figures)
    headings = ["", "Chats"]
    for column in _STATISTICS:
        headings.append(heading(column))
        if compares and column != "mean_seconds":
            headings.append(_CHANGE)
    rows: list[tuple[str, ...]] = []
    for figure in figures:
        row, earlier = figure.this, figure.earlier
        cells = [figure.title, shown("chats", row.get("chats"))]
        for column in _STATISTICS:
            cells.append(shown(column, row.get(column)))
            if compares and column != "mean_seconds":
                cells.append(change(column, row.get(column), earlier.get(column)))
        rows.append(tuple(cells))
    note = "" if compares else f"{NO_DATA_BEFORE.capitalize()}."
    missing = sorted({name for figure in figures for name in figure.missing})
    if missing:
        note = f"Some are not in the export, which lacks: {', '.join(missing)}."
    return Table("Times", tuple(headings), rows, note)
