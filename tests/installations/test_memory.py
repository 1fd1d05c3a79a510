"""What an organization costs in memory, in a process of its own."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MOST = 50.0
"""kB; hundreds of organizations are to fit into a small machine."""


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_an_organization_costs_less_than_fifty_kilobytes(kind: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.installations", kind, "traced"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    assert 1.0 < float(done.stdout) < MOST
