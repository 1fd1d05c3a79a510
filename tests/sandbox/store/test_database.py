"""The database file: what is refused, and closing it."""

import gc
import sqlite3
import sys

import pytest

from frontdesk.errors import ForeignFile, StoreError, StoreInUse
from frontdesk.sandbox import Sandbox
from frontdesk.sandbox.seeds import new_world
from frontdesk.sandbox.store import SandboxStore

from ... import forked


@pytest.fixture
def path(tmp_path):
    return tmp_path / "sandbox.db"


def test_a_second_sandbox_cannot_use_the_file(path):
    store = SandboxStore(path)
    with pytest.raises(StoreInUse, match=r"used by another process.*another file"):
        SandboxStore(path)
    store.close()
    SandboxStore(path).close()


def test_a_refused_second_sandbox_leaves_the_lock_of_the_first(path):
    store = SandboxStore(path)
    with pytest.raises(StoreInUse):
        SandboxStore(path)
    script = (
        "import sys; from frontdesk.sandbox.store import SandboxStore; SandboxStore(sys.argv[1])"
    )
    other = forked.run(
        [sys.executable, "-c", script, path], capture_output=True, text=True, check=False
    )
    store.close()
    assert "used by another process" in other.stderr


def test_a_sandbox_that_nobody_closed_does_not_keep_the_file_for_ever(path):
    SandboxStore(path)
    gc.collect()
    SandboxStore(path).close()


@pytest.mark.parametrize("content", [b"this is not a database" * 100, b"x"])
def test_another_file_is_not_touched(path, content):
    path.write_bytes(content)
    with pytest.raises(ForeignFile, match="not a database"):
        SandboxStore(path)
    assert path.read_bytes() == content


def test_a_name_that_no_file_can_have_is_an_error_of_the_library(tmp_path):
    path = tmp_path / ("x" * 300)
    with pytest.raises(StoreError, match=r"cannot open the database .*: File name too long; give"):
        SandboxStore(path)


@pytest.mark.parametrize("operation", ["stat", "open"])
@pytest.mark.parametrize("error", [PermissionError(13, "Permission denied"), OSError(5, "I/O")])
def test_a_file_that_cannot_be_read_is_an_error_of_the_library(path, monkeypatch, operation, error):
    """Whether its folder is closed, it is itself, or the disk is broken."""
    SandboxStore(path).close()

    def refuse(*_, **__):
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(f"pathlib.Path.{operation}", refuse)
        with pytest.raises(StoreError, match=f"cannot open the database .*{error.strerror}"):
            SandboxStore(path)
    SandboxStore(path).close()


def test_another_database_is_not_touched(path):
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE precious (x)")
    connection.close()
    with pytest.raises(ForeignFile, match="something else"):
        new_world("demo", path=path)
    with sqlite3.connect(path) as connection:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master")]
    connection.close()
    assert names == ["precious"]


def test_another_format_is_refused(path):
    SandboxStore(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 999")
    connection.close()
    with pytest.raises(ForeignFile, match="format 999"):
        SandboxStore(path)


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(StoreError, match="cannot open"):
        SandboxStore(tmp_path / "no" / "where.db")


def test_closing_twice_is_fine(path):
    store = SandboxStore(path)
    store.close()
    store.close()


def test_snapshots_of_memory_write_no_files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    world = new_world("empty")
    image = world.store.snapshot()
    world.store.restore(image)
    SandboxStore.of_image(image).close()
    world.store.close()
    assert not list(tmp_path.iterdir())


def test_memory_can_be_asked_for_by_the_name_that_sqlite_has_for_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with Sandbox("empty", db=":memory:") as first, Sandbox("empty", db=":memory:") as second:
        first.client().start_chat()
        assert second.client().list_chats().found_chats == 0
    assert list(tmp_path.iterdir()) == []
