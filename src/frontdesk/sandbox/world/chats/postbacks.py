"""Buttons of rich messages that are pressed."""

from frontdesk.errors import NotFound, ValidationError
from frontdesk.models import RichMessageButton, RichMessageEvent, RichMessagePostback
from frontdesk.pushes import IncomingRichMessagePostback
from frontdesk.sandbox.store.records import ChatRecord, ThreadRecord
from frontdesk.sandbox.world import recipients
from frontdesk.sandbox.world.actor import Actor
from frontdesk.sandbox.world.chats import events
from frontdesk.sandbox.world.world import World

__all__ = ["press"]


def press(
    world: World,
    chat: ChatRecord,
    thread: ThreadRecord,
    event_id: str,
    postback: RichMessagePostback,
    actor: Actor,
) -> RichMessageButton:
    """Toggle a button; its ``user_ids`` are the users who pressed it and did not take it back.

    It is pushed in an active thread only.

    Raises:
        NotFound: There is no such event or button.
        ValidationError: The event is no rich message.
    """
    row = events.find(world, thread, event_id)
    event = events.decode(row)
    if not isinstance(event, RichMessageEvent):
        raise ValidationError(f"`event_id`: the event `{event_id}` is no rich message")
    button = _button(event, postback.id)
    button.user_ids = [user_id for user_id in button.user_ids or [] if user_id != actor.id]
    if postback.toggled:
        button.user_ids.append(actor.id)
    events.save(world, row, event)
    if thread.active:
        world.push(
            IncomingRichMessagePostback(
                user_id=actor.id,
                chat_id=chat.id,
                thread_id=thread.id,
                event_id=event_id,
                postback=postback,
            ),
            recipients.agents_watching(chat),
            chat_id=chat.id,
            to_customer=True,
            actor=actor,
        )
    return button


def _button(event: RichMessageEvent, postback_id: str) -> RichMessageButton:
    for element in event.elements or ():
        for button in element.buttons or ():
            if button.postback_id == postback_id:
                return button
    raise NotFound(f"`postback.id`: the rich message has no button `{postback_id}`")
