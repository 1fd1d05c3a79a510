"""The report as one HTML page that needs nothing else: no network, no scripts."""

import re
from collections import defaultdict
from collections.abc import Callable
from datetime import date
from functools import cache
from typing import Any, Final

import jinja2
from markupsafe import Markup
from msgspec import Struct

from frontdesk.archives.report.assumptions import ASSUMPTIONS, Assumption
from frontdesk.archives.report.charts import Series, area_chart, bar_chart, stacked_chart
from frontdesk.archives.report.figures import Figure, Report, Row
from frontdesk.archives.report.views import (
    TIMES,
    Section,
    Table,
    note_of,
    section_figures,
    table_of,
    times_table,
)
from frontdesk.archives.report.wording import NO_VALUE, WEEKDAYS, cards, key_of, label_of
from frontdesk.version import __version__

__all__ = ["GENERATOR", "html_page"]

GENERATOR: Final = "frontdesk report"
"""What the page says that it was made by."""
MOST_BARS: Final = 12
MOST_DAYS: Final = 100
"""Days that a chart shows one by one; above that it shows weeks, or months."""
MOST_WEEKS: Final = 700
MOST_ROWS: Final = 200
"""Rows of a table on the page; CSV and JSON have all."""
THIS: Final = "This period"
BEFORE: Final = "Before"
SHADES: Final = 6


class Part(Struct, frozen=True):
    """A chart with the table behind it, or a table alone."""

    title: str
    table: Table
    chart: Markup = Markup()
    heat: "list[HeatRow]" = []
    cut: str = ""
    """What a table that is too long for the page says below it."""


class HeatCell(Struct, frozen=True):
    """A weekday's hour."""

    count: int
    shade: int
    text: str


class HeatRow(Struct, frozen=True):
    """A weekday."""

    name: str
    cells: list[HeatCell]


class PageSection(Struct, frozen=True):
    """A section with all that it shows."""

    id: str
    title: str
    parts: list[Part]
    figures: list[Figure]
    readings: list[Assumption]


def html_page(report: Report) -> str:
    """Return the report as an HTML page.

    All that comes from chats is text in it: names, tags and addresses run nothing and load nothing.
    """
    sections = [_section(report, section) for section in section_figures(report)]
    return _template().render(
        report=report,
        cards=cards(report),
        sections=sections,
        assumptions=list(ASSUMPTIONS.values()),
        hours=list(range(24)),
        generator=f"{GENERATOR} {__version__}",
    )


@cache
def _template() -> jinja2.Template:
    environment: Any = jinja2.Environment(
        loader=jinja2.PackageLoader("frontdesk.archives.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["glued"] = _glued
    template: jinja2.Template = environment.get_template("page.html.jinja")
    return template


def _glued(text: str) -> str:
    """Keep numbers with their units on one line."""
    return re.sub(r"(?<=\d) (?=(min|s|h|d|%|points)\b|%)", "\N{NO-BREAK SPACE}", text)


def _section(report: Report, section: Section) -> PageSection:
    figures = [report.figures[name] for name in section.figures]
    parts: list[Part] = []
    times = [figure for figure in figures if figure.name in TIMES]
    if times:
        parts.append(Part("Times of chats", times_table(times)))
    for figure in figures:
        if figure.name in TIMES:
            continue
        make = _PARTS.get(figure.name, _table_part)
        parts.append(make(figure))
    names = dict.fromkeys(name for figure in figures for name in figure.readings)
    readings = [ASSUMPTIONS[name] for name in names if name in ASSUMPTIONS]
    return PageSection(section.id, section.title, parts, figures, readings)


def _table_part(figure: Figure) -> Part:
    table = table_of(figure, MOST_ROWS)
    total = len(figure.rows)
    cut = f"The first {MOST_ROWS} of {total:,}; CSV and JSON have all." if total > MOST_ROWS else ""
    return Part(figure.title, table, cut=cut)


def _per_day(figure: Figure) -> Part:
    if figure.missing or not figure.rows or "day" not in figure.columns:
        return _table_part(figure)
    this, labels = _summed(figure.rows)
    series = [Series(THIS, this)]
    if figure.before:
        series.append(Series(BEFORE, _summed(figure.before, len(figure.rows))[0][: len(this)]))
    step = {1: "day", 7: "week"}.get(_step(len(figure.rows)), "month")
    return Part(
        f"Chats per {step}",
        _days_table(figure),
        area_chart(f"Chats per {step}", labels, series),
    )


def _step(days: int) -> int:
    return 1 if days <= MOST_DAYS else 7 if days <= MOST_WEEKS else 30


def _summed(rows: list[Row], days: int = 0) -> tuple[list[int], list[str]]:
    """Return chats by day, week or month of thirty days, with the day that each begins with."""
    step = _step(days or len(rows))
    sums: list[int] = []
    labels: list[str] = []
    for number, row in enumerate(rows):
        if number % step == 0:
            sums.append(0)
            labels.append(_short(row["day"]))
        sums[-1] += row["chats"]
    return sums, labels


def _short(day: date) -> str:
    return f"{day.day} {day:%b}"


def _days_table(figure: Figure) -> Table:
    """Return the days beside those of the period before, the first beside the first."""
    rows: list[tuple[str, ...]] = []
    before = figure.before or []
    for number, row in enumerate(figure.rows):
        cells = [f"{row['day']:%a} {row['day']:%Y-%m-%d}", f"{row['chats']:,}"]
        if figure.before is not None:
            cells.append(f"{before[number]['chats']:,}" if number < len(before) else NO_VALUE)
        rows.append(tuple(cells))
    headings = ("Day", "Chats", "As many days before")[: len(rows[0])]
    return Table(figure.title, headings, rows)


def _per_hour(figure: Figure) -> Part:
    counts: defaultdict[tuple[int, int], int] = defaultdict(int)
    for row in figure.rows:
        counts[row["weekday"], row["hour"]] += row["chats"]
    most = max(counts.values(), default=0)
    heat = [
        HeatRow(
            name,
            [
                HeatCell(
                    count := counts[weekday, hour],
                    -(-count * SHADES // most) if most else 0,
                    f"{name}, {hour:02}:00: {count:,}",
                )
                for hour in range(24)
            ],
        )
        for weekday, name in enumerate(WEEKDAYS, start=1)
    ]
    return Part(figure.title, Table(figure.title, (), [], note_of(figure)), heat=heat)


def _bars(figure: Figure) -> Part:
    part = _table_part(figure)
    if not figure.rows:
        return part
    key = key_of(figure)
    rows = figure.rows if figure.name == "first_response_classes" else figure.rows[:MOST_BARS]
    labels = [label_of(figure, row) for row in rows]
    series = [Series(THIS, [row["chats"] for row in rows])]
    if figure.before is not None:
        earlier = {row.get(key): row["chats"] for row in figure.before}
        series.append(Series(BEFORE, [earlier.get(row.get(key), 0) for row in rows]))
    more = len(figure.rows) - len(rows)
    title = f"{figure.title}: the first {len(rows)}" if more > 0 else figure.title
    return Part(title, part.table, bar_chart(title, labels, series), cut=part.cut)


def _stacked(figure: Figure, values: Callable[[list[Row]], dict[str, int]]) -> Part:
    """Draw how the chats of each period divide."""
    part = _table_part(figure)
    this = values(figure.rows)
    before = values(figure.before) if figure.before is not None else {}
    names = list(dict.fromkeys([*this, *before]))
    periods = [(THIS, this)] + ([(BEFORE, before)] if figure.before is not None else [])
    if not sum(this.values()) + sum(before.values()):
        return part
    labels = [name for name, _ in periods]
    # The bars are reversed when they are drawn, as all are.
    series = [Series(name, [each.get(name, 0) for _, each in periods]) for name in names]
    return Part(figure.title, part.table, stacked_chart(figure.title, labels, series))


def _rated(rows: list[Row]) -> dict[str, int]:
    row = rows[0] if rows else {}
    return {"Good": row.get("good") or 0, "Bad": row.get("bad") or 0}


def _handled(rows: list[Row]) -> dict[str, int]:
    return {row["handled_by"].capitalize(): row["chats"] for row in rows}


_PARTS: Final[dict[str, Callable[[Figure], Part]]] = {
    "chats_per_day": _per_day,
    "chats_per_hour": _per_hour,
    "first_response_classes": _bars,
    "tags": _bars,
    "countries": _bars,
    "ratings": lambda figure: _stacked(figure, _rated),
    "bots_and_people": lambda figure: _stacked(figure, _handled),
}
