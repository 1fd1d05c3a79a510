"""Properties of chats, threads and events: update, delete."""

from collections.abc import Mapping, Sequence
from typing import Annotated, ClassVar

from msgspec import Meta

from frontdesk.models import NewProperties, PropertyNames
from frontdesk.spec.actions import Action, Spec, any_of
from frontdesk.spec.checks import Id
from frontdesk.spec.fields import From

__all__ = [
    "DeleteChatProperties",
    "DeleteEventProperties",
    "DeleteThreadProperties",
    "UpdateChatProperties",
    "UpdateEventProperties",
    "UpdateThreadProperties",
]

Update = Annotated[
    From[NewProperties, Mapping[str, Mapping[str, str | int | bool]]],
    Meta(
        description="Namespace -> name -> value (text, number or boolean); other properties stay "
        "as they are."
    ),
]
Delete = Annotated[
    From[PropertyNames, Mapping[str, Sequence[str]]],
    Meta(description="Namespace -> names of the properties."),
]
ChatId = Annotated[Id, Meta(description="The chat.")]
ThreadId = Annotated[Id, Meta(description="The thread.")]
EventId = Annotated[Id, Meta(description="The event.")]


def _spec(verb: str, location: str) -> Spec:
    happened = f"{location}_properties_{verb}d"
    return Spec(
        name=f"{verb}_{location}_properties",
        errors=("NotFound", "MissingAccess", "ValidationError"),
        group="properties",
        scopes=any_of("chats--all:rw", "chats--access:rw"),
        repeatable=True,
        push=(happened,),
        webhook=(happened,),
    )


class UpdateChatProperties(Action[None], frozen=True, kw_only=True):
    """Set properties of a chat."""

    spec: ClassVar[Spec] = _spec("update", "chat")
    id: ChatId
    properties: Update


class DeleteChatProperties(Action[None], frozen=True, kw_only=True):
    """Delete properties of a chat."""

    spec: ClassVar[Spec] = _spec("delete", "chat")
    id: ChatId
    properties: Delete


class UpdateThreadProperties(Action[None], frozen=True, kw_only=True):
    """Set properties of a thread."""

    spec: ClassVar[Spec] = _spec("update", "thread")
    chat_id: ChatId
    thread_id: ThreadId
    properties: Update


class DeleteThreadProperties(Action[None], frozen=True, kw_only=True):
    """Delete properties of a thread."""

    spec: ClassVar[Spec] = _spec("delete", "thread")
    chat_id: ChatId
    thread_id: ThreadId
    properties: Delete


class UpdateEventProperties(Action[None], frozen=True, kw_only=True):
    """Set properties of an event."""

    spec: ClassVar[Spec] = _spec("update", "event")
    chat_id: ChatId
    thread_id: ThreadId
    event_id: EventId
    properties: Update


class DeleteEventProperties(Action[None], frozen=True, kw_only=True):
    """Delete properties of an event."""

    spec: ClassVar[Spec] = _spec("delete", "event")
    chat_id: ChatId
    thread_id: ThreadId
    event_id: EventId
    properties: Delete
