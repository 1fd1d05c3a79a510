"""Events: send, preview, upload, postback."""

from msgspec import UNSET

from frontdesk.actions import SendEvent
from frontdesk.errors import ChatInactive, ValidationError
from frontdesk.models import SentEvent
from frontdesk.sandbox.world import access, events, members
from frontdesk.sandbox.world.handling import handles
from frontdesk.sandbox.world.requester import Requester
from frontdesk.sandbox.world.world import World


@handles(
    SendEvent,
    fidelity="assumed",
    note="Assumed: the error types (`authorization` for a requester outside the chat, `validation` "
    "for visibility `all` from a user who is there for agents only).",
)
def send_event(world: World, requester: Requester, action: SendEvent) -> SentEvent:
    """Add an event to the active thread."""
    chat = access.chat(world, requester, action.chat_id, "rw")
    last = chat.thread
    if last is None or not (last.active or action.attach_to_last_thread is True):
        raise ChatInactive(f"the chat `{chat.id}` has no active thread")
    member = members.require(chat, requester)
    new = action.event
    if member.visibility == "agents" and new.visibility in (UNSET, "all"):
        raise ValidationError(
            "`event.visibility` must be `agents`: the requester is in the chat for agents only"
        )
    event = events.build(
        world,
        new,
        event_id=events.next_id(last),
        at=world.clock.now(),
        author_id=requester.id,
        author_type="agent",
        client_id=requester.client_id,
    )
    events.append(world, chat, event, author_type="agent", requester=requester)
    member.seen_up_to = event.created_at
    world.store.chats.save(chat)
    return SentEvent(event_id=event.id)
