"""Many processes that share tokens, and some that are killed in the middle of it."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from frontdesk.auth import TokenGrant

from ._accounts import FakeAccounts
from ._worker import store_of

pytestmark = pytest.mark.parametrize("accounts", ["fake", "served"], indirect=True)

PATIENCE = 60
PROCESSES = 8
TASKS = 125
"""In each process: a thousand in all."""
KILLS = 200


@pytest.fixture(params=["file", "redis"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "file":
        return str(tmp_path / "tokens")
    url: str = request.getfixturevalue("redis_url")
    from redis import Redis

    with Redis.from_url(url) as client:
        client.flushdb()
    return url


@pytest.fixture
def url(accounts: Any) -> Iterator[str]:
    if isinstance(accounts, FakeAccounts):
        with accounts.served() as url:
            yield url
    else:
        yield accounts.url


def put_ended(accounts: Any, client_id: str, place: str) -> None:
    """Store a grant whose access token is over."""
    store = store_of(place)
    present = store.load("default")
    pair = accounts.issue(accounts.apps[client_id])
    grant = TokenGrant(
        access_token=pair.access, refresh_token=pair.refresh, client_id=client_id,
        issued_at=datetime.now(UTC) - timedelta(hours=9), expires_in=28_800, id=pair.access[-8:],
        generation=1 if present is None else present.generation + 1,
    )  # fmt: skip
    assert store.replace("default", grant, present)
    close(store)


def close(store: Any) -> None:
    if hasattr(store, "close"):
        store.close()


class Worker:
    def __init__(self, *arguments: object) -> None:
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.auth._worker", *map(str, arguments)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment,
        )  # fmt: skip

    def wait_until_ready(self) -> None:
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "ready\n"

    def finish(self) -> list[str]:
        """Let it go; returns the words of its output."""
        out, _ = self.process.communicate("go\n", PATIENCE)
        return out.split()


def run(*arguments: object) -> tuple[list[str], int]:
    worker = Worker(*arguments)
    worker.wait_until_ready()
    return worker.finish(), worker.process.returncode


@pytest.mark.parametrize("client_id", ["app-public", "app-secret"])
def test_eight_processes_share_one_refresh(
    accounts: Any, url: str, place: str, client_id: str
) -> None:
    put_ended(accounts, client_id, place)
    workers = [Worker(url, client_id, place, TASKS, -1) for _ in range(PROCESSES)]
    for worker in workers:
        worker.wait_until_ready()
    with ThreadPoolExecutor(PROCESSES) as pool:
        outputs = list(pool.map(Worker.finish, workers))
    assert [len(output) for output in outputs] == [2] * PROCESSES  # "Bearer" and one token
    assert len({output[1] for output in outputs}) == 1
    assert accounts.accepts(" ".join(outputs[0]))
    assert accounts.refreshes == 1


def kill_at(accounts: Any, url: str, client_id: str, place: str, line: int) -> str:
    """Kill a process at a line between response and return; tell what the next one comes to."""
    put_ended(accounts, client_id, place)
    before = accounts.refreshes
    output, status = run(url, client_id, place, 0, line)
    assert (output, status) == ([], -signal.SIGKILL)
    assert accounts.refreshes == before + 1
    output, status = run(url, client_id, place, 0, -1)
    assert status == 0, output
    assert accounts.refreshes <= before + 2
    if output[0] == "token":
        assert accounts.accepts(" ".join(output[1:3]))
        grant = store_of(place)
        stored = grant.load("default")
        assert stored is not None
        assert f"Bearer {stored.access_token}" == " ".join(output[1:3])
        close(grant)
    else:
        assert output == ["login", "InvalidGrant"]
        # Nothing else may need a log-in: an app with a secret keeps its refresh token.
        assert client_id == "app-public"
        assert accounts.refreshes == before + 1
    return output[0]


def lines_of_a_refresh(accounts: Any, url: str, client_id: str, place: str) -> int:
    put_ended(accounts, client_id, place)
    output, _ = run(url, client_id, place, 0, -1)
    return int(output[3])


@pytest.mark.parametrize("client_id", ["app-public", "app-secret"])
def test_a_killed_refresher_leaves_a_token_or_a_clear_end(
    accounts: Any, url: str, place: str, client_id: str
) -> None:
    lines = lines_of_a_refresh(accounts, url, client_id, place)
    assert lines > 40
    first = kill_at(accounts, url, client_id, place, 0)
    assert first == ("login" if client_id == "app-public" else "token")
    kill_at(accounts, url, client_id, place, lines // 2)
    assert kill_at(accounts, url, client_id, place, lines - 2) == "token"


@pytest.mark.soak
def test_killed_at_each_step_it_leaves_a_token_or_a_clear_end(
    accounts: Any, url: str, place: str
) -> None:
    lines = lines_of_a_refresh(accounts, url, "app-public", place)
    outcomes = [
        kill_at(accounts, url, "app-public", place, kill * (lines - 1) // KILLS)
        for kill in range(KILLS)
    ]
    # Once it is stored it stays; before, the user has to log in again.
    assert outcomes == sorted(outcomes)
    assert set(outcomes) == {"login", "token"}
