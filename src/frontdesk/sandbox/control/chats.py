"""The controls of what happens to chats outside of the API."""

from datetime import datetime
from typing import Annotated, Any

from msgspec import UNSET, Meta, UnsetType

from frontdesk.errors import NotFound
from frontdesk.sandbox.backend import Backend
from frontdesk.sandbox.control.request import ControlRequest
from frontdesk.sandbox.world.chats import outside_api
from frontdesk.spec.checks import Checked, Id

__all__ = ["ChatsControl"]

Timestamp = Annotated[datetime, Meta(tz=True)]


class NewText(Checked, frozen=True, kw_only=True):
    """The text that a message gets."""

    text: str


class Restriction(Checked, frozen=True, kw_only=True):
    """Why the events of a thread are kept from everybody."""

    reason: Id = outside_api.RESTRICTED


class ManyThreads(Checked, frozen=True, kw_only=True):
    """The threads to delete: those created in a range of dates, those with a tag, or both."""

    date_from: Timestamp | UnsetType = UNSET
    date_to: Timestamp | UnsetType = UNSET
    tag: Id | UnsetType = UNSET


class ChatsControl:
    """Changes and deletes events, deletes and restricts threads, deletes chats.

    Args:
        backend: whose chats they are.
    """

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    def act_on_event(self, request: ControlRequest) -> None:
        """Delete an event, or change the text of a message."""
        match request.parts:
            case (event_id, "delete"):
                self._backend.work(lambda world: outside_api.delete_event(world, event_id))
            case (event_id, "update"):
                text = request.read(NewText).text
                self._backend.work(lambda world: outside_api.update_event(world, event_id, text))
            case _:
                raise NotFound("events take `events/ID/delete` and `events/ID/update` only")

    def act_on_thread(self, request: ControlRequest) -> Any:
        """Restrict or delete a thread, or delete many."""
        match request.parts:
            case (thread_id, "restrict"):
                why = request.read(Restriction).reason
                self._backend.work(lambda world: outside_api.restrict_thread(world, thread_id, why))
            case (thread_id, "delete"):
                self._backend.work(lambda world: outside_api.delete_thread(world, thread_id))
            case ("delete",):
                threads = request.read(ManyThreads)
                deleted = self._backend.work(
                    lambda world: outside_api.delete_threads(
                        world,
                        date_from=threads.date_from or None,
                        date_to=threads.date_to or None,
                        tag=threads.tag or None,
                    )
                )
                return {"deleted": deleted}
            case _:
                raise NotFound(
                    "threads take `threads/ID/restrict`, `threads/ID/delete` and `threads/delete` "
                    "only"
                )
        return None

    def act_on_chat(self, request: ControlRequest) -> None:
        """Delete a chat."""
        match request.parts:
            case (chat_id, "delete"):
                self._backend.work(lambda world: outside_api.delete_chat(world, chat_id))
            case _:
                raise NotFound("chats take `chats/ID/delete` only")
