"""Memory of an app for many organizations: what each of 500 costs, in a process of its own.

Each has an installation and tokens in the memory of the process, a client, and has made a call.
"""

import asyncio
import gc
import json
import resource
import subprocess
import sys
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks._measure import table
from frontdesk import AsyncOAuth, OAuth
from frontdesk.auth import MemoryTokenStore, TokenGrant
from frontdesk.installations import AsyncClients, Clients, InstallationStore
from frontdesk.transport import Reply, Request

ORGANIZATIONS = 500
WARM_UP = 20
MOST = 50.0
SCOPES = ("chats--all:rw", "chats--access:rw", "customers:rw", "webhooks.configuration:rw")
CHATS = b'{"chats_summary": [], "found_chats": 0}'
HEADERS = {"content-type": "application/json"}


class Service:
    """Responds to every request as if there were no chats."""

    def send(self, request: Request) -> Reply:
        return Reply(200, HEADERS, CHATS)

    def close(self) -> None:
        pass


class AsyncService:
    async def send(self, request: Request) -> Reply:
        return Reply(200, HEADERS, CHATS)

    async def close(self) -> None:
        pass


def install(store: InstallationStore, first: int, count: int) -> list[str]:
    """Install the app for some organizations; tokens are as long as LiveChat's."""
    now = datetime.now(UTC)
    return [
        store.add(
            TokenGrant(
                access_token=f"dal:{number:043d}",
                refresh_token=f"dal:refresh-{number:056d}",
                scopes=SCOPES,
                account_id=f"5c9871d5-372c-824c-bf22-{number:012d}",
                organization_id=f"390e44e6-f1e6-0368c-z6ddb-{number:012d}",
                client_id="0805e283233042b37f460ed8fbf22160",
                issued_at=now,
                expires_in=28_800.0,
                id=f"{number:016x}",
            )
        ).organization_id
        for number in range(first, first + count)
    ]


def serve_sync(first: int, count: int, clients: Any) -> None:
    for organization_id in install(clients.store, first, count):
        clients.of(organization_id).list_chats()


async def serve_async(first: int, count: int, clients: Any) -> None:
    for organization_id in install(clients.store, first, count):
        client = await clients.of(organization_id)
        await client.list_chats()


def resident() -> float:
    """Return the kB of this process that are in memory."""
    statm = Path("/proc/self/statm")
    if statm.exists():
        return int(statm.read_text().split()[1]) * resource.getpagesize() / 1024
    return float(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def measure(kind: str, *, traced: bool) -> float:
    """Return the kB that an organization costs: of Python's objects, or of the whole process."""
    store = InstallationStore(MemoryTokenStore())
    address = {"base_url": "http://127.0.0.1:9", "proxy": ""}
    clients: Any
    if kind == "sync":
        oauth = OAuth("0805e283233042b37f460ed8fbf22160", "secret-secret")
        clients = Clients(store, oauth=oauth, transport=Service(), **address)
    else:
        async_oauth = AsyncOAuth("0805e283233042b37f460ed8fbf22160", "secret-secret")
        clients = AsyncClients(store, oauth=async_oauth, transport=AsyncService(), **address)

    def serve(first: int, count: int) -> None:
        if kind == "sync":
            serve_sync(first, count, clients)
        else:
            runner.run(serve_async(first, count, clients))

    def used() -> float:
        gc.collect()
        return tracemalloc.get_traced_memory()[0] / 1024 if traced else resident()

    with asyncio.Runner() as runner:
        serve(0, WARM_UP)
        if traced:
            tracemalloc.start()
        before = used()
        serve(WARM_UP, ORGANIZATIONS)
        after = used()
    assert len(clients.meters()) == WARM_UP + ORGANIZATIONS
    return (after - before) / ORGANIZATIONS


def in_a_process(kind: str, what: str) -> float:
    command = [sys.executable, "-m", "benchmarks.installations", kind, what]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(json.loads(done.stdout))


def run() -> str:
    rows = [("clients", "Python objects", "resident memory", "at most")]
    for kind in ("sync", "async"):
        figures = [in_a_process(kind, what) for what in ("traced", "resident")]
        rows.append((kind, *(f"{figure:.1f} kB" for figure in figures), f"{MOST:.0f} kB"))
    return table(f"Each of {ORGANIZATIONS} organizations", rows)


if __name__ == "__main__":
    if len(sys.argv) > 2:
        print(json.dumps(measure(sys.argv[1], traced=sys.argv[2] == "traced")))
    else:
        print(run())
