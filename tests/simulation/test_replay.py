"""A seed gives the same run, bit for bit, wherever and after whatever it is played."""

import os
import subprocess
import sys
from pathlib import Path

from .run import simulate

ROOT = Path(__file__).parent.parent.parent
SEEDS = (3, 26, 111)


def digests_of_another_process(*seeds: int) -> list[str]:
    here = os.environ.get("PYTHONHASHSEED")
    finished = subprocess.run(
        [sys.executable, "-m", "tests.simulation", "--digests", *map(str, seeds)],
        cwd=ROOT,
        check=False,
        env={
            **os.environ,
            "PYTHONHASHSEED": "2" if here == "1" else "1",
        },
        capture_output=True,
        text=True,
        timeout=100,
    )
    return finished.stdout.split()


def test_run_does_not_depend_on_the_process() -> None:
    here = [simulate(seed).digest for seed in SEEDS]
    assert digests_of_another_process(*reversed(SEEDS)) == here[::-1]


def test_seeds_differ() -> None:
    assert simulate(1).digest != simulate(2).digest


def test_replay_prints_the_trace_and_what_breaks() -> None:
    finished = subprocess.run(
        [sys.executable, "-m", "tests.simulation", "3"],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
        timeout=100,
    )
    outcome = simulate(3, keep=True)
    assert finished.stdout.splitlines()[: len(outcome.lines)] == outcome.lines
    assert outcome.digest in finished.stdout
