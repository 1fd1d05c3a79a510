"""A receiver behind uvicorn, for the benchmark; every handler takes 200 ms.

Prints its port, and when its standard input ends, what it has done.
"""

import asyncio
import json
import resource
import socket
import sys

import uvicorn
import uvloop

from frontdesk.webhooks import IncomingEvent, Receiver, Webhook
from frontdesk.webhooks.asgi import asgi_app

HANDLER_SECONDS = 0.2


def cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def main(secret: str) -> None:
    receiver = Receiver(secret, concurrency=5_000, capacity=50_000)

    @receiver.on(IncomingEvent)
    async def handle(_: Webhook[IncomingEvent]) -> None:
        await asyncio.sleep(HANDLER_SECONDS)

    bound = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        asgi_app(receiver, "/webhooks"), http="httptools", access_log=False, log_level="error"
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
    uvloop.run(main(sys.argv[1]))
