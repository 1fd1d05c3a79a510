"""An export to Parquet beside what it cannot do without, and beside a plain script.

The responses are recorded once from a sandbox of ``bulk:N``, and replayed to every contender by a
transport of a few lines: what is measured is the client's own work, without the network and the
server. The leanest there can be decodes each page with ``decode(page, ArchivesPage)`` and writes
the finished columns, which lie in memory, as the same files with pyarrow.

``python -m benchmarks.export --threads 100000`` is the size that the goals are for; ``--db FILE``
takes a database of the sandbox, ``--pages FILE`` keeps what was recorded for the next run.
"""

import argparse
import gc
import json
import logging
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
from livechat.agent import AgentWeb

from benchmarks._measure import Samples, ratios, table
from benchmarks._plain_export import PlainExport
from frontdesk import AgentClient, decode
from frontdesk.actions import ListArchives
from frontdesk.archives import TABLES, export, make_job, open_target, read_archives
from frontdesk.archives.plan import first_page, windows
from frontdesk.models import ArchivesPage
from frontdesk.sandbox import Sandbox
from frontdesk.transport import Reply, Request

THREADS = 20_000
ROUNDS = 3
SINCE = datetime(2020, 1, 1, tzinfo=UTC)
LENGTH = 8
"""Bytes that say how long the next page of a recording is."""


class Recording:
    """Pages of the archives in a file, one after the other."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __iter__(self) -> Iterator[bytes]:
        with self.path.open("rb") as file:
            while length := file.read(LENGTH):
                yield file.read(int.from_bytes(length, "big"))

    def record(self, sandbox: Sandbox, since: datetime) -> None:
        """Read the archives as an export does."""
        client, job = sandbox.client(), make_job(since=since)
        with self.path.open("wb") as file:
            for start, end in windows(since, sandbox.now):
                action: ListArchives | None = first_page(job, start, end)
                while action is not None:
                    body = client.raw(action).body
                    file.write(len(body).to_bytes(LENGTH, "big") + body)
                    following = json.loads(body).get("next_page_id")
                    action = ListArchives(page_id=following) if following else None


class Replay:
    """Responds to requests with the pages of a recording."""

    def __init__(self, recording: Recording) -> None:
        self._pages = iter(recording)

    def send(self, request: Request) -> Reply:
        if b"active" in bytes(request.body):  # type: ignore[arg-type]
            return Reply(200, {"content-type": "application/json"}, b'{"found_chats": 0}')
        return Reply(200, {"content-type": "application/json"}, next(self._pages))

    def close(self) -> None: ...


def client_of(recording: Recording) -> AgentClient:
    return AgentClient("dal:benchmark", transport=Replay(recording))


def begin(recording: Recording) -> datetime:
    """Return when the first thread was created: a window before it would be a page more."""
    for page in recording:
        for chat in json.loads(page)["chats"]:
            created: str = chat["thread"]["created_at"]
            return datetime.fromisoformat(created).replace(day=1, hour=0, minute=0, second=0)
    raise AssertionError("nothing was recorded")


def frontdesk_export(recording: Recording, since: datetime, folder: Path) -> None:
    target = open_target(folder, format="parquet")
    export(client_of(recording), target, make_job(since=since.replace(microsecond=0)))


def frontdesk_read(recording: Recording, since: datetime) -> None:
    for _ in read_archives(client_of(recording), since=since.replace(microsecond=0)):
        pass


def bare_decode(recording: Recording) -> None:
    for page in recording:
        decode(page, ArchivesPage)


Finished = list[tuple[Path, pa.Table]]


def finished_columns(folder: Path) -> Finished:
    """Read the files of an export into memory."""
    made: Finished = []
    for name in TABLES:
        for path in sorted((folder / name).glob("date=*/*.parquet")):
            with path.open("rb") as file:
                made.append((path.relative_to(folder), pq.ParquetFile(file).read()))
    return made


def bare_write(columns: Finished, folder: Path) -> None:
    """Write the same files; with pyarrow's own defaults."""
    for path, rows in columns:
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(rows, target)


def official_script(recording: Recording, since: datetime, folder: Path) -> None:
    """What a careful script with lc-sdk-python does."""
    pages = iter(recording)
    official: Any = AgentWeb.get_client(access_token="dal:benchmark", version="3.6")
    official.session = httpx.Client(
        transport=httpx.MockTransport(lambda _: httpx.Response(200, content=next(pages))),
        headers=official.session.headers,
    )
    written = PlainExport(folder)
    for start, end in windows(since, datetime.now(UTC)):
        filters = {"from": start.isoformat(), "to": end.isoformat()}
        try:
            page = official.list_archives(filters=filters, limit=100, sort_order="asc").json()
        except StopIteration:
            break
        while True:
            for chat in page["chats"]:
                written.add(chat)
            if not page.get("next_page_id"):
                break
            page = official.list_archives(page_id=page["next_page_id"]).json()
    written.close()


def measured(work: Callable[[], object]) -> float:
    """Return the CPU of this process, in microseconds."""
    gc.collect()
    began = time.process_time()
    work()
    return (time.process_time() - began) * 1e6


def compare(recording: Recording, since: datetime, scratch: Path, rounds: int) -> str:
    """Every contender in every round."""
    reading, whole, decoding, bare, plain = (Samples() for _ in range(5))
    frontdesk_export(recording, since, scratch / "first")
    columns = finished_columns(scratch / "first")
    rows = sum(table.num_rows for path, table in columns if path.parts[0] == "threads")
    threads = ds.dataset(scratch / "first" / "threads", partitioning="hive").count_rows()
    assert rows == threads
    for number in range(rounds):
        own, least, other = (scratch / f"{name}{number}" for name in ("own", "bare", "plain"))
        reading.append(measured(lambda: frontdesk_read(recording, since)) / threads)
        whole.append(measured(lambda own=own: frontdesk_export(recording, since, own)) / threads)
        decoded = measured(lambda: bare_decode(recording)) / threads
        decoding.append(decoded)
        written = measured(lambda least=least: bare_write(columns, least)) / threads
        bare.append(decoded + written)
        plain.append(
            measured(lambda other=other: official_script(recording, since, other)) / threads
        )
        for folder in (own, least, other):
            shutil.rmtree(folder)
    title = f"Exporting {threads:,} threads to {len(columns):,} files of Parquet"
    exported = ratios(
        title,
        {
            "frontdesk": whole,
            "bare `decode` and pyarrow's write": bare,
            "lc-sdk-python, `json` and `csv`": plain,
        },
        {
            "bare `decode` and pyarrow's write": "at most 1.5x",
            "lc-sdk-python, `json` and `csv`": "at most 0.5x",
        },
        unit="CPU a thread",
    )
    title = f"Reading {threads:,} threads as record batches"
    read = ratios(title, {"frontdesk": reading, "bare `decode`": decoding}, {}, unit="CPU a thread")
    return f"{exported}\n{read}"


MEASURE = """
import re, sys
from pathlib import Path
import pyarrow
if len(sys.argv) > 1:
    from datetime import datetime
    from benchmarks.export import Recording, frontdesk_export
    recording, since = Recording(Path(sys.argv[1])), datetime.fromisoformat(sys.argv[2])
    frontdesk_export(recording, since, Path(sys.argv[3]))
# Not `ru_maxrss`: a process begins with that of the one that started it.
print(re.search(r"VmHWM:\\s*(\\d+)", Path("/proc/self/status").read_text())[1])
"""


def peak(*arguments: str) -> float:
    """Return the peak memory of a process of its own, in MB."""
    command = [sys.executable, "-c", MEASURE, *arguments]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    return int(result.stdout) / 1024


def memory(recording: Recording, since: datetime, scratch: Path) -> str:
    bare = peak()
    ours = peak(str(recording.path), since.isoformat(), str(scratch / "memory"))
    rows = [
        ("process", "peak memory", "above", "target"),
        ("`import pyarrow`", f"{bare:.0f} MB", "", ""),
        ("the export", f"{ours:.0f} MB", f"{ours - bare:.0f} MB", "at most 150 MB"),
    ]
    return table("Memory of an export", rows)


def run(
    threads: int = THREADS,
    db: Path | None = None,
    pages: Path | None = None,
    rounds: int = ROUNDS,
) -> str:
    logging.getLogger("httpx").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        recording = Recording(pages or scratch / "pages")
        if not recording.path.exists():
            with Sandbox(f"bulk:{threads}", db=db) as sandbox:
                chats = sandbox.client().list_archives(limit=1, sort_order="asc").chats
                first = chats[0].thread.created_at
                start = first.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
                recording.record(sandbox, start)
        since = begin(recording)
        return f"{compare(recording, since, scratch, rounds)}\n{memory(recording, since, scratch)}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=THREADS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--db", type=Path)
    parser.add_argument("--pages", type=Path)
    chosen = parser.parse_args()
    print(run(chosen.threads, chosen.db, chosen.pages, chosen.rounds))
