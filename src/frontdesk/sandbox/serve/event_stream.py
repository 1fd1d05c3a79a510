"""The stream of what happens, ``GET /__sandbox__/events``: Server-Sent Events.

=============== ===================================================================
``hello``       first: ``{process, epoch, last, lost, calls}``; ``lost`` happenings
                since the reader's place are not kept any more, ``null`` if nobody
                can say how many
``happenings``  a list of happenings, oldest first; the ``id`` is the place after it
``state``       the sandbox at a glance, whenever it has changed
``clock``       ``{now}``, every few seconds
=============== ===================================================================

A reader that comes back names its place in the header ``Last-Event-ID`` or as ``?after=``, and gets
what it missed.

Source: https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final, TypeAlias

import msgspec
from msgspec import Struct

from frontdesk.sandbox.backend import Backend
from frontdesk.sandbox.control.console.feed import Feed
from frontdesk.sandbox.control.console.overview import overview
from frontdesk.sandbox.serve.bodies import Receive

__all__ = ["EventStreams", "Place"]

Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]

GATHER: Final = 0.05
"""Seconds in which happenings are gathered, so that busy sandboxes send few and long events."""
STATE_SECONDS: Final = 0.4
"""Seconds between two looks at whether the sandbox has changed."""
IDLE_SECONDS: Final = 2
"""Seconds after which the time is sent, and a change is looked for, when nothing happens."""
LINGER: Final = 300
"""Seconds that happenings are still kept after the last reader has gone."""
_HEADERS: Final = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
]


class Place(Struct, frozen=True):
    """How far a reader has read: ``EPOCH-NUMBER``, as the ``id`` of the events has it."""

    epoch: str = ""
    number: int = 0

    @classmethod
    def of(cls, text: str) -> "Place":
        """Return the place that a text names; that of a new reader if it names none."""
        epoch, _, number = text.partition("-")
        if not epoch or not (number.isascii() and number.isdigit()) or len(number) > 15:  # noqa: PLR2004
            return cls()
        return cls(epoch, int(number))


class EventStreams:
    """Serves the stream to any number of readers.

    Args:
        backend: the sandbox.
        stopping: set when the server stops.
    """

    def __init__(self, backend: Backend, stopping: asyncio.Event) -> None:
        self.feed: Feed = Feed(backend)
        self._backend = backend
        self._stopping = stopping
        self._readers = 0
        self._end: asyncio.TimerHandle | None = None

    async def serve(self, place: Place, receive: Receive, send: Send) -> None:
        """Send what happens after a place until the reader goes or the server stops."""
        self._readers += 1
        if self._end is not None:
            self._end.cancel()
        was_listening = self.feed.listening
        self.feed.listen()
        gone = asyncio.ensure_future(_until_gone(receive))
        stopping = asyncio.ensure_future(self._stopping.wait())
        try:
            await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
            reader = _Reader(self._backend, self.feed, send)
            await reader.greet(place, was_listening=was_listening)
            await reader.read_until(gone, stopping)
            await send({"type": "http.response.body"})
        finally:
            gone.cancel()
            stopping.cancel()
            self._readers -= 1
            if not self._readers:
                self._end = asyncio.get_running_loop().call_later(LINGER, self._rest)

    def close(self) -> None:
        """Keep nothing any more, because the server has stopped."""
        if self._end is not None:
            self._end.cancel()
        self.feed.stop()

    def _rest(self) -> None:
        if not self._readers:
            self.feed.stop()


class _Reader:
    """One reader of the stream."""

    def __init__(self, backend: Backend, feed: Feed, send: Send) -> None:
        self._backend = backend
        self._feed = feed
        self._send = send
        self._place = 0
        self._state = b""
        self._state_due = 0.0

    async def greet(self, place: Place, *, was_listening: bool) -> None:
        same = was_listening and place.epoch == self._feed.epoch
        self._place = min(place.number, self._feed.last) if same else 0
        lost: int | None = self._feed.after(self._place, 0).lost
        self._place += lost or 0
        if place.epoch and not same:
            lost = None
        hello = {
            "process": self._feed.process,
            "epoch": self._feed.epoch,
            "last": self._feed.last,
            "lost": lost,
            "calls": self._backend.recorder.total,
            "now": self._backend.now(),
        }
        await self._event(b"hello", msgspec.json.encode(hello))
        await self._send_state()

    async def read_until(self, *ends: asyncio.Future[Any]) -> None:
        loop = asyncio.get_running_loop()
        news = asyncio.Event()
        stop = self._feed.wake(lambda: loop.call_soon_threadsafe(news.set))
        fresh = asyncio.ensure_future(news.wait())
        try:
            while not any(end.done() for end in ends):
                sent = await self._send_page()
                if loop.time() >= self._state_due:
                    await self._send_state()
                if sent:
                    await asyncio.wait(ends, timeout=GATHER, return_when=asyncio.FIRST_COMPLETED)
                    continue
                if fresh.done():
                    news.clear()
                    fresh = asyncio.ensure_future(news.wait())
                    # What came since the last look has woken nobody.
                    if self._feed.last > self._place:
                        continue
                seconds = self._state_due - loop.time() if self._stale else IDLE_SECONDS
                await asyncio.wait(
                    (fresh, *ends),
                    timeout=max(seconds, GATHER),
                    return_when=asyncio.FIRST_COMPLETED,
                )
        finally:
            stop()
            fresh.cancel()

    _stale = False

    async def _send_page(self) -> bool:
        page = self._feed.after(self._place)
        self._place = page.last
        if not page.happenings:
            return False
        self._stale = True
        content = b"[%s]" % b",".join(page.happenings)
        if page.lost:
            await self._event(b"lost", b"%d" % page.lost)
        await self._event(b"happenings", content, f"{self._feed.epoch}-{page.last}")
        return True

    async def _send_state(self) -> None:
        self._stale = False
        self._state_due = asyncio.get_running_loop().time() + STATE_SECONDS
        with self._backend.lock:
            if self._backend.world.store.closed:
                return
            state = overview(self._backend)
            now = self._backend.now()
        if state != self._state:
            self._state = state
            await self._event(b"state", state)
        await self._event(b"clock", msgspec.json.encode({"now": now}))

    async def _event(self, name: bytes, data: bytes, place: str = "") -> None:
        head = f"id: {place}\n".encode() if place else b""
        # JSON has no line breaks, so it is one line of the event.
        body = b"event: %s\n%sdata: %s\n\n" % (name, head, data)
        await self._send({"type": "http.response.body", "body": body, "more_body": True})


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
