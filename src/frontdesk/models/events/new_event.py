"""Events to send.

Source: https://platform.text.com/docs/messaging/agent-chat-api/data-structures#events
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal, TypeAlias, get_args

from msgspec import UNSET, Meta

from frontdesk.errors import InvalidArgument
from frontdesk.models.events.form import FilledFormField, FormField
from frontdesk.models.events.postback import Postback
from frontdesk.models.events.rich_message import MAX_ELEMENTS, RichMessageElement
from frontdesk.models.requests import NewProperties
from frontdesk.spec.checks import Checked, Id
from frontdesk.spec.fields import NOT_SENT, Dict, From, Maybe, MaybeFrom

__all__ = [
    "MAX_TEXT_BYTES",
    "Custom",
    "File",
    "FilledForm",
    "Form",
    "Message",
    "NewEvent",
    "RichMessage",
    "SystemMessage",
    "validate_event",
]

MAX_TEXT_BYTES = 16 * 1024
"""How long the text of a message may be, in bytes of UTF-8."""


# The one field that is given without its name stands in a base of its own: what it is given with
# can then be keyword-only.


class _NewEvent(Checked, frozen=True, kw_only=True):
    custom_id: Maybe[str] = NOT_SENT
    visibility: Maybe[Literal["all", "agents"]] = NOT_SENT


class _NewUserEvent(_NewEvent, frozen=True, kw_only=True):
    # Among the first events of a chat only: anywhere else the author is the requester.
    author_id: Maybe[Id] = NOT_SENT
    properties: MaybeFrom[NewProperties, Mapping[str, Mapping[str, str | int | bool]]] = NOT_SENT


class _Text(_NewUserEvent, frozen=True):
    text: str


class Message(_Text, frozen=True, kw_only=True, tag_field="type", tag="message"):
    """A text message, of at most 16 KB of UTF-8: ``Message("Hello!")``."""

    type: ClassVar[Literal["message"]] = "message"
    postback: MaybeFrom[Postback, Postback | Dict] = NOT_SENT

    def _rules(self) -> None:
        if len(self.text) * 4 > MAX_TEXT_BYTES and len(self.text.encode()) > MAX_TEXT_BYTES:
            raise InvalidArgument("text", f"must hold at most {MAX_TEXT_BYTES} bytes of UTF-8")
        if self.postback is not UNSET:
            self.postback.validate()


class _Url(_NewUserEvent, frozen=True):
    url: Id


class File(_Url, frozen=True, kw_only=True, tag_field="type", tag="file"):
    """A file that ``upload_file`` gave the URL of: ``File(uploaded.url)``.

    ``alternative_text`` is for images.
    """

    type: ClassVar[Literal["file"]] = "file"
    alternative_text: Maybe[str] = NOT_SENT


class Form(_NewUserEvent, frozen=True, kw_only=True, tag_field="type", tag="form"):
    """An empty form for the customer, for chat windows of your own: LiveChat's shows none."""

    type: ClassVar[Literal["form"]] = "form"
    form_id: Id
    fields: From[list[FormField], Sequence[FormField | Dict]]

    def _rules(self) -> None:
        for position, field in enumerate(self.fields):
            field.validate(f"fields[{position}]")


class FilledForm(_NewUserEvent, frozen=True, kw_only=True, tag_field="type", tag="filled_form"):
    """A form with answers."""

    type: ClassVar[Literal["filled_form"]] = "filled_form"
    form_id: Id
    fields: From[list[FilledFormField], Sequence[FilledFormField | Dict]]

    def _rules(self) -> None:
        for position, field in enumerate(self.fields):
            field.validate(f"fields[{position}]")


class _Template(_NewUserEvent, frozen=True):
    template_id: Literal["cards", "sticker", "quick_replies", "ecommerce"]


class RichMessage(_Template, frozen=True, kw_only=True, tag_field="type", tag="rich_message"):
    """A rich message of at most 10 elements, each with at most 13 buttons.

    ``RichMessage("cards", elements=[…])``.
    """

    type: ClassVar[Literal["rich_message"]] = "rich_message"
    elements: MaybeFrom[
        Annotated[list[RichMessageElement], Meta(max_length=MAX_ELEMENTS)],
        Sequence[RichMessageElement | Dict],
    ] = NOT_SENT

    def _rules(self) -> None:
        if self.elements is not UNSET:
            for position, element in enumerate(self.elements):
                element.validate(f"elements[{position}]")


class Custom(_NewUserEvent, frozen=True, tag_field="type", tag="custom"):
    """An event with content of your own; nobody but your applications shows it.

    ``Custom({"score": 5})``: anything that JSON can hold, but neither NaN nor infinity.
    """

    type: ClassVar[Literal["custom"]] = "custom"
    content: MaybeFrom[dict[str, Any], Mapping[str, Any]] = NOT_SENT


class _SystemText(_NewEvent, frozen=True):
    text: Maybe[str] = NOT_SENT


class SystemMessage(_SystemText, frozen=True, kw_only=True, tag_field="type", tag="system_message"):
    """A message that looks like one of the server. ``text_vars`` are the variables of ``text``.

    ``SystemMessage("Ann took over", system_message_type="takeover")``.
    """

    type: ClassVar[Literal["system_message"]] = "system_message"
    system_message_type: Id
    text_vars: MaybeFrom[dict[str, str], Mapping[str, str]] = NOT_SENT


NewEvent: TypeAlias = Message | File | RichMessage | Custom | SystemMessage | Form | FilledForm
"""Any event that can be sent. ``system`` events cannot."""


def validate_event(event: object, path: str = "event") -> None:
    """Check that an event can be sent: its type is a supported one and it breaks no rule.

    Raises ``InvalidArgument``.
    """
    if not isinstance(event, get_args(NewEvent)):
        names = ", ".join(cls.__name__ for cls in get_args(NewEvent))
        raise InvalidArgument(path, f"must be one of {names}, not {type(event).__name__}")
    assert isinstance(event, Checked)
    try:
        event.__post_init__()
    except InvalidArgument as error:
        raise InvalidArgument(f"{path}.{error.field}", error.rule) from None
