"""The figures as JSON and CSV, and reports in files that are whole or not there."""

import csv
import io
import os
import tempfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import msgspec

from frontdesk.archives.report.assumptions import ASSUMPTIONS
from frontdesk.archives.report.figures import Figure, Report, Row
from frontdesk.archives.report.page import GENERATOR
from frontdesk.archives.report.wording import key_of
from frontdesk.errors import InvalidArgument

__all__ = ["check_page", "json_report", "write_csv", "write_text"]

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""How cells begin that spreadsheets would run."""
_HEAD: Final = 2000
"""Characters in which a page says what made it."""


def json_report(report: Report) -> bytes:
    """Return the report as JSON: periods, figures by name, definitions and assumptions.

    Times are in seconds, shares from 0 to 1; ``before`` of a figure is ``null`` where the export
    does not hold the period before.
    """
    return msgspec.json.encode(
        {
            "export": report.export,
            "timezone": report.timezone,
            "groups": report.groups,
            "period": _period(report.period),
            "before": _period(report.before) if report.has_before else None,
            "notes": report.notes,
            "figures": {
                name: {
                    "title": figure.title,
                    "definition": figure.text,
                    "source": figure.source,
                    "assumptions": figure.readings,
                    "missing_tables": figure.missing,
                    "rows": figure.rows,
                    "before": figure.before,
                }
                for name, figure in report.figures.items()
            },
            "assumptions": {each.name: each.text for each in ASSUMPTIONS.values()},
        }
    )


def _period(period: Any) -> dict[str, Any]:
    return {"since": period.since, "until": period.until, "label": period.label}


def write_csv(report: Report, path: Path) -> list[Path]:
    """Write the figures as CSV, for spreadsheets: UTF-8 with a byte order mark.

    Args:
        report: the report.
        path: a file that ends with ``.csv``, for all figures with a line for each value; or a
            folder, for a file a figure.

    Returns:
        The files that were written.
    """
    if path.suffix.lower() == ".csv" and not path.is_dir():
        write_text(path, _text(["figure", "period", "key", "measure", "value"], _values(report)))
        return [path]
    with _naming(path):
        path.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    for name, figure in report.figures.items():
        file = path / f"{name.replace('/', '_')}.csv"
        write_text(file, _text(["period", *figure.columns], _lines(figure)))
        written.append(file)
    return written


def _rows_of(figure: Figure) -> Iterator[tuple[str, Row]]:
    yield from (("this", row) for row in figure.rows)
    yield from (("before", row) for row in figure.before or ())


def _lines(figure: Figure) -> Iterator[list[Any]]:
    for period, row in _rows_of(figure):
        yield [period, *(row[column] for column in figure.columns)]


def _values(report: Report) -> Iterator[list[Any]]:
    for name, figure in report.figures.items():
        key = key_of(figure)
        for number, (period, row) in enumerate(_rows_of(figure), start=1):
            label: Any = row.get(key, "") if key else "" if len(figure.rows) <= 1 else number
            if name == "chats_per_hour":
                label = f"{row['weekday']} {row['hour']:02}:00"
            elif name == "chats_per_day":
                label = row["day"]
            for column in figure.columns:
                if column not in (key, "weekday", "hour", "day"):
                    yield [name, period, label, column, row[column]]


def _text(headings: list[str], rows: Iterator[list[Any]]) -> str:
    output = io.StringIO()
    writer = csv.writer(output)
    writer.writerow(headings)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return "\ufeff" + output.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return "" if value is None else value


def check_page(path: Path) -> None:
    """Refuse to replace a page that no report made; raises ``InvalidArgument``."""
    with suppress(FileNotFoundError, IsADirectoryError):
        with path.open(encoding="utf-8", errors="replace") as file:
            head = file.read(_HEAD)
        if head and f'content="{GENERATOR}' not in head:
            raise InvalidArgument("html", f"is required: {path} is there already, and is no report")


def write_text(path: Path, text: str) -> None:
    """Write a file whole: nobody ever reads half of it, and an old one stays if this fails.

    Raises ``OSError``, which names the path, where it cannot be written.
    """
    with _naming(path):
        _write_whole(path, text)


@contextmanager
def _naming(path: Path) -> Generator[None, None, None]:
    """Have errors name the path that was given: not a temporary file, a folder above, or none."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror or str(error), os.fspath(path)) from error


def _write_whole(path: Path, text: str) -> None:
    folder = path.parent
    folder.mkdir(parents=True, exist_ok=True)
    number, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=folder)
    try:
        with os.fdopen(number, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        mask = os.umask(0)
        os.umask(mask)
        Path(name).chmod(0o666 & ~mask)
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise
