"""Generators that say what to do next, and those who do it."""

from collections.abc import Awaitable, Callable, Generator
from typing import Any, TypeVar

__all__ = ["drive", "drive_async"]

S = TypeVar("S")
R = TypeVar("R")


def drive(steps: Generator[S, Any, R], do: Callable[[S], Any]) -> R:
    """Do each step that a generator yields, and return what it returns.

    It is sent what came of a step, or thrown what the step failed with, which decides what is next.
    """
    try:
        step = next(steps)
        while True:
            try:
                done = do(step)
            except BaseException as error:  # noqa: BLE001 - the generator decides what is next
                step = steps.throw(error)
            else:
                step = steps.send(done)
    except StopIteration as end:
        finished: R = end.value
        return finished
    finally:
        steps.close()


async def drive_async(steps: Generator[S, Any, R], do: Callable[[S], Awaitable[Any]]) -> R:
    """Do each step that a generator yields in this task; otherwise as ``drive``."""
    try:
        step = next(steps)
        while True:
            try:
                done = await do(step)
            except BaseException as error:  # noqa: BLE001 - the generator decides what is next
                step = steps.throw(error)
            else:
                step = steps.send(done)
    except StopIteration as end:
        finished: R = end.value
        return finished
    finally:
        steps.close()
