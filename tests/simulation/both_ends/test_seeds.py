"""Seeds that are played by every run of the tests, and many more in a soak."""

import os

import pytest

from .run import simulate

SEEDS = 8
FIRST_OF_SOAK = 1000
MANY = 5_000


@pytest.mark.parametrize("seed", range(SEEDS))
def test_seeds_hold(seed: int) -> None:
    outcome = simulate(seed)
    assert not outcome.faults, outcome.report()


@pytest.mark.soak
@pytest.mark.timeout(12 * 3600)
def test_many_seeds_hold() -> None:
    """Play ``FRONTDESK_SEEDS`` seeds from ``FRONTDESK_FIRST_SEED`` on, each with a longer day."""
    first = int(os.environ.get("FRONTDESK_FIRST_SEED", FIRST_OF_SOAK))
    count = int(os.environ.get("FRONTDESK_SEEDS", MANY))
    outcomes = (simulate(seed, acts=150) for seed in range(first, first + count))
    reports = [outcome.report() for outcome in outcomes if outcome.faults]
    assert not reports, "\n".join(reports[:20])


def test_a_seed_is_played_in_the_same_way_again() -> None:
    assert simulate(3, acts=20).trace == simulate(3, acts=20).trace
