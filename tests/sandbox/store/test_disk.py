"""A disk that does not take what is written: what is undone, and that work goes on afterwards."""

import json
import sqlite3
import sys

import pytest

from frontdesk.errors import ForeignFile, StoreError, StoreInUse
from frontdesk.sandbox.seeds import new_world
from frontdesk.sandbox.store.database import Database
from frontdesk.sandbox.store.records import TagRecord
from frontdesk.sandbox.world.people import customers
from frontdesk.sandbox.world.people.customers import CustomerDetails

from ... import forked
from .._desk import call_web

LARGE = "x" * 20_000


class Disk:
    """The disk of a world, as SQLite sees it."""

    def __init__(self, world):
        self.db = world.store.db

    def fill(self):
        """Leave no room: the next page that is needed fails."""
        self.db.row("PRAGMA max_page_count = 1")

    def protect(self):
        """Let nothing be written."""
        self.db.row("PRAGMA query_only = 1")

    def mend(self):
        self.db.row("PRAGMA max_page_count = 1000000")
        self.db.row("PRAGMA query_only = 0")


@pytest.fixture(params=["file", "memory"])
def world(request, tmp_path):
    path = tmp_path / "desk.db" if request.param == "file" else None
    world = new_world("demo", path=path)
    yield world
    Disk(world).mend()
    world.store.close()


@pytest.fixture
def disk(world):
    return Disk(world)


@pytest.fixture(params=["fill", "protect"])
def spoil(request, disk):
    return getattr(disk, request.param)


def add_customer(world, name=LARGE):
    return world.unit(customers.create, world, CustomerDetails(name=name)).id


def add_tag(world, name):
    tag = TagRecord(name=name, group_ids=[0], created_at=world.clock.now(), author_id=LARGE)
    world.unit(world.store.company.save_tag, tag)


def exists(world, customer_id):
    world.store.begin_unit()
    try:
        return world.store.customers.get(customer_id) is not None
    finally:
        world.store.end_unit(keep=True)


def test_a_unit_that_does_not_fit_is_undone_with_what_it_caused(world, disk, spoil):
    world.subscribe(lambda _: None)
    spoil()
    reason = r"database or disk is full|attempt to write a readonly database"
    with pytest.raises(StoreError, match=rf"cannot write its database \(({reason})\)"):
        add_tag(world, "lost")
    assert "lost" not in world.store.company.tags
    assert not world.outbox
    disk.mend()
    world.commit()
    add_tag(world, "kept")
    world.commit()
    assert "kept" in world.store.company.tags


def test_the_other_units_of_the_commit_are_kept_or_refused_as_one(world, disk, spoil):
    """SQLite may give up the whole transaction: then the commit must not seem to have worked."""
    first = add_customer(world, "first")
    spoil()
    with pytest.raises(StoreError):
        add_customer(world)
    disk.mend()
    try:
        world.commit()
    except StoreError:
        kept = False
    else:
        kept = True
    assert exists(world, first) is kept


def test_a_transaction_that_is_gone_fails_its_commit_and_everything_remembered_of_it(world):
    heard = []
    world.subscribe(heard.extend)
    add_tag(world, "lost")
    lost = add_customer(world, "lost")
    world.store.timers.next_due = 5
    # As SQLite does itself for some errors of the disk.
    world.store.db.row("ROLLBACK")
    with pytest.raises(StoreError):
        world.commit()
    assert "lost" not in world.store.company.tags
    assert not exists(world, lost)
    assert world.store.timers.next_due != 5
    assert not heard
    add_tag(world, "kept")
    world.commit()
    assert "kept" in world.store.company.tags


def test_a_transaction_that_ends_within_a_unit_fails_that_unit_and_the_commit(world):
    first = add_customer(world, "first")

    def work():
        world.store.company.save_tag(
            TagRecord(name="second", group_ids=[0], created_at=world.clock.now())
        )
        world.store.db.row("ROLLBACK")

    with pytest.raises(StoreError):
        world.unit(work)
    third = add_customer(world, "third")
    with pytest.raises(StoreError):
        world.commit()
    assert not exists(world, first)
    assert not exists(world, third)
    assert "second" not in world.store.company.tags
    world.commit()


def test_a_defect_of_a_statement_is_not_taken_for_the_disk(world):
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        world.store.db.row("SELECT * FROM cabinets")


def test_timers_that_the_disk_does_not_take_stay_due(desk):
    ann = desk.visitor("Ann")
    desk.say(ann)
    chat_id = desk.chat_of(ann)
    disk = Disk(desk.world)
    disk.protect()
    for _ in range(2):
        with pytest.raises(StoreError):
            desk.world.advance(3 * 86400)
    assert desk.chat(chat_id).thread.active
    disk.mend()
    desk.advance(days=3)
    assert not desk.chat(chat_id).thread.active


@pytest.mark.parametrize("when", ["the timers", "the commit", "the clock"])
def test_a_move_of_the_clock_that_is_refused_leaves_no_trace(desk, monkeypatch, when):
    """Whether the disk refuses a timer, what the timers did, or where the clock stands."""
    chat_id = desk.start()
    desk.world.commit()
    desk.forget()
    before = desk.world.clock.peek()

    def refuse(*_):
        raise StoreError("the disk is full")

    with monkeypatch.context() as spoiled:
        match when:
            case "the timers":
                spoiled.setattr(desk.world, "_timers", {"inactivity": refuse})
            case "the commit":
                spoiled.setattr(desk.world.store.db, "commit", refuse)
            case "the clock":
                spoiled.setattr(desk.world.store, "keep_setting", refuse)
        for _ in range(2):
            with pytest.raises(StoreError):
                desk.world.advance(3600)
            assert desk.world.clock.peek() == before
    desk.world.commit()
    assert not desk.heard
    assert desk.chat(chat_id).thread.active
    desk.world.advance(3600)
    assert desk.world.clock.peek() == before + 3_600_000_000
    assert not desk.chat(chat_id).thread.active


def test_a_timer_that_is_refused_undoes_those_before_it_in_the_same_move(desk):
    first = desk.start()
    desk.advance(minutes=1)
    second = desk.start()
    before = desk.world.clock.peek()
    db, timers = desk.world.store.db, desk.world._timers

    def refuse_second(world, timer):
        timers[timer.kind](world, timer)
        if timer.subject == second:
            # As SQLite gives up the whole transaction on some full disks.
            db.row("ROLLBACK")

    desk.world._timers = dict.fromkeys(timers, refuse_second)
    with pytest.raises(StoreError):
        desk.world.advance(3600)
    desk.world.commit()
    assert desk.world.clock.peek() == before
    assert desk.chat(first).thread.active
    assert desk.chat(second).thread.active


def test_a_long_move_that_is_refused_on_the_way_says_how_far_it_came(desk, monkeypatch):
    monkeypatch.setattr("frontdesk.sandbox.world.world._TIMERS_PER_COMMIT", 2)
    done = []

    def work(world, timer):
        done.append(int(timer.subject))
        if timer.subject == "3":
            raise StoreError("the disk is full")

    world, start = desk.world, desk.world.clock.peek()
    world._timers = {"work": work}
    for number in range(5):
        desk.unit(lambda w, n=number: w.store.timers.set("work", f"{n}", start + (n + 1) * 10**6))
    world.commit()
    with pytest.raises(StoreError, match=r"has come as far as 2026-03-02T09:00:02\.\d{6}Z"):
        world.advance(60)
    assert done == [0, 1, 2, 3]
    assert start + 2 * 10**6 <= world.clock.peek() < start + 3 * 10**6
    done.clear()
    with pytest.raises(StoreError):
        world.advance(60)
    assert done == [2, 3]


@pytest.mark.parametrize("spoil_at", ["write", "commit"])
def test_reading_works_while_what_is_due_cannot_be_written(desk, monkeypatch, spoil_at):
    """A timer falls due by itself; no call of those who only read may fail because of it."""
    chat_id = desk.start()
    desk.world.commit()
    desk.world.clock.move_to(desk.world.clock.after(3600))
    disk = Disk(desk.world)
    with monkeypatch.context() as spoiled:
        if spoil_at == "write":
            disk.protect()
        else:
            db, commit = desk.world.store.db, desk.world.store.db.commit

            def refuse():
                if db.writing:
                    db.rollback()
                    raise StoreError("the disk is full")
                commit()

            spoiled.setattr(db, "commit", refuse)
        for _ in range(2):
            response = call_web(desk, "get_chat", {"chat_id": chat_id})
            assert response.status == 200, response.body
            assert json.loads(response.body)["thread"]["active"]
    disk.mend()
    response = call_web(desk, "get_chat", {"chat_id": chat_id})
    assert not json.loads(response.body)["thread"]["active"]


def test_the_log_says_once_that_it_fails_and_once_that_it_works(world, disk, spoil, caplog):
    spoil()
    for _ in range(3):
        with pytest.raises(StoreError):
            add_tag(world, "lost")
    disk.mend()
    world.commit()
    add_tag(world, "kept")
    world.commit()
    failing, working = [record.getMessage() for record in caplog.records]
    assert "cannot be written" in failing
    assert world.store.db.path is None or str(world.store.db.path) in failing
    assert "None" not in failing
    assert "can be written again" in working


def test_closing_works_on_a_full_disk(tmp_path):
    world = new_world("demo", path=tmp_path / "desk.db")
    add_customer(world, "lost")
    Disk(world).fill()
    world.store.close()


def test_a_disk_that_is_full_at_the_start_is_not_called_a_failed_call(
    tmp_path, monkeypatch, caplog
):
    path = tmp_path / "desk.db"
    connect = Database._connect

    def connect_to_little(self):
        connection = connect(self)
        connection.execute("PRAGMA max_page_count = 60")
        return connection

    with monkeypatch.context() as patch:
        patch.setattr(Database, "_connect", connect_to_little)
        with pytest.raises(StoreError) as caught:
            new_world("quiet", path=path)
    assert str(caught.value) == (
        f"the sandbox cannot start: its database {path} cannot be written "
        "(database or disk is full)"
    )
    assert not caplog.records
    # Nothing of the attempt keeps the file.
    world = new_world("empty", path=path)
    world.store.db.row("PRAGMA max_page_count = 1")
    with pytest.raises(StoreError, match="nothing of this call was kept"):
        add_customer(world)
    world.store.db.row("PRAGMA max_page_count = 1000000")
    world.store.close()


@pytest.fixture(params=["nothing", "an empty file", "a link"])
def place(request, tmp_path):
    """Where a database is to be made."""
    path = tmp_path / "desk.db"
    if request.param == "an empty file":
        path.touch()
    if request.param == "a link":
        path.symlink_to(tmp_path / "elsewhere.db")
    return path


def look(folder):
    """Return what there is in a folder: names, and what is in files."""
    return {path.name: path.exists() and path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("pages", [1, 2, 10, 50, 80])
def test_a_disk_that_is_full_at_the_start_has_no_half_made_file_afterwards(
    place, monkeypatch, pages
):
    """Wherever it fails: with the first page, the tables, or what fills them."""
    before, connect = look(place.parent), sqlite3.connect

    def connect_to_little(name, **options):
        connection = connect(name, **options)
        if name == str(place):
            connection.execute(f"PRAGMA max_page_count = {pages}")
        return connection

    with monkeypatch.context() as patch:
        patch.setattr(sqlite3, "connect", connect_to_little)
        for _ in range(2):
            with pytest.raises(StoreError, match="database or disk is full"):
                new_world("quiet", path=place)
            assert look(place.parent) == before
    new_world("empty", path=place).store.close()


@pytest.mark.parametrize("room", [0, 50_000, 400_000])
def test_a_real_file_that_cannot_grow_is_removed(tmp_path, room):
    path = tmp_path / "desk.db"
    script = (
        "import resource, sys\n"
        "from frontdesk.sandbox import Sandbox\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))\n"
        "Sandbox('quiet', db=sys.argv[1])"
    )
    command = [sys.executable, "-c", script, path, str(room)]
    result = forked.run(command, capture_output=True, text=True, check=False)
    assert "StoreError" in result.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError])
def test_filling_that_is_interrupted_leaves_no_half_made_file(place, monkeypatch, error):
    before = look(place.parent)

    def interrupt(*_):
        raise error

    with monkeypatch.context() as patch:
        patch.setattr("frontdesk.sandbox.seeds.add_history", interrupt)
        with pytest.raises(error):
            new_world("quiet", path=place)
    assert look(place.parent) == before
    new_world("empty", path=place).store.close()


def test_a_full_disk_leaves_the_file_of_a_world(tmp_path, monkeypatch):
    path = tmp_path / "desk.db"
    world = new_world("empty", path=path)
    kept = add_customer(world, "Ann")
    world.commit()
    world.store.close()
    connect = Database._connect

    def connect_to_full(self):
        connection = connect(self)
        connection.execute("PRAGMA query_only = 1")
        return connection

    with monkeypatch.context() as patch:
        patch.setattr(Database, "_connect", connect_to_full)
        with pytest.raises(StoreError, match="cannot start"):
            new_world("empty", path=path)
    world = new_world("empty", path=path)
    assert exists(world, kept)
    world.store.close()


@pytest.mark.parametrize("lock", ["IMMEDIATE", "EXCLUSIVE"])
def test_a_file_that_somebody_else_begins_is_not_removed(tmp_path, lock):
    path = tmp_path / "desk.db"
    other = sqlite3.connect(path, isolation_level=None)
    other.execute(f"BEGIN {lock}")
    other.execute("CREATE TABLE precious (x)")
    with pytest.raises(StoreInUse):
        new_world("empty", path=path)
    other.execute("COMMIT")
    other.close()
    with pytest.raises(ForeignFile):
        new_world("empty", path=path)
    assert path.exists()
