"""What a bot works on: a webhook or push that waits for its handler."""

import os
import secrets
import time
from itertools import count

import msgspec
from msgspec import Raw, Struct

from frontdesk.codec.damage import DamageReports
from frontdesk.codec.decoding import encode
from frontdesk.errors import DecodeError
from frontdesk.webhooks.handlers import AnyWebhook
from frontdesk.webhooks.ordering_keys import ordering_key
from frontdesk.webhooks.parsing import read_webhook

__all__ = ["QueueItem", "key_of", "new_item", "read_item", "write_item"]

FORMAT = 1
SEPARATOR = "/"


class QueueItem(Struct, frozen=True, kw_only=True, gc=False):
    """A webhook that a bot has accepted."""

    id: str
    """Tells it from every other; one for each accepted request, the same in each attempt to publish
    it. Never made of the body: a tag that is added, removed and added again is three webhooks, two
    of which are equal."""
    key: str
    """What it is handled in order with, such as ``organization/chat/PJ0MRSHTDG``."""
    webhook: AnyWebhook
    """What happened; pushes come in the same form. It has no secret."""
    accepted_at: float
    """When it was accepted, in seconds since 1970."""
    digest: str = ""
    """A digest of the body that was accepted, in hex, where repeated deliveries are recognized by
    it; empty for what is never delivered twice."""
    is_replayed: bool = False
    """Whether it was a dead letter: parts of it may have been done before."""


class _Written(Struct, kw_only=True):
    format: int
    id: str
    key: str
    accepted_at: float
    digest: str = ""
    is_replayed: bool = False
    webhook: Raw


_decode = msgspec.json.Decoder(_Written).decode
_numbers = count(1)
_process = secrets.token_urlsafe(9)
"""Random, so that no other process has the same ids."""


def _renew_process() -> None:
    global _process  # noqa: PLW0603 - a forked child must not count on in its parent's name
    _process = secrets.token_urlsafe(9)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_process)


def key_of(webhook: AnyWebhook) -> str:
    """Name what a webhook is handled in order with: its chat, agent, customer, and so on."""
    return SEPARATOR.join(ordering_key(webhook))


def new_item(webhook: AnyWebhook, *, id: str | None = None, digest: str = "") -> QueueItem:
    """Make an item of a webhook that was accepted just now."""
    return QueueItem(
        id=id or f"{_process}-{next(_numbers)}",
        key=key_of(webhook),
        webhook=webhook,
        accepted_at=time.time(),
        digest=digest,
    )


def write_item(item: QueueItem) -> bytes:
    """Return an item as JSON, for a queue outside of this process."""
    return encode(
        _Written(
            format=FORMAT,
            id=item.id,
            key=item.key,
            accepted_at=item.accepted_at,
            digest=item.digest,
            is_replayed=item.is_replayed,
            webhook=Raw(encode(item.webhook)),
        )
    )


def read_item(data: bytes) -> QueueItem:
    """Return the item of its JSON.

    Raises:
        DecodeError: It is no item, or one of a later version of frontdesk.
    """
    try:
        written = _decode(data)
    except msgspec.DecodeError as error:
        raise DecodeError(f"no item of a bot's queue: {error}") from None
    if written.format != FORMAT:
        raise DecodeError(f"an item of format {written.format}; this version reads {FORMAT}")
    webhook = read_webhook(bytes(written.webhook), DamageReports())
    return QueueItem(
        id=written.id,
        key=written.key,
        webhook=webhook,
        accepted_at=written.accepted_at,
        digest=written.digest,
        is_replayed=written.is_replayed,
    )
