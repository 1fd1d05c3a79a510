"""From a path or URL, and perhaps a format, to a target."""

import os
from importlib import import_module
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import urlsplit
from urllib.request import url2pathname

from frontdesk.archives.targets.base import Target
from frontdesk.archives.targets.states import STATE_NAME, kind_of
from frontdesk.errors import InvalidArgument
from frontdesk.grammar import listed

__all__ = ["FORMATS", "SUFFIXES", "open_target"]


class _Format(NamedTuple):
    module: str
    name: str
    folder: bool = False
    """Whether it fills a folder."""


_HERE: Final = "frontdesk.archives.targets"

FORMATS: Final = {
    "parquet": _Format(f"{_HERE}.parquet", "ParquetTarget", folder=True),
    "delta": _Format(f"{_HERE}.delta", "DeltaTarget", folder=True),
    "duckdb": _Format(f"{_HERE}.duckdb", "DuckDBTarget"),
    "jsonl": _Format(f"{_HERE}.lines", "LinesTarget"),
    "csv": _Format(f"{_HERE}.csv", "csv_target"),
    "-": _Format(f"{_HERE}.standard_output", "StandardOutputTarget"),
}
"""Each format with the class that writes it; imported when it is used."""

SUFFIXES: Final = {
    ".duckdb": "duckdb",
    ".jsonl": "jsonl",
    ".jsonl.gz": "jsonl",
    ".csv": "csv",
}
"""The formats of files, by the end of their names."""

_LONGEST_SUFFIX: Final = 8


def open_target(path_or_url: str | os.PathLike[str], *, format: str | None = None) -> Target:
    """Return the target for a path or URL; nothing is opened or made yet.

    Args:
        path_or_url: a folder (Parquet by day, unless it holds an export in another format), a file
            (``*.duckdb``, ``*.jsonl``, ``*.jsonl.gz``, ``*.csv``), ``delta:FOLDER``, a URL that
            fsspec knows (``s3://bucket/chats``; Parquet), or ``-`` for standard output.
        format: ``parquet``, ``delta``, ``duckdb``, ``jsonl`` or ``csv``; defaults to what the path
            says. A folder with ``csv`` has a file a table.

    Raises:
        InvalidArgument: No format is known for the path, or the format is none.
        MissingDependency: The format needs an extra that is not installed.
    """
    address = os.fspath(path_or_url) if isinstance(path_or_url, os.PathLike) else path_or_url
    if not isinstance(address, str) or not address or "\0" in address:  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidArgument("target", f"must be a path or URL, not {path_or_url!r}")
    names = [name for name in FORMATS if name != "-"]
    if format is not None and format not in names:
        raise InvalidArgument("format", f"must be one of {listed(names, 'or')}, not {format!r}")
    if address.startswith("delta:") and format in (None, "delta"):
        address, format = address.removeprefix("delta:"), "delta"
        if not address:
            raise InvalidArgument("target", "must name a folder after `delta:`")
    address = _local(address)
    format = format or _format_of(address)
    if "://" in address and format != "parquet":
        raise InvalidArgument(
            "target", f"must be a local path for the format {format}; URLs take Parquet"
        )
    module, name, _ = FORMATS[format]
    target: Target = getattr(import_module(module), name)(address)
    return target


def _local(address: str) -> str:
    """Return the path of a ``file:`` URL; anything else as it is."""
    parts = urlsplit(address) if address.startswith("file://") else None
    return address if parts is None else url2pathname(parts.path)


def _format_of(address: str) -> str:
    if address == "-":
        return "-"
    if "://" in address:
        return "parquet"
    path = Path(address)
    if path.is_dir():
        return _format_of_folder(path)
    if address.endswith(("/", os.sep)):
        return "parquet"
    name = path.name.lower()
    for suffix, format_ in SUFFIXES.items():
        if name.endswith(suffix):
            return format_
    suffix = path.suffix[1:]
    # `2026.01` and `chats-3.6` are folders; `chats.xlsx` is meant to be a file.
    if suffix.isalpha() and len(suffix) <= _LONGEST_SUFFIX:
        raise InvalidArgument(
            "target",
            f"must be a folder, or a file that ends with {listed(list(SUFFIXES), 'or')}, "
            f"not {path.name!r}; a folder of that name is meant by {path.name + '/'!r}",
        )
    return "parquet"


def _format_of_folder(path: Path) -> str:
    """Return the format of the export in a folder; Parquet if there is none."""
    kind = kind_of(path / STATE_NAME)
    if kind is not None:
        return kind if kind in FORMATS else "parquet"
    if any(path.glob("*/_delta_log")):
        return "delta"
    return "parquet"
