"""The targets of the contract suite: where each lies, and how its rows are read."""

import json
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from frontdesk.archives.tables import TABLES

Rows = dict[str, list[str]]
"""The rows of each table as JSON, sorted: a set that shows what is there twice."""


class TargetKind(NamedTuple):
    """A target that the suite runs against."""

    name: str
    address: str
    """Relative to a temporary folder, or a URL."""
    read: Callable[[str], Rows]
    is_local: bool = True
    format: str | None = None
    commits_each_page: bool = False

    def at(self, folder: Path) -> str:
        if "://" in self.address:
            return self.address
        prefix, _, path = self.address.rpartition(":")
        return f"{prefix}:{folder / path}" if prefix else str(folder / path)


def sorted_rows(table: str, rows: list[dict[str, Any]]) -> list[str]:
    return sorted(json.dumps(row, default=_plain, sort_keys=True) for row in rows)


def _plain(value: Any) -> str:
    assert isinstance(value, (date, datetime)), value
    return value.isoformat()


def read_parquet(address: str) -> Rows:
    """Read it file by file, as it lies there, with the date out of the folder's name."""
    found: Rows = {}
    for table in TABLES:
        rows: list[dict[str, Any]] = []
        for path in sorted((Path(address) / table).glob("date=*/*.parquet")):
            day = path.parent.name.removeprefix("date=")
            rows += [{"date": day, **row} for row in pq.ParquetFile(path).read().to_pylist()]
        found[table] = sorted_rows(table, rows)
    return found


def read_memory(address: str) -> Rows:
    import fsspec

    system = fsspec.filesystem("memory")
    found: Rows = {}
    for table in TABLES:
        rows: list[dict[str, Any]] = []
        for path in sorted(system.glob(f"{address}/{table}/date=*/*.parquet")):
            day = path.split("/")[-2].removeprefix("date=")
            rows += [
                {"date": day, **row}
                for row in pq.read_table(pa.BufferReader(system.cat_file(path))).to_pylist()
            ]
        found[table] = sorted_rows(table, rows)
    return found


def read_duckdb(address: str) -> Rows:
    import duckdb

    found: Rows = {}
    with duckdb.connect(address, read_only=True) as database:
        names = {row[0] for row in database.execute("SHOW TABLES").fetchall()}
        for table in TABLES:
            rows = []
            if table in names:
                rows = database.sql(f"SELECT * FROM {table}").to_arrow_table().to_pylist()
            found[table] = sorted_rows(table, rows)
    return found


def read_delta(address: str) -> Rows:
    import deltalake

    found: Rows = {}
    for table in TABLES:
        path = Path(address.removeprefix("delta:")) / table
        rows: list[dict[str, Any]] = []
        if path.exists():
            rows = deltalake.DeltaTable(str(path)).to_pyarrow_table().to_pylist()
        found[table] = sorted_rows(table, rows)
    return found


def read_lines(address: str) -> Rows:
    with Path(address).open("rb") as file:
        return {"lines": sorted(line.decode() for line in file)}


PARQUET = TargetKind("parquet", "chats", read_parquet)
MEMORY = TargetKind("memory", "memory://chats", read_memory, is_local=False)

DUCKDB = TargetKind("duckdb", "chats.duckdb", read_duckdb)

DELTA = TargetKind("delta", "delta:chats", read_delta)

LINES = TargetKind("lines", "chats.jsonl", read_lines)

SPOOLING = [PARQUET, DELTA, DUCKDB]
"""Those that gather pages; the suite makes them store whole days after each page."""
OFTEN = [kind._replace(name=f"{kind.name}-often", commits_each_page=True) for kind in SPOOLING]
KINDS = [PARQUET, MEMORY, *OFTEN]
LOCAL = [kind for kind in KINDS if kind.is_local]


def parameters(kinds: list[TargetKind]) -> list[Any]:
    return [pytest.param(kind, id=kind.name) for kind in kinds]
