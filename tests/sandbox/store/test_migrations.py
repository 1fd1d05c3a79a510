"""Databases of older formats: migrated, or refused with the way out."""

import shutil
import sqlite3
from datetime import UTC, datetime

import pytest

from frontdesk.errors import ForeignFile
from frontdesk.models import ArchivesFilters, GreetingsFilter
from frontdesk.sandbox import Sandbox
from frontdesk.sandbox.store import SandboxStore
from frontdesk.sandbox.store.schema import MIGRATIONS, VERSION

BACK = {
    7: ("DROP TABLE customer_credentials",),
    6: ("DROP TABLE accounts",),
    5: ("DROP TABLE canned_responses",),
    4: (
        "DROP INDEX term_timestamps_by_thread",
        "ALTER TABLE term_timestamps RENAME TO moments",
        "CREATE INDEX moments_by_thread ON moments (thread)",
    ),
    3: ("DROP TABLE deliveries",),
    2: ("DROP INDEX chats_by_listing", "ALTER TABLE chats DROP COLUMN listed_at"),
}
"""What makes of a database of each format one of the format before."""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "desk.db"


def age(path, version):
    """Make of a new database one as an older version left it."""
    connection = sqlite3.connect(path, isolation_level=None)
    for newer in range(VERSION, version, -1):
        for statement in BACK[newer]:
            connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {version}")
    connection.close()


def life(desk):
    """What the API shows of a sandbox; greetings are found by the times that the index has."""
    client = desk.client()
    in_this_century = GreetingsFilter(from_=datetime(2001, 1, 1, tzinfo=UTC))
    greeted = client.list_archives(filters=ArchivesFilters(greetings=in_this_century))
    assert greeted.chats
    return (
        [(chat.id, chat.last_thread_summary.id) for chat in client.list_chats().chats_summary],
        [chat.thread.id for chat in client.list_archives().chats],
        [chat.thread.id for chat in greeted.chats],
    )


@pytest.fixture(scope="module")
def made_once(tmp_path_factory):
    """A file of this version, what it shows, and the head of its snapshot."""
    path = tmp_path_factory.mktemp("made") / "desk.db"
    with Sandbox("demo", db=path) as desk:
        desk.customer("Ann").say("hello")
        return path, life(desk), desk.snapshot().split(b"\n", 2)[:2]


@pytest.fixture
def made(made_once, path):
    """What the file at ``path`` shows, and the head of its snapshot."""
    shutil.copy(made_once[0], path)
    return made_once[1:]


@pytest.mark.parametrize("version", sorted(MIGRATIONS))
def test_an_older_file_is_migrated(path, made, version):
    expected, _ = made
    age(path, version)
    with Sandbox(db=path) as desk:
        assert life(desk) == expected
        desk.customer("Ben").say("hello")
    with Sandbox(db=path) as desk:
        assert life(desk)[0][1] == expected[0][0]
        assert desk.backend.world.store.db.row("PRAGMA user_version") == (VERSION,)


@pytest.mark.parametrize("version", sorted(MIGRATIONS))
def test_a_snapshot_of_an_older_version_is_welcome(path, made, version):
    expected, (magic, described) = made
    age(path, version)
    head = (magic, described.partition(b',"digest"')[0] + b"}")
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = DELETE")
    image = connection.serialize()
    connection.close()
    with Sandbox("empty") as desk:
        desk.restore(b"\n".join((*head, image)))
        assert life(desk) == expected


def test_every_older_format_has_its_way_to_this_one():
    assert sorted(MIGRATIONS) == list(range(1, VERSION))


@pytest.mark.parametrize("version", sorted(MIGRATIONS))
def test_a_migrated_file_has_what_a_new_one_has(path, version):
    SandboxStore(path).close()
    age(path, version)
    store = SandboxStore(path)
    store.db.check()
    store.close()


def test_a_migration_that_fails_leaves_the_file_as_it_was(path, monkeypatch):
    SandboxStore(path).close()
    age(path, 1)
    monkeypatch.setitem(MIGRATIONS, 2, ("CREATE TABLE half (x)", "CREATE TABLE settings (x)"))
    with pytest.raises(Exception, match="settings"):
        SandboxStore(path)
    monkeypatch.undo()
    with Sandbox("demo", db=path) as desk:
        assert desk.backend.world.store.db.row("SELECT count(*) FROM deliveries") == (0,)


@pytest.mark.parametrize(
    ("version", "way_out"),
    [
        (
            999,
            "a newer version.*format 999.*; use that version of frontdesk, or.* new file",
        ),
        (
            0,
            "an older version.*format 0.*; use the version of frontdesk that made it, or",
        ),
    ],
)
def test_other_formats_are_refused_with_the_way_out(path, version, way_out):
    SandboxStore(path).close()
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(f"PRAGMA user_version = {version}")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(ForeignFile, match=way_out):
        SandboxStore(path)
    assert path.read_bytes() == before
