"""What a bot sends: ids by which a reply is recognized, and texts that are too long."""

import re
from hashlib import blake2b
from typing import Any, Final, Literal

import msgspec
from msgspec import UNSET

from frontdesk.errors import InvalidArgument
from frontdesk.models import Message, NewEvent
from frontdesk.models.events.new_event import MAX_TEXT_BYTES

__all__ = ["LongText", "custom_id_of", "events_of", "split_text"]

LongText = Literal["refuse", "split"]
PREFIX: Final = "frontdesk-"
BREAKS: Final = (
    re.compile(r"\n\s*\n"),
    re.compile(r"\n"),
    re.compile(r"(?<=[.!?]) "),
    re.compile(r"\s"),
)


def custom_id_of(subject: str, number: int) -> str:
    """Return the id of a reply: made of what it replies to, and of how many came before."""
    digest = blake2b(subject.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()
    return f"{PREFIX}{digest}-{number}"


def events_of(content: str | NewEvent, long: LongText) -> list[Any]:
    """Return the events to send for what a handler replies.

    Raises:
        InvalidArgument: It is neither a text nor an event, or a text that is empty or too long.
    """
    if long not in ("refuse", "split"):
        raise InvalidArgument("long", f'must be "refuse" or "split", not {long!r}')
    if isinstance(content, Message):
        parts = _parts(content.text, long)
        return [msgspec.structs.replace(content, text=part) for part in parts]
    if isinstance(content, str):
        return [Message(part) for part in _parts(content, long)]
    if not hasattr(content, "custom_id") or not hasattr(content, "visibility"):
        raise InvalidArgument(
            "content", f"must be a text or an event to send, not {type(content).__name__}"
        )
    return [content]


def with_custom_id(event: Any, custom_id: str) -> Any:
    """Return an event with a custom id; one that has its own keeps it."""
    if event.custom_id is not UNSET:
        return event
    return msgspec.structs.replace(event, custom_id=custom_id)


def _parts(text: str, long: LongText) -> list[str]:
    if not text.strip():
        raise InvalidArgument("text", "must not be empty")
    size = len(text.encode("utf-8", "surrogatepass"))
    if size <= MAX_TEXT_BYTES:
        return [text]
    if long == "refuse":
        raise InvalidArgument(
            "text",
            f"has {size} bytes of UTF-8, and a message at most {MAX_TEXT_BYTES}; "
            'shorten it, or reply with `long="split"`',
        )
    return split_text(text, MAX_TEXT_BYTES)


def split_text(text: str, limit: int) -> list[str]:
    """Split a text into parts of at most ``limit`` bytes of UTF-8.

    Between paragraphs where that is possible, else between lines, sentences, words, characters.
    """
    parts: list[str] = []
    while len(text.encode("utf-8", "surrogatepass")) > limit:
        head = text.encode("utf-8", "surrogatepass")[:limit].decode("utf-8", "ignore")
        cut = _cut(head)
        part = text[:cut].rstrip()
        if part:
            parts.append(part)
        text = text[cut:].lstrip()
    return [*parts, text] if text else parts


def _cut(head: str) -> int:
    """Return where to cut a text of which this much fits: not in its first half, if possible."""
    for pattern in BREAKS:
        ends = [match.end() for match in pattern.finditer(head, len(head) // 2)]
        if ends:
            return ends[-1]
    return max(1, len(head))
