"""Restoring a snapshot: checked first, and as a whole or not at all."""

import json
import resource
import shutil
import sqlite3

import msgspec
import pytest

from frontdesk.errors import ForeignFile, StoreError
from frontdesk.sandbox import Sandbox

from .serve.test_disk import Served


@pytest.fixture(scope="module")
def demo_file(tmp_path_factory):
    """A file of the demo with its archive index: to make one takes a hundred copies."""
    path = tmp_path_factory.mktemp("restore") / "demo.db"
    with Sandbox("demo", db=path) as desk:
        desk.client().list_archives()
    return path


@pytest.fixture(params=["memory", "file"])
def desk(request, tmp_path):
    path = None
    if request.param == "file":
        path = tmp_path / "desk.db"
        shutil.copy(request.getfixturevalue("demo_file"), path)
    with Sandbox("demo", db=path) as desk:
        yield desk


def parts(snapshot):
    magic, head, image = snapshot.split(b"\n", 2)
    return magic, msgspec.json.decode(head), image


def joined(magic, head, image):
    return b"\n".join((magic, msgspec.json.encode(head), image))


def with_head(**changes):
    def change(snapshot):
        magic, head, image = parts(snapshot)
        return joined(magic, {**head, **changes}, image)

    return change


def with_image(change_image, *, sealed=False):
    def change(snapshot):
        magic, head, image = parts(snapshot)
        if sealed:
            # As one of an earlier version: without the digest that tells at once.
            del head["digest"]
        return joined(magic, head, change_image(image))

    return change


def pages_overwritten(image):
    return image[: 3 * 4096] + b"\xaa" * (37 * 4096) + image[40 * 4096 :]


def one_bit(image):
    changed = bytearray(image)
    changed[len(image) // 2] ^= 1
    return bytes(changed)


def sql(*statements):
    """Change the image as a database, so that its pages are sound."""

    def change(image):
        connection = sqlite3.connect(":memory:", isolation_level=None)
        connection.deserialize(image)
        for statement in statements:
            connection.execute(statement)
        changed = connection.serialize()
        connection.close()
        return changed

    return with_image(change, sealed=True)


NUMBERS = [3, [0] * 625, None]
DAMAGE = {
    "nothing": lambda snapshot: b"",
    "half": lambda snapshot: snapshot[: len(snapshot) // 2],
    "the end is missing": lambda snapshot: snapshot[:-5000],
    "no database": lambda snapshot: snapshot[:-1].partition(b"SQLite")[0],
    "a bit": with_image(one_bit),
    "pages": with_image(pages_overwritten),
    "pages, sealed": with_image(pages_overwritten, sealed=True),
    "cut, sealed": with_image(lambda image: image[:-5000], sealed=True),
    "another digest": with_head(digest="0" * 32),
    "no json": lambda snapshot: snapshot.replace(b'{"now"', b'{now"', 1),
    "time far ahead": with_head(now=10**18),
    "time without end": with_head(now=2**63 - 1),
    "time before time": with_head(now=-(10**18)),
    "time is a text": with_head(now="noon"),
    "short random numbers": with_head(rng=[3, [1, 2, 3], None]),
    "random numbers of another version": with_head(rng=[7, [0] * 625, None]),
    "random numbers too large": with_head(rng=[3, [2**63] * 625, None]),
    "negative random numbers": with_head(rng=[3, [-1] * 625, None]),
    "a place beyond them": with_head(rng=[3, [1] * 624 + [999], None]),
    "a table is missing": sql("DROP TABLE queue"),
    "a column is missing": sql("ALTER TABLE files DROP COLUMN data"),
    "a trigger more": sql("CREATE TRIGGER t AFTER INSERT ON events BEGIN DELETE FROM chats; END"),
    "no license": sql("DELETE FROM settings WHERE key = 'license'"),
    "agents of noise": sql("UPDATE agents SET data = x'ff00'"),
    "a newer format": sql("PRAGMA user_version = 999"),
    "another application": sql("PRAGMA application_id = 5"),
}


def state(desk):
    client = desk.client()
    return (
        client.list_chats().found_chats,
        client.list_archives().found_chats,
        sorted(desk.backend.world.store.company.agents),
        desk.tokens,
        desk.backend.world.rng.getstate(),
    )


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_snapshot_is_refused_and_changes_nothing(desk, damage):
    good = desk.snapshot()
    desk.client().start_chat(continuous=True)
    ann = desk.customer("Ann")
    before, now = state(desk), desk.now
    with pytest.raises(ForeignFile):
        desk.restore(DAMAGE[damage](good))
    assert state(desk) == before
    assert desk.now >= now
    ann.say("life goes on")
    desk.restore(good)
    # The state would be as long again in the making: it indexes the archives of each new world.
    assert desk.client().list_chats().found_chats == before[0] - 1


def test_the_control_says_what_is_wrong(http, sandbox):
    from frontdesk.sandbox.control.dispatch import Control

    control = Control(sandbox.backend)
    response = control.handle("POST", "/__sandbox__/restore", "", b"nothing")
    assert response.status == 400
    assert "not a snapshot" in json.loads(response.body)["error"]["message"]


def test_a_snapshot_without_a_digest_is_welcome(desk):
    good = desk.snapshot()
    chat_id = desk.client().start_chat(continuous=True).chat_id
    desk.restore(with_image(lambda image: image, sealed=True)(good))
    assert chat_id not in {chat.id for chat in desk.client().list_chats().chats_summary}


def test_a_restore_that_the_disk_does_not_take_changes_nothing(tmp_path):
    with Sandbox("bulk:2000") as large:
        snapshot = large.snapshot()
    path = tmp_path / "desk.db"
    served = Served(path)
    try:
        _, chat = served.call("start_chat", continuous=True)
        served.limit(2**19)
        status, content = served.post_bytes("/__sandbox__/restore", snapshot)
        assert (status, content["error"]["type"]) == (500, "internal")
        served.limit(resource.RLIM_INFINITY)
        assert served.call("get_chat", chat_id=chat["chat_id"])[0] == 200
        assert served.say(chat["chat_id"], "still here")[0] == 200
        assert served.post_bytes("/__sandbox__/restore", snapshot)[0] == 200
        assert served.call("get_chat", chat_id=chat["chat_id"])[0] == 404
        assert served.stop()[0] == 0
    finally:
        served.process.kill()
        served.process.communicate()
    with Sandbox(db=path) as desk:
        assert desk.client().list_archives().found_chats >= 1000


def test_a_reset_that_the_disk_does_not_take_changes_nothing(tmp_path):
    with Sandbox("demo", db=tmp_path / "desk.db") as desk:
        chat_id = desk.client().start_chat(continuous=True).chat_id
        desk.fault("internal", "list_chats")
        take_over = desk.backend.world.store.db.take_over

        def refuse(other):
            raise StoreError("no room")

        desk.backend.world.store.db.take_over = refuse
        with pytest.raises(StoreError):
            desk.reset("empty")
        desk.backend.world.store.db.take_over = take_over
        assert desk.backend.seed == "demo"
        assert list(desk.backend.faults)
        assert desk.client().get_chat(chat_id=chat_id).id == chat_id


def of_something_else(image):
    """SQLite keeps whose a database is in the bytes from 68 on."""
    return image[:68] + (7).to_bytes(4, "big") + image[72:]


def test_the_snapshot_of_something_else_is_called_that(desk):
    changed = with_image(of_something_else, sealed=True)(desk.snapshot())
    with pytest.raises(ForeignFile) as caught:
        desk.restore(changed)
    assert str(caught.value) == "the snapshot holds the database of something else"
    assert desk.client().list_chats().found_chats
