"""Webhooks seen before: LiveChat repeats a delivery and gives it no id."""

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from hashlib import blake2b
from typing import Protocol

from frontdesk.decoding import encode
from frontdesk.webhooks._parsing import UnknownWebhook, Webhook
from frontdesk.webhooks._payloads import Payload
from frontdesk.webhooks._subjects import state_of

__all__ = ["MemorySeen", "SeenStore", "Trace", "digest_of"]


class SeenStore(Protocol):
    """Where a receiver remembers what it has seen; shared when several processes receive.

    One operation, which must be atomic. With Redis it is ``SET key value EX seconds GET``.
    """

    def swap(
        self, key: bytes, value: bytes, seconds: int
    ) -> bytes | Awaitable[bytes | None] | None:
        """Keep ``value`` under ``key`` for some seconds; return what was there, None if nothing."""
        ...


class MemorySeen:
    """Remembers in this process.

    ``limit``: how many entries at most; the oldest go first. An entry takes about 250 bytes, and a
    webhook one or two entries.
    """

    def __init__(self, limit: int = 100_000, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = limit
        self._clock = clock
        self._entries: OrderedDict[bytes, tuple[bytes, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def swap(self, key: bytes, value: bytes, seconds: int) -> bytes | None:
        """Keep ``value`` under ``key`` for some seconds; return what was there, None if nothing."""
        now = self._clock()
        entries = self._entries
        before, until = entries.pop(key, (None, 0.0))
        entries[key] = (value, now + seconds)
        while len(entries) > self._limit or next(iter(entries.values()))[1] <= now:
            entries.popitem(last=False)
        return before if until > now else None


class Trace:
    """What is remembered of one webhook.

    The body tells webhooks apart, since there is no delivery id. A body that tells a state
    (*tagged*, *accepting chats*) may rightly come again once the state has changed in between;
    such a body is a repeat only while it is the latest word on its state.
    """

    __slots__ = ("body", "slot", "state")

    def __init__(self, webhook: Webhook[Payload] | UnknownWebhook, digest: bytes) -> None:
        self.body = b"b" + digest
        self.slot = self.state = b""
        subject = None if isinstance(webhook, UnknownWebhook) else state_of(webhook.payload)
        if subject is not None:
            self.slot = b"s" + digest_of("\0".join((webhook.organization_id, *subject)).encode())
            self.state = digest_of(webhook.action.encode() + encode(webhook.payload))


def digest_of(data: bytes) -> bytes:
    """Shorten data to 16 bytes that no other data has."""
    return blake2b(data, digest_size=16).digest()
