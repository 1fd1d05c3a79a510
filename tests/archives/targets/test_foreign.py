"""Places that an export must leave alone, and those that cannot be written."""

import json
import os
import sqlite3
from pathlib import Path

import duckdb
import pytest

from frontdesk.archives.pages import FORMAT
from frontdesk.archives.tables import SCHEMA_VERSION
from frontdesk.archives.targets.open import open_target
from frontdesk.errors import ExportError, ForeignTarget

from ._pages import page, position, thread
from ._targets import DELTA, DUCKDB, PARQUET, parameters
from .conftest import Exports

FOLDERS = parameters([PARQUET, DELTA])
PAGES = [page([thread(1, 1), thread(2, 2)], position())]


@pytest.fixture
def exports(kind, tmp_path):
    return Exports(kind, kind.at(tmp_path))


def refusal(address, error=ForeignTarget):
    """The message that refuses a target, which must be a single line that names it."""
    target = open_target(address)
    with pytest.raises(error) as raised:
        target.open()
    target.close()
    message = str(raised.value)
    assert "\n" not in message
    assert address.removeprefix("delta:") in message
    return message


def content(folder):
    return sorted(str(path) for path in Path(folder).rglob("*"))


@pytest.mark.parametrize("kind", FOLDERS)
def test_a_folder_with_other_things_is_refused_and_left_as_it_is(kind, tmp_path):
    address = kind.at(tmp_path)
    (tmp_path / "chats").mkdir()
    (tmp_path / "chats" / "thesis.txt").write_text("years of work")
    (tmp_path / "chats" / "pictures").mkdir()
    before = content(tmp_path)
    message = refusal(address)
    assert "holds something else than an export ('pictures' and 1 more)" in message
    assert "give an empty folder" in message
    assert content(tmp_path) == before


@pytest.mark.parametrize("kind", FOLDERS)
def test_an_export_in_another_format_is_named_and_left_as_it_is(kind, tmp_path):
    exports = Exports(kind, kind.at(tmp_path))
    exports.run(PAGES)
    before = content(tmp_path)
    target = open_target(tmp_path / "chats", format="csv")
    with pytest.raises(ForeignTarget, match=rf"in the format {kind.name}; give that format"):
        target.open()
    target.close()
    assert [path for path in content(tmp_path) if not path.endswith(".lock")] == before


@pytest.mark.parametrize("kind", FOLDERS)
def test_tables_without_a_state_are_not_taken_for_an_export(kind, tmp_path):
    exports = Exports(kind, kind.at(tmp_path))
    exports.run(PAGES)
    (tmp_path / "chats" / "_frontdesk" / "state.json").unlink()
    refusal(exports.address)


@pytest.mark.parametrize("kind", FOLDERS)
def test_hidden_files_and_what_lies_in_every_new_disk_do_no_harm(kind, tmp_path):
    (tmp_path / "chats" / "lost+found").mkdir(parents=True)
    (tmp_path / "chats" / ".DS_Store").write_bytes(b"")
    exports = Exports(kind, kind.at(tmp_path))
    exports.run(PAGES)
    assert exports.state().position.done


@pytest.mark.parametrize("kind", FOLDERS)
def test_what_is_added_to_an_export_later_stays(kind, tmp_path):
    exports = Exports(kind, kind.at(tmp_path))
    exports.run(PAGES)
    (tmp_path / "chats" / "report.html").write_text("<p>")
    exports.run(PAGES, start=position(is_update=True))
    assert (tmp_path / "chats" / "report.html").read_text() == "<p>"


@pytest.mark.parametrize("kind", FOLDERS)
def test_a_file_is_no_folder(kind, tmp_path):
    (tmp_path / "chats").write_text("a file")
    target = open_target(kind.at(tmp_path), format=kind.name)
    with pytest.raises(ForeignTarget, match="is a file, not a folder"):
        target.open()
    assert (tmp_path / "chats").read_text() == "a file"


@pytest.mark.parametrize("kind", FOLDERS)
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"format": FORMAT + 1}, "written by a newer version of frontdesk"),
        ({"schema": SCHEMA_VERSION + 1}, "update frontdesk, or export to another path"),
        ({"format": FORMAT - 1}, "written by an older version of frontdesk"),
        ({"schema": SCHEMA_VERSION - 1}, "export once more, to another path"),
        ({"target": "scrolls"}, "holds an export in the format scrolls"),
        ({"job": 5}, "holds an export whose state cannot be read"),
        ({"position": None}, "holds an export whose state cannot be read"),
    ],
)
def test_another_format_or_schema_is_refused_with_the_way_out(kind, change, reason, tmp_path):
    exports = Exports(kind, kind.at(tmp_path))
    exports.run(PAGES)
    state = tmp_path / "chats" / "_frontdesk" / "state.json"
    state.write_text(json.dumps(json.loads(state.read_text()) | change))
    before = content(tmp_path / "chats" / "threads")
    target = open_target(exports.address, format=kind.name)
    with pytest.raises(ForeignTarget, match=reason):
        target.open()
    target.close()
    assert content(tmp_path / "chats" / "threads") == before


@pytest.mark.parametrize(
    "damage", [b"", b"{", b"\xff\xfe", b"[]", b'"state"', b'{"format": "1", "schema": 1}']
)
def test_a_state_that_cannot_be_read_is_refused(damage, tmp_path):
    exports = Exports(PARQUET, str(tmp_path / "chats"))
    exports.run(PAGES)
    (tmp_path / "chats" / "_frontdesk" / "state.json").write_bytes(damage)
    assert "state cannot be read" in refusal(exports.address)


def test_an_export_of_another_format_is_not_mixed(tmp_path):
    exports = Exports(DELTA, DELTA.at(tmp_path))
    exports.run(PAGES)
    assert type(open_target(tmp_path / "chats")).__name__ == "DeltaTarget"
    target = open_target(tmp_path / "chats", format="parquet")
    with pytest.raises(ForeignTarget, match="in the format delta, not parquet"):
        target.open()


def test_a_database_with_other_tables_is_refused_and_left_as_it_is(tmp_path):
    path = tmp_path / "chats.duckdb"
    with duckdb.connect(path) as database:
        database.execute("CREATE TABLE orders AS SELECT 1 AS number")
        database.execute("CREATE VIEW sums AS SELECT sum(number) FROM orders")
    message = refusal(str(path))
    assert "is a database with other tables ('orders' and 1 more)" in message
    with duckdb.connect(path) as database:
        assert database.execute("SELECT number FROM orders").fetchall() == [(1,)]


def test_a_table_named_as_ours_is_not_taken_for_a_state(tmp_path):
    path = tmp_path / "chats.duckdb"
    with duckdb.connect(path) as database:
        database.execute("CREATE TABLE _frontdesk AS SELECT 1 AS number")
    assert "has a table _frontdesk that is not ours" in refusal(str(path))


def test_tables_of_ones_own_beside_an_export_stay(tmp_path):
    exports = Exports(DUCKDB, str(tmp_path / "chats.duckdb"))
    exports.run(PAGES)
    with duckdb.connect(exports.address) as database:
        database.execute("CREATE TABLE notes AS SELECT 'mine' AS text")
        database.execute("CREATE VIEW days AS SELECT date, count(*) FROM threads GROUP BY date")
    exports.run(PAGES, start=position(is_update=True))
    with duckdb.connect(exports.address) as database:
        assert database.execute("SELECT text FROM notes").fetchall() == [("mine",)]
        assert len(database.execute("SELECT * FROM days").fetchall()) == 2


@pytest.mark.parametrize("name", ["text", "sqlite", "short", "torn"])
def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(name, tmp_path):
    path = tmp_path / "chats.duckdb"
    if name == "text":
        path.write_text("Dear diary,\n" * 1000)
    elif name == "short":
        path.write_bytes(b"x")
    elif name == "sqlite":
        # DuckDB by itself would download an extension for it.
        database = sqlite3.connect(path)
        database.execute("CREATE TABLE orders (number)")
        database.close()
    else:
        with duckdb.connect(path) as database:
            database.execute("CREATE TABLE orders AS SELECT range FROM range(100000)")
        os.truncate(path, 9000)
    before = path.read_bytes()
    message = refusal(str(path))
    assert "DuckDB database" in message
    assert path.read_bytes() == before


def test_a_folder_is_no_database(tmp_path):
    (tmp_path / "chats.duckdb").mkdir()
    target = open_target(tmp_path / "chats.duckdb", format="duckdb")
    with pytest.raises(ForeignTarget, match="is a folder"):
        target.open()


def test_an_empty_file_becomes_a_database(tmp_path):
    """As a process leaves it that is killed while it makes a file."""
    (tmp_path / "chats.duckdb").write_bytes(b"")
    exports = Exports(DUCKDB, str(tmp_path / "chats.duckdb"))
    exports.run(PAGES)
    assert exports.state().position.done


def test_the_state_in_a_database_is_checked_too(tmp_path):
    exports = Exports(DUCKDB, str(tmp_path / "chats.duckdb"))
    exports.run(PAGES)
    with duckdb.connect(exports.address) as database:
        database.execute(
            "UPDATE _frontdesk SET state = json_merge_patch(state, '{\"schema\": 99}')"
        )
    assert "newer version" in refusal(exports.address)


@pytest.mark.parametrize("kind", parameters([PARQUET, DELTA, DUCKDB]))
def test_a_place_that_cannot_be_written_is_named(kind, tmp_path):
    (tmp_path / "file").write_text("not a folder")
    address = kind.at(tmp_path / "file" / "below")
    message = refusal(address, ExportError)
    assert "give a path that can be written" in message


@pytest.mark.parametrize("kind", parameters([PARQUET, DELTA, DUCKDB]))
@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_is_read_only_is_named(kind, tmp_path):
    (tmp_path / "folder").mkdir(mode=0o500)
    message = refusal(kind.at(tmp_path / "folder"), ExportError)
    assert "permission denied" in message.lower()


@pytest.mark.parametrize("kind", parameters([PARQUET, DELTA, DUCKDB]))
def test_a_target_that_was_opened_and_not_begun_leaves_nothing(kind, tmp_path):
    """As when the token is refused before the first page."""
    target = open_target(kind.at(tmp_path / "new" / "folder"))
    assert target.open() is None
    target.close()
    assert [path for path in content(tmp_path) if Path(path).is_file()] == []


@pytest.mark.parametrize("kind", parameters([PARQUET, DELTA, DUCKDB]))
def test_nothing_but_the_rows_and_the_state_remains_of_a_run(kind, tmp_path):
    exports = Exports(kind, kind.at(tmp_path))
    exports.run(PAGES)
    others = {
        Path(path).name
        for path in content(tmp_path)
        if not {"_delta_log", "chats.duckdb"} & set(Path(path).parts)
        and Path(path).suffix != ".parquet"
        and Path(path).is_file()
    }
    assert others <= {"state.json", "lock"}
