"""Who greets a customer, and with what.

Source: https://platform.text.com/docs/messaging/customer-chat-api
"""

from datetime import datetime
from typing import Any

from frontdesk.models.base import Model, Properties, Result, in_utc
from frontdesk.models.events.event import Event
from frontdesk.models.events.rich_message import RichMessageElement

__all__ = ["EventPreview", "PredictedAgent", "Prediction", "ShownGreeting", "WelcomeMessage"]


class PredictedAgent(Model, kw_only=True):
    """The agent or bot that greets a customer, or would get the chat.

    ``bot_type`` is ``chatbot`` or ``ai_agent``, for bots in ``request_welcome_message`` only.
    """

    id: str
    name: str | None = None
    type: str | None = None
    avatar: str | None = None
    job_title: str | None = None
    is_bot: bool | None = None
    bot_type: str | None = None


class Prediction(Result, kw_only=True):
    """Who would get the chat if it was started now, and whether it would have to wait."""

    agent: PredictedAgent | None = None
    queue: bool


class WelcomeMessage(Result, kw_only=True):
    """A welcome message was requested; its text comes with ``IncomingWelcomeMessage``.

    Give ``id`` to ``start_chat`` or ``resume_chat`` as ``welcome_message_id`` to keep the message
    in the chat.
    """

    id: str
    predicted_agent: PredictedAgent
    queue: bool


class EventPreview(Model, kw_only=True):
    """An event that is no part of a chat yet, and so has no id.

    ``type`` is ``message`` or ``rich_message``. The event that takes its place has the same
    ``custom_id``.
    """

    type: str
    author_id: str
    created_at: datetime
    text: str | None = None
    custom_id: str | None = None
    template_id: str | None = None
    elements: list[RichMessageElement] | None = None
    properties: Properties | None = None
    recipients: str | None = None

    def __post_init__(self) -> None:
        self.created_at = in_utc(self.created_at)


class ShownGreeting(Model, kw_only=True):
    """A greeting that a customer sees.

    ``id`` is that of the greeting on the license, ``unique_id`` that of this showing. ``accepted``
    comes with the log-in only. ``subtype`` is ``announcement`` or missing.
    """

    id: int
    unique_id: str
    event: Event
    agent: PredictedAgent
    displayed_first_time: bool | None = None
    is_exit_intent: bool | None = None
    accepted: bool | None = None
    addon: str | None = None
    subtype: str | None = None

    @classmethod
    def placeholder(cls, name: str, fields: dict[str, Any]) -> Any:
        """Take an agent without an id: the greeting is worth showing without its face."""
        return PredictedAgent(id="") if name == "agent" else super().placeholder(name, fields)
