"""Random archives that grow, runs killed anywhere, page ids that end: each thread once."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from frontdesk import AgentClient, ExportError, ValidationError
from frontdesk.archives import Position, export, make_job
from frontdesk.transport import Reply, Request

from .memory import Disk, Killed, MemoryTarget
from .served import chat

SINCE = datetime(2026, 1, 20, tzinfo=UTC)
NOW = datetime(2026, 3, 10, tzinfo=UTC)
JSON = {"content-type": "application/json"}
MINUTES = int((NOW - SINCE).total_seconds() // 60)


class Server:
    """Lists threads by their creation, a few a page; a page id names the thread before it."""

    def __init__(self, threads: dict[str, int], limit: int) -> None:
        self.threads = threads
        self.limit = limit
        self.requests = 0
        self.refuses_page_ids = False
        self.late: list[tuple[int, str, int]] = []
        """Threads that are closed at the n-th request."""

    def send(self, request: Request) -> Reply:
        if request.url.endswith("list_chats"):
            return Reply(200, JSON, b'{"chats_summary": [], "found_chats": 0}')
        self.requests += 1
        self.threads |= {name: at for when, name, at in self.late if when <= self.requests}
        assert isinstance(request.body, bytes)
        asked: dict[str, Any] = json.loads(request.body)
        if "page_id" in asked:
            if self.refuses_page_ids:
                error = {"type": "validation", "message": "`page_id` has expired"}
                return Reply(400, JSON, json.dumps({"error": error}).encode())
            first, last, after = json.loads(asked["page_id"])
        else:
            first, last = (_spelled(asked["filters"][name]) for name in ("from", "to"))
            after = ["", ""]
        rows = sorted(
            [_text(at), name] for name, at in self.threads.items() if first <= _text(at) <= last
        )
        rows = [row for row in rows if row > after]
        page: dict[str, Any] = {
            "chats": [chat(0, id=name, created_at=at) for at, name in rows[: self.limit]],
            "found_chats": len(rows),
        }
        if rows[self.limit :]:
            page["next_page_id"] = json.dumps([first, last, rows[self.limit - 1]])
        return Reply(200, JSON, json.dumps(page).encode())

    def close(self) -> None: ...


def _text(minutes: int) -> str:
    return _spelled((SINCE + timedelta(minutes=minutes)).isoformat())


def _spelled(text: str) -> str:
    """Spell a time so that texts compare like times."""
    return datetime.fromisoformat(text).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


TIMES = st.integers(0, MINUTES - 1) | st.integers(0, 20)
THREADS = st.lists(TIMES, max_size=40).map(
    lambda times: {f"T{n}": at for n, at in enumerate(times)}
)


@settings(max_examples=30)
@given(
    threads=THREADS,
    late=st.lists(st.tuples(st.integers(1, 12), TIMES), max_size=6),
    limit=st.integers(1, 7),
    kills=st.lists(
        st.tuples(st.integers(0, 6), st.sampled_from(["", "old", "refused"])), max_size=5
    ),
)
def test_each_thread_is_stored_once(
    threads: dict[str, int],
    late: list[tuple[int, int]],
    limit: int,
    kills: list[tuple[int, str]],
) -> None:
    server = Server(dict(threads), limit)
    server.late = [(when, f"L{n}", at) for n, (when, at) in enumerate(late)]
    job, disk, clock = make_job(since=SINCE, until=NOW), Disk(), [NOW]

    def run(killed_at: int | None) -> None:
        client = AgentClient("token", transport=server)
        export(client, MemoryTarget(disk, killed_at=killed_at), job, clock=lambda: clock[0])

    repeated = 0
    for killed_at, page_ids in kills:
        # A target whose state went through JSON, as that of another process does.
        try:
            run(killed_at)
        except Killed:
            repeated += 1
        if disk.state is not None:
            stored = msgspec.json.decode(msgspec.json.encode(disk.state.position), type=Position)
            disk.state = msgspec.structs.replace(disk.state, position=stored)
        if page_ids == "old":
            clock[0] += timedelta(days=30)
        server.refuses_page_ids = page_ids == "refused"
        if server.refuses_page_ids:
            # One page by time, and its page ids hold again.
            try:
                run(1)
            except Killed:
                repeated += 1
            except (ExportError, ValidationError):
                repeated += 1
            server.refuses_page_ids = False
    run(None)
    stored_ids = [row["thread_id"] for row in disk.rows["threads"]]
    assert len(stored_ids) == len(set(stored_ids))
    assert set(threads) <= set(stored_ids) <= set(server.threads)
    assert {row["thread_id"] for row in disk.rows["events"]} == set(stored_ids)
    assert disk.state is not None
    assert disk.state.position.threads == len(stored_ids)


@settings(max_examples=15)
@given(threads=THREADS, limit=st.integers(1, 7), kills=st.lists(st.integers(0, 6), max_size=5))
def test_a_kill_costs_a_page_at_most(threads: dict[str, int], limit: int, kills: list[int]) -> None:
    job = make_job(since=SINCE, until=NOW)
    undisturbed, control = Server(dict(threads), limit), Disk()
    export(
        AgentClient("token", transport=undisturbed), MemoryTarget(control), job, clock=lambda: NOW
    )
    server, disk, killed = Server(dict(threads), limit), Disk(), 0
    for killed_at in [*kills, None]:
        client = AgentClient("token", transport=server)
        try:
            export(client, MemoryTarget(disk, killed_at=killed_at), job, clock=lambda: NOW)
        except Killed:
            killed += 1
    assert disk.tables() == control.tables()
    assert server.requests <= undisturbed.requests + killed
