"""Which bans there are, and how long each lasts."""

from datetime import timedelta

import pytest

from frontdesk.errors import CustomerBanned
from frontdesk.sandbox.store import from_micros
from frontdesk.sandbox.store.records import BanRecord
from frontdesk.sandbox.world import ban_list
from frontdesk.sandbox.world.people import customers

from .._desk import SMITH


def ban(desk, customer_id=None, *, ip=None, seconds=60):
    now = desk.world.clock.now()
    record = BanRecord(
        agent_id=SMITH,
        created_at=now,
        expires_at=now + timedelta(seconds=seconds),
        customer_id=customer_id,
        ip=ip,
        bans_ip=ip is not None,
    )
    desk.unit(ban_list.add, record)
    return record


def until(desk, customer_id):
    return desk.world.unit(
        lambda: customers.find(desk.world, customer_id).banned_until,
    )


@pytest.mark.parametrize(("ahead", "lasts"), [(-1, False), (0, False), (1, True)])
def test_a_ban_is_over_at_the_time_it_ends(desk, ahead, lasts):
    record = ban(desk, ip="203.0.113.7")
    due = record.expires_at - timedelta(microseconds=ahead)
    # The next reading of the clock is a microsecond later.
    desk.world.clock.move_to(desk.world.clock.peek() + 1)
    left = due - from_micros(desk.world.clock.peek() + 1)
    desk.world.clock.move_to(desk.world.clock.peek() + left // timedelta(microseconds=1))
    assert ban_list.in_force(desk.world) == ([record] if lasts else [])


def test_a_customer_is_banned_until_the_last_of_the_bans_ends(desk):
    ann, bob = desk.customer("Ann"), desk.customer("Bob")
    short = ban(desk, ann, seconds=60)
    assert until(desk, ann) == short.expires_at
    long = ban(desk, ann, ip="203.0.113.7", seconds=3600)
    ban(desk, bob, seconds=9000)
    assert until(desk, ann) == long.expires_at
    assert desk.unit(ban_list.lift, lambda one: one.customer_id == ann) == [short, long]
    assert until(desk, ann) is None
    with pytest.raises(CustomerBanned):
        desk.unit(lambda world: ban_list.refuse_banned(world, customers.find(world, bob)))
