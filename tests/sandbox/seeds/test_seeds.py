"""What worlds begin with."""

from datetime import UTC, datetime

import pytest

from frontdesk.actions import ACTIONS
from frontdesk.sandbox.apis import HANDLERS
from frontdesk.sandbox.seeds import check_seed, new_world
from frontdesk.sandbox.seeds.company import ORGANIZATION_ID
from frontdesk.sandbox.world import Clock

from .._desk import SMITH, Desk

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def fresh(seed="demo", moment=NOON, **kwargs):
    return new_world(seed, clock=Clock(moment, running=False), **kwargs)


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


def test_another_seed_gives_another_world():
    ids = [fresh(random_seed=number).store.threads.read_at(1).id for number in (1, 2)]
    assert ids[0] != ids[1]


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


def test_every_method_has_a_handler():
    assert {action.spec.name for action in HANDLERS} >= set(ACTIONS)


def test_handlers_say_what_they_do():
    for action, handler in HANDLERS.items():
        assert handler.rules, action
        assert handler.function.__doc__
