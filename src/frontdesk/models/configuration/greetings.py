"""Greetings: what invites customers on a page to chat.

Source: https://platform.text.com/docs/management/configuration-api#greetings
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, ClassVar, Final, Literal, TypeAlias

from msgspec import UNSET, Meta, Struct, field

from frontdesk.errors import InvalidArgument
from frontdesk.models.base import Model, Result, in_utc
from frontdesk.spec.checks import Checked
from frontdesk.spec.fields import NOT_SENT, Dict, Maybe, MaybeFrom

__all__ = [
    "CreatedGreeting",
    "Greeting",
    "GreetingButton",
    "GreetingElement",
    "GreetingImage",
    "GreetingProperties",
    "GreetingRichMessage",
    "GreetingRule",
    "GreetingUrl",
    "NewGreetingButton",
    "NewGreetingElement",
    "NewGreetingImage",
    "NewGreetingProperties",
    "NewGreetingRichMessage",
    "NewGreetingRule",
    "NewGreetingUrl",
]

Operator: TypeAlias = Literal[
    "equals",
    "doesnt_equal",
    "lower_than",
    "lower_or_equal",
    "greater_than",
    "greater_or_equal",
    "contains",
    "doesnt_contain",
]
RuleType: TypeAlias = Literal[
    "visit_time_site",
    "visit_time_page",
    "url_current",
    "url_visited",
    "url_funnel",
    "pages_view_number",
    "url_referrer",
    "geolocation",
    "visits_number",
    "search_keyword",
    "custom_variable",
    "ads_traffic",
    "url_match_page_view_number",
]
_NEEDS: Final[dict[str, tuple[str, ...]]] = {
    "url_funnel": ("urls",),
    "custom_variable": ("session_field",),
    "ads_traffic": ("session_field",),
    "url_match_page_view_number": ("value", "operator", "urls"),
}
"""What a rule needs; the types that are not listed need ``value`` and ``operator``."""
_SECONDS: Final = ("visit_time_site", "visit_time_page")
_LONGEST_VISIT: Final = 900
_ADS: Final = ("microsoft", "facebook", "google", "twitter", "yahoo")
SHORT_TEXT: Final = 255


class GreetingUrl(Model, kw_only=True):
    """As ``NewGreetingUrl``."""

    url: str
    operator: str | None = None


class GreetingRule(Model, kw_only=True):
    """As ``NewGreetingRule``."""

    type: str
    condition: str | None = None
    operator: str | None = None
    value: str | None = None
    urls: list[GreetingUrl] | None = None
    session_field: dict[str, str] | None = None


class GreetingProperties(Model, kw_only=True):
    """As ``NewGreetingProperties``; ``text`` is in LiveChat's samples alone."""

    addon: str | None = None
    is_exit_intent: str | None = None
    message_text: str | None = field(default=None, name="greeting-message_text")
    message_json_key: str | None = field(default=None, name="greeting-message_json_key")
    message_phrase_key: str | None = field(default=None, name="greeting-message_phrase_key")
    text: str | None = None


class GreetingImage(Model, kw_only=True):
    """As ``NewGreetingImage``."""

    url: str
    name: str | None = None
    content_type: str | None = None
    size: int | None = None
    width: int | None = None
    height: int | None = None
    alternative_text: str | None = None


class GreetingButton(Model, kw_only=True):
    """As ``NewGreetingButton``, with its ``button_id``."""

    text: str
    type: str
    value: str | None = None
    postback_id: str | None = None
    button_id: str | None = None
    role: str | None = None


class GreetingElement(Model, kw_only=True):
    """As ``NewGreetingElement``."""

    title: str | None = None
    subtitle: str | None = None
    image: GreetingImage | None = None
    buttons: list[GreetingButton] | None = None


class GreetingRichMessage(Model, kw_only=True):
    """As ``NewGreetingRichMessage``."""

    template_id: str | None = None
    elements: list[GreetingElement] | None = None


class NewGreetingUrl(Checked, frozen=True, kw_only=True):
    """An address, and how the customer's page compares with it."""

    received_as: ClassVar[type[Struct]] = GreetingUrl
    url: str
    operator: Operator


class NewGreetingRule(Checked, frozen=True, kw_only=True):
    """When to show a greeting. ``condition``: whether ``and`` or ``or`` joins the rules.

    ``value`` is a text also for numbers: seconds (0 to 900) for ``visit_time_…``, a number for
    ``pages_view_number``, ``visits_number`` and ``url_match_page_view_number``, else an address,
    place or keyword. Instead of it ``url_funnel`` takes ``urls`` (1 to 10), ``custom_variable``
    and ``ads_traffic`` take ``session_field`` with one pair of at most 255 characters; the key of
    ``ads_traffic`` is ``microsoft``, ``facebook``, ``google``, ``twitter`` or ``yahoo``.
    """

    received_as: ClassVar[type[Struct]] = GreetingRule
    condition: Literal["and", "or"]
    type: RuleType
    operator: Maybe[Operator] = NOT_SENT
    value: Maybe[str] = NOT_SENT
    urls: MaybeFrom[
        Annotated[list[NewGreetingUrl], Meta(min_length=1, max_length=10)],
        Sequence[NewGreetingUrl | GreetingUrl | Dict],
    ] = NOT_SENT
    session_field: Maybe[dict[str, str]] = NOT_SENT

    def _rules(self) -> None:
        for name in _NEEDS.get(self.type, ("value", "operator")):
            if getattr(self, name) is UNSET:
                raise InvalidArgument(name, f"is required for the type `{self.type}`")
        if self.type in _SECONDS and self.value is not UNSET:
            seconds = self.value
            if not (seconds.isascii() and seconds.isdigit() and int(seconds) <= _LONGEST_VISIT):
                raise InvalidArgument("value", f"must be seconds from 0 to {_LONGEST_VISIT}")
        if self.session_field is UNSET:
            return
        if len(self.session_field) != 1:
            raise InvalidArgument("session_field", "must have exactly one pair")
        for key, value in self.session_field.items():
            if max(len(key), len(value)) > SHORT_TEXT:
                raise InvalidArgument("session_field", f"has at most {SHORT_TEXT} characters each")
            if self.type == "ads_traffic" and key not in _ADS:
                raise InvalidArgument("session_field", f"must be one of {', '.join(_ADS)}")


class NewGreetingProperties(Checked, frozen=True, kw_only=True):
    """Settings of a greeting; all are texts, also ``true`` and ``false``."""

    received_as: ClassVar[type[Struct]] = GreetingProperties
    addon: Maybe[str] = NOT_SENT
    is_exit_intent: Maybe[str] = NOT_SENT
    message_text: Maybe[str] = field(default=NOT_SENT, name="greeting-message_text")
    message_json_key: Maybe[str] = field(default=NOT_SENT, name="greeting-message_json_key")
    message_phrase_key: Maybe[str] = field(default=NOT_SENT, name="greeting-message_phrase_key")


class NewGreetingImage(Checked, frozen=True, kw_only=True):
    """A picture; ``size`` in bytes, ``width`` and ``height`` in pixels."""

    received_as: ClassVar[type[Struct]] = GreetingImage
    url: str
    name: Maybe[str] = NOT_SENT
    content_type: Maybe[str] = NOT_SENT
    size: Maybe[int] = NOT_SENT
    width: Maybe[int] = NOT_SENT
    height: Maybe[int] = NOT_SENT
    alternative_text: Maybe[str] = NOT_SENT


class NewGreetingButton(Checked, frozen=True, kw_only=True):
    """A button. Send an old ``button_id`` to keep it; a new button gets one."""

    received_as: ClassVar[type[Struct]] = GreetingButton
    text: str
    type: Literal["webview", "message", "url", "phone"]
    value: str
    postback_id: str
    button_id: Maybe[str] = NOT_SENT
    role: Maybe[Literal["default", "primary", "danger"]] = NOT_SENT


class NewGreetingElement(Checked, frozen=True, kw_only=True):
    """A card; LiveChat's table requires ``image``, none of its samples has one."""

    received_as: ClassVar[type[Struct]] = GreetingElement
    title: str
    subtitle: str
    image: MaybeFrom[NewGreetingImage, NewGreetingImage | GreetingImage | Dict] = NOT_SENT
    buttons: MaybeFrom[
        Annotated[list[NewGreetingButton], Meta(max_length=13)],
        Sequence[NewGreetingButton | GreetingButton | Dict],
    ] = NOT_SENT


class NewGreetingRichMessage(Checked, frozen=True, kw_only=True):
    """What the greeting shows. ``text`` is in LiveChat's samples and not in its table."""

    received_as: ClassVar[type[Struct]] = GreetingRichMessage
    template_id: Literal["cards", "sticker", "quick_replies", "text"]
    elements: MaybeFrom[
        Annotated[list[NewGreetingElement], Meta(max_length=10)],
        Sequence[NewGreetingElement | GreetingElement | Dict],
    ] = NOT_SENT


class Greeting(Result, kw_only=True):
    """A greeting of one group; ``type`` is ``normal`` or ``announcement``."""

    id: int
    type: str
    active: bool
    name: str
    group: int
    rules: list[GreetingRule] = field(default_factory=list[GreetingRule])
    active_from: datetime | None = None
    active_until: datetime | None = None
    properties: GreetingProperties | None = None
    rich_message: GreetingRichMessage | None = None

    def __post_init__(self) -> None:
        self.active_from = in_utc(self.active_from)
        self.active_until = in_utc(self.active_until)


class CreatedGreeting(Result, kw_only=True):
    """The greeting is made."""

    id: int
