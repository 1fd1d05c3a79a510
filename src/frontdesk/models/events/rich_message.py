"""The parts of rich messages, received and to send.

A part that breaks a rule is refused when the ``RichMessage`` is built that it belongs to.
"""

from frontdesk.errors import InvalidArgument
from frontdesk.models.base import Model

__all__ = [
    "EcommerceAddon",
    "EcommerceOption",
    "RichMessageButton",
    "RichMessageEcommerce",
    "RichMessageElement",
    "RichMessageImage",
]

MAX_ELEMENTS = 10
MAX_BUTTONS = 13
BUTTON_TYPES = ("webview", "message", "url", "phone")
WEBVIEW_HEIGHTS = ("compact", "full", "tall")
TARGETS = ("new", "current")
VIEW_TYPES = ("tags", "swatch", "images", "select")


def _one_of(allowed: tuple[str, ...], value: str, path: str) -> None:
    if value not in allowed:
        raise InvalidArgument(path, f"must be one of {', '.join(allowed)}")


class RichMessageImage(Model, kw_only=True):
    """The image of an element. ``size`` is in bytes, ``width`` and ``height`` in pixels."""

    url: str
    name: str | None = None
    content_type: str | None = None
    size: int | None = None
    width: int | None = None
    height: int | None = None
    alternative_text: str | None = None


class RichMessageButton(Model, kw_only=True):
    """A button of an element.

    ``type`` (``webview``, ``message``, ``url``, ``phone``) and ``value`` come together.
    ``webview_height`` (``compact``, ``full``, ``tall``) is required for a ``webview``;
    ``target`` (``new``, ``current``) is for a ``url``. ``user_ids`` are the users whose last press
    had ``toggled`` true.
    """

    text: str
    postback_id: str
    user_ids: list[str] | None = None
    type: str | None = None
    value: str | None = None
    webview_height: str | None = None
    target: str | None = None

    def validate(self, path: str) -> None:
        """Raise ``InvalidArgument`` if the API would refuse it."""
        for name, text in (("text", self.text), ("postback_id", self.postback_id)):
            if not text:
                raise InvalidArgument(f"{path}.{name}", "is required")
        if (self.type is None) != (self.value is None):
            missing = "type" if self.type is None else "value"
            raise InvalidArgument(f"{path}.{missing}", "is required with its counterpart")
        if self.type is not None:
            _one_of(BUTTON_TYPES, self.type, f"{path}.type")
        if self.webview_height is not None:
            _one_of(WEBVIEW_HEIGHTS, self.webview_height, f"{path}.webview_height")
        elif self.type == "webview":
            raise InvalidArgument(f"{path}.webview_height", "is required for a webview")
        if self.target is not None:
            _one_of(TARGETS, self.target, f"{path}.target")


class EcommerceOption(Model, kw_only=True):
    """A variant of a product. Prices are texts."""

    option_id: str
    label: str
    price: str | None = None
    regular_price: str | None = None
    currency: str | None = None
    color: str | None = None
    image_url: str | None = None
    image_thumbnail_url: str | None = None
    available: bool | None = None
    selected: bool | None = None


class EcommerceAddon(Model, kw_only=True):
    """An addition to a product, such as a range of prices."""

    addon_type: str
    range_from: str | None = None
    range_to: str | None = None
    currency: str | None = None


class RichMessageEcommerce(Model, kw_only=True):
    """The product of an element of the ``ecommerce`` template.

    ``view_type`` is ``tags``, ``swatch``, ``images`` or ``select``.
    """

    view_type: str
    product_id: str
    label: str | None = None
    options: list[EcommerceOption] | None = None
    addons: list[EcommerceAddon] | None = None


class RichMessageElement(Model, kw_only=True):
    """One card, with at most 13 buttons. ``ecommerce`` is for the template of that name only."""

    title: str | None = None
    subtitle: str | None = None
    image: RichMessageImage | None = None
    buttons: list[RichMessageButton] | None = None
    ecommerce: RichMessageEcommerce | None = None

    def validate(self, path: str) -> None:
        """Raise ``InvalidArgument`` if the API would refuse it."""
        buttons = self.buttons or []
        if len(buttons) > MAX_BUTTONS:
            raise InvalidArgument(f"{path}.buttons", f"must hold at most {MAX_BUTTONS} buttons")
        for position, button in enumerate(buttons):
            button.validate(f"{path}.buttons[{position}]")
        if self.image is not None and not self.image.url:
            raise InvalidArgument(f"{path}.image.url", "is required")
        if self.ecommerce is not None:
            _one_of(VIEW_TYPES, self.ecommerce.view_type, f"{path}.ecommerce.view_type")
