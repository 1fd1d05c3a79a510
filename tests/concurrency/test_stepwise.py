"""Generators that say what to do next, sync and async in the same way."""

import asyncio

import pytest

from frontdesk.concurrency.stepwise import drive, drive_async


def driven(steps, do):
    return drive(steps, do)


def driven_async(steps, do):
    async def later(step):
        await asyncio.sleep(0)
        return do(step)

    return asyncio.run(drive_async(steps, later))


both = pytest.mark.parametrize("driven", [driven, driven_async])


@both
def test_each_step_is_sent_what_came_of_it(driven):
    def steps():
        first = yield 1
        second = yield first
        return [first, second]

    assert driven(steps(), lambda step: step * 10) == [10, 100]


@both
def test_a_failure_is_the_generators_to_decide_on(driven):
    def steps():
        try:
            yield 0
        except ZeroDivisionError:
            return (yield 4)

    assert driven(steps(), lambda step: 1 / step) == 0.25


@both
def test_what_it_does_not_take_comes_out_and_it_is_closed(driven):
    closed = []

    def steps():
        try:
            yield 0
        finally:
            closed.append(True)

    with pytest.raises(ZeroDivisionError):
        driven(steps(), lambda step: 1 / step)
    assert closed == [True]


@both
def test_one_without_steps_returns_at_once(driven):
    def steps():
        return 7
        yield

    assert driven(steps(), lambda step: pytest.fail("nothing is to be done")) == 7
