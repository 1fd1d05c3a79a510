"""Summaries of threads: made some time after they were asked for.

No language model is at work: the summary counts and quotes, so that the same thread always gives
the same text.
"""

import msgspec

from frontdesk.models import AISummary, MessageEvent, SystemEvent
from frontdesk.pushes import IncomingError, ThreadSummarySet
from frontdesk.sandbox.store.records import ChatRecord, ThreadRecord, TimerRow
from frontdesk.sandbox.world import recipients
from frontdesk.sandbox.world.chats import events
from frontdesk.sandbox.world.people.names import name_of
from frontdesk.sandbox.world.world import World

__all__ = ["SECONDS", "request", "summarise"]

SECONDS = 2
"""How long a summary takes."""

_MAX_QUOTE_LENGTH = 80
_encode = msgspec.json.Encoder().encode


def request(world: World, thread: ThreadRecord, *, requested_by: str) -> None:
    """Have the thread summarised in a while; an inactive one is summarised once at the most."""
    if not thread.active and thread.summary is not None:
        return
    world.store.timers.set("summary", thread.id, world.clock.after(SECONDS), requested_by.encode())


def summarise(world: World, timer: TimerRow) -> None:
    """Summarise the thread that a timer is about."""
    thread = world.store.threads.get(timer.subject)
    chat = world.store.chats.get(thread.chat_id) if thread else None
    if thread is None or chat is None:
        return
    text = _summary_text(world, thread)
    if text is None:
        world.push(
            IncomingError(action="set_thread_summary", chat_id=chat.id, thread_id=thread.id),
            recipients.agents_watching(chat),
            chat_id=chat.id,
        )
    elif thread.active:
        _add_event(world, chat, text, (timer.data or b"").decode())
    else:
        _set_summary(world, chat, thread, text)


def _summary_text(world: World, thread: ThreadRecord) -> str | None:
    """Return what was said; None when nothing was."""
    said = [
        event
        for event in events.visible_to_customer(world, thread.num)
        if isinstance(event, MessageEvent)
    ]
    if not said:
        return None
    counts: dict[str, int] = {}
    for event in said:
        author = name_of(world, event.author_id)
        counts[author] = counts.get(author, 0) + 1
    lines = [
        f"• {name} wrote {count} message{'s' if count > 1 else ''}."
        for name, count in counts.items()
    ]
    lines.insert(0, f"• The chat began with: {_quote(said[0].text)}")
    if len(said) > 1:
        lines.append(f"• It ended with: {_quote(said[-1].text)}")
    return "\n".join(lines)


def _quote(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _MAX_QUOTE_LENGTH else f"{flat[: _MAX_QUOTE_LENGTH - 1]}…"


def _add_event(world: World, chat: ChatRecord, text: str, requested_by: str) -> None:
    assert chat.last_thread is not None
    details = {"summary": {"text": text, "status": "ok"}, "requested_by": requested_by}
    event = SystemEvent(
        id=events.next_id(chat.last_thread),
        created_at=world.clock.now(),
        visibility="agents",
        source="messaging",
        subtype="summary",
        version=1,
        details=_encode(details).decode(),
    )
    events.append(world, chat, event)


def _set_summary(world: World, chat: ChatRecord, thread: ThreadRecord, text: str) -> None:
    thread.summary = AISummary(status="ok", text=text, updated_at=world.clock.now())
    world.push(
        ThreadSummarySet(chat_id=chat.id, thread_id=thread.id, summary=thread.summary),
        recipients.agents_with_access(chat),
        chat_id=chat.id,
    )
