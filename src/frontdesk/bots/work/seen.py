"""Repeated deliveries that the worker recognizes, where several processes receive."""

import time

from frontdesk.bots.items import QueueItem
from frontdesk.bots.states.record import ChatRecord
from frontdesk.webhooks.deduplication import Deduplicator, Trace

__all__ = ["is_repeat"]

WINDOW = 300
"""Seconds for which a webhook is remembered, as by a receiver."""
MOST = 256
"""Entries that are kept for a chat; the oldest go first."""


class _RecordSeen:
    """A ``SeenStore`` in a chat's record: it is stored with what the webhook changes."""

    def __init__(self, seen: dict[str, tuple[float, str]]) -> None:
        self._seen = seen

    def swap(self, key: bytes, value: bytes, seconds: int) -> bytes | None:
        """Keep ``value`` under ``key`` for some seconds; return what was there."""
        now = time.time()
        name = key.hex()
        until, before = self._seen.pop(name, (0.0, ""))
        self._seen[name] = (now + seconds, value.hex())
        return bytes.fromhex(before) if until > now else None


async def is_repeat(record: ChatRecord, item: QueueItem) -> bool:
    """Tell whether the chat's webhook was accepted before, and remember it."""
    if item.is_replayed:
        return False
    now = time.time()
    seen = {key: entry for key, entry in (record.seen or {}).items() if entry[0] > now}
    trace = Trace(item.webhook, bytes.fromhex(item.digest))
    repeated = await Deduplicator(_RecordSeen(seen), WINDOW).check(trace)
    record.seen = dict(list(seen.items())[-MOST:])
    return repeated
