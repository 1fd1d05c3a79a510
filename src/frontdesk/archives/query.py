"""SQL over an export, wherever it lies: a DuckDB connection with a view for each table."""

import glob
import os
from collections.abc import Sequence
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import urlsplit
from urllib.request import url2pathname

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from frontdesk.archives.pages import Job, Position
from frontdesk.archives.tables import TABLES
from frontdesk.archives.targets.failures import foreign
from frontdesk.archives.targets.states import STATE_NAME, check_versions
from frontdesk.errors import ExportError, TargetInUse
from frontdesk.extras import importing_extra
from frontdesk.grammar import listed

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

__all__ = ["Remembered", "Source", "connect", "empty_table", "open_source"]

STATE_TABLE: Final = "_frontdesk"
DELTA_LOG: Final = "_delta_log"
_FILES: Final = "date=*/[!._]*.parquet"
_parquet_module: Final[Any] = pq  # typed in part only
_ATTACHED: Final = "export"
_MAGIC: Final = slice(8, 12)
"""Where a DuckDB file has the letters that tell it from any other."""
_QUERYABLE: Final = "give an export to Parquet, Delta or DuckDB"
_LINES: Final = {"csv": "CSV", "jsonl": "JSON lines"}
"""The formats that are not queried, by the name that a state has for them."""
_LONGEST_REASON: Final = 300
_IN_USE: Final = ("Could not set lock", "already attached", "different configuration")
"""What DuckDB says of a file that is open elsewhere, or in this process."""
_REQUIRED: Final = {"thread_id": "VARCHAR", "date": "DATE", "created_at": "TIMESTAMP"}
"""Columns that every version has in ``threads``, and how the names of their types begin."""
_TYPES: Final[dict[Any, str]] = {
    pa.string(): "VARCHAR",
    pa.int64(): "BIGINT",
    pa.float64(): "DOUBLE",
    pa.bool_(): "BOOLEAN",
    pa.date32(): "DATE",
    pa.timestamp("us", tz="UTC"): "TIMESTAMPTZ",
    pa.list_(pa.int64()): "BIGINT[]",
}
"""What DuckDB calls the types of columns. To have it say so, a table would have to be registered,
for which it imports pandas, if that is installed."""


class Source(NamedTuple):
    """An export that can be queried."""

    connection: "DuckDBPyConnection"
    """Has a view for each table."""
    state: "Remembered | None"
    """What the export remembers; ``None`` where its tables were copied without it."""
    tables: frozenset[str]
    """The tables that were exported; those without any row are among them."""


def connect(path: str | os.PathLike[str]) -> "DuckDBPyConnection":
    """Open an export for SQL: a DuckDB connection that has a view for each of its tables.

    The views follow the export: rows that a later update brings are there in the next query. The
    export itself cannot be changed through them. Times are shown in UTC; ``SET TimeZone`` changes
    that.

    Args:
        path: the export, as it was given to ``frontdesk export``: a folder of Parquet files or
            Delta tables, a URL of such a folder that fsspec can read, or a ``.duckdb`` file.

    Returns:
        A connection to a database in memory, which can have tables and views of its own.

    Raises:
        ExportError: There is no export at the path, it cannot be read, or it lacks a table that
            was exported.
        ForeignTarget: Another version of frontdesk made the export, it is in another format (CSV
            or JSON lines), or something else lies there.
        TargetInUse: A run is writing to the ``.duckdb`` file.
        MissingDependency: DuckDB, or what reads Delta tables, is not installed.
    """
    return open_source(path).connection


def open_source(path: str | os.PathLike[str]) -> Source:
    """Open an export as ``connect`` does, with what it remembers of itself."""
    with importing_extra("duckdb", "querying an export"):
        import duckdb

    location = _plain(os.fspath(path))
    connection = duckdb.connect()
    try:
        # Nothing is fetched from DuckDB's servers: all that views need is built in.
        connection.execute("SET autoinstall_known_extensions = false")
        connection.execute("SET autoload_known_extensions = false")
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET parquet_metadata_cache = true")
        if _is_url(location):
            return _remote(connection, location)
        folder = Path(location)
        if folder.is_dir():
            return _folder(connection, folder)
        if folder.is_file():
            return _database(connection, folder)
    except (OSError, pa.ArrowException, duckdb.Error) as error:
        connection.close()
        raise _unreadable(location, error) from error
    except BaseException:
        connection.close()
        raise
    connection.close()
    raise ExportError(f"there is no export at {location}; `frontdesk export` makes one")


def _folder(connection: "DuckDBPyConnection", folder: Path) -> Source:
    state_file = folder / STATE_NAME
    state = _state(state_file.read_bytes(), str(folder)) if state_file.is_file() else None
    relations: dict[str, str] = {}
    for name in TABLES:
        if (folder / name / DELTA_LOG).is_dir():
            relations[name] = _delta(connection, name, str(folder / name))
        elif files := sorted(folder.glob(f"{name}/{_FILES}")):
            schemas = [_parquet_module.read_schema(file) for file in (files[0], files[-1])]
            relations[name] = _parquet(f"{glob.escape(str(folder))}/{name}", schemas)
    if state is not None:
        # What an update or an erasure empties keeps its folder: one that is gone was removed.
        gone = [name for name in state.tables_with_rows if not (folder / name).is_dir()]
        _check_tables(str(folder), gone)
    return _source(connection, str(folder), state, relations)


def _remote(connection: "DuckDBPyConnection", url: str) -> Source:
    core: Any = import_module("fsspec.core")  # it has no types
    url = url.rstrip("/")
    filesystem, root = core.url_to_fs(url)
    protocol = url.partition("://")[0]
    connection.register_filesystem(filesystem)
    state_file = f"{root}/{STATE_NAME}"
    state = None
    if filesystem.exists(state_file):
        state = _state(filesystem.cat_file(state_file), url)
    relations: dict[str, str] = {}
    for name in TABLES:
        if filesystem.exists(f"{root}/{name}/{DELTA_LOG}"):
            relations[name] = _delta(connection, name, f"{url}/{name}")
        elif files := sorted(filesystem.glob(f"{root}/{name}/{_FILES}")):
            schemas: list[pa.Schema] = []
            for path in (files[0], files[-1]):
                with filesystem.open(path) as file:
                    schemas.append(_parquet_module.read_schema(file))
            escaped = glob.escape(root.lstrip("/"))
            relations[name] = _parquet(f"{protocol}://{escaped}/{name}", schemas)
    return _source(connection, url, state, relations)


def _database(connection: "DuckDBPyConnection", file: Path) -> Source:
    import duckdb

    # DuckDB takes files of other programs for databases that an extension reads.
    with file.open("rb") as content:
        if content.read(_MAGIC.stop)[_MAGIC] != b"DUCK":
            raise foreign(str(file), "is no DuckDB database", _QUERYABLE)
    try:
        connection.execute(f"ATTACH {_literal(str(file))} AS {_ATTACHED} (TYPE duckdb, READ_ONLY)")
    except duckdb.Error as error:
        text = " ".join(str(error).split())
        if any(sign in text for sign in _IN_USE):
            raise TargetInUse(
                f"{file} is in use: a run is writing to it; try again when it has ended"
            ) from None
        raise _unreadable(str(file), error) from error
    names = {
        row[0]
        for row in connection.execute(
            "SELECT table_name FROM duckdb_tables() "
            "WHERE database_name = ? AND schema_name = 'main'",
            [_ATTACHED],
        ).fetchall()
    }
    state = None
    if STATE_TABLE in names:
        state = _state(_stored_state(connection), str(file))
        # A run makes all tables at once, before it writes any row.
        _check_tables(str(file), [name for name in state.job.tables if name not in names])
    relations = {
        name: f'SELECT * FROM {_ATTACHED}.main."{name}"' for name in TABLES if name in names
    }
    return _source(connection, str(file), state, relations)


def _stored_state(connection: "DuckDBPyConnection") -> bytes:
    rows = connection.execute(f'SELECT * FROM {_ATTACHED}.main."{STATE_TABLE}"').fetchall()
    value = rows[0][0] if rows else ""
    return value.encode() if isinstance(value, str) else b""


def _check_tables(location: str, missing: Sequence[str]) -> None:
    """Refuse an export that lacks tables which it had, as its figures would be wrong."""
    if missing:
        noun = "table" if len(missing) == 1 else "tables"
        raise ExportError(
            f"the export {location} lacks the {noun} {listed([f'`{name}`' for name in missing])}, "
            "which it had; export again, to another path"
        )


def _unreadable(location: str, error: Exception) -> ExportError:
    """Return the error for an export whose files are damaged, or cannot be read."""
    reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
    # Libraries add their own traceback below.
    reason = " ".join(reason.strip().partition("\n")[0].split()).rstrip(".!")[:_LONGEST_REASON]
    return ExportError(
        f"{location} cannot be read ({reason}); try again, or export again to another path"
    )


def _source(
    connection: "DuckDBPyConnection",
    location: str,
    state: "Remembered | None",
    relations: dict[str, str],
) -> Source:
    """Make the views, and those of tables that were exported and have no rows."""
    if state is None and "threads" not in relations:
        raise ExportError(f"{location} holds no export; `frontdesk export` makes one")
    exported = frozenset(relations) | frozenset(state.job.tables if state else ())
    # A run that is under way makes the first files of its tables one after the other.
    is_whole = state is not None and state.position.done and "threads" in state.job.tables
    if is_whole and "threads" not in relations:
        _check_tables(location, ["threads"] if relations.keys() - {"users"} else [])
    for name, table in TABLES.items():
        if name not in exported:
            continue
        if name not in relations:
            connection.execute(f'CREATE VIEW "{name}" AS {empty_table(name)}')
            continue
        relation = relations[name]
        present = _columns(connection, relation)
        if name == "threads" and not _is_ours(present):
            raise foreign(
                location, "has a table `threads` that `frontdesk export` did not make", _QUERYABLE
            )
        types = {column.name: _TYPES[column.type] for column in table.columns}
        # An export of an earlier minor version lacks the columns that came later.
        columns = [
            f'"{column}"' if column in present else f'CAST(NULL AS {kind}) AS "{column}"'
            for column, kind in types.items()
        ]
        columns += [f'"{column}"' for column in present if column not in types]
        connection.execute(f'CREATE VIEW "{name}" AS SELECT {", ".join(columns)} FROM ({relation})')
    return Source(connection, state, exported)


def empty_table(name: str) -> str:
    """Return a query with the columns of a table, and no rows."""
    columns = (
        f'CAST(NULL AS {_TYPES[column.type]}) AS "{column.name}"' for column in TABLES[name].columns
    )
    return f"SELECT {', '.join(columns)} WHERE false"


def _columns(connection: "DuckDBPyConnection", relation: str) -> dict[str, str]:
    """Return the types of columns by their names."""
    return {row[0]: row[1] for row in connection.execute(f"DESCRIBE {relation}").fetchall()}


def _is_ours(columns: dict[str, str]) -> bool:
    """Tell whether these columns may be those of ``threads``, of whatever version."""
    return all(columns.get(name, "").startswith(kind) for name, kind in _REQUIRED.items())


def _parquet(folder: str, schemas: Sequence[pa.Schema]) -> str:
    """Return a query of the Parquet files below a folder, whose name has no wild cards.

    ``schemas`` are those of the oldest and the newest day: each run writes all days from one on.
    """
    pattern = _literal(f"{folder}/{_FILES}")
    options = "hive_partitioning = true, hive_types = {'date': DATE}"
    if len({tuple(schema.names) for schema in schemas}) > 1:
        # Opening every file to find out which columns it has takes long, and is rarely needed.
        options += ", union_by_name = true"
    return f"SELECT * FROM read_parquet({pattern}, {options})"


def _delta(connection: "DuckDBPyConnection", name: str, location: str) -> str:
    """Register a Delta table, and return a query of it."""
    with importing_extra("delta", "querying Delta tables"):
        from deltalake import DeltaTable
        from deltalake.exceptions import DeltaError

    registered = f"_frontdesk_delta_{name}"
    # DuckDB's own reader is an extension that it would download.
    try:
        table: Any = DeltaTable(location)  # typed in part only
        connection.register(registered, table.to_pyarrow_dataset())
    except DeltaError as error:
        raise _unreadable(location, error) from error
    return f'SELECT * FROM "{registered}"'


def _state(data: bytes, location: str) -> "Remembered":
    """Decode what an export remembers; raises ``ForeignTarget`` for that of another version."""
    try:
        versions = msgspec.json.decode(data, type=_Versions)
        check_versions(versions.format, versions.schema, location)
        if versions.target in _LINES:
            raise foreign(
                location,
                f"is an export to {_LINES[versions.target]}, which cannot be queried",
                _QUERYABLE,
            )
        return msgspec.json.decode(data, type=Remembered)
    except msgspec.MsgspecError as error:
        raise foreign(
            location,
            f"holds an export whose state cannot be read ({str(error).rstrip('.')})",
            "export to another path",
        ) from None


class _Versions(msgspec.Struct):
    format: int
    schema: int
    target: str = ""


class Remembered(msgspec.Struct, frozen=True):
    """What an export remembers, whatever it was written to."""

    job: Job
    position: Position
    frontier: date | None = None
    """Days before it are whole while a run is under way; ``None`` where rows come in no days."""
    tables_with_rows: tuple[str, ...] = ()
    """The tables that rows were written to."""


def _plain(location: str) -> str:
    """Return a path or URL without what only tells a target its format."""
    location = location.removeprefix("delta:")
    if location.startswith("file://"):
        return url2pathname(urlsplit(location).path)
    return location


def _is_url(location: str) -> bool:
    return "://" in location


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
