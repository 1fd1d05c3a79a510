"""The documentation as it is built, once for all tests and workers."""

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("docs", "examples", "src", "tools", "mkdocs.yml", "README.md", "CHANGELOG.md")
"""What the site is made of."""


@pytest.fixture(scope="session")
def built_site(tmp_path_factory, worker_id):
    """Build the documentation; strictly, so that a broken link fails. Returns its folder.

    One that ``make check`` has built of the same sources is taken as it is.
    """
    if is_up_to_date(ROOT / "site"):
        return ROOT / "site"
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


def is_up_to_date(site):
    """Tell whether a site was begun after everything that it is made of was written."""
    pages = [path.stat().st_mtime for path in site.rglob("*.html")]
    sources = [
        path.stat().st_mtime
        for source in SOURCES
        for path in (ROOT / source, *(ROOT / source).rglob("*"))
        if "__pycache__" not in path.parts
    ]
    return bool(pages) and min(pages) > max(sources)
