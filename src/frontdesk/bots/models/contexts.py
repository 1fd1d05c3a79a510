"""What a model needs of a handler's context: ``bots.Context`` has it, and a test can."""

from typing import Any, Literal, Protocol, TypeVar

from frontdesk.models import Chat
from frontdesk.rendered.async_agent import AsyncAgentClient

__all__ = ["HandsOver", "Replies"]

H_co = TypeVar("H_co", covariant=True)


class Replies(Protocol):
    """What ``stream`` needs."""

    @property
    def chat_id(self) -> str:
        """The chat."""
        ...

    @property
    def custom_id(self) -> str:
        """The ``custom_id`` that the next reply will have."""
        ...

    @property
    def client(self) -> AsyncAgentClient:
        """A client that acts as the bot."""
        ...

    async def thinking(self, title: str | None = None, description: str | None = None) -> None:
        """Show that a reply is being prepared."""
        ...

    async def reply(self, content: Any, *, long: Literal["refuse", "split"] = "refuse") -> str:
        """Send a message; returns its id."""
        ...


class HandsOver(Protocol[H_co]):
    """What ``summarize`` needs."""

    @property
    def chat_id(self) -> str:
        """The chat."""
        ...

    @property
    def bot_id(self) -> str:
        """The bot."""
        ...

    async def chat(self) -> Chat:
        """Return the chat."""
        ...

    async def hand_over(
        self,
        note: str | None = None,
        *,
        group: int | None = None,
        if_nobody: Literal["stay", "queue"] = "stay",
    ) -> H_co:
        """Give the chat to a person."""
        ...
