"""An accounts server of documented shapes, and a real Redis where Debian's package is installed."""

import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ._accounts import Desk, FakeAccounts
from ._sandbox_accounts import SandboxAccounts
from ._sources import Times

PATIENCE = 10.0


@pytest.fixture(params=["fake", "embedded", "served"])
def accounts(request: pytest.FixtureRequest) -> Any:
    """An accounts server: one of the documented shapes alone, or a sandbox's.

    Tests that need the powers of the fake one ask for ``ONLY_FAKE``.
    """
    match request.param:
        case "fake":
            return FakeAccounts()
        case "embedded":
            return SandboxAccounts(request.getfixturevalue("sandbox"), is_served=False)
        case _:
            return SandboxAccounts(request.getfixturevalue("served"), is_served=True)


@pytest.fixture(params=["sync", "async"])
def desk(request: pytest.FixtureRequest, accounts: Any) -> Iterator[Desk]:
    desk = Desk(request.param, accounts)
    yield desk
    desk.close()


@pytest.fixture
def times() -> Times:
    return Times()


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Redis of this test run."""
    server = shutil.which("redis-server")
    if server is None:
        pytest.skip("there is no redis-server here; install Debian's package of that name")
    folder = tmp_path_factory.mktemp("redis")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [server, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder),
         "--requirepass", "redis-pass-8c1d", "--logfile", str(folder / "log")],
    )  # fmt: skip
    try:
        _wait_for(folder / "log", process)
        yield f"redis://:redis-pass-8c1d@127.0.0.1:{port}/0"
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _wait_for(log: Path, process: "subprocess.Popen[bytes]") -> None:
    """Wait until Redis takes connections."""
    import time

    end = time.monotonic() + PATIENCE
    while not (log.exists() and "Ready to accept connections" in log.read_text()):
        assert process.poll() is None, "Redis ended"
        assert time.monotonic() < end
        time.sleep(0.02)
