"""Seeds of a bot that every run of the tests plays, and many more in a soak."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from .run import failures, simulate

ROOT = Path(__file__).resolve().parents[3]
SEEDS = 30
CHUNK = 10
FIRST_OF_SOAK = 1000
MANY = 5000


@pytest.mark.parametrize("first", range(0, SEEDS, CHUNK))
def test_seeds_hold(first: int) -> None:
    assert not list(failures(range(first, first + CHUNK)))


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_many_seeds_hold() -> None:
    """Play ``FRONTDESK_SEEDS`` seeds from ``FRONTDESK_FIRST_SEED`` on."""
    first = int(os.environ.get("FRONTDESK_FIRST_SEED", FIRST_OF_SOAK))
    count = int(os.environ.get("FRONTDESK_SEEDS", MANY))
    reports = list(failures(range(first, first + count)))
    assert not reports, "\n".join(reports[:20])


def test_run_does_not_depend_on_the_process() -> None:
    seeds = (7, 3)
    finished = subprocess.run(
        [sys.executable, "-m", "tests.simulation.bots", "--digests", *map(str, seeds)],
        cwd=ROOT,
        check=False,
        env={**os.environ, "PYTHONHASHSEED": "1"},
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert finished.stdout.split() == [simulate(seed).digest for seed in seeds]
    assert len(set(finished.stdout.split())) == len(seeds)
