"""A receiver behind uvicorn, for the benchmark; every handler takes 200 ms.

Arguments: the secret, and one of ``KINDS``. Prints its port, and when its standard input ends, what
it has done.
"""

import asyncio
import json
import resource
import socket
import sys
import tempfile
from typing import Any

import uvicorn
import uvloop

from benchmarks._sqlite_journal import SqliteJournal
from frontdesk.webhooks import IncomingEvent, Journal, Receiver, Webhook
from frontdesk.webhooks.adapters.asgi import asgi_app

HANDLER_SECONDS = 0.2
KINDS = ("bare", "receiver", "journal", "journal, synced", "sqlite", "sqlite, synced")


async def bare(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Read the body and acknowledge it: what uvicorn takes by itself."""
    if scope["type"] != "http":
        await receive()
        return
    while (await receive()).get("more_body"):
        pass
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"3")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"ok\n"})


def journal_of(kind: str, directory: str) -> Any:
    name, _, synced = kind.partition(", ")
    if name == "journal":
        return Journal(directory, sync=bool(synced))
    if name == "sqlite":
        return SqliteJournal(directory, sync=bool(synced))
    return None


def cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def main(secret: str, kind: str, directory: str) -> None:
    journal = journal_of(kind, directory)
    receiver = Receiver(secret, concurrency=5_000, capacity=50_000, journal=journal)

    @receiver.on(IncomingEvent)
    async def handle(_: Webhook[IncomingEvent]) -> None:
        await asyncio.sleep(HANDLER_SECONDS)

    bound = socket.create_server(("127.0.0.1", 0))
    app = bare if kind == "bare" else asgi_app(receiver, "/webhooks")
    config = uvicorn.Config(
        app,
        http="httptools",
        lifespan="off" if kind == "bare" else "on",
        access_log=False,
        log_level="error",
    )
    server = uvicorn.Server(config)
    print(bound.getsockname()[1], flush=True)
    loop = asyncio.get_running_loop()

    def ended() -> None:
        loop.remove_reader(sys.stdin)
        server.should_exit = True

    loop.add_reader(sys.stdin, ended)
    before = cpu_seconds()
    await server.serve(sockets=[bound])
    done = {
        "accepted": receiver.counts.accepted,
        "handled": receiver.counts.handled,
        "cpu": cpu_seconds() - before,
    }
    print(json.dumps(done), flush=True)


if __name__ == "__main__":
    # On a disk: a directory in memory would make `fsync` free.
    with tempfile.TemporaryDirectory(dir=".") as directory:
        uvloop.run(main(sys.argv[1], sys.argv[2], directory))
