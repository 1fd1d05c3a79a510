"""Events: send, preview, upload, postback."""

from msgspec import UNSET

from frontdesk.actions import SendEvent, SendEventPreview, SendRichMessagePostback, UploadFile
from frontdesk.errors import ChatInactive, ValidationError
from frontdesk.models import SentEvent, UploadedFile
from frontdesk.sandbox.world import access
from frontdesk.sandbox.world.actor import Requester
from frontdesk.sandbox.world.chats import events, files, members, postbacks
from frontdesk.sandbox.world.effects import Effect
from frontdesk.sandbox.world.registry import handles
from frontdesk.sandbox.world.world import World

__all__ = ["send_event", "send_event_preview", "send_rich_message_postback", "upload_file"]


@handles(
    SendEvent,
    fidelity="assumed",
    note="Assumed: `authorization` for a requester outside the chat, `validation` for visibility "
    "`all` from a user who is there for agents only. `attach_to_last_thread`, which older clients "
    "still send and the docs dropped, writes into the last thread of an inactive chat. A `file` "
    "takes the URLs of `upload_file` and any other on LiveChat's CDN.",
)
def send_event(world: World, requester: Requester, action: SendEvent) -> SentEvent:
    """Add an event to the active thread."""
    chat = access.chat(world, requester, action.chat_id, "rw")
    last = chat.thread
    if last is None or not (last.active or action.attach_to_last_thread is True):
        raise ChatInactive(f"the chat `{chat.id}` has no active thread")
    members.require(chat, requester)
    return SentEvent(event_id=events.send(world, chat, requester, action.event).id)


@handles(
    SendEventPreview,
    fidelity="assumed",
    note="Assumed: `chat_inactive` without an active thread, `authorization` for a requester "
    "outside the chat. Only the customer's side gets it.",
)
def send_event_preview(world: World, requester: Requester, action: SendEventPreview) -> None:
    """Show the customer a message that is still being written."""
    chat = access.chat(world, requester, action.chat_id, "rw")
    last = access.active_thread(chat)
    member = members.require(chat, requester)
    if member.visibility == "agents":
        raise ValidationError(
            "`event.visibility`: the requester is in the chat for agents only, and previews are "
            "for customers"
        )
    event = {
        "created_at": world.clock.now(),
        "type": "message",
        "text": action.event.text,
        "author_id": requester.id,
        "custom_id": None if action.event.custom_id is UNSET else action.event.custom_id,
    }
    world.emit(
        Effect(
            payload={"chat_id": chat.id, "thread_id": last.id, "event": event},
            to_customer=True,
            chat_id=chat.id,
            actor=requester,
            author_type="agent",
        )
    )


@handles(
    UploadFile,
    fidelity="assumed",
    note="Assumed: 10 MB are 10 * 2**20 bytes; executables are told by their name and first bytes "
    "and refused with `validation`, as are empty files. Files are served at an address of the "
    "sandbox; thumbnails are the image itself.",
)
def upload_file(world: World, requester: Requester, action: UploadFile) -> UploadedFile:
    """Keep a file without a name; requests over HTTP bring one and go to ``files.upload``."""
    file = files.upload(world, name="", content=action.file, uploaded_by=requester.id)
    return UploadedFile(url=file.url)


@handles(
    SendRichMessagePostback,
    fidelity="assumed",
    note="Assumed: `validation` for an event that is no rich message, `not_found` for an unknown "
    "button. The requester need not be in the chat.",
)
def send_rich_message_postback(
    world: World, requester: Requester, action: SendRichMessagePostback
) -> None:
    """Press a button of a rich message."""
    chat = access.chat(world, requester, action.chat_id, "rw")
    thread = access.thread(world, requester, chat, action.thread_id, "rw")
    postbacks.press(
        world,
        chat,
        thread,
        action.event_id,
        action.postback,
        requester,
    )
