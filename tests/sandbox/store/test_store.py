"""The database: what lasts, what is undone, what is refused."""

import os
import signal
import sqlite3
import subprocess
import sys
import textwrap

import pytest

from frontdesk.actions import SendEvent
from frontdesk.errors import ForeignFile, FrontdeskError, StoreError
from frontdesk.models import Message
from frontdesk.sandbox import apis
from frontdesk.sandbox.seeds import new_world
from frontdesk.sandbox.store import SandboxStore

from ... import forked
from .._desk import Desk


@pytest.fixture
def path(tmp_path):
    return tmp_path / "sandbox.db"


def test_what_is_committed_is_there_after_a_restart(path):
    desk = Desk(new_world("demo", path=path))
    chat_id = desk.start()
    desk.write(chat_id, "remember")
    desk.world.store.close()
    again = Desk(new_world("demo", path=path))
    assert again.texts(chat_id) == ["remember"]
    again.world.store.close()


def test_a_restart_gives_other_ids(path):
    ids = []
    for _ in range(3):
        desk = Desk(new_world("empty", path=path, random_seed=5))
        ids.append(desk.start())
        desk.world.store.close()
    assert len(set(ids)) == 3


def test_a_sandbox_that_died_while_seeding_is_not_taken_for_whole(path):
    store = SandboxStore(path)
    store.company.save_setting("seeding", b"1")
    store.close()
    with pytest.raises(StoreError, match="delete it"):
        new_world("demo", path=path)
    path.unlink()
    new_world("empty", path=path).store.close()


def test_errors_of_the_store_are_errors_of_frontdesk():
    assert issubclass(StoreError, FrontdeskError)


WRITER = """
    import sys
    from frontdesk.sandbox import apis
    from frontdesk.sandbox.seeds import new_world
    from frontdesk.sandbox.world import Identities
    from frontdesk.actions import SendEvent, StartChat
    from frontdesk.models import Message

    world = new_world("empty", path=sys.argv[1])
    me = Identities(world).requester("Bearer dal:sandbox-owner")
    chat_id = apis.call(world, me, StartChat()).chat_id
    world.commit()
    print(chat_id, flush=True)
    while True:
        for _ in range(3):
            action = SendEvent(chat_id=chat_id, event=Message(text="x"))
            last = apis.call(world, me, action).event_id
        world.commit()
        print(last, flush=True)
"""


@pytest.mark.parametrize("lines", [1, 7, 200])
def test_killing_the_process_loses_nothing_that_was_committed(path, lines):
    process = forked.Popen(
        [sys.executable, "-c", textwrap.dedent(WRITER), str(path)],
        stdout=subprocess.PIPE,
        text=True,
    )
    chat_id = process.stdout.readline().strip()
    for _ in range(lines):
        last = process.stdout.readline().strip()
    os.kill(process.pid, signal.SIGKILL)
    rest = process.stdout.read().split()
    process.stdout.close()
    process.wait()
    acknowledged = (rest or [last])[-1]
    desk = Desk(new_world("empty", path=path))
    ids = [event.id for event in desk.chat(chat_id).thread.events]
    assert acknowledged in ids
    assert len(set(ids)) == len(ids)
    assert len(ids) % 3 == 0
    desk.world.store.close()


def test_a_snapshot_brings_everything_back(desk):
    chat_id = desk.start()
    desk.write(chat_id, "before")
    image = desk.world.store.snapshot()
    desk.write(chat_id, "after")
    other = desk.start()
    desk.world.store.restore(image)
    assert desk.texts(chat_id) == ["before"]
    assert desk.world.store.chats.get(other) is None
    desk.write(chat_id, "again")
    assert desk.texts(chat_id) == ["before", "again"]


def test_a_snapshot_fits_into_a_file_and_back(desk, path):
    chat_id = desk.start()
    desk.write(chat_id, "from memory")
    filed = Desk(new_world("empty", path=path, clock=desk.world.clock))
    filed.world.store.restore(desk.world.store.snapshot())
    assert filed.texts(chat_id) == ["from memory"]
    filed.write(chat_id, "from a file")
    desk.world.store.restore(filed.world.store.snapshot())
    assert desk.texts(chat_id) == ["from memory", "from a file"]
    filed.world.store.close()
    again = Desk(new_world("demo", path=path, clock=desk.world.clock))
    assert again.texts(chat_id) == ["from memory", "from a file"]
    again.world.store.close()


@pytest.mark.parametrize(
    "image", [b"", b"not a snapshot", b"\0" * 5000, b"SQLite format 3\0" + b"x" * 5000]
)
def test_what_is_no_snapshot_is_refused(desk, image):
    chat_id = desk.start()
    with pytest.raises(ForeignFile, match=r"^these bytes are not a snapshot of the sandbox"):
        desk.world.store.restore(image)
    assert desk.chat(chat_id)


def test_a_snapshot_of_something_else_is_refused(desk):
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE precious (x)")
    image = connection.serialize()
    connection.close()
    with pytest.raises(ForeignFile, match=r"^the snapshot holds the database of something else"):
        desk.world.store.restore(image)


def test_a_restored_configuration_is_in_force(desk):
    image = desk.world.store.snapshot()
    desk.unit(lambda world: world.store.company.remove_tag("support"))
    desk.unit(lambda world: world.store.company.remove_agent("jones@example.com"))
    desk.world.store.restore(image)
    assert "support" in desk.world.store.company.tags
    assert "jones@example.com" in desk.world.store.company.agents
    assert desk.identities.requester("Bearer dal:sandbox-agent")


def test_a_failed_unit_is_undone_alone(desk):
    chat_id = desk.start()

    def work(world):
        chat = world.store.chats.get(chat_id)
        chat.followers.append("x")
        world.store.company.remove_tag("support")
        world.store.timers.set("inactivity", chat_id, 1)
        raise RuntimeError("no")

    apis.call(desk.world, desk.owner, SendEvent(chat_id=chat_id, event=Message(text="before")))
    with pytest.raises(RuntimeError):
        desk.world.unit(work, desk.world)
    apis.call(desk.world, desk.owner, SendEvent(chat_id=chat_id, event=Message(text="after")))
    desk.world.commit()
    assert desk.texts(chat_id) == ["before", "after"]
    assert desk.world.store.chats.get(chat_id).followers == []
    assert "support" in desk.world.store.company.tags
    assert desk.chat(chat_id).thread.active
