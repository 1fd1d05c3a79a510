"""What is called at intervals: once, whoever else could."""

import asyncio
from datetime import datetime
from typing import Any

import pytest

from frontdesk.bots import Bot, MemoryStateStore, Tick
from frontdesk.bots.work.schedule import Scheduler

from ._claims import run


class Clock:
    """The time that the scheduler sees, which moves while it sleeps."""

    def __init__(self, monkeypatch: Any) -> None:
        self.now = 1_000_000.0
        monkeypatch.setattr("frontdesk.bots.work.schedule.time.time", lambda: self.now)

    def advance(self, seconds: float) -> None:
        self.now += seconds


def test_each_time_is_taken_once_by_all_processes():
    async def test() -> None:
        bot = Bot()

        @bot.every(minutes=5)
        async def tidy(tick: Tick) -> None: ...

        store = MemoryStateStore()
        schedules = bot.declared.table().schedules
        schedulers = [Scheduler(schedules, store, None, None) for _ in range(4)]  # type: ignore[arg-type]
        for slot in (7, 8, 8, 7):
            taken = await asyncio.gather(*(s.claim(schedules[0], slot) for s in schedulers))
            first_time = slot == 7 and taken.count(True) == 1
            assert taken.count(True) in (0, 1)
            del first_time
        assert not await schedulers[0].claim(schedules[0], 8)
        assert await schedulers[0].claim(schedules[0], 9)

    run(test)


def test_a_handler_is_called_at_its_times_and_its_errors_stop_nothing(caplog):
    async def test() -> None:
        bot = Bot()
        ticks: list[datetime] = []
        enough = asyncio.Event()

        @bot.every(seconds=1)
        async def tidy(tick: Tick) -> None:
            ticks.append(tick.at)
            if len(ticks) == 1:
                raise RuntimeError("not today")
            enough.set()

        class Nobody:
            async def of(self, organization_id: str) -> Any: ...
            async def close(self) -> None: ...

        bot.acts_as(Nobody)
        service = bot.service()
        await service.start()
        await enough.wait()
        await service.close()
        assert all(tick.microsecond == 0 for tick in ticks)
        assert "not today" in caplog.text

    run(test)


@pytest.mark.parametrize("wrong", [0, -1, 0.5])
def test_intervals(wrong):
    with pytest.raises(ValueError, match="at least 1 second"):
        Bot().every(seconds=wrong)
