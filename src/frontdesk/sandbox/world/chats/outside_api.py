"""What happens to chats outside of the API: in LiveChat's own application, and by plans.

None of it has a method of the Agent Chat API; agents get its pushes. Where LiveChat's docs are
silent it is assumed that only closed threads and chats can be deleted, and that a chat goes with
its last thread.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from frontdesk.errors import NotFound, ValidationError
from frontdesk.models import MessageEvent
from frontdesk.pushes import ChatDeleted, EventUpdated, ThreadDeleted, ThreadsDeleted
from frontdesk.sandbox.store import to_micros
from frontdesk.sandbox.store.records import ChatRecord, LastThread, ThreadRecord
from frontdesk.sandbox.world import recipients
from frontdesk.sandbox.world.chats import events
from frontdesk.sandbox.world.world import World
from frontdesk.spec.timestamps import as_utc

__all__ = [
    "RESTRICTED",
    "delete_chat",
    "delete_event",
    "delete_thread",
    "delete_threads",
    "restrict_thread",
    "update_event",
]

RESTRICTED: Final = "This thread is not available on your plan"
"""What stands in place of a thread's events, unless another reason is given."""


def delete_event(world: World, event_id: str) -> None:
    """Delete an event: owners and administrators still read it, others see only that it was there.

    Raises:
        NotFound: There is no such event.
        ValidationError: It is deleted already.
    """
    chat, thread = _find(world, event_id.rpartition("_")[0], "event_id", event_id)
    events.delete(world, chat, thread, event_id)


def update_event(world: World, event_id: str, text: str) -> None:
    """Change the text of a message.

    Raises:
        NotFound: There is no such event.
        ValidationError: The event is deleted, or has no text.
    """
    chat, thread = _find(world, event_id.rpartition("_")[0], "event_id", event_id)
    row = events.find(world, thread, event_id)
    event = events.decode(row)
    if row.deleted:
        raise ValidationError(f"`event_id`: the event `{event_id}` is deleted")
    if not isinstance(event, MessageEvent):
        raise ValidationError(f"`event_id`: the event `{event_id}` is no message")
    event.text = text
    events.save(world, row, event)
    world.push(
        EventUpdated(chat_id=chat.id, thread_id=thread.id, event=event),
        recipients.agents_watching(chat),
        chat_id=chat.id,
        to_customer=event.visibility == "all",
    )


def delete_thread(world: World, thread_id: str) -> None:
    """Delete a closed thread with its events; the chat goes with its only thread.

    Raises:
        NotFound: There is no such thread.
        ValidationError: The thread is active.
    """
    chat, thread = _find(world, thread_id, "thread_id", thread_id)
    _refuse_active(thread, "thread_id", thread_id)
    push = ThreadDeleted(chat_id=chat.id, thread_id=thread.id)
    world.push(push, recipients.agents_with_access(chat), chat_id=chat.id)
    _remove(world, chat, [thread])


def delete_chat(world: World, chat_id: str) -> None:
    """Delete a closed chat with all its threads.

    Raises:
        NotFound: There is no such chat.
        ValidationError: The chat is active.
    """
    chat = world.store.chats.get(chat_id)
    if chat is None:
        raise NotFound(f"`chat_id`: there is no chat `{chat_id}`")
    if chat.last_thread is not None:
        _refuse_active(chat.last_thread, "chat_id", chat_id)
    push = ChatDeleted(chat_id=chat.id)
    world.push(push, recipients.agents_with_access(chat), chat_id=chat.id)
    world.store.remove_chat(chat)


def delete_threads(
    world: World,
    *,
    date_from: datetime | None = None,
    date_to: datetime | None = None,
    tag: str | None = None,
) -> int:
    """Delete the closed threads that were created in a range of dates, those with a tag, or both.

    One push tells everybody of all of them.

    Args:
        world: Where it happens.
        date_from: The earliest creation, included.
        date_to: The latest creation, included.
        tag: The tag that the threads have.

    Returns:
        How many threads there were.

    Raises:
        ValidationError: Neither dates nor a tag are given.
        InvalidArgument: A date has no time zone, or is out of range in UTC.
    """
    if date_from is None and date_to is None and tag is None:
        raise ValidationError("give `date_from`, `date_to`, a `tag`, or several of them")
    # Pushes carry them, and those have dates in UTC.
    date_from = None if date_from is None else as_utc("date_from", date_from)
    date_to = None if date_to is None else as_utc("date_to", date_to)
    from_, to = (None if date is None else to_micros(date) for date in (date_from, date_to))
    threads = [
        thread
        for thread in world.store.threads.closed(from_, to)
        if tag is None or tag in thread.tags
    ]
    of_chats: defaultdict[str, list[ThreadRecord]] = defaultdict(list)
    for thread in threads:
        of_chats[thread.chat_id].append(thread)
    for chat_id, removed in of_chats.items():
        chat = world.store.chats.get(chat_id)
        if chat is not None:
            _remove(world, chat, removed)
    push = ThreadsDeleted(date_from=date_from, date_to=date_to, tag=tag)
    world.push(push, recipients.EVERYBODY)
    return len(threads)


def restrict_thread(world: World, thread_id: str, reason: str = RESTRICTED) -> None:
    """Keep the events of a thread from everybody, as the limits of a plan do.

    Raises:
        NotFound: There is no such thread.
    """
    _, thread = _find(world, thread_id, "thread_id", thread_id)
    thread.restricted_access = reason


def _find(world: World, thread_id: str, field: str, name: str) -> tuple[ChatRecord, ThreadRecord]:
    thread = world.store.threads.get(thread_id)
    chat = None if thread is None else world.store.chats.get(thread.chat_id)
    if thread is None or chat is None:
        raise NotFound(f"`{field}`: there is no {field.removesuffix('_id')} `{name}`")
    return chat, thread


def _refuse_active(thread: ThreadRecord | LastThread, field: str, name: str) -> None:
    if thread.active:
        raise ValidationError(f"`{field}`: `{name}` is active; deactivate the chat first")


def _remove(world: World, chat: ChatRecord, threads: Sequence[ThreadRecord]) -> None:
    """Remove threads, let their neighbours know each other, and show the chat without them."""
    store = world.store
    removed = {thread.num for thread in threads}
    kept = [thread for thread in store.threads.of_chat(chat.num) if thread.num not in removed]
    if not kept:
        store.remove_chat(chat)
        return
    for thread in threads:
        previous = store.threads.get(thread.previous_id) if thread.previous_id else None
        following = store.threads.get(thread.next_id) if thread.next_id else None
        if previous is not None:
            previous.next_id = thread.next_id
        if following is not None:
            following.previous_id = thread.previous_id
        store.remove_thread(thread)
    last = kept[-1]
    if chat.last_thread is not None and chat.last_thread.num in removed:
        chat.last_thread = LastThread(
            last.num,
            last.id,
            active=False,
            created_at=last.created_at,
            events=len(store.events.of_thread(last.num)),
        )
    chat.last_events = _last_events(world, kept)


def _last_events(world: World, threads: Iterable[ThreadRecord]) -> dict[str, tuple[int, int]]:
    return {
        row.type: (thread.num, row.n)
        for thread in threads
        for row in world.store.events.of_thread(thread.num)
    }
