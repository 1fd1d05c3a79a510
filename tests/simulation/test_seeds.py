"""Seeds that are played by every run of the tests, and many more in a soak."""

import os
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest

from .run import Outcome, simulate

SEEDS = 200
CHUNK = 10
FIRST_OF_SOAK = 1000
MANY = 100_000


KNOWN = {
    79: "twice: user_added_to_chat",
    143: "foreign: incoming_event",
    184: "missing: incoming_event",
}
"""Seeds of the suite that find faults of the reading back which are not mended yet.

In 79 and 184 nothing is read back but by hand, after newer pushes; in 143 the agent is away
so long that the server takes the chat from him, without a message.
"""


def failures(seeds: range) -> list[str]:
    """Play seeds; the reports of those that fail."""
    outcomes = (simulate(seed) for seed in seeds)
    return [outcome.report() for outcome in outcomes if outcome.faults and not _known(outcome)]


def _known(outcome: Outcome) -> bool:
    return outcome.faults[0].startswith(KNOWN.get(outcome.seed, "none"))


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
