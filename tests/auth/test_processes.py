"""Many processes that share tokens, and some that are killed in the middle of it."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from frontdesk.auth import TokenGrant

from .. import forked
from ._accounts import FakeAccounts
from ._worker import store_of

pytestmark = pytest.mark.parametrize("accounts", ["fake", "served"], indirect=True)

forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")

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
        self.process = forked.Popen(
            [sys.executable, "-m", "tests.auth._worker", *map(str, arguments)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment,
        )  # fmt: skip

    def wait_until_ready(self) -> None:
        assert self.read() == ["ready"]

    def read(self) -> list[str]:
        assert self.process.stdout is not None
        return self.process.stdout.readline().split()

    def finish(self) -> list[str]:
        """Let it go; returns the lines of its output."""
        out, _ = self.process.communicate("go\n", PATIENCE)
        assert self.process.returncode == 0
        return out.splitlines()

    def order(self, line: int) -> tuple[list[str], int]:
        """Have a child get a token; returns the words of its output, and how it ended."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()
        output: list[str] = []
        while (words := self.read())[0] != "ended":
            output = words
        return output, int(words[1])

    def close(self) -> None:
        self.process.communicate(timeout=PATIENCE)


class Killer:
    """Kills processes of an app that share a store."""

    def __init__(self, accounts: Any, url: str, client_id: str, place: str) -> None:
        self.accounts = accounts
        self.client_id = client_id
        self.place = place
        self.worker = Worker(url, client_id, place, 0, 0)
        self.worker.wait_until_ready()

    def lines(self) -> int:
        """Count the lines of code between response and return."""
        put_ended(self.accounts, self.client_id, self.place)
        output, _ = self.worker.order(-1)
        return int(output[3])

    def kill_at(self, line: int) -> str:
        """Kill a process at a line after the response; tell what the next one comes to."""
        accounts = self.accounts
        put_ended(accounts, self.client_id, self.place)
        before = accounts.refreshes
        assert self.worker.order(line) == ([], -signal.SIGKILL)
        assert accounts.refreshes == before + 1
        output, status = self.worker.order(-1)
        assert status == 0
        assert accounts.refreshes <= before + 2
        if output[0] == "token":
            token = " ".join(output[1:3])
            assert accounts.accepts(token)
            store = store_of(self.place)
            stored = store.load("default")
            close(store)
            assert stored is not None
            assert token == f"Bearer {stored.access_token}"
        else:
            assert output == ["login", "InvalidGrant"]
            # Nothing else may need a log-in: an app with a secret keeps its refresh token.
            assert self.client_id == "app-public"
            assert accounts.refreshes == before + 1
        return output[0]


@pytest.fixture
def killer(accounts: Any, url: str, place: str) -> Iterator[Callable[[str], Killer]]:
    made: list[Killer] = []

    def make(client_id: str) -> Killer:
        made.append(Killer(accounts, url, client_id, place))
        return made[-1]

    yield make
    for each in made:
        each.worker.close()


@forks
@pytest.mark.parametrize("client_id", ["app-public", "app-secret"])
def test_eight_processes_share_one_refresh(
    accounts: Any, url: str, place: str, client_id: str
) -> None:
    put_ended(accounts, client_id, place)
    worker = Worker(url, client_id, place, PROCESSES, TASKS)
    worker.wait_until_ready()
    tokens = worker.finish()
    assert len(tokens) == PROCESSES
    assert len(set(tokens)) == 1  # a line has the tokens of all tasks of a process
    assert accounts.accepts(tokens[0])
    assert accounts.refreshes == 1


@forks
@pytest.mark.parametrize("client_id", ["app-public", "app-secret"])
def test_a_killed_refresher_leaves_a_token_or_a_clear_end(killer: Any, client_id: str) -> None:
    each = killer(client_id)
    lines = each.lines()
    assert lines > 40
    first = each.kill_at(0)
    assert first == ("login" if client_id == "app-public" else "token")
    for part in (0.25, 0.5, 0.75):
        each.kill_at(int(lines * part))
    assert each.kill_at(lines - 2) == "token"


@forks
@pytest.mark.soak
def test_killed_at_each_step_it_leaves_a_token_or_a_clear_end(killer: Any) -> None:
    each = killer("app-public")
    lines = each.lines()
    outcomes = [each.kill_at(kill * (lines - 1) // KILLS) for kill in range(KILLS)]
    # Once it is stored it stays; before, the user has to log in again.
    assert outcomes == sorted(outcomes)
    assert set(outcomes) == {"login", "token"}
