"""Webhooks seen before: LiveChat repeats a delivery and gives it no id."""

import time
from collections.abc import Awaitable, Callable
from hashlib import blake2b
from struct import Struct
from typing import Final, Protocol

from frontdesk.codec.decoding import encode
from frontdesk.spec.arguments import check_count
from frontdesk.webhooks.ordering_keys import is_unreadable_state, states_of
from frontdesk.webhooks.parsing import UnknownWebhook, Webhook
from frontdesk.webhooks.payloads import Payload

__all__ = ["Deduplicator", "MemorySeen", "SeenStore", "Trace", "digest_of"]

_UNTIL: Final = Struct("d")
_PRESENT: Final = b"1"
_UNREADABLE: Final = b"u"
"""The key of the last webhook that changed states without telling which."""
_PENDING: Final = b"?"
"""Stands there while somebody reads it, as a store can do nothing but swap. Only what would be
dropped reads it, so that others need not ask the store more often."""


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

    Raises:
        InvalidArgument: ``limit`` is no number above 0.
    """

    def __init__(self, limit: int = 100_000, clock: Callable[[], float] = time.monotonic) -> None:
        check_count("limit", limit)
        self._half = max(1, limit // 2)
        self._clock = clock
        # Plain dictionaries of bytes cost the garbage collector nothing, however many there are.
        self._young: dict[bytes, bytes] = {}
        self._old: dict[bytes, bytes] = {}

    def __len__(self) -> int:
        return len(self._young.keys() | self._old.keys())

    def swap(self, key: bytes, value: bytes, seconds: int) -> bytes | None:
        """Keep ``value`` under ``key`` for some seconds; return what was there, None if nothing."""
        before = self.get(key)
        if len(self._young) >= self._half and key not in self._young:
            self._old, self._young = self._young, {}
        self._young[key] = _UNTIL.pack(self._clock() + seconds) + value
        return before

    def get(self, key: bytes) -> bytes | None:
        """Return what is kept under ``key``, None if nothing is."""
        kept = self._young.get(key) or self._old.get(key)
        if kept is None or _UNTIL.unpack_from(kept)[0] <= self._clock():
            return None
        return kept[_UNTIL.size :]


class Trace:
    """What is remembered of one webhook.

    The body tells webhooks apart, since there is no delivery id. A body that tells states
    (*tagged*, *accepting chats*, a property) may rightly come again once one of them has changed
    in between; such a body is a repeat only while it is the latest word on all of its states, and
    no webhook came since that changed states and could not be read.
    """

    __slots__ = ("body", "digest", "is_unreadable", "states")

    def __init__(self, webhook: Webhook[Payload] | UnknownWebhook, digest: bytes) -> None:
        self.digest: bytes = digest
        self.body: bytes = b"b" + digest
        self.is_unreadable: bool = is_unreadable_state(webhook)
        self.states: tuple[tuple[bytes, bytes], ...] = tuple(
            (
                b"s" + digest_of("\0".join((webhook.organization_id, *subject)).encode()),
                digest_of(webhook.action.encode() + encode(value)),
            )
            for subject, value in states_of(webhook)
        )


class Deduplicator:
    """Tells repeated deliveries from new webhooks, with the help of a store."""

    def __init__(self, store: SeenStore, window: int) -> None:
        self._store = store
        self._window = window

    @property
    def is_local(self) -> bool:
        """Repeats are recognized at once, before anything is remembered."""
        return type(self._store) is MemorySeen

    def is_repeat(self, trace: Trace) -> bool:
        """Tell whether a webhook is remembered, if ``is_local``; remembers nothing."""
        store = self._store
        if not isinstance(store, MemorySeen):
            return False
        kept = store.get(trace.body)
        if kept is None or (trace.states and kept != (store.get(_UNREADABLE) or _PRESENT)):
            return False
        return all(store.get(slot) == state for slot, state in trace.states)

    def remember(self, trace: Trace) -> None:
        """Remember a webhook, if ``is_local``."""
        store = self._store
        if isinstance(store, MemorySeen):
            for slot, state in trace.states:
                store.swap(slot, state, self._window)
            if trace.is_unreadable:
                store.swap(_UNREADABLE, trace.digest, self._window)
            store.swap(trace.body, store.get(_UNREADABLE) or _PRESENT, self._window)

    def forget(self, trace: Trace) -> None:
        """Let a webhook come again that was remembered and not kept, if ``is_local``."""
        store = self._store
        if isinstance(store, MemorySeen):
            for key in (trace.body, *(slot for slot, _ in trace.states)):
                store.swap(key, _PRESENT, 0)

    async def check(self, trace: Trace) -> bool:
        """Remember a webhook in any store; returns whether it was remembered already.

        Raises what the store raises.
        """
        current = True
        for slot, state in trace.states:
            # Every state is remembered, whatever the others are.
            current = await self._swap(slot, state) == state and current
        seen = await self._swap(trace.body, _PRESENT) is not None
        if trace.is_unreadable:
            return await self._swap(_UNREADABLE, trace.digest) == trace.digest and seen and current
        if not (seen and current):
            return False
        return not trace.states or not await self._is_first_since_unreadable(trace)

    async def _is_first_since_unreadable(self, trace: Trace) -> bool:
        """Tell whether an unreadable webhook came, and this body was not let through since then."""
        latest = await self._swap(_UNREADABLE, _PENDING) or _PRESENT
        if latest == _PENDING:
            # Somebody else reads it now: rather handled twice than lost.
            return True
        newer = await self._swap(_UNREADABLE, latest)
        if newer is not None and newer != _PENDING:
            # An unreadable webhook came in between.
            latest = newer
            await self._swap(_UNREADABLE, latest)
        if latest == _PRESENT:
            return False
        return await self._swap(b"a" + digest_of(latest + trace.body), _PRESENT) is None

    async def _swap(self, key: bytes, value: bytes) -> bytes | None:
        before = self._store.swap(key, value, self._window)
        return before if before is None or isinstance(before, bytes) else await before


def digest_of(data: bytes) -> bytes:
    """Shorten data to 16 bytes that no other data has."""
    return blake2b(data, digest_size=16).digest()
