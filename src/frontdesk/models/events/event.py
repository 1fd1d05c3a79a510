"""Received events: a union chosen by ``type``, told apart by it or with ``isinstance``.

Source: https://platform.text.com/docs/messaging/agent-chat-api/data-structures#events
"""

from datetime import UTC, datetime
from typing import Any, ClassVar, Literal, Self, TypeAlias

import msgspec
from msgspec import field

from frontdesk.models.base import Model, Properties, in_utc
from frontdesk.models.events.form import FilledFormField, FormField
from frontdesk.models.events.postback import Postback
from frontdesk.models.events.rich_message import RichMessageElement
from frontdesk.models.events.system_event import SystemDetails, decode_details
from frontdesk.models.fallback import MARK, NO_MOMENT, RELEASES, Fallback, Unknown

__all__ = [
    "CustomEvent",
    "DeletedEvent",
    "Event",
    "FileEvent",
    "FilledFormEvent",
    "FormEvent",
    "MessageEvent",
    "RestrictedEvent",
    "RichMessageEvent",
    "SystemEvent",
    "SystemMessageEvent",
    "UnknownEvent",
]


def _all() -> str:
    """Return the default visibility; as a factory, so that it is encoded nevertheless."""
    return "all"


class _EventBase(Model, kw_only=True):
    id: str
    created_at: datetime
    custom_id: str | None = None
    deleted: bool | None = None
    """True on a deleted event, which only owners and administrators still see."""

    def __post_init__(self) -> None:
        if self.created_at.tzinfo is not UTC:
            self.created_at = in_utc(self.created_at)


class _UserEvent(_EventBase, kw_only=True):
    # A default in place of a malformed visibility could show to all what was for agents only.
    never_guessed: ClassVar[frozenset[str]] = frozenset({"visibility"})
    author_id: str
    visibility: str = field(default_factory=_all)
    """``all`` (the default, if it is missing) or ``agents``."""
    recipients: str | None = None
    """What ``visibility`` was called before 3.4; responses to customers may have it to this day."""
    properties: Properties | None = None


class _ServerEvent(_EventBase, kw_only=True):
    author_id: str | None = None
    visibility: str | None = None
    """``all`` or ``agents``."""
    properties: Properties | None = None


class MessageEvent(_UserEvent, kw_only=True, tag_field="type", tag="message"):
    """A text message; ``postback`` tells which button of a rich message triggered it."""

    type: ClassVar[Literal["message"]] = "message"
    text: str
    postback: Postback | None = None


class FileEvent(_UserEvent, kw_only=True, tag_field="type", tag="file"):
    """A file. ``size`` is in bytes, ``width`` and ``height`` in pixels (images only)."""

    type: ClassVar[Literal["file"]] = "file"
    name: str
    url: str
    content_type: str
    thumbnail_url: str | None = None
    thumbnail2x_url: str | None = None
    size: int | None = None
    width: int | None = None
    height: int | None = None
    alternative_text: str | None = None


class FormEvent(_UserEvent, kw_only=True, tag_field="type", tag="form"):
    """An empty form. ``form_type`` (``prechat``, ``postchat``, …) is missing before 3.4."""

    kept_whole: ClassVar[frozenset[str]] = frozenset({"fields"})
    type: ClassVar[Literal["form"]] = "form"
    form_id: str
    fields: list[FormField]
    form_type: str | None = None


class FilledFormEvent(_UserEvent, kw_only=True, tag_field="type", tag="filled_form"):
    """A form that was filled in. ``form_type`` is missing before 3.4, ``form_id`` even earlier."""

    kept_whole: ClassVar[frozenset[str]] = frozenset({"fields"})
    type: ClassVar[Literal["filled_form"]] = "filled_form"
    form_id: str | None = None
    fields: list[FilledFormField]
    form_type: str | None = None


class RichMessageEvent(_UserEvent, kw_only=True, tag_field="type", tag="rich_message"):
    """A rich message; ``template_id``: ``cards``, ``sticker``, ``quick_replies``, ``ecommerce``."""

    type: ClassVar[Literal["rich_message"]] = "rich_message"
    template_id: str
    elements: list[RichMessageElement] | None = None


class CustomEvent(_UserEvent, kw_only=True, tag_field="type", tag="custom"):
    """An event whose content an application defines."""

    type: ClassVar[Literal["custom"]] = "custom"
    content: Any = None


class SystemMessageEvent(_ServerEvent, kw_only=True, tag_field="type", tag="system_message"):
    """A message from the server, or one that an application sent as such.

    ``system_message_type`` is an open set; ``text_vars`` are the variables of ``text``.
    """

    type: ClassVar[Literal["system_message"]] = "system_message"
    system_message_type: str
    text: str | None = None
    text_vars: dict[str, str] | None = None


class SystemEvent(_ServerEvent, kw_only=True, tag_field="type", tag="system"):
    """An event of a LiveChat service; the successor of ``system_message``.

    ``details`` is JSON in a text, laid out as ``source``, ``subtype`` and ``version`` say.
    """

    type: ClassVar[Literal["system"]] = "system"
    source: str
    subtype: str
    version: int
    details: str

    def decoded_details(self) -> SystemDetails | dict[str, Any]:
        """Parse ``details`` into its known layout, or into a plain dict.

        Raises ``DecodeError`` if it is no JSON object.
        """
        return decode_details(self.source, self.subtype, self.version, self.details)


EVENT_TYPES = (
    "message",
    "file",
    "form",
    "filled_form",
    "rich_message",
    "custom",
    "system_message",
    "system",
)


class DeletedEvent(Fallback, kw_only=True, tag_field="type", tag=f"{MARK}deleted"):
    """What is left of a deleted event for agents with the role ``normal``.

    Owners and administrators get the original event with ``deleted`` true instead. Its ``type``
    is ``deleted``, since it has nothing of what its original type promises.
    """

    type: ClassVar[Literal["deleted"]] = "deleted"
    original_type: str
    """The type that the event had."""
    id: str
    created_at: datetime
    deleted: bool
    visibility: str | None = None
    author_id: str | None = None
    custom_id: str | None = None
    properties: Properties | None = None

    def __post_init__(self) -> None:
        self.created_at = in_utc(self.created_at)

    @classmethod
    def claim(cls, raw: Any) -> Self | None:
        """Stand in for a deleted event of a known type."""
        if raw.get("deleted") is not True or raw.get("type") not in EVENT_TYPES:
            return None
        wrapped = {**raw, "type": f"{MARK}deleted", "original_type": raw["type"]}
        try:
            return msgspec.convert(wrapped, cls)
        except msgspec.ValidationError:
            return None

    @classmethod
    def release(cls, wrapped: dict[str, Any]) -> dict[str, Any]:
        """Give the event its type back."""
        return {"type": wrapped.pop("original_type"), **_without_tag(wrapped)}


class RestrictedEvent(Fallback, kw_only=True, tag_field="type", tag=f"{MARK}restricted"):
    """Stands for an event that the requester may not see; ``restricted_access`` says why."""

    type: ClassVar[Literal["restricted"]] = "restricted"
    restricted_access: str

    @classmethod
    def claim(cls, raw: Any) -> Self | None:
        """Stand in for an object without a type that has a reason."""
        reason = raw.get("restricted_access")
        if "type" in raw or not isinstance(reason, str) or not reason:
            return None
        return cls(restricted_access=reason)

    @classmethod
    def release(cls, wrapped: dict[str, Any]) -> dict[str, Any]:
        """Drop the tag, since the API sends none."""
        return _without_tag(wrapped)


class UnknownEvent(Unknown, kw_only=True, tag_field="type", tag=f"{MARK}unknown"):
    """An event of a new type, or one that lacks what its type promises; ``raw`` is all of it.

    Its ``type`` is ``unknown``; ``original_type`` is the one on the wire.
    """

    dates: ClassVar[tuple[str, ...]] = ("created_at",)

    @property
    def created_at(self) -> datetime:
        """When the event was made; the year 1 if it does not tell."""
        return self._date("created_at") or NO_MOMENT

    @property
    def author_id(self) -> str | None:
        """Who made the event, if it tells."""
        return self._text("author_id")

    @property
    def visibility(self) -> str | None:
        """``all`` or ``agents``, if it tells."""
        return self._text("visibility")

    @property
    def custom_id(self) -> str | None:
        """The id that the sender gave it, if any."""
        return self._text("custom_id")

    @property
    def deleted(self) -> bool:
        """True if the event was deleted."""
        return self._get("deleted") is True

    @property
    def properties(self) -> Properties | None:
        """Its properties, if it has any."""
        try:
            return msgspec.convert(self._get("properties"), Properties | None)
        except msgspec.ValidationError:
            return None


RELEASES[f"{MARK}deleted"] = DeletedEvent.release
RELEASES[f"{MARK}restricted"] = RestrictedEvent.release


def _without_tag(wrapped: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in wrapped.items() if name != "type"}


Event: TypeAlias = (
    MessageEvent
    | FileEvent
    | FormEvent
    | FilledFormEvent
    | RichMessageEvent
    | CustomEvent
    | SystemMessageEvent
    | SystemEvent
    | DeletedEvent
    | UnknownEvent
)
"""Any received event."""
