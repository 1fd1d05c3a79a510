"""list_archives over 100,000 threads: each filter, full-text queries, deep pages, both orders.

``python -m benchmarks.archives --db FILE`` keeps the database for the next run; ``--threads`` makes
more or fewer. Each figure is one call, from the declared action to the JSON of the response, with
pages of 100 threads.
"""

import argparse
import gc
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks._measure import table
from frontdesk.actions import ListArchives
from frontdesk.codec.decoding import convert, encode
from frontdesk.models import ArchivesFilters, ArchivesPage, Highlights
from frontdesk.sandbox import apis
from frontdesk.sandbox.seeds import new_world
from frontdesk.sandbox.world import Requester, World
from frontdesk.sandbox.world.actor import covers

THREADS = 100_000
CALLS = 30
GOAL = 30
"""Milliseconds that 95 of 100 calls may take at the most."""

OWNER = Requester(
    id="smith@example.com",
    role="owner",
    scopes=covers("chats--all:ro"),
    client_id="0805e283233042b37f460ed8fbf22160",
)
AGENT = Requester(
    id="mueller@example.com", role="normal", scopes=covers("chats--access:ro"), client_id="x"
)


def searches(world: World) -> dict[str, dict[str, Any]]:
    """What is asked for: a name, and the filters as JSON has them."""
    page = apis.call(world, OWNER, ListArchives(limit=100))
    world.commit()
    some = page.chats[50]
    customer = next(iter(some.customers.values()))
    email = next(one.email for chat in page.chats for one in chat.customers.values() if one.email)
    agents = [agent.id for agent in world.store.company.agents.values() if not agent.bot]
    many: list[str] = []
    following = page
    for _ in range(10):
        many += [chat.id for chat in following.chats]
        assert following.next_page_id is not None
        following = apis.call(world, OWNER, ListArchives(page_id=following.next_page_id))
    now = datetime.now(UTC)
    month, year = (now - timedelta(days=days) for days in (30, 365))
    assert some.thread is not None
    return {
        "no filter": {},
        "query: in almost every thread": {"query": "your"},
        "query: common word": {"query": "order"},
        "query: three common words": {"query": "order check tracking"},
        "query: accents": {"query": "bestellung nach köln"},
        "query: Japanese": {"query": "返金"},
        "query: rare word": {"query": "FD0050123"},
        "query: e-mail": {"query": email},
        "query: nothing found": {"query": "xyzzy"},
        "from: last month": {"from": month},
        "to: before last year": {"to": year},
        "from, to": {"from": year, "to": month},
        "chat_ids: 1000": {"chat_ids": many},
        "thread_ids: 20": {
            "thread_ids": [chat.thread.id for chat in page.chats[:20] if chat.thread]
        },
        "group_ids": {"group_ids": [1, 3]},
        "properties: exists": {"properties": {"test": {"int_property": {"exists": True}}}},
        "properties: values": {"properties": {"test": {"string_property": {"values": ["gold"]}}}},
        "properties: exclude_values": {
            "properties": {"routing": {"continuous": {"exclude_values": [True]}}}
        },
        "properties: tokenized": {
            "properties": {"test": {"tokenized_string_property": {"values": ["invoice mail"]}}}
        },
        "agents: values": {"agents": {"values": agents[:1]}},
        "agents: exclude_values, almost all": {"agents": {"exclude_values": agents[1:]}},
        "agents: exists false": {"agents": {"exists": False}},
        "tags: values": {"tags": {"values": ["refund", "lead"]}},
        "tags: every value": {
            "tags": {"values": ["support", "sales"], "require_every_value": True}
        },
        "tags: exclude_values": {"tags": {"exclude_values": ["support", "sales", "spam"]}},
        "sales: exists": {"sales": {"exists": True}},
        "goals: values": {"goals": {"values": [1, 2]}},
        "customer_countries: common": {"customer_countries": {"values": ["US", "DE"]}},
        "customer_countries: rare": {"customer_countries": {"values": ["IS"]}},
        "forms: answers": {"forms": [{"type": "pre_chat", "values": ["returns"]}]},
        "forms: from, to": {"forms": [{"from": year, "to": month}]},
        "forms: exclude_values": {"forms": [{"exclude_values": ["5"]}]},
        "event_types: values": {"event_types": {"values": ["file", "rich_message"]}},
        "event_types: exclude_values": {"event_types": {"exclude_values": ["message"]}},
        "greetings: exists": {"greetings": {"exists": True}},
        "greetings: from, to": {"greetings": {"from": year, "values": [2]}},
        "agent_response: first": {"agent_response": {"first": True, "agents": {"values": agents}}},
        "agent_types": {"agent_types": {"any_values": ["ai_agent"], "exclude_values": ["chatbot"]}},
        "customer_id": {"customer_id": customer.id},
        "customer_email": {"customer_email": email},
    }


def milliseconds(call: Callable[[], object]) -> tuple[list[float], list[float]]:
    """The time of each call by the clock, and that of the processor, both in order."""
    taken: list[float] = []
    worked: list[float] = []
    for _ in range(CALLS):
        begun, working = time.perf_counter(), time.process_time()
        call()
        worked.append((time.process_time() - working) * 1000)
        taken.append((time.perf_counter() - begun) * 1000)
    return sorted(taken), sorted(worked)


class Bench:
    def __init__(self, world: World) -> None:
        self.world = world
        self.rows: list[tuple[str, ...]] = [
            ("search", "found", "chats", "median ms", "p95 ms", "CPU p95 ms")
        ]
        self.slowest = self.most_work = 0.0

    def call(self, action: ListArchives, requester: Requester = OWNER) -> ArchivesPage:
        page = apis.call(self.world, requester, action)
        encode(page)
        self.world.commit()
        return page

    def measure(self, name: str, action: ListArchives, requester: Requester = OWNER) -> None:
        page = self.call(action, requester)
        taken, worked = milliseconds(lambda: self.call(action, requester))
        p95, work = taken[int(CALLS * 0.95)], worked[int(CALLS * 0.95)]
        self.slowest = max(self.slowest, p95)
        self.most_work = max(self.most_work, work)
        self.rows.append(
            (
                name,
                f"{page.found_chats:,}",
                str(len(page.chats)),
                f"{statistics.median(taken):.1f}",
                f"{p95:.1f}",
                f"{work:.1f}",
            )
        )

    def deep(self, sort_order: Any) -> None:
        """Walk 300 pages into the archive, and measure that page."""
        page = self.call(ListArchives(limit=100, sort_order=sort_order))
        last = None
        for _ in range(300):
            if page.next_page_id is None:
                break
            last = page.next_page_id
            page = self.call(ListArchives(page_id=last))
        if last is not None:
            self.measure(f"300 pages deep, {sort_order}", ListArchives(page_id=last))


def bench(world: World) -> str:
    run = Bench(world)
    # As `frontdesk sandbox` does: a search for garbage through everything takes 25 ms.
    gc.freeze()
    for name, filters in searches(world).items():
        asked = convert(filters, ArchivesFilters)
        limit = {} if "thread_ids" in filters else {"limit": 100}
        run.measure(name, ListArchives(filters=asked, **limit))
    order = ArchivesFilters(query="order")
    run.measure(
        "query with highlights", ListArchives(filters=order, limit=100, highlights=Highlights())
    )
    run.measure("oldest first", ListArchives(limit=100, sort_order="asc"))
    run.measure("query, oldest first", ListArchives(filters=order, limit=100, sort_order="asc"))
    run.measure("agent of some groups", ListArchives(limit=100), AGENT)
    run.measure("agent of some groups, query", ListArchives(filters=order, limit=100), AGENT)
    for sort_order in ("desc", "asc"):
        run.deep(sort_order)
    title = f"list_archives over {world.store.threads.count():,} threads"
    slowest = f"slowest p95: {run.slowest:.1f} ms, CPU {run.most_work:.1f} ms (goal: {GOAL} ms)"
    return f"{table(title, run.rows)}\n{slowest}\n"


def run(threads: int = THREADS, db: Path | None = None) -> str:
    with tempfile.TemporaryDirectory() as folder:
        path = db or Path(folder) / "archives.db"
        is_new = not path.exists()
        begun, working = time.perf_counter(), time.process_time()
        world = new_world(f"bulk:{threads}", path=path)
        seeded, worked = time.perf_counter() - begun, time.process_time() - working
        world.store.close()
        begun = time.perf_counter()
        world = new_world("empty", path=path)
        opened = time.perf_counter() - begun
        report = bench(world)
        world.store.close()
        size = path.stat().st_size / 1e6
    first = f"seeded in {seeded:.1f} s (CPU {worked:.1f} s), " if is_new else ""
    return f"{report}{first}opened in {opened * 1000:.0f} ms, {size:.0f} MB\n"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=THREADS)
    parser.add_argument("--db", type=Path)
    chosen = parser.parse_args()
    print(run(chosen.threads, chosen.db))
