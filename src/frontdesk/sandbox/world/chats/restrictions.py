"""What happens to chats outside of the API: in LiveChat's own application, and by plans."""

from typing import Final

from frontdesk.errors import NotFound
from frontdesk.sandbox.store.records import ChatRecord, ThreadRecord
from frontdesk.sandbox.world.chats import events
from frontdesk.sandbox.world.world import World

__all__ = ["RESTRICTED", "delete_event", "restrict_thread"]

RESTRICTED: Final = "This thread is not available on your plan"
"""What stands in place of a thread's events, unless another reason is given."""


def delete_event(world: World, event_id: str) -> None:
    """Delete an event: owners and administrators still read it, others see only that it was there.

    Raises ``NotFound``, and ``ValidationError`` for one that is deleted already.
    """
    chat, thread = _find(world, event_id.rpartition("_")[0], "event_id", event_id)
    events.delete(world, chat, thread, event_id)


def restrict_thread(world: World, thread_id: str, reason: str = RESTRICTED) -> None:
    """Keep the events of a thread from everybody, as the limits of a plan do.

    Raises ``NotFound``.
    """
    _, thread = _find(world, thread_id, "thread_id", thread_id)
    thread.restricted_access = reason


def _find(world: World, thread_id: str, field: str, name: str) -> tuple[ChatRecord, ThreadRecord]:
    thread = world.store.threads.get(thread_id)
    chat = None if thread is None else world.store.chats.get(thread.chat_id)
    if thread is None or chat is None:
        raise NotFound(f"`{field}`: there is no {field.removesuffix('_id')} `{name}`")
    return chat, thread
