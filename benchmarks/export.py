"""An export to Parquet beside what it cannot do without, and beside a plain script.

The responses are recorded once from a sandbox of ``bulk:N``, and replayed to every contender by a
transport of a few lines: what is measured is the client's own work, without the network and the
server.

- The export: requests, damage, positions, a spool that survives ``kill -9``, files by day.
- The leanest there can be: ``decode(page, ArchivesPage)`` of the same pages, and pyarrow's write of
  the finished columns, which lie in memory, as the same files with the same settings (compression,
  columns with a dictionary and with statistics), which are read from the files of the export. Its
  rows are compared with those of the export after the first round.
- A careful script with lc-sdk-python, `json` and `csv`, which writes the same tables, a CSV file
  each; its rows are counted after the first round. It writes a user once a chat, the export once a
  day; it can neither resume nor survive a damaged chat.

``python -m benchmarks.export --threads 100000`` is the large size; ``--db FILE`` takes a database
of the sandbox, ``--pages FILE`` keeps what was recorded for the next run. ``TMPDIR=/dev/shm`` keeps
a slow disk out of it. The memory is that of a process that imports what an export needs alone.
"""

import argparse
import csv
import gc
import logging
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
from livechat.agent import AgentWeb

from benchmarks._measure import Samples, ratios, table
from benchmarks._plain_export import PlainExport
from benchmarks._recording import Recording, client_of, frontdesk_export
from frontdesk import decode
from frontdesk.archives import TABLES, read_archives
from frontdesk.archives.plan import windows
from frontdesk.models import ArchivesPage
from frontdesk.sandbox import Sandbox

THREADS = 20_000
ROUNDS = 3


def frontdesk_read(recording: Recording, since: datetime) -> None:
    for _ in read_archives(client_of(recording), since=since):
        pass


def bare_decode(recording: Recording) -> None:
    for page in recording:
        decode(page, ArchivesPage)


class Finished(NamedTuple):
    """The rows of a file of an export, and how they were written."""

    path: Path
    rows: pa.Table
    compression: str
    with_dictionary: list[str]
    with_statistics: list[str]


def finished_columns(folder: Path) -> list[Finished]:
    """Read the files of an export into memory."""
    made: list[Finished] = []
    for name in TABLES:
        for path in sorted((folder / name).glob("date=*/*.parquet")):
            with path.open("rb") as file:
                parquet = pq.ParquetFile(file)
                group = parquet.metadata.row_group(0)
                columns = [group.column(n) for n in range(group.num_columns)]
                names = [one.path_in_schema for one in columns if one.has_dictionary_page]
                counted = [one.path_in_schema for one in columns if one.is_stats_set]
                compression = columns[0].compression
                name_in_folder = path.relative_to(folder)
                made.append(Finished(name_in_folder, parquet.read(), compression, names, counted))
    return made


def bare_write(columns: list[Finished], folder: Path) -> None:
    """Write the same files with the same settings."""
    for path, rows, compression, with_dictionary, with_statistics in columns:
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(
            rows,
            target,
            compression=compression,
            use_dictionary=with_dictionary,
            write_statistics=with_statistics,
            store_schema=False,
        )


def check_rows(columns: list[Finished], bare: Path, plain: Path) -> None:
    """Check that all contenders wrote the same rows."""
    for finished, again in zip(columns, finished_columns(bare), strict=True):
        assert finished == again, finished.path
    for name in TABLES:
        with (plain / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            lines = csv.reader(file)
            next(lines)
            written = [tuple(line[:2]) for line in lines]
        # The script has a user of a day once a chat.
        count = len(set(written)) if name == "users" else len(written)
        ours = sum(one.rows.num_rows for one in columns if one.path.parts[0] == name)
        assert count == ours, f"{name}: {count} rows in CSV, {ours} in Parquet"


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
    threads = sum(one.rows.num_rows for one in columns if one.path.parts[0] == "threads")
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
        if number == 0:
            check_rows(columns, least, other)
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
    from benchmarks._recording import Recording, frontdesk_export
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
                client = sandbox.client()
                first = client.list_archives(limit=1, sort_order="asc").chats[0].thread
                recording.record(client, first.created_at.replace(day=1), sandbox.now)
        since = recording.begin()
        return f"{compare(recording, since, scratch, rounds)}\n{memory(recording, since, scratch)}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=THREADS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--db", type=Path)
    parser.add_argument("--pages", type=Path)
    chosen = parser.parse_args()
    print(run(chosen.threads, chosen.db, chosen.pages, chosen.rounds))
