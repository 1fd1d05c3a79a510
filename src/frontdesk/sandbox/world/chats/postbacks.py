"""Buttons of rich messages that are pressed."""

from frontdesk.errors import NotFound, ValidationError
from frontdesk.models import RichMessageButton, RichMessageEvent, RichMessagePostback
from frontdesk.pushes import IncomingRichMessagePostback
from frontdesk.sandbox.store.records import ChatRecord, ThreadRecord
from frontdesk.sandbox.world import recipients
from frontdesk.sandbox.world.actor import Requester
from frontdesk.sandbox.world.chats import events
from frontdesk.sandbox.world.world import World

__all__ = ["press"]


def press(
    world: World,
    chat: ChatRecord,
    thread: ThreadRecord,
    event_id: str,
    postback: RichMessagePostback,
    *,
    user_id: str,
    requester: Requester | None = None,
) -> RichMessageButton:
    """Toggle a button for a user; its ``user_ids`` are the users whose last answer was yes.

    Only in an active thread are others told. Raises ``NotFound``, ``ValidationError``.
    """
    row = events.find(world, thread, event_id)
    event = events.decode(row)
    if not isinstance(event, RichMessageEvent):
        raise ValidationError(f"`event_id`: the event `{event_id}` is no rich message")
    button = _button(event, postback.id)
    button.user_ids = [one for one in button.user_ids or [] if one != user_id]
    if postback.toggled:
        button.user_ids.append(user_id)
    events.save(world, row, event)
    if thread.active:
        world.tell(
            IncomingRichMessagePostback(
                user_id=user_id,
                chat_id=chat.id,
                thread_id=thread.id,
                event_id=event_id,
                postback=postback,
            ),
            recipients.members(chat),
            chat_id=chat.id,
            to_customer=True,
            requester=requester,
        )
    return button


def _button(event: RichMessageEvent, postback_id: str) -> RichMessageButton:
    for element in event.elements or ():
        for button in element.buttons or ():
            if button.postback_id == postback_id:
                return button
    raise NotFound(f"`postback.id`: the rich message has no button `{postback_id}`")
