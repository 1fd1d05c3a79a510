"""Buttons of rich messages that were pressed."""

from typing import Any

from frontdesk.errors import InvalidArgument
from frontdesk.models.base import Model

__all__ = ["Postback", "PostbackEcommerce", "RichMessagePostback"]


def _need(path: str, **values: Any) -> None:
    """Refuse values that are missing or empty."""
    for name, value in values.items():
        if not value:
            raise InvalidArgument(f"{path}.{name}", "is required")


class PostbackEcommerce(Model, kw_only=True):
    """The product that a button of the ``ecommerce`` template stands for.

    ``product_id`` is required when it is sent.
    """

    product_id: str | None = None
    option_id: str | None = None
    quantity: int | None = None


class Postback(Model, kw_only=True):
    """The button of a rich message that triggered a message.

    ``type`` and ``value`` are those of the button, and come together.
    Source: https://platform.text.com/docs/messaging/agent-chat-api/data-structures#message
    """

    id: str
    thread_id: str
    event_id: str
    type: str | None = None
    value: str | None = None
    ecommerce: PostbackEcommerce | None = None

    def validate(self, path: str = "postback") -> None:
        """Raise ``InvalidArgument`` if the API would refuse it."""
        _need(path, id=self.id, thread_id=self.thread_id, event_id=self.event_id)
        if (self.type is None) != (self.value is None):
            missing = "type" if self.type is None else "value"
            raise InvalidArgument(f"{path}.{missing}", "is required with its counterpart")
        if self.ecommerce is not None:
            _need(f"{path}.ecommerce", product_id=self.ecommerce.product_id)


class RichMessagePostback(Model, kw_only=True):
    """A button of a rich message that was pressed; ``toggled`` false takes that back.

    ``id`` is the ``postback_id`` of the button. Unlike in ``Postback``, the type and value of the
    button are called ``button_type`` and ``button_value`` (since 3.6, like ``ecommerce``).
    """

    id: str
    toggled: bool
    button_type: str | None = None
    button_value: str | None = None
    ecommerce: PostbackEcommerce | None = None

    def validate(self, path: str = "postback") -> None:
        """Raise ``InvalidArgument`` if the API would refuse it."""
        _need(path, id=self.id)
        if self.ecommerce is not None:
            _need(f"{path}.ecommerce", product_id=self.ecommerce.product_id)
