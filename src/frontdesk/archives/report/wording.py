"""Figures as people read them: numbers with their units, changes, headings of columns."""

from datetime import date
from typing import Any, Final

from msgspec import Struct

from frontdesk.archives.report.figures import Figure, Report, Row

__all__ = [
    "KEYS",
    "KEY_FIGURES",
    "NO_DATA_BEFORE",
    "NO_VALUE",
    "WEEKDAYS",
    "Card",
    "cards",
    "change",
    "heading",
    "key_of",
    "label_of",
    "shown",
]

NO_DATA_BEFORE: Final = "no data before"
NO_VALUE: Final = "\N{EN DASH}"
WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
KEYS: Final = {
    "agents": "agent_id",
    "bots_and_people": "handled_by",
    "chats_per_hour": "",
    "countries": "country_code",
    "first_response_classes": "within",
    "groups": "group_id",
    "queue": "outcome",
    "tags": "tag",
}
"""The column that tells the rows of a figure apart."""
_HEADINGS: Final = {
    "agent_id": "Agent",
    "bad": "Bad",
    "chats": "Chats",
    "chats_of_repeated": "Their chats",
    "chats_share": "Share",
    "continuous_chats": "Continuous",
    "country_code": "Country",
    "first_response_mean_seconds": "First response, mean",
    "first_response_median_seconds": "First response, median",
    "first_responses": "First responses",
    "good": "Good",
    "good_share": "Good of rated",
    "group_id": "Group",
    "handled_by": "Responses by",
    "longest_seconds": "Longest",
    "mean_seconds": "Mean",
    "median_seconds": "Median",
    "missed_chats": "Missed",
    "p90_seconds": "90th percentile",
    "rated_share": "Rated",
    "repeated_customers": "Repeated",
    "repeated_share": "Share repeated",
    "score": "Score",
    "shortest_seconds": "Shortest",
    "started": "Started",
    "thread_id": "Thread",
    "waited_seconds": "Waited",
    "within": "First response",
}
_SECONDS: Final = "_seconds"
_SHARE: Final = "_share"
_MINUTE: Final = 60
_HOUR: Final = 3600
_DAY: Final = 86400
_NOTICEABLE: Final = 0.005
"""A change below half a percent is none."""


class KeyFigure(Struct, frozen=True):
    """A figure that stands at the top: a column of a query's only row."""

    label: str
    figure: str
    column: str
    better: str = ""
    """``lower`` or ``higher``, where one is better than the other."""


KEY_FIGURES: Final = (
    KeyFigure("Chats", "chats", "chats"),
    KeyFigure("First response, median", "first_response_time", "median_seconds", "lower"),
    KeyFigure("Response, median", "response_time", "median_seconds", "lower"),
    KeyFigure("Duration, median", "duration", "median_seconds"),
    KeyFigure("Missed chats", "missed_chats", "chats_share", "lower"),
    KeyFigure("Good of rated chats", "ratings", "good_share", "higher"),
    KeyFigure("Left the queue", "queue", "chats", "lower"),
    KeyFigure("Repeated customers", "repeated_customers", "repeated_share"),
)


class Card(Struct, frozen=True):
    """A key figure beside that of the period before."""

    label: str
    value: str
    change: str
    """Such as ``+12 %``; empty without a change."""
    before: str
    """The value before, or that there is none."""
    verdict: str = ""
    """``better`` or ``worse``, where one can say so."""
    detail: str = ""


def cards(report: Report) -> list[Card]:
    """Return the key figures of a report."""
    return [_card(report, each) for each in KEY_FIGURES if each.figure in report.figures]


def _card(report: Report, key: KeyFigure) -> Card:
    figure = report.figures[key.figure]
    if figure.missing:
        return Card(key.label, NO_VALUE, "", "not in the export")
    row, earlier = _row(figure.rows), _row(figure.before or [])
    value, previous = row.get(key.column), earlier.get(key.column)
    counts = not key.column.endswith((_SECONDS, _SHARE, "score"))
    if counts:
        value = value or 0
        previous = previous or 0
    if not report.has_before:
        before, text, verdict = NO_DATA_BEFORE, "", ""
    elif previous is None:
        before, text, verdict = "no value before", "", ""
    else:
        before = f"{shown(key.column, previous)} before"
        text, verdict = change(key.column, value, previous), _verdict(key, value, previous)
    return Card(key.label, shown(key.column, value), text, before, verdict, _detail(key, row))


def _row(rows: list[Row]) -> Row:
    """Return the row of a key figure: in the queue, those who left it."""
    for row in rows:
        if row.get("outcome", "left the queue") == "left the queue":
            return row
    return {}


def _detail(key: KeyFigure, row: Row) -> str:
    match key.figure:
        case "first_response_time" | "response_time" | "duration" if row.get("p90_seconds"):
            return f"90 % within {shown('p90_seconds', row['p90_seconds'])}"
        case "missed_chats" if row:
            return f"{row.get('chats', 0):,} chats"
        case "ratings" if row:
            return f"{row.get('good', 0):,} good, {row.get('bad', 0):,} bad"
        case "queue" if row.get("median_seconds") is not None:
            return f"after {shown('median_seconds', row['median_seconds'])} (median)"
        case "repeated_customers" if row:
            return f"{row.get('repeated_customers', 0):,} of {row.get('customers', 0):,}"
        case _:
            return ""


def _verdict(key: KeyFigure, value: float | None, previous: float) -> str:
    if not key.better or value is None or not change(key.column, value, previous):
        return ""
    return "better" if (value < previous) == (key.better == "lower") else "worse"


def change(column: str, value: float | None, previous: float | None) -> str:
    """Return how a value differs from the one before, or nothing where it hardly does.

    Shares differ in percentage points, others in percent of the value before.
    """
    if value is None or previous is None:
        return ""
    if column.endswith(_SHARE):
        points = (value - previous) * 100
        return f"{points:+.1f} points" if abs(points) >= 0.05 else ""  # noqa: PLR2004 - rounds to 0
    if column == "score":
        return f"{value - previous:+.2f}" if abs(value - previous) >= _NOTICEABLE else ""
    if not previous:
        return f"+{value:,.0f}" if value and not column.endswith(_SECONDS) else ""
    ratio = value / previous - 1
    return f"{ratio * 100:+,.0f} %" if abs(ratio) >= _NOTICEABLE else ""


def shown(column: str, value: Any) -> str:
    """Return a value of a column as text."""
    match value:
        case None:
            return NO_VALUE
        case bool():
            return "yes" if value else "no"
        case int() | float() if column.endswith(_SECONDS):
            return _duration(value)
        case int() | float() if column.endswith(_SHARE):
            return f"{value * 100:.1f} %"
        case float() if column == "score":
            return f"{value:.2f}"
        case int() if not column.endswith("_id"):
            return f"{value:,}"
        case float():
            return f"{value:,.2f}"
        case date():
            return f"{value:%Y-%m-%d}"
        case _:
            return str(value)


def _duration(seconds: float) -> str:
    """Return a time as people say it: ``8.5 s``, ``1 min 20 s``, ``2 h 5 min``, ``3 d 4 h``."""
    tenths = round(seconds, 1)
    if tenths < 10 and tenths != int(tenths):  # noqa: PLR2004 - a tenth matters below
        return f"{tenths:.1f} s"
    whole = round(seconds)
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        return _two(whole, _MINUTE, "min", 1, "s")
    if whole < _DAY:
        return _two(whole, _HOUR, "h", _MINUTE, "min")
    return _two(whole, _DAY, "d", _HOUR, "h")


def _two(seconds: int, large: int, name: str, small: int, other: str) -> str:
    first, rest = divmod(seconds, large)
    second = rest // small
    return f"{first} {name} {second} {other}" if second else f"{first} {name}"


def heading(column: str) -> str:
    """Return what a column is called."""
    return _HEADINGS.get(column) or column.removesuffix(_SECONDS).replace("_", " ").capitalize()


def key_of(figure: Figure) -> str:
    """Return the column that tells the rows of a figure apart; empty where there is one row."""
    key = KEYS.get(figure.name, "")
    return key if key in figure.columns else ""


def label_of(figure: Figure, row: Row) -> str:
    """Return what a row is called."""
    match figure.name:
        case "groups":
            return "All agents (0)" if row.get("group_id") == 0 else f"Group {row.get('group_id')}"
        case "agents":
            bot = " (bot)" if row.get("type") == "bot" else ""
            return f"{row.get('agent') or row.get('agent_id')}{bot}"
        case "countries":
            return str(row.get("country") or row.get("country_code") or "unknown")
        case "bots_and_people":
            return str(row.get("handled_by", "")).capitalize()
        case "queue":
            return str(row.get("outcome", "")).capitalize()
        case _:
            return shown("", row.get(key_of(figure)))
