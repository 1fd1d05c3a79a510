"""Making worlds: empty, with a small company in it, or with a long history.

``new_world`` is where a sandbox begins. Worlds in memory are built once per process and then
copied from an image, which takes a few milliseconds.
"""

from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from random import Random

from frontdesk.errors import StoreError
from frontdesk.sandbox.seeds.bulk import seed_bulk
from frontdesk.sandbox.seeds.company import demo_company, empty_company
from frontdesk.sandbox.seeds.history import add_history
from frontdesk.sandbox.store import SandboxStore
from frontdesk.sandbox.world import Clock, World
from frontdesk.sandbox.world.timers import TIMERS

__all__ = ["SEEDS", "check_seed", "keep_clock", "new_world", "seed_world"]

SEEDS = ("demo", "empty", "bulk:N")
"""What a world can begin with; ``N`` is a number of archived threads."""

_IMAGES: OrderedDict[tuple[str, int, str], bytes] = OrderedDict()
_MAX_IMAGES = 4
_MOST_THREADS = 10_000_000
_AHEAD = "clock ahead"


def new_world(
    seed: str = "demo",
    *,
    random_seed: int = 0,
    path: str | Path | None = None,
    clock: Clock | None = None,
) -> World:
    """Open a world, seeding it when it is new.

    Args:
        seed: One of ``SEEDS``; ignored for a database file that has a world already.
        random_seed: The same number gives the same ids and, on the same day, the same history.
        path: The database file; defaults to memory.
        clock: The sandbox's time; defaults to the real time.

    Raises ``StoreInUse``, ``ForeignFile`` and ``StoreError`` for a file that cannot be used,
    ``ValueError`` for an unknown seed.
    """
    check_seed(seed)
    clock = clock or Clock()
    store = SandboxStore(path)
    try:
        _refuse_half_seeded(store)
    except StoreError:
        store.close()
        raise
    world = World(store, clock, _random(f"{random_seed}:{_starts(store)}"), timers=TIMERS)
    if store.company.seeded:
        clock.stay_ahead(int(store.company.setting(_AHEAD) or b"0"))
        return world
    if path is not None or seed not in SEEDS:
        seed_world(world, seed, random_seed)
        return world
    key = (seed, random_seed, _day(clock))
    image = _IMAGES.get(key)
    if image is None:
        seed_world(world, seed, random_seed)
        _IMAGES[key] = store.snapshot()
        if len(_IMAGES) > _MAX_IMAGES:
            _IMAGES.popitem(last=False)
    else:
        store.restore(image)
    return world


def _day(clock: Clock) -> str:
    """Return what a seed depends on: the day, or the time of a clock that is not the real one."""
    return f"{clock.now():%Y-%m-%d}" if clock.is_real else str(clock.peek())


def keep_clock(world: World) -> None:
    """Have a moved clock go on where it is when the database is opened again."""
    world.unit(world.store.company.save_setting, _AHEAD, str(world.clock.ahead).encode())


def seed_world(world: World, seed: str, random_seed: int = 0) -> None:
    """Fill a world that has nothing in it yet; nothing is pushed.

    Raises:
        ValueError: There is no such seed.
    """
    work = check_seed(seed)
    rng, world.rng = world.rng, _random(f"{seed}:{random_seed}")
    world.ids.use(world.rng)
    company = world.store.company
    world.unit(company.save_setting, "seeding", b"1")
    try:
        work(world)
    finally:
        world.rng = rng
        world.ids.use(rng)
    world.unit(company.save_setting, "seeding", b"")
    world.commit()


def check_seed(seed: str) -> Callable[[World], None]:
    """Return what makes a seed.

    Raises:
        ValueError: There is no such seed.
    """
    if seed == "demo":
        return _demo
    if seed == "empty":
        return _empty
    name, _, number = seed.partition(":")
    if name == "bulk" and number.isascii() and number.isdigit():
        threads = int(number)
        if 1 <= threads <= _MOST_THREADS:
            return lambda world: _bulk(world, threads)
        raise ValueError(f"bulk makes 1 to {_MOST_THREADS} threads, not {threads}")
    raise ValueError(f"there is no seed {seed!r}; choose one of {', '.join(SEEDS)}")


def _demo(world: World) -> None:
    world.unit(demo_company, world)
    add_history(world)


def _empty(world: World) -> None:
    world.unit(empty_company, world)


def _bulk(world: World, threads: int) -> None:
    world.unit(demo_company, world)
    seed_bulk(world, threads)


def _refuse_half_seeded(store: SandboxStore) -> None:
    if store.company.setting("seeding"):
        raise StoreError(
            f"the database {store.db.path} was being filled when its sandbox ended; delete it, or "
            "start with a new file"
        )


def _random(seed: str) -> Random:
    return Random(seed)  # noqa: S311 - ids of a sandbox are no secrets


def _starts(store: SandboxStore) -> int:
    """Return how often this database was opened: no run has the random numbers of another."""
    before = int(store.company.setting("starts") or b"0")
    store.company.save_setting("starts", str(before + 1).encode())
    store.commit()
    return before
