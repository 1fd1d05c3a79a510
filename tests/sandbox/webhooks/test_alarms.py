"""Alarms on a clock that is moved."""

import asyncio

import pytest

from frontdesk.sandbox.webhooks.alarms import Alarms


class Clock:
    def __init__(self) -> None:
        self.now = 0

    def __call__(self) -> int:
        return self.now


def test_alarms_ring_in_their_order_unless_they_are_dropped() -> None:
    rang: list[int] = []

    async def work() -> None:
        clock = Clock()
        alarms = Alarms(clock)
        kept = {due: alarms.set(due, lambda due=due: rang.append(due)) for due in (30, 10, 20, 40)}
        assert not alarms.due
        alarms.drop(kept[20])
        clock.now = 35
        assert alarms.due
        await alarms.wait(35)
        assert rang == [10, 30]
        assert not alarms.due
        # One that rang is not dropped from those that are to come.
        alarms.drop(kept[10])
        clock.now = 40
        await alarms.wait(40)
        alarms.close()

    asyncio.run(asyncio.wait_for(work(), 10))
    assert rang == [10, 30, 40]


@pytest.mark.parametrize("dropped", [1, 3, 5])
def test_whatever_is_dropped_the_others_ring(dropped: int) -> None:
    rang: list[int] = []

    async def work() -> None:
        clock = Clock()
        alarms = Alarms(clock)
        kept = [alarms.set(due, lambda due=due: rang.append(due)) for due in range(6)]
        for alarm in kept[:dropped]:
            alarms.drop(alarm)
            alarms.drop(alarm)
        clock.now = 10
        await alarms.wait(10)
        alarms.close()

    asyncio.run(asyncio.wait_for(work(), 10))
    assert rang == list(range(dropped, 6))
