"""The controls of what happens to chats outside of the API."""

from frontdesk.errors import NotFound
from frontdesk.sandbox.backend import Backend
from frontdesk.sandbox.control.request import ControlRequest
from frontdesk.sandbox.world.chats.restrictions import RESTRICTED, delete_event, restrict_thread
from frontdesk.spec.checks import Checked, Id

__all__ = ["ChatsControl"]


class Restriction(Checked, frozen=True, kw_only=True):
    """Why the events of a thread are kept from everybody."""

    reason: Id = RESTRICTED


class ChatsControl:
    """Deletes events and restricts threads.

    Args:
        backend: whose chats they are.
    """

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    def act_on_event(self, request: ControlRequest) -> None:
        """Delete an event."""
        event_id = _named(request, "events", "delete")
        self._backend.work(lambda world: delete_event(world, event_id))

    def act_on_thread(self, request: ControlRequest) -> None:
        """Restrict a thread."""
        thread_id = _named(request, "threads", "restrict")
        reason = request.read(Restriction).reason
        self._backend.work(lambda world: restrict_thread(world, thread_id, reason))


def _named(request: ControlRequest, what: str, act: str) -> str:
    match request.parts:
        case (name, verb) if verb == act:
            return name
        case _:
            raise NotFound(f"{what} take `{what}/ID/{act}` only")
