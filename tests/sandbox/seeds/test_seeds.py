"""What worlds begin with."""

from datetime import UTC, datetime

import pytest

from frontdesk.actions import ACTIONS
from frontdesk.sandbox.seeds import check_seed, new_world
from frontdesk.sandbox.seeds.company import LICENSE_ID, ORGANIZATION_ID
from frontdesk.sandbox.world import HANDLERS, Clock

from .._desk import JONES, SMITH, Desk

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def fresh(seed="demo", moment=NOON, **kwargs):
    return new_world(seed, clock=Clock(moment, running=False), **kwargs)


def test_the_demo_company(desk):
    company = desk.world.store.company
    roles = [agent.role for agent in company.agents.values() if not agent.bot]
    assert roles.count("owner") == 1
    assert roles.count("administrator") >= 2
    assert roles.count("normal") >= 3
    assert [agent.name for agent in company.agents.values() if agent.bot] == ["Helper Bot"]
    assert sorted(company.groups) == [0, 1, 2, 3]
    assert "support" in company.tags
    for group_id in company.groups:
        assert any(group_id in agent.groups for agent in company.agents.values())
    assert company.license.organization_id == ORGANIZATION_ID
    assert company.license.id == LICENSE_ID
    assert LICENSE_ID.isdecimal()


@pytest.mark.parametrize(("agent_id", "role"), [(SMITH, "owner"), (JONES, "normal")])
def test_smith_and_jones(desk, agent_id, role):
    agent = desk.world.store.company.agents[agent_id]
    assert agent.role == role
    assert set(agent.groups) == {0, 1}
    assert agent.status == "accepting_chats"


def test_the_history_is_varied(desk):
    store = desk.world.store
    threads = [
        thread for num in range(1, store.chats.next_num()) for thread in store.threads.of_chat(num)
    ]
    assert len(threads) >= 300
    assert not any(thread.active for thread in threads)
    events = [row for thread in threads for row in store.events.of_thread(thread.num)]
    assert {row.type for row in events} == {
        "message",
        "file",
        "filled_form",
        "rich_message",
        "custom",
        "system_message",
    }
    said = b" ".join(row.data for row in events).decode()
    for words in ("Bestellung", "señorita", "Dzień dobry", "mot de passe", "注文", "refund"):
        assert words in said
    assert {tag for thread in threads for tag in thread.tags} >= {"support", "sales", "refund"}
    assert any(thread.summary for thread in threads)
    assert any("rating" in thread.properties for thread in threads)
    assert any(thread.properties.get("ecommerce") for thread in threads)
    assert any(thread.previous_id for thread in threads)
    countries = {thread.customer_visit.geolocation.country_code for thread in threads}
    assert len(countries) >= 8


def test_the_history_is_past_and_nothing_waits(desk):
    store = desk.world.store
    assert store.timers.count("inactivity") == store.timers.count("summary") == 0
    assert store.queue.count() == 0
    assert set(store.chats.loads().values()) == {0}
    last = store.threads.read_at(store.threads.next_num() - 1)
    assert last.closed_at.date() < desk.world.clock.now().date()


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


def test_handlers_say_what_they_assume():
    for action, handler in HANDLERS.items():
        assert handler.fidelity in ("documented", "assumed", "not emulated")
        assert handler.note or handler.fidelity == "documented", action
        assert handler.function.__doc__
