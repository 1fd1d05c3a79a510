"""A chat as messages for a language model."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final, Literal

import msgspec
from msgspec import Struct

from frontdesk.bots.models.contents import MessageParts, parts_of
from frontdesk.bots.models.messages import (
    BETWEEN,
    ModelMessage,
    Role,
    Transcript,
    left_out_message,
    merged,
)
from frontdesk.codec.plain import is_object
from frontdesk.errors import InvalidArgument
from frontdesk.grammar import counted
from frontdesk.models import Agent, Chat, Customer, Event, SystemEvent, SystemMessageEvent, Thread
from frontdesk.models.events.event import DeletedEvent, RestrictedEvent, UnknownEvent
from frontdesk.models.users.user import User
from frontdesk.readable import clean_text, single_line
from frontdesk.rendered.async_agent import AsyncAgentClient
from frontdesk.spec.arguments import check_count, check_flag

__all__ = ["Attachments", "TranscriptSource", "fetch_transcript", "transcript"]

Attachments = Literal["describe", "omit"]
TranscriptSource = Chat | Thread | Iterable[Thread] | Iterable[Event]

LIMIT_MESSAGES: Final = 50
LIMIT_CHARACTERS: Final = 24_000
"""About 6,000 tokens of English."""
AGENT_ID: Final = re.compile(r"[0-9a-f]{32}|[^@\s]+@[^@\s]+", re.IGNORECASE)
"""Ids of bots, and of agents: e-mail addresses. Those of customers are UUIDs with dashes."""


def transcript(
    source: TranscriptSource,
    *,
    bot_id: str,
    reply_to: str | None = None,
    limit_messages: int = LIMIT_MESSAGES,
    limit_characters: int = LIMIT_CHARACTERS,
    attachments: Attachments = "describe",
    notes: bool = False,
    system_messages: bool = False,
    merge: bool = False,
    users: Iterable[User] = (),
) -> Transcript:
    """Return a chat as messages for a language model, oldest first; asks the API nothing.

    What customers wrote has the role ``user``, what the bot wrote ``assistant``. What people of the
    company wrote, or other bots, has the role ``assistant`` too, since it is not the customer's:
    with ``name`` set, and the name before the text (``Smith (agent): …``), so that the model does
    not take it for its own. Files, forms, rich messages and pressed buttons become text.

    Not there: what only agents see, messages of the system, deleted events, events of applications
    (``custom``), events of types that this version does not know, and what is damaged beyond
    reading. Of texts, the characters that people do not see are removed.

    Args:
        source: A ``Chat``, a ``Thread``, several threads in any order, or events, oldest first.
        bot_id: The id of the bot that the model writes for.
        reply_to: The id of the event that the model is to reply to, such as ``ctx.event.id``: it
            comes last. What the customer has written after it is not there, for that gets a reply
            of its own; what others have is, before it.
        limit_messages: At most so many messages, the newest; at least 1.
        limit_characters: At most so many characters in all of them together. Messages are whole;
            only the newest, if it is longer than that by itself, is cut at its end and says so.
        attachments: ``describe`` says that there is a file, and has it in
            ``ModelMessage.attachments``; ``omit`` does as if there were none.
        notes: Take what only agents see as well, such as for a summary that only agents get. Never
            do so for a model that writes to customers: it may tell them.
        system_messages: Take the messages of the system as well, with the role ``system``.
        merge: Join consecutive messages of one role, after the limits.
        users: Who is who, for events and threads, which do not say it. Without it, ids decide:
            e-mail addresses are agents, 32 hex digits bots, anything else customers.

    Returns:
        A list of ``ModelMessage``. If older messages were cut, it begins with one of the role
        ``system`` that says how many; that one is in no limit.

    Raises:
        InvalidArgument: The source is no chat, or an argument does not fit.
    """
    check_count("limit_messages", limit_messages)
    check_count("limit_characters", limit_characters)
    for name, flag in (("notes", notes), ("system_messages", system_messages), ("merge", merge)):
        check_flag(name, flag)
    if attachments not in ("describe", "omit"):
        raise InvalidArgument("attachments", f'must be "describe" or "omit", not {attachments!r}')
    if not bot_id:
        raise InvalidArgument("bot_id", "must be the id of the bot")
    people = [*source.users, *users] if isinstance(source, Chat) else list(users)
    reader = _Reader(
        bot_id=bot_id,
        names={user.id: single_line(user.name or "") for user in people if user.id},
        agents=frozenset(user.id for user in people if isinstance(user, Agent)),
        customers=frozenset(user.id for user in people if isinstance(user, Customer)),
        attachments=attachments,
        notes=notes,
        system_messages=system_messages,
    )
    events = reader.in_order(_events(source), reply_to)
    messages = [message for event in events if (message := reader.message(event)) is not None]
    return _limited(messages, limit_messages, limit_characters, merge=merge)


async def fetch_transcript(
    client: AsyncAgentClient,
    chat_id: str,
    *,
    bot_id: str,
    thread_id: str | None = None,
    reply_to: str | None = None,
    limit_messages: int = LIMIT_MESSAGES,
    limit_characters: int = LIMIT_CHARACTERS,
    attachments: Attachments = "describe",
    notes: bool = False,
    system_messages: bool = False,
    merge: bool = False,
) -> Transcript:
    """Get a chat and return its newest thread, or another, as messages for a language model.

    One request, ``get_chat``, which the client's meter counts. In a bot's handler,
    ``transcript(await ctx.chat(), …)`` shares the request with whatever else needs the chat.

    Args:
        client: A client that may read the chat.
        chat_id: The chat.
        bot_id: As for ``transcript``, like all that follows ``thread_id``.
        thread_id: The thread; defaults to the newest.
        reply_to: See ``transcript``.
        limit_messages: See ``transcript``.
        limit_characters: See ``transcript``.
        attachments: See ``transcript``.
        notes: See ``transcript``.
        system_messages: See ``transcript``.
        merge: See ``transcript``.

    Raises:
        APIError: The API responded with an error, such as ``NotFound``.
    """
    return transcript(
        await client.get_chat(chat_id=chat_id, thread_id=thread_id),
        bot_id=bot_id,
        reply_to=reply_to,
        limit_messages=limit_messages,
        limit_characters=limit_characters,
        attachments=attachments,
        notes=notes,
        system_messages=system_messages,
        merge=merge,
    )


class _Reader(Struct, frozen=True, kw_only=True):
    """Makes messages of events."""

    bot_id: str
    names: Mapping[str, str]
    agents: frozenset[str]
    customers: frozenset[str]
    attachments: Attachments
    notes: bool
    system_messages: bool

    def in_order(self, events: Iterable[Any], reply_to: str | None) -> list[Any]:
        """Put the event to reply to last, without what customers have written after it."""
        before = list(events)
        ids = [getattr(event, "id", None) for event in before]
        if reply_to is None or reply_to not in ids:
            return before
        position = ids.index(reply_to)
        others = [
            event
            for event in before[position + 1 :]
            if self._role(getattr(event, "author_id", None) or "") == "assistant"
        ]
        return [*before[:position], *others, before[position]]

    def message(self, event: Any) -> ModelMessage | None:
        """Return the message of an event; ``None`` if the model is to see nothing of it."""
        is_private = not is_for_customers(event)
        if (is_private and not self.notes) or getattr(event, "deleted", None):
            return None
        if isinstance(event, SystemMessageEvent):
            text = clean_text(event.text or "").strip()
            if not text or not self.system_messages:
                return None
            return ModelMessage(role="system", content=text)
        parts = parts_of(event, describe_files=self.attachments == "describe")
        if parts is None or not parts.text.strip():
            return None
        return self._written(getattr(event, "author_id", None) or "", parts, is_note=is_private)

    def _written(self, author_id: str, parts: MessageParts, *, is_note: bool) -> ModelMessage:
        role, name = self._role(author_id), self.names.get(author_id) or None
        text = parts.text.strip()
        if author_id == self.bot_id:
            name = None
            text = f"(note for agents) {text}" if is_note else text
        elif role == "assistant":
            name = name or author_id
            text = f"{name} ({'agent, note for agents' if is_note else 'agent'}): {text}"
        return ModelMessage(role=role, content=text, name=name, attachments=parts.attachments)

    def _role(self, author_id: str) -> Role:
        if author_id == self.bot_id or author_id in self.agents:
            return "assistant"
        if author_id in self.customers:
            return "user"
        # Who is neither is trusted least.
        return "assistant" if AGENT_ID.fullmatch(author_id) else "user"


def is_for_customers(event: Any) -> bool:
    """Tell whether customers see an event; what cannot be read of it counts as no."""
    if isinstance(event, RestrictedEvent):
        return False
    if isinstance(event, UnknownEvent):
        # The property is None for a visibility that is no text, too, which says nothing.
        return is_object(event.raw) and event.raw.get("visibility", "all") == "all"
    if isinstance(event, SystemMessageEvent | SystemEvent | DeletedEvent):
        return event.visibility in (None, "all")
    visibility: str | None = getattr(event, "visibility", None)
    return visibility == "all"


def _events(source: TranscriptSource) -> Iterator[Any]:
    if isinstance(source, Chat):
        yield from _of_threads(source.threads or [source.thread])
    elif isinstance(source, Thread):
        yield from source.events
    else:
        items = _items(source)
        threads = [item for item in items if isinstance(item, Thread)]
        if len(threads) == len(items):
            yield from _of_threads(threads)
        elif threads:
            raise InvalidArgument("source", "must not mix threads and events")
        else:
            yield from items


def _items(source: Any) -> list[Any]:
    if isinstance(source, Iterable) and not isinstance(source, (str, bytes, Mapping)):
        return [*source]  # pyright: ignore[reportUnknownArgumentType]
    hint = "; `fetch_transcript` takes an id" if isinstance(source, str) else ""
    name = type(source).__name__  # pyright: ignore[reportUnknownArgumentType]
    raise InvalidArgument(
        "source", f"must be a Chat, a Thread, or a list of threads or events, not {name}{hint}"
    )


def _of_threads(threads: Iterable[Thread]) -> Iterator[Any]:
    def created_at(thread: Thread) -> datetime:
        return thread.created_at

    for thread in sorted(threads, key=created_at):
        yield from thread.events


def _limited(
    messages: list[ModelMessage], most: int, characters: int, *, merge: bool
) -> Transcript:
    """Keep the newest messages that fit."""
    kept: list[ModelMessage] = []
    room = characters
    for message in reversed(messages[-most:]):
        size = len(message.content) + (len(BETWEEN) if merge and kept else 0)
        if size > room:
            if not kept:
                kept.append(_shortened(message, room))
            break
        room -= size
        kept.append(message)
    kept.reverse()
    left_out = len(messages) - len(kept)
    notice = [left_out_message(left_out)] if left_out else []
    return Transcript([*notice, *(merged(kept) if merge else kept)], left_out=left_out)


def _shortened(message: ModelMessage, characters: int) -> ModelMessage:
    text = message.content
    mark = f" […{counted(len(text) - characters, 'character')} cut]"
    # Where not even the mark fits, the beginning says more.
    start = text[: characters - len(mark)] + mark if len(mark) < characters else text[:characters]
    return msgspec.structs.replace(message, content=start)
