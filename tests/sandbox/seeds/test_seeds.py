"""What worlds begin with."""

import os
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from frontdesk.actions import ListArchives
from frontdesk.models import ArchivesFilters
from frontdesk.sandbox.apis import HANDLERS
from frontdesk.sandbox.seeds import check_seed, new_world
from frontdesk.sandbox.seeds.company import ORGANIZATION_ID
from frontdesk.sandbox.world import Clock

from .._desk import SMITH, Desk

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def fresh(seed="demo", now=NOON, **kwargs):
    return new_world(seed, clock=Clock(now, running=False), **kwargs)


def test_the_same_seed_gives_the_same_world(tmp_path):
    images = []
    for number in range(2):
        world = fresh(path=tmp_path / f"{number}.db", random_seed=7)
        images.append(
            [
                (row.type, row.created_at, row.data)
                for num in range(1, world.store.threads.next_num())
                for row in world.store.events.of_thread(num)
            ]
        )
        desk = Desk(world)
        images[-1].append((desk.start(), desk.customer()))
        world.store.close()
    assert images[0] == images[1]


@pytest.mark.parametrize("seed", ["demo", "bulk:40"])
def test_a_copy_is_what_is_made_in_a_file(tmp_path, seed):
    made = fresh(seed, random_seed=3, path=tmp_path / "made.db")
    expected = [row.data for row in events_of(made)]
    made.store.close()
    # The first makes an image, the second indexes it, the third is a copy of that.
    for _ in range(3):
        copied = fresh(seed, random_seed=3)
        assert [row.data for row in events_of(copied)] == expected
        copied.store.close()


def test_copies_share_one_archive_index():
    def unindexed(world):
        (count,) = world.store.db.row(
            "SELECT count(*) FROM threads WHERE indexed = 0 AND active = 0"
        )
        return count

    worlds = [fresh(random_seed=4) for _ in range(3)]
    assert unindexed(worlds[0]) > 300
    assert [unindexed(world) for world in worlds[1:]] == [0, 0]
    pages = [
        Desk(world).call(ListArchives(filters=ArchivesFilters(query="refund"), limit=100))
        for world in worlds
    ]
    assert pages[0].found_chats > 0
    assert pages[0] == pages[1] == pages[2]


def events_of(world):
    last = world.store.threads.next_num()
    return [row for num in range(1, last) for row in world.store.events.of_thread(num)]


DIGEST = """
import hashlib
from datetime import UTC, datetime
from frontdesk.sandbox.seeds import new_world
from frontdesk.sandbox.world import Clock

clock = Clock(datetime(2026, 3, 2, 12, tzinfo=UTC), running=False)
world = new_world("demo", random_seed=5, clock=clock)
digest = hashlib.sha256()
for table in ("agents", "chats", "customers", "events", "threads", "timers"):
    for row in world.store.db.rows(f"SELECT * FROM {table} ORDER BY 1, 2"):
        digest.update(repr(row).encode())
print(digest.hexdigest())
"""


def test_two_processes_make_the_same_world():
    digests = [
        subprocess.run(
            [sys.executable, "-c", DIGEST],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for hash_seed in ("1", "2")
    ]
    assert digests[0] == digests[1]
    assert len(digests[0].strip()) == 64


def test_another_seed_gives_another_world():
    one, other = fresh("quiet", random_seed=1), fresh("quiet", random_seed=2)
    assert one.store.threads.read_at(1).id != other.store.threads.read_at(1).id
    starts = [
        [world.store.threads.read_at(num).created_at for num in range(1, 20)]
        for world in (one, other)
    ]
    assert starts[0] != starts[1]
    assert [row.data for row in events_of(one)] != [row.data for row in events_of(other)]


def test_worlds_do_not_share_anything():
    one, other = Desk(fresh()), Desk(fresh())
    chat_id = one.start()
    one.unit(lambda world: world.store.company.remove_tag("support"))
    assert other.world.store.chats.get(chat_id) is None
    assert "support" in other.world.store.company.tags


def test_the_empty_world():
    world = fresh("empty")
    assert list(world.store.company.agents) == [SMITH]
    assert list(world.store.company.groups) == [0]
    assert world.store.chats.count() == world.store.customers.count() == 0
    assert world.store.company.license.organization_id == ORGANIZATION_ID


def test_bulk_makes_as_many_threads_as_wanted():
    world = fresh("bulk:50")
    assert world.store.threads.count() == 50
    assert SMITH in world.store.company.agents


@pytest.mark.parametrize("seed", ["", "nothing", "bulk", "bulk:", "bulk:x", "bulk:0", "bulk:-1"])
def test_unknown_seeds(seed):
    with pytest.raises(ValueError, match=r"seed|bulk"):
        check_seed(seed)
    with pytest.raises(ValueError, match=r"seed|bulk"):
        new_world(seed)


def test_handlers_say_what_they_do():
    for action, handler in HANDLERS.items():
        assert handler.rules, action
        assert handler.function.__doc__
