"""Seeds that are played by every run of the tests, and many more in a soak."""

import os
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest

from .run import simulate

SEEDS = 200
CHUNK = 10
FIRST_OF_SOAK = 1000
MANY = 100_000


def failures(seeds: range) -> list[str]:
    """Play seeds; the reports of those that fail."""
    outcomes = (simulate(seed) for seed in seeds)
    return [outcome.report() for outcome in outcomes if outcome.faults]


@pytest.mark.parametrize("first", range(0, SEEDS, CHUNK))
def test_seeds_hold(first: int) -> None:
    assert not failures(range(first, first + CHUNK))


@pytest.mark.soak
@pytest.mark.timeout(12 * 3600)
def test_many_seeds_hold() -> None:
    """Play ``FRONTDESK_SEEDS`` seeds from ``FRONTDESK_FIRST_SEED`` on, on all processors."""
    first = int(os.environ.get("FRONTDESK_FIRST_SEED", FIRST_OF_SOAK))
    count = int(os.environ.get("FRONTDESK_SEEDS", MANY))
    chunks = [range(at, min(at + 50, first + count)) for at in range(first, first + count, 50)]
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        reports = [report for found in pool.map(failures, chunks) for report in found]
    assert not reports, "\n".join(reports[:20])
