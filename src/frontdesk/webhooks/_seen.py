"""Webhooks seen before: LiveChat repeats a delivery and gives it no id."""

import time
from collections.abc import Awaitable, Callable
from hashlib import blake2b
from struct import Struct
from typing import Final, Protocol

from frontdesk.decoding import encode
from frontdesk.webhooks._parsing import UnknownWebhook, Webhook
from frontdesk.webhooks._payloads import Payload
from frontdesk.webhooks._subjects import state_of

__all__ = ["MemorySeen", "SeenStore", "Trace", "digest_of"]

_UNTIL: Final = Struct("d")


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

    ``limit``: how many entries at most; the oldest half goes at once. An entry takes about 200
    bytes, and a webhook one or two entries.
    """

    def __init__(self, limit: int = 100_000, clock: Callable[[], float] = time.monotonic) -> None:
        self._half = max(1, limit // 2)
        self._clock = clock
        # Plain dictionaries of bytes cost the garbage collector nothing, however many there are.
        self._young: dict[bytes, bytes] = {}
        self._old: dict[bytes, bytes] = {}

    def __len__(self) -> int:
        return len(self._young.keys() | self._old.keys())

    def swap(self, key: bytes, value: bytes, seconds: int) -> bytes | None:
        """Keep ``value`` under ``key`` for some seconds; return what was there, None if nothing."""
        now = self._clock()
        before = self._young.get(key) or self._old.get(key)
        if len(self._young) >= self._half and key not in self._young:
            self._old, self._young = self._young, {}
        self._young[key] = _UNTIL.pack(now + seconds) + value
        if before is None or _UNTIL.unpack_from(before)[0] <= now:
            return None
        return before[_UNTIL.size :]


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
