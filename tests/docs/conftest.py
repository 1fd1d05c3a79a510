"""The documentation as it is built, once for all tests and workers."""

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def built_site(tmp_path_factory, worker_id):
    """Build the documentation; strictly, so that a broken link fails. Returns its folder."""
    shared = tmp_path_factory.getbasetemp()
    if worker_id != "master":
        shared = shared.parent
    site = shared / "site"
    with (shared / "site.lock").open("w") as lock:
        # One worker builds, the others wait for it.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (site / "index.html").exists():
            done = subprocess.run(
                [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(site)],
                cwd=ROOT,
                env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, done.stderr
    return site
