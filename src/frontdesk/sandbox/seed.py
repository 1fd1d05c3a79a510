"""Making worlds: empty, or with a small company in it.

``new_world`` is where a sandbox begins. Worlds in memory are built once per process and then
copied from an image, which takes about a millisecond.
"""

from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from random import Random

from frontdesk.sandbox import handlers
from frontdesk.sandbox.company import demo_company, empty_company
from frontdesk.sandbox.store import Store
from frontdesk.sandbox.world import Clock, World

__all__ = ["SEEDS", "new_world", "seed_world"]

assert handlers.HANDLERS

SEEDS: dict[str, Callable[[World], None]] = {"demo": demo_company, "empty": empty_company}
"""What a world can begin with."""

_IMAGES: OrderedDict[tuple[str, int, str], bytes] = OrderedDict()
_MAX_IMAGES = 4


def new_world(
    seed: str = "demo",
    *,
    random_seed: int = 0,
    path: str | Path | None = None,
    clock: Clock | None = None,
) -> World:
    """Open a world, seeding it when it is new.

    Args:
        seed: one of ``SEEDS``; ignored for a database file that has a world already.
        random_seed: the same number gives the same ids and the same history.
        path: the database file; memory by default.
        clock: the sandbox's time; the real time by default.

    Raises ``StoreInUse`` and ``ForeignFile`` for a file that cannot be used, ``ValueError`` for an
    unknown seed.
    """
    _known(seed)
    clock = clock or Clock()
    store = Store(path)
    world = World(store, clock, _random(f"{random_seed}:{_starts(store)}"))
    if store.company.seeded:
        return world
    if path is not None:
        seed_world(world, seed, random_seed)
        return world
    key = (seed, random_seed, f"{clock.now():%Y-%m-%d}")
    image = _IMAGES.get(key)
    if image is None:
        seed_world(world, seed, random_seed)
        _IMAGES[key] = store.snapshot()
        if len(_IMAGES) > _MAX_IMAGES:
            _IMAGES.popitem(last=False)
    else:
        store.restore(image)
    return world


def seed_world(world: World, seed: str, random_seed: int = 0) -> None:
    """Fill a world that has nothing in it yet; nobody is told."""
    rng, world.rng = world.rng, _random(f"{seed}:{random_seed}")
    world.ids.use(world.rng)
    try:
        world.unit(SEEDS[_known(seed)], world)
    finally:
        world.rng = rng
        world.ids.use(rng)
    world.commit()


def _random(seed: str) -> Random:
    return Random(seed)  # noqa: S311 - ids of a sandbox are no secrets


def _known(seed: str) -> str:
    if seed not in SEEDS:
        raise ValueError(f"there is no seed {seed!r}; choose one of {', '.join(SEEDS)}")
    return seed


def _starts(store: Store) -> int:
    """How often this database was opened, so that no run repeats the random numbers of another."""
    before = int(store.company.setting("starts") or b"0")
    store.company.save_setting("starts", str(before + 1).encode())
    store.commit()
    return before
