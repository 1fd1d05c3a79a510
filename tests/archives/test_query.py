"""SQL over exports: the same views over every kind of them."""

import datetime as dt
import subprocess
import sys

import duckdb
import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from frontdesk.archives import TABLES, connect, export, make_job, open_target
from frontdesk.errors import ExportError, ForeignTarget, TargetInUse
from frontdesk.sandbox import Sandbox

from .report._exports import Export

NOW = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)
JOB = make_job(since=dt.datetime(2020, 1, 1, tzinfo=dt.UTC), until=NOW)
HELD = {
    "since": dt.datetime(2026, 3, 1, tzinfo=dt.UTC),
    "until": dt.datetime(2026, 6, 1, tzinfo=dt.UTC),
}
START = dt.datetime(2026, 5, 4, 10, tzinfo=dt.UTC)
KINDS = {
    "parquet": "{}/chats",
    "strange name": "{}/it's [1] * ? {{x}}",
    "delta": "delta:{}/tables",
    "duckdb": "{}/chats.duckdb",
    "url": "memory://query/chats",
    "file url": "file://{}/filed",
}


@pytest.fixture(scope="module")
def client():
    with Sandbox("bulk:40", start=NOW) as sandbox:
        yield sandbox.client()


def rows(connection, table):
    columns = ", ".join(f'"{column.name}"' for column in TABLES[table].columns)
    found = connection.execute(f'SELECT {columns} FROM "{table}"').fetchall()
    return sorted(map(repr, found))


@pytest.fixture(scope="module")
def expected(client, tmp_path_factory):
    """The rows of every table, as pyarrow reads them from files."""
    folder = tmp_path_factory.mktemp("expected") / "chats"
    export(client, open_target(folder), JOB, clock=lambda: NOW)
    tables = {}
    for name, table in TABLES.items():
        files = sorted((folder / name).glob("date=*/*.parquet"))
        parts = []
        for file in files:
            day = dt.date.fromisoformat(file.parent.name.removeprefix("date="))
            part = pq.ParquetFile(file).read()
            date = pa.array([day] * len(part), pa.date32())
            parts.append(
                part.append_column("date", date).select(table.schema.names).cast(table.schema)
            )
        whole = pa.concat_tables(parts) if parts else table.schema.empty_table()
        connection = duckdb.connect()
        connection.execute("SET TimeZone = 'UTC'")
        connection.register(name, whole)
        tables[name] = rows(connection, name)
    return tables


@pytest.mark.parametrize("kind", KINDS)
def test_every_export_has_the_same_views(client, expected, tmp_path, kind):
    path = KINDS[kind].format(tmp_path)
    export(client, open_target(path), JOB, clock=lambda: NOW)
    connection = connect(path)
    assert {name: rows(connection, name) for name in TABLES} == expected
    assert len(expected["threads"]) == 40
    with pytest.raises(duckdb.Error):
        connection.execute("DELETE FROM threads")
    connection.close()


def test_types_are_those_of_the_tables(tmp_path):
    made = Export()
    made.thread(START, (0, "customer"))
    connection = connect(made.write(tmp_path / "chats", **HELD))
    for name, table in TABLES.items():
        connection.register("plain", table.schema.empty_table())
        types = dict(row[:2] for row in connection.execute("DESCRIBE plain").fetchall())
        shown = dict(row[:2] for row in connection.execute(f'DESCRIBE "{name}"').fetchall())
        assert shown == types


def test_what_an_update_brings_is_in_the_next_query(tmp_path):
    made = Export()
    made.thread(START)
    connection = connect(made.write(tmp_path / "chats", **HELD))
    made.thread(START)
    made.thread(START + dt.timedelta(days=1))
    made.write(tmp_path / "chats", **HELD)
    assert connection.execute("SELECT count(*) FROM threads").fetchone() == (3,)


def test_columns_that_came_later_are_null_and_others_stay(tmp_path):
    made = Export()
    made.thread(START, groups=(3,))
    folder = made.write(tmp_path / "chats", **HELD)
    (file,) = folder.glob("threads/*/*.parquet")
    table = pq.ParquetFile(file).read()
    more = pa.array(["x"] * len(table))
    pq.write_table(table.drop_columns("summary").append_column("mine", more), file)
    connection = connect(folder)
    row = connection.execute("SELECT group_ids, summary, mine FROM threads").fetchone()
    assert row == ([3], None, "x")


def test_days_of_several_versions_are_read_together(tmp_path):
    made = Export()
    for day in range(3):
        made.thread(START + dt.timedelta(days=day), groups=(day,))
    folder = made.write(tmp_path / "chats", **HELD)
    files = sorted(folder.glob("threads/*/*.parquet"))
    old = pq.ParquetFile(files[0]).read()
    pq.write_table(old.drop_columns(["summary", "raw"]), files[0])
    found = connect(folder).execute("SELECT group_ids, raw FROM threads ORDER BY date").fetchall()
    assert found == [([0], None), ([1], None), ([2], None)]


def test_halves_and_spooled_pages_are_not_read(tmp_path):
    made = Export()
    made.thread(START)
    folder = made.write(tmp_path / "chats", **HELD)
    day = folder / "threads" / "date=2026-05-04"
    (day / ".part-0.parquet.tmp").write_bytes(b"half")
    (day / "_part-1.parquet").write_bytes(b"half")
    (day / ".part-2.parquet").write_bytes(b"half")
    assert connect(folder).execute("SELECT count(*) FROM threads").fetchone() == (1,)


def test_only_exported_tables_have_views(tmp_path):
    made = Export()
    made.thread(START, tags=["vip"])
    connection = connect(made.write(tmp_path / "chats", tables=("threads", "files"), **HELD))
    assert connection.execute("SELECT count(*) FROM files").fetchone() == (0,)
    with pytest.raises(duckdb.CatalogException):
        connection.execute("SELECT * FROM tags")


@pytest.mark.parametrize("content", ["nothing", "a folder", "a text", "another database"])
def test_what_is_no_export_is_refused(tmp_path, content):
    path = tmp_path / "chats.duckdb"
    if content == "a folder":
        (path / "threads").mkdir(parents=True)
    elif content == "a text":
        path.write_text("hello " * 5000)
    elif content == "another database":
        other = duckdb.connect(str(path))
        other.execute("CREATE TABLE mine (x INTEGER)")
        other.close()
    with pytest.raises(ExportError, match=r"chats\.duckdb"):
        connect(path)


def test_a_state_of_another_version_is_refused(tmp_path):
    folder = Export().write(tmp_path / "chats", **HELD)
    path = folder / "_frontdesk" / "state.json"
    state = msgspec.json.decode(path.read_bytes())
    path.write_bytes(msgspec.json.encode({**state, "schema": state["schema"] + 1}))
    with pytest.raises(ForeignTarget, match="newer version of frontdesk"):
        connect(folder)


WRITER = """
import duckdb, sys
connection = duckdb.connect(sys.argv[1])
print("open", flush=True)
sys.stdin.read()
"""


def test_a_database_that_a_run_writes_to_is_in_use(client, tmp_path):
    path = tmp_path / "chats.duckdb"
    export(client, open_target(path), JOB, clock=lambda: NOW)
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as writer:
        assert writer.stdout.readline() == b"open\n"
        with pytest.raises(TargetInUse, match="a run is writing to it"):
            connect(path)
        writer.stdin.close()
        writer.wait()
    connect(path).close()
