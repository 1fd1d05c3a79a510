"""Processes that need a token of a shared store; run by ``test_processes``.

Arguments: the address of the accounts server, the client id, the store (a path, or an address of
Redis), and the numbers of processes and of tasks in each that need the token at once. They are
forks of this one, so that each is there without the time that Python takes to start, and all of
them begin together. Without processes, each line of the input is an order for a child: at which
line of code after the response to be killed (-1 for never).
"""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

from frontdesk.auth import AsyncOAuth, FileTokenStore, OAuth, RedisTokenStore
from frontdesk.core.http_messages import Reply, Request
from frontdesk.errors import LoginRequired
from frontdesk.transport.urllib3 import Urllib3Transport

SECRETS = {"app-secret": "client-secret-5d1f0c", "app-public": None}
PARTS = ("/frontdesk/auth/", "/frontdesk/concurrency/file_locks")
LEASE = 0.3


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


def refresh(url: str, client_id: str, place: str, line: int) -> None:
    """Get a token, and be killed at a line after the response."""
    deadly = Deadly(url, line)
    oauth = OAuth(client_id, SECRETS[client_id], accounts_url=url, transport=deadly)
    source = oauth.token_source(store_of(place))
    source._keeper._lease_seconds = LEASE
    try:
        token = source.token()
    except LoginRequired as error:
        say("login", type(error).__name__)
    else:
        sys.settrace(None)
        say("token", token.authorization, str(deadly.lines))


def at_once(processes: int, work: Callable[[], None]) -> None:
    """Have forks do the work, all of which begin when the last is there."""
    gate, opener = os.pipe()
    children: list[int] = []
    for _ in range(processes):
        child = os.fork()
        if child == 0:
            os.close(opener)
            os.read(gate, 1)  # it ends when nobody holds the opener any more
            work()
            os._exit(0)
        children.append(child)
    os.close(opener)
    for child in children:
        assert os.waitpid(child, 0)[1] == 0


def main() -> None:
    url, client_id, place, processes, tasks = sys.argv[1:]
    # What every child needs is imported once, before the forks.
    import aiohttp  # noqa: F401

    if place.startswith("redis:"):
        import redis  # noqa: F401
    say("ready")
    for order in sys.stdin:
        if int(processes):
            at_once(
                int(processes),
                lambda: say(*asyncio.run(many(url, client_id, store_of(place), int(tasks)))),
            )
            return
        child = os.fork()
        if child == 0:
            refresh(url, client_id, place, int(order))
            os._exit(0)
        say("ended", str(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])))


if __name__ == "__main__":
    main()
