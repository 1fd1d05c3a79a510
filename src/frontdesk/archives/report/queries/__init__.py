"""The queries of a report: SQL files, one for each figure, that people can read and change."""

import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Final

from msgspec import Struct

from frontdesk.errors import ExportError, InvalidArgument

__all__ = ["NAMES", "PREPARE", "Query", "load_queries", "write_queries"]

PREPARE: Final = "prepare"
"""The folder of the queries that make the tables for the others."""
NAMES: Final = "names"
"""The folder of those whose results name customers."""
_SUFFIX: Final = ".sql"
_FIELD: Final = re.compile(r"(Source|Readings|Needs): *(.*)")


class Query(Struct, frozen=True):
    """A query, and what the comment at its top says."""

    name: str
    """Its file without the suffix: ``tags``, ``names/comments``."""
    sql: str
    origin: str
    """Where it comes from, as errors name it."""
    title: str = ""
    text: str = ""
    """The definition of the figure."""
    source: str = ""
    """Whose definition it is."""
    readings: tuple[str, ...] = ()
    """The assumptions it relies on."""
    needs: tuple[str, ...] = ()
    """The tables of the export it relies on."""


def load_queries(folder: Path | None = None) -> dict[str, Query]:
    """Return all queries by name, those that prepare first.

    Args:
        folder: files of the user; each replaces the query of the same name, others come last.

    Raises:
        InvalidArgument: There is no such folder, or no query in it.
        ExportError: A file cannot be read.
    """
    texts = {name: (text, f"{name}{_SUFFIX}") for name, text in _own_files()}
    if folder is not None:
        paths = sorted(folder.glob(f"**/*{_SUFFIX}")) if folder.is_dir() else []
        if not paths:
            raise InvalidArgument(
                "queries", f"must be a folder with {_SUFFIX} files; {folder} has none"
            )
        for path in paths:
            name = path.relative_to(folder).with_suffix("").as_posix()
            texts[name] = (_read(path), str(path))
    return {name: _parse(name, text, origin) for name, (text, origin) in texts.items()}


def write_queries(folder: Path) -> list[Path]:
    """Write the queries to a folder, for people to change; files that exist stay as they are.

    Returns:
        The files that were written.
    """
    written: list[Path] = []
    for name, text in _own_files():
        path = folder / f"{name}{_SUFFIX}"
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with path.open("x", encoding="utf-8") as file:
                file.write(text)
        except FileExistsError:
            continue
        written.append(path)
    return written


def _own_files() -> Iterator[tuple[str, str]]:
    root = files(__name__)
    for folder in (PREPARE, "", NAMES):
        place = root.joinpath(folder) if folder else root
        for file in sorted(place.iterdir(), key=lambda file: file.name):
            if file.name.endswith(_SUFFIX):
                name = file.name.removesuffix(_SUFFIX)
                yield f"{folder}/{name}".lstrip("/"), file.read_text(encoding="utf-8")


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise ExportError(f"{path} cannot be read: it is not UTF-8") from None


def _parse(name: str, sql: str, origin: str) -> Query:
    """Read the comment at the top: a title, paragraphs, and lines with a name."""
    paragraphs: list[list[str]] = [[]]
    fields: dict[str, str] = {}
    for line in sql.splitlines():
        if not line.startswith("--"):
            break
        text = line.removeprefix("--").strip()
        if match := _FIELD.fullmatch(text):
            fields[match[1]] = match[2]
        elif text:
            paragraphs[-1].append(text)
        elif paragraphs[-1]:
            paragraphs.append([])
    title, *rest = (" ".join(lines) for lines in paragraphs if lines) if any(paragraphs) else [""]
    return Query(
        name,
        sql,
        origin,
        title or name.replace("_", " "),
        " ".join(rest),
        fields.get("Source", ""),
        _names(fields.get("Readings", "")),
        _names(fields.get("Needs", "")),
    )


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())
