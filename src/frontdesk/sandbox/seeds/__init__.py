"""Making worlds: empty, with a small company in it, or with a long history.

``new_world`` is where a sandbox begins. Worlds in memory are built once per process and then
copied from an image, which takes a few milliseconds. The present of the company is added to an
image of its past, every few minutes anew. The first copy of an image brings its archive index up
to date, for all copies after it; a process that makes one world does not wait for an index that it
may never search.
"""

from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from pathlib import Path
from random import Random
from typing import Final, NamedTuple

from frontdesk.errors import StoreError
from frontdesk.sandbox.seeds.bulk import seed_bulk
from frontdesk.sandbox.seeds.company import demo_company, empty_company
from frontdesk.sandbox.seeds.history import add_history
from frontdesk.sandbox.seeds.present import add_present, began
from frontdesk.sandbox.store import SandboxStore
from frontdesk.sandbox.world import Clock, World
from frontdesk.sandbox.world.properties import is_tokenized
from frontdesk.sandbox.world.routing import availability
from frontdesk.sandbox.world.timers import TIMERS
from frontdesk.suggestions import did_you_mean

__all__ = ["SEEDS", "check_seed", "new_world", "seed_of", "seed_world"]

SEEDS = ("demo", "quiet", "empty", "bulk:N")
"""What a world can begin with; ``N`` is a number of archived threads."""


class _Image(NamedTuple):
    """A snapshot of a world that was seeded."""

    data: bytes
    is_indexed: bool = False
    """Whether all of its archived threads are in the archive index."""


_IMAGES: OrderedDict[tuple[str, int, str], _Image] = OrderedDict()
_MAX_IMAGES = 8
_MAX_BULK_IMAGE = 1000
"""Up to how many threads a history is kept as an image, which takes 6 kB a thread."""
_MOST_THREADS = 10_000_000
_SEED = "seed"
"""The setting that holds the random seed of the world and the name of its seed."""


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
    ``ValueError`` for an unknown seed. A file that could not be filled is removed.
    """
    check_seed(seed)
    clock = clock or Clock()
    has_image = path is None and _image_key(clock, seed, random_seed) in _IMAGES
    store = SandboxStore(path, awaits_image=has_image)
    store.db.starting = True
    try:
        return _opened(store, clock, seed, random_seed)
    except BaseException:
        store.discard()
        raise
    finally:
        store.db.starting = False


def _opened(store: SandboxStore, clock: Clock, seed: str, random_seed: int) -> World:
    """Open the world of a database, or make one there."""
    _refuse_half_seeded(store)
    try:
        world = World(store, clock, _random(f"{random_seed}:{_starts(store)}"), timers=TIMERS)
        world.prepare_with(partial(availability.push_changes, world))
        if store.company.seeded:
            world.continue_clock()
            # Whoever opens the world reads it: it is to fail here, where the file is closed then.
            seed_of(world)
            return world
    except (ValueError, OverflowError) as error:
        raise store.damaged(error) from None
    if store.db.path is None and _fits_image(seed):
        _copy(world, seed, random_seed)
    else:
        seed_world(world, seed, random_seed)
    # A world knows what it began with, whatever the sandbox that opens it again is given.
    world.unit(store.company.save_setting, _SEED, f"{random_seed} {seed}".encode())
    world.commit()
    return world


def seed_of(world: World) -> tuple[str, int] | None:
    """Return the seed and the random seed that a world began with.

    None for one that was made before worlds kept them.
    """
    random_seed, _, seed = (world.store.company.setting(_SEED) or b"").decode().partition(" ")
    return (seed, int(random_seed)) if seed else None


def _copy(world: World, seed: str, random_seed: int) -> None:
    """Give a world in memory what its seed makes, from an image if there is one."""
    key = _image_key(world.clock, seed, random_seed)
    image = _IMAGES.get(key)
    if image is not None:
        _IMAGES.move_to_end(key)
        world.store.restore(image.data)
        if not image.is_indexed:
            world.unit(world.store.archives.refresh, partial(is_tokenized, world))
            world.commit()
            _IMAGES[key] = _Image(world.store.snapshot(), is_indexed=True)
        return
    *earlier, last = check_seed(seed)
    if earlier:
        # The past is the same all day; only the present is made anew.
        _copy(world, earlier[-1].name, random_seed)
    _run(world, last, random_seed)
    _IMAGES[key] = _Image(world.store.snapshot())
    if len(_IMAGES) > _MAX_IMAGES:
        _IMAGES.popitem(last=False)


def _image_key(clock: Clock, seed: str, random_seed: int) -> tuple[str, int, str]:
    return seed, random_seed, _time_of(clock, seed)


def _fits_image(seed: str) -> bool:
    name, _, threads = seed.partition(":")
    return name != "bulk" or int(threads) <= _MAX_BULK_IMAGE


def _time_of(clock: Clock, seed: str) -> str:
    """Return the time that a seed depends on: for one with a present not only the day."""
    if not clock.is_real:
        return str(clock.peek())
    now = clock.now()
    return str(began(now)) if seed == "demo" else f"{now:%Y-%m-%d}"


def seed_world(world: World, seed: str, random_seed: int = 0) -> None:
    """Fill a world that has nothing in it yet; nothing is pushed.

    Raises:
        ValueError: There is no such seed.
    """
    for stage in check_seed(seed):
        _run(world, stage, random_seed)


class Stage(NamedTuple):
    """A part of what makes a seed.

    It has random numbers of its own: it comes out the same whether the part before it was made or
    copied.
    """

    name: str
    work: Callable[[World], None]


def _run(world: World, stage: Stage, random_seed: int) -> None:
    rng, world.rng = world.rng, _random(f"{stage.name}:{random_seed}")
    world.ids.use(world.rng)
    company = world.store.company
    world.unit(company.save_setting, "seeding", b"1")
    try:
        stage.work(world)
    finally:
        world.rng = rng
        world.ids.use(rng)
    world.unit(company.save_setting, "seeding", b"")
    world.commit()


def check_seed(seed: str) -> list[Stage]:
    """Return what makes a seed, one stage after the other.

    Raises:
        ValueError: There is no such seed.
    """
    if seed in _STAGES:
        return _STAGES[seed]
    name, _, number = seed.partition(":")
    if name == "bulk" and number.isascii() and number.isdigit():
        threads = int(number)
        if 1 <= threads <= _MOST_THREADS:
            return [Stage(seed, partial(_bulk, threads=threads))]
        raise ValueError(f"bulk makes 1 to {_MOST_THREADS} threads, not {threads}")
    hint = did_you_mean(seed, SEEDS)
    raise ValueError(f"there is no seed {seed!r}; choose one of {', '.join(SEEDS)}{hint}")


def _quiet(world: World) -> None:
    world.unit(demo_company, world)
    add_history(world)


def _empty(world: World) -> None:
    world.unit(empty_company, world)


def _bulk(world: World, threads: int) -> None:
    world.unit(demo_company, world)
    seed_bulk(world, threads)


_STAGES: Final = {
    "demo": [Stage("quiet", _quiet), Stage("present", add_present)],
    "quiet": [Stage("quiet", _quiet)],
    "empty": [Stage("empty", _empty)],
}


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
