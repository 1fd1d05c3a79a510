"""What happens to chats outside of the API, where LiveChat's own application and plans act."""

from typing import TYPE_CHECKING, Final

from frontdesk._checked import Checked, Id
from frontdesk.errors import NotFound
from frontdesk.sandbox.store.records import ChatRecord, ThreadRecord
from frontdesk.sandbox.world import World
from frontdesk.sandbox.world.chats import events

if TYPE_CHECKING:
    from frontdesk.sandbox.backend import Backend
    from frontdesk.sandbox.control.router import ControlCall

__all__ = ["RESTRICTED", "OfficeApi", "delete_event", "restrict_thread"]

RESTRICTED: Final = "This thread is not available on your plan"
"""What stands in place of a thread's events, unless something else is told."""


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


def _find(world: World, thread_id: str, field: str, told: str) -> tuple[ChatRecord, ThreadRecord]:
    thread = world.store.threads.get(thread_id)
    chat = None if thread is None else world.store.chats.get(thread.chat_id)
    if thread is None or chat is None:
        raise NotFound(f"`{field}`: there is no {field.removesuffix('_id')} `{told}`")
    return chat, thread


class _Restrict(Checked, frozen=True, kw_only=True):
    reason: Id = RESTRICTED


class OfficeApi:
    """Answers the controls ``events`` and ``threads``.

    Args:
        backend: whose chats they are.
    """

    def __init__(self, backend: "Backend") -> None:
        self._backend = backend

    def events(self, call: "ControlCall") -> None:
        """Delete an event."""
        event_id = _named(call, "events", "delete")
        self._backend.work(lambda world: delete_event(world, event_id))

    def threads(self, call: "ControlCall") -> None:
        """Restrict a thread."""
        thread_id = _named(call, "threads", "restrict")
        reason = call.read(_Restrict).reason
        self._backend.work(lambda world: restrict_thread(world, thread_id, reason))


def _named(call: "ControlCall", what: str, act: str) -> str:
    match call.parts:
        case (named, done) if done == act:
            return named
        case _:
            raise NotFound(f"{what} take `{what}/ID/{act}` only")
