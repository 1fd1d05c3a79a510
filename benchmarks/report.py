"""A report over an export of 100,000 threads and 1,000,000 events, in a process of its own.

``python -m benchmarks.report --export DIR`` reports on an export that is there; ``--threads`` makes
one with more or fewer. Every row is one run of the command over a year of archives, with its page:
the whole year, and half of it beside the half before.
"""

import argparse
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from benchmarks._measure import table
from frontdesk.archives import TABLES, ArchivePage, Job, Position, open_target

THREADS = 100_000
EVENTS = 10
PAGE = 100
GOAL = 10
"""Seconds that a report may take."""
SINCE = datetime(2025, 1, 1, tzinfo=UTC)
DAYS = 365
PERIODS = {
    "the year, nothing before": ("2025-01-01", "2026-01-01"),
    "half a year against the half before": ("2025-07-02", "2025-12-31"),
}


def make_export(folder: Path, threads: int) -> None:
    """Write an export through its own target: what reading it from an API would have written."""
    dice = random.Random(7)
    until = SINCE + timedelta(days=DAYS)
    starts = sorted(SINCE + timedelta(days=DAYS * dice.random()) for _ in range(threads))
    target = open_target(folder)
    position = Position(since=SINCE, until=until, window=SINCE)
    target.open()
    target.begin(Job(since=SINCE, until=until), position)
    for number in range(0, threads, PAGE):
        rows = _rows(dice, number, starts[number : number + PAGE])
        position = Position(since=SINCE, until=until, window=starts[number], threads=number + PAGE)
        target.write(ArchivePage(tables=rows, position=position))
    target.finish(Position(since=SINCE, until=until, window=until, threads=threads, done=True))
    target.close()


def _rows(dice: random.Random, first: int, starts: list[datetime]) -> dict[str, pa.RecordBatch]:
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in TABLES}
    for number, start in enumerate(starts, start=first):
        ids = {"date": start.date(), "thread_id": f"T{number:08}"}
        customer = f"customer-{dice.randrange(30_000)}"
        agent = f"agent{dice.randrange(20)}@example.com"
        rows["threads"].append(
            {
                **ids,
                "chat_id": f"C{number:08}",
                "created_at": start,
                "events_count": EVENTS,
                "customer_id": customer,
                "group_ids": [dice.randrange(5)],
                "queues_duration": dice.choice([None, None, None, 40]),
                "rating_score": dice.choice([None, None, 1, 1, 0]),
                "unreplied": dice.random() < 0.05,
                "continuous": False,
            }
        )
        seconds = 0.0
        for position in range(EVENTS):
            is_last, is_agent = position == EVENTS - 1, position % 2
            rows["events"].append(
                {
                    **ids,
                    "event_id": f"{ids['thread_id']}_{position}",
                    "position": position,
                    "created_at": start + timedelta(seconds=seconds),
                    "type": "system_message" if is_last else "message",
                    "system_message_type": "manual_archived_agent" if is_last else None,
                    "author_id": None if is_last else agent if is_agent else customer,
                    "author_type": None if is_last else "agent" if is_agent else "customer",
                    "visibility": "all",
                    "text": f"Line {position} of what was said in chat {number}, {dice.random()}",
                    "properties": '{"lc2":{"welcome_message":true}}' if position == 1 else None,
                }
            )
            seconds += dice.expovariate(1 / 30)
        for user, kind in ((customer, "customer"), (agent, "agent")):
            rows["thread_users"].append({**ids, "user_id": user, "type": kind})
            rows["users"].append(
                {"date": ids["date"], "user_id": user, "type": kind, "name": user.partition("@")[0]}
            )
        if dice.random() < 0.5:
            rows["tags"].append({**ids, "tag": f"tag {dice.randrange(8)}"})
        code = dice.choice(["DE", "PL", "US", "FR", "ES", "JP"])
        rows["visits"].append({**ids, "country": code, "country_code": code})
    return {
        name: pa.RecordBatch.from_pylist(each, schema=TABLES[name].schema)
        for name, each in rows.items()
    }


def run(threads: int = THREADS, export: Path | None = None) -> str:
    with tempfile.TemporaryDirectory() as folder:
        path = export or Path(folder) / "chats"
        if not path.exists():
            make_export(path, threads)
        rows: list[tuple[str, ...]] = [("report", "seconds", "CPU seconds", "page")]
        slowest = 0.0
        for name, (since, until) in PERIODS.items():
            page = Path(folder) / "report.html"
            command = [sys.executable, "-m", "frontdesk", "report", os.fspath(path)]
            command += ["--since", since, "--until", until, "--timezone", "UTC"]
            command += ["--html", os.fspath(page)]
            begun, worked = time.perf_counter(), _children()
            subprocess.run(command, check=True, capture_output=True)
            taken = time.perf_counter() - begun
            slowest = max(slowest, taken)
            size = f"{page.stat().st_size / 1000:.0f} kB"
            rows.append((name, f"{taken:.1f}", f"{_children() - worked:.1f}", size))
    title = f"report over {threads:,} threads, {threads * EVENTS:,} events"
    return f"{table(title, rows)}\nslowest: {slowest:.1f} s (goal: {GOAL} s)\n"


def _children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=THREADS)
    parser.add_argument("--export", type=Path)
    chosen = parser.parse_args()
    print(run(chosen.threads, chosen.export))
