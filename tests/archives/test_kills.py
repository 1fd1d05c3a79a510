"""``kill -9`` at any moment of an export: the rows of an undisturbed run, at hardly more requests.

The archive is served over a socket, and its requests are counted there.
"""

import signal
import subprocess
import sys
from contextlib import suppress
from datetime import timedelta
from random import Random

import pytest

from frontdesk.errors import ValidationError

from .. import forked
from . import _exporter
from .targets._targets import DELTA, DUCKDB, LINES, PARQUET

KINDS = [PARQUET, DELTA, DUCKDB, LINES]


@pytest.fixture(scope="module")
def exporter():
    process = forked.Popen(
        [sys.executable, "-W", "error", _exporter.__file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        yield _exporter.Exporter(process)
        process.stdin.close()


class Archive:
    """An archive that is exported again and again, and may change in between."""

    def __init__(self, sandbox, exporter, folder, kind, days):
        self.sandbox = sandbox
        self.exporter = exporter
        self.folder = folder
        self.kind = kind
        self.since = sandbox.now - timedelta(days=days)

    def export(self, name="chats", **options):
        """Export to a folder of that name; returns what came of it."""
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        return self.exporter.export(
            self.sandbox, self.kind.at(folder), folder, since=self.since, **options
        )

    def undisturbed(self, name="undisturbed", **options):
        """Export all of it at once; returns the points at which it could be killed."""
        result = self.export(name, **options)
        assert "points" in result, result
        return result["points"]

    def rows(self, name="chats"):
        return self.kind.read(self.kind.at(self.folder / name))

    def requests(self):
        return len(self.sandbox.calls())

    def kill_and_resume(self, kills, rng, points, **options):
        """Kill it a number of times, then let it end; returns the requests of all of them."""
        before = self.requests()
        for _ in range(kills):
            kill_at = rng.randrange(1, max(2, points))
            delay = rng.choice([0.0, rng.random() * 0.02, rng.random() * 0.2])
            result = self.export(kill_at=kill_at, delay=delay, **options)
            assert "error" not in result, result
            assert result.get("signal", signal.SIGKILL) == signal.SIGKILL
        result = self.export(**options)
        assert "error" not in result, result
        return self.requests() - before


def archive_of(sandbox, exporter, tmp_path, kind, seed, days):
    sandbox.reset(seed, random_seed=1)
    return Archive(sandbox, exporter, tmp_path, kind, days)


def check_kills(archive, kills, rng):
    before = archive.requests()
    points = archive.undisturbed()
    requests = archive.requests() - before
    spent = archive.kill_and_resume(kills, rng, points // 2)
    assert archive.rows() == archive.rows("undisturbed")
    assert spent <= requests + kills


@pytest.mark.parametrize(
    ("kind", "kills"), [*zip(KINDS, (2, 1, 1, 1), strict=True)], ids=[kind.name for kind in KINDS]
)
def test_a_killed_export_ends_with_the_rows_of_an_undisturbed_one(
    serving, exporter, tmp_path, kind, kills
):
    archive = archive_of(serving, exporter, tmp_path, kind, "bulk:200", days=120)
    check_kills(archive, kills, Random(kind.name))


def change(archive, rng):
    """Let the archive grow and change, where the next update reads it again: in the last day."""
    sandbox, client = archive.sandbox, archive.sandbox.client()
    sandbox.advance(timedelta(hours=rng.randrange(1, 12)))
    for number in range(rng.randrange(3)):
        customer = sandbox.customer(f"Customer {sandbox.now.timestamp()} {number}")
        customer.say("is anybody there?")
        if rng.random() < 0.7:
            customer.close_chat()
    tags = [tag.name for tag in sandbox.configuration_client().list_tags()]
    recent = list(client.iter_archives(filters={"from": sandbox.now - timedelta(days=1)}))
    for chat in recent:
        if rng.random() < 0.3:
            with suppress(ValidationError):  # it has the tag, or no group of it
                client.tag_thread(chat_id=chat.id, thread_id=chat.thread.id, tag=rng.choice(tags))
        elif rng.random() < 0.1:
            sandbox.delete_thread(chat.thread.id)
    for chat in client.list_chats(filters={"active": True}, limit=100).chats_summary:
        if rng.random() < 0.1:
            client.deactivate_chat(id=chat.id, ignore_requester_presence=True)


def check_changing_archive(archive, rounds, rng, kills=2):
    """Kill runs and updates of an archive that changes; then compare it with a new export."""
    points = archive.undisturbed("undisturbed")
    archive.kill_and_resume(kills, rng, points // 2)
    done = kills
    for _ in range(rounds):
        change(archive, rng)
        archive.kill_and_resume(kills, rng, points // 4, update=True)
        done += kills
    archive.export(update=True)
    archive.undisturbed("afterwards")
    assert archive.rows() == archive.rows("afterwards")
    return done


@pytest.mark.soak
@pytest.mark.timeout(3000)
@pytest.mark.parametrize("kind", KINDS, ids=[kind.name for kind in KINDS])
@pytest.mark.parametrize("seed", range(5))
def test_fifty_kills_of_each_target(serving, exporter, tmp_path, kind, seed):
    archive = archive_of(serving, exporter, tmp_path, kind, "bulk:1000", days=400)
    check_kills(archive, 10, Random(seed))


@pytest.mark.soak
@pytest.mark.timeout(3000)
@pytest.mark.parametrize("kind", KINDS[:-1], ids=[kind.name for kind in KINDS[:-1]])
@pytest.mark.parametrize("seed", range(5))
def test_kills_while_the_archive_grows_and_changes(serving, exporter, tmp_path, kind, seed):
    archive = archive_of(serving, exporter, tmp_path, kind, "bulk:400", days=300)
    check_changing_archive(archive, 6, Random(seed))
