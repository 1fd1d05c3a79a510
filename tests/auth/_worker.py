"""A process that needs a token of a shared store; run by ``test_processes``.

Arguments: the address of the accounts server, the client id, the store (a path, or an address of
Redis), the number of tasks, and at which line after the response to be killed (-1 for never).
"""

import asyncio
import os
import signal
import sys
from types import FrameType
from typing import Any

from frontdesk.auth import AsyncOAuth, FileTokenStore, OAuth, RedisTokenStore
from frontdesk.core.http_messages import Reply, Request
from frontdesk.errors import LoginRequired
from frontdesk.transport.urllib3 import Urllib3Transport

SECRETS = {"app-secret": "client-secret-5d1f0c", "app-public": None}
PARTS = ("/frontdesk/auth/", "/frontdesk/concurrency/file_locks")
LEASE = 1.0


class Deadly:
    """A transport after whose response the process is killed, so many lines of code later."""

    def __init__(self, url: str, line: int) -> None:
        self.inner = Urllib3Transport(url)
        self.line = line
        self.lines = 0

    def send(self, request: Request) -> Reply:
        reply = self.inner.send(request)
        self.pass_line()
        frame: FrameType | None = sys._getframe()
        while frame is not None:
            frame.f_trace = self.trace
            frame = frame.f_back
        sys.settrace(self.trace)
        return reply

    def trace(self, frame: FrameType, event: str, argument: Any) -> Any:
        if event == "line" and any(part in frame.f_code.co_filename for part in PARTS):
            self.pass_line()
        return self.trace

    def pass_line(self) -> None:
        if self.lines == self.line:
            os.kill(os.getpid(), signal.SIGKILL)
        self.lines += 1

    def close(self) -> None:
        self.inner.close()


def store_of(place: str) -> Any:
    return RedisTokenStore(place) if place.startswith("redis:") else FileTokenStore(place)


async def many(url: str, client_id: str, store: Any, tasks: int) -> set[str]:
    async with AsyncOAuth(client_id, SECRETS[client_id], accounts_url=url) as oauth:
        source = oauth.token_source(store)
        tokens = await asyncio.gather(*(source.token_async() for _ in range(tasks)))
    return {token.authorization for token in tokens}


def say(*words: str) -> None:
    sys.stdout.write(" ".join(words) + "\n")
    sys.stdout.flush()


def main() -> None:
    url, client_id, place, tasks, line = sys.argv[1:]
    store = store_of(place)
    say("ready")
    sys.stdin.readline()
    if int(tasks):
        say(*asyncio.run(many(url, client_id, store, int(tasks))))
        return
    deadly = Deadly(url, int(line))
    oauth = OAuth(client_id, SECRETS[client_id], accounts_url=url, transport=deadly)
    source = oauth.token_source(store)
    source._keeper._lease_seconds = LEASE
    try:
        token = source.token()
    except LoginRequired as error:
        say("login", type(error).__name__)
    else:
        sys.settrace(None)
        say("token", token.authorization, str(deadly.lines))


if __name__ == "__main__":
    main()
