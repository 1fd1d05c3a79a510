"""Journals that killed processes leave, and what is taken over from them."""

import asyncio
from pathlib import Path
from typing import Any

from frontdesk.webhooks import IncomingEvent, Journal, Receiver, UnknownWebhook, Webhook

from ._bodies import SECRET
from ._faulty_disk import crash


async def accept(folder: Path, *bodies: bytes, handle: int = 0) -> None:
    """Accept webhooks, handle the first few of them, and be killed."""
    journal = Journal(folder)
    receiver = Receiver(SECRET, journal=journal, concurrency=1)
    handled = 0
    release = asyncio.Event()

    @receiver.on()
    async def work(webhook: object) -> None:
        nonlocal handled
        if handled == handle:
            await release.wait()
        handled += 1

    await receiver.start()
    for data in bodies:
        assert (await receiver.handle(data)).status == 200
    while handled < handle:
        await asyncio.sleep(0)
    await asyncio.sleep(0)
    crash(journal)
    await receiver.close(0)


async def take_up(folder: Path, *more: bytes) -> list[str]:
    """Start again, accept more, and return what was handled."""
    receiver = Receiver(SECRET, journal=folder)
    handled: list[str] = []

    @receiver.on()
    async def note(webhook: Webhook[Any] | UnknownWebhook) -> None:
        payload = webhook.payload
        is_event = isinstance(payload, IncomingEvent)
        handled.append(payload.event.text if is_event else webhook.action)

    await receiver.start()
    for data in more:
        assert (await receiver.handle(data)).status == 200
    assert await receiver.close(5) == 0
    return handled


def pending(folder: Path) -> list[bytes]:
    """What a new process finds to do; it is killed as well."""
    journal = Journal(folder)
    entries = journal.open()
    crash(journal)
    return [entry.content for entry in entries if entry.ticket is not None]


def leave(folder: Path, *contents: bytes, done: tuple[int, ...] = ()) -> str:
    """Leave a file as a killed process does, with some of its webhooks done; returns its name."""
    journal = Journal(folder)
    tickets = [journal.add(content) for content in contents]
    for n in done:
        journal.done(tickets[n])
    (name,) = journal._segments
    crash(journal)
    return name
