"""SQL over exports: the same views over every kind of them."""

import datetime as dt
import shutil
import subprocess
import sys

import duckdb
import fsspec
import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from frontdesk.archives import TABLES, connect, export, make_job, open_target, read_archives
from frontdesk.archives.report import report_on
from frontdesk.errors import ExportError, ForeignTarget, TargetInUse
from frontdesk.sandbox import Sandbox

from .. import forked
from .report._exports import Export

NOW = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)
JOB = make_job(since=NOW - dt.timedelta(days=730), until=NOW)  # all that is there
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
    with forked.Popen(
        [sys.executable, "-c", WRITER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as writer:
        assert writer.stdout.readline() == b"open\n"
        with pytest.raises(TargetInUse, match="a run is writing to it"):
            connect(path)
        writer.stdin.close()
        writer.wait()
    connect(path).close()


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("chats.jsonl", None),
        ("chats.jsonl.gz", None),
        ("chats.csv", None),
        ("chats", "csv"),
        ("plain", "jsonl"),
        ("plain", "csv_file"),
    ],
)
def test_exports_of_lines_are_refused(client, tmp_path, name, kind):
    path = str(tmp_path / name)
    if kind == "csv_file":
        export(client, open_target(f"{path}.csv"), JOB, clock=lambda: NOW)
        (tmp_path / "plain.csv").rename(path)
    else:
        export(client, open_target(path, format=kind), JOB, clock=lambda: NOW)
    with pytest.raises(ForeignTarget, match=r"; give an export to Parquet, Delta or DuckDB$") as no:
        connect(path)
    assert path in str(no.value)


@pytest.mark.parametrize(
    "sql",
    [
        ["CREATE TABLE mine (x INTEGER)"],
        ["CREATE SCHEMA chats", "CREATE TABLE chats.threads (thread_id VARCHAR)"],
        ["CREATE TABLE threads (x INTEGER)"],
        ["CREATE TABLE threads (thread_id VARCHAR, date DATE, created_at VARCHAR)"],
        ["CREATE TABLE _frontdesk (state INTEGER)", "INSERT INTO _frontdesk VALUES (7)"],
        ["CREATE TABLE _frontdesk (state VARCHAR)"],
        ["CREATE VIEW threads AS SELECT 1 AS x"],
    ],
)
def test_databases_of_others_are_refused(tmp_path, sql):
    path = tmp_path / "other.duckdb"
    with duckdb.connect(str(path)) as other:
        for statement in sql:
            other.execute(statement)
    with pytest.raises(ExportError, match=r"other\.duckdb (holds|has)"):
        connect(path)


@pytest.mark.parametrize("damage", ["cut", "header", "blocks", "version", "empty"])
def test_a_damaged_database_is_a_clear_error(client, tmp_path, damage):
    path = tmp_path / "chats.duckdb"
    export(client, open_target(path), JOB, clock=lambda: NOW)
    data = bytearray(path.read_bytes())
    if damage == "cut":
        del data[100:]
    elif damage == "header":
        data[4096:12288] = bytes(8192)
    elif damage == "blocks":
        data[12288:] = b"\xff" * (len(data) - 12288)
    elif damage == "version":
        data[12:20] = b"\xff" * 8
    else:
        data.clear()
    path.write_bytes(data)
    with pytest.raises(ExportError, match=r"chats\.duckdb (cannot be read|is no DuckDB)") as raised:
        connect(path)
    assert "\n" not in str(raised.value)


def test_a_damaged_file_of_a_folder_is_a_clear_error(client, tmp_path):
    export(client, open_target(tmp_path / "chats"), JOB, clock=lambda: NOW)
    for file in (tmp_path / "chats" / "threads").glob("*/*.parquet"):
        file.write_bytes(b"PAR1 no more")
    with pytest.raises(ExportError, match="chats cannot be read"):
        connect(tmp_path / "chats")


@pytest.mark.parametrize("kind", ["parquet", "delta"])
@pytest.mark.parametrize("table", ["threads", "visits", "users"])
def test_a_table_that_was_removed_is_missed(client, tmp_path, kind, table):
    folder = tmp_path / "chats"
    export(client, open_target(folder, format=kind), JOB, clock=lambda: NOW)
    connect(folder).close()
    shutil.rmtree(folder / table)
    with pytest.raises(ExportError, match=f"chats lacks the table `{table}`.*export again"):
        connect(folder)


def test_threads_that_were_removed_are_missed_behind_a_url(client):
    url = "memory://removed/chats"
    export(client, open_target(url), JOB, clock=lambda: NOW)
    fsspec.filesystem("memory").rm("/removed/chats/threads", recursive=True)
    with pytest.raises(ExportError, match="chats lacks the table `threads`"):
        connect(url)


def test_a_table_that_was_dropped_is_missed(client, tmp_path):
    path = tmp_path / "chats.duckdb"
    export(client, open_target(path), JOB, clock=lambda: NOW)
    with duckdb.connect(str(path)) as database:
        database.execute("DROP TABLE visits")
    with pytest.raises(ExportError, match=r"chats\.duckdb lacks the table `visits`"):
        connect(path)


def test_tables_without_rows_are_not_missed(tmp_path):
    with Sandbox("bulk:3", start=NOW) as sandbox:
        job = make_job(since=NOW - dt.timedelta(minutes=1), until=NOW)
        export(sandbox.client(), open_target(tmp_path / "chats"), job, clock=lambda: NOW)
    connection = connect(tmp_path / "chats")
    for table in TABLES:
        assert connection.execute(f'SELECT count(*) FROM "{table}"').fetchone() == (0,)


def test_a_table_whose_last_rows_went_with_an_update_is_not_missed(client, tmp_path):
    folder = tmp_path / "chats"
    export(client, open_target(folder), JOB, clock=lambda: NOW)
    for file in (folder / "visits").glob("*/*.parquet"):
        file.unlink()
        file.parent.rmdir()
    assert connect(folder).execute("SELECT count(*) FROM visits").fetchone() == (0,)


@pytest.mark.parametrize("path", ["chats", "delta:chats", "chats.duckdb"])
def test_a_run_that_ended_before_a_day_was_whole_has_nothing_to_report(
    client, tmp_path, monkeypatch, path
):
    monkeypatch.chdir(tmp_path)
    target = open_target(path)
    target.open()
    pages = read_archives(client, since=JOB.since, until=NOW, clock=lambda: NOW)
    first = next(iter(pages))
    target.begin(JOB, first.position)
    target.write(first)
    target.close()
    with pytest.raises(ExportError, match="nothing can be reported on yet"):
        report_on(path, timezone="UTC")
    export(client, open_target(path), JOB, clock=lambda: NOW)
    assert report_on(path, timezone="UTC").figures
