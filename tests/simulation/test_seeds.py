"""Seeds that are played by every run of the tests, and many more in a soak."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from .run import simulate

ROOT = Path(__file__).resolve().parents[2]
SEEDS = 40
"""Those within which each fault of ``test_mutants`` shows."""
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
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        reports = [report for report in pool.map(played_apart, chunks) if report]
    assert not reports, "\n".join(reports[:20])


def played_apart(seeds: range) -> str:
    """Play seeds in a process of their own; what it prints if one of them fails."""
    played = subprocess.run(
        [
            sys.executable,
            "-m",
            "tests.simulation",
            str(seeds[0]),
            "--to",
            str(seeds[-1]),
            "--quiet",
        ],
        check=False,
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    return f"{played.stdout}\n{played.stderr}" if played.returncode else ""
