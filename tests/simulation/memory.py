"""How much an object holds on to: the entries of all containers that it reaches."""

import asyncio
from collections import deque
from collections.abc import Iterator, Mapping
from types import FunctionType, MethodType, ModuleType
from typing import Any

SPARE = 400
FACTOR = 3
FOREIGN = (type, ModuleType, FunctionType, asyncio.AbstractEventLoop, str, bytes, int, float)
"""What is no part of an object, or holds nothing."""


def entries_of(root: object) -> int:
    """Count the entries of the dictionaries, lists, sets and queues that an object reaches."""
    total = 0
    seen: set[int] = set()
    waiting: list[Any] = [root]
    while waiting:
        thing = waiting.pop()
        if thing is None or isinstance(thing, FOREIGN) or id(thing) in seen:
            continue
        seen.add(id(thing))
        if isinstance(thing, Mapping):
            total += len(thing)
            waiting += [*thing.keys(), *thing.values()]
        elif isinstance(thing, (list, tuple, set, frozenset, deque)):
            total += len(thing)
            waiting += thing
        elif type(thing).__module__.startswith("frontdesk."):
            waiting += _attributes(thing)
    return total


def _attributes(thing: object) -> Iterator[Any]:
    if isinstance(thing, MethodType):
        return
    yield from getattr(thing, "__dict__", {}).values()
    for kind in type(thing).__mro__:
        slots = kind.__dict__.get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            yield getattr(thing, name, None)
    for name in getattr(thing, "__struct_fields__", ()):
        yield getattr(thing, name, None)


def memory_is_bounded(subject: Any, control: Any) -> Iterator[str]:
    """A disturbed session that has caught up holds about as much as an undisturbed one."""
    held, due = entries_of(subject._line), entries_of(control._line)
    # The log-in shows up to 100 chats, and the control's has shown none.
    held -= entries_of(subject._line.login)
    if held > FACTOR * due + SPARE:
        yield f"memory: the disturbed session holds {held} entries, the undisturbed one {due}"
