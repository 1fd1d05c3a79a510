"""A context of a handler that says what it was asked to do, over the client of a sandbox."""

from typing import Any, Literal

from frontdesk import AsyncAgentClient
from frontdesk.models import Chat, Message


class FakeContext:
    """Does what ``bots.Context`` does, as far as models need it."""

    bot_id = "5c9871d5372c824cbf22d860a707a578"
    custom_id = "reply-1"

    def __init__(self, client: AsyncAgentClient, chat_id: str) -> None:
        self.client = client
        self.chat_id = chat_id
        self.thoughts: list[str | None] = []
        self.notes: list[str | None] = []
        self.chats = 0

    async def chat(self) -> Chat:
        self.chats += 1
        return await self.client.get_chat(chat_id=self.chat_id)

    async def thinking(self, title: str | None = None, description: str | None = None) -> None:
        self.thoughts.append(title)
        await self.client.send_thinking_indicator(chat_id=self.chat_id, title=title)

    async def reply(self, content: Any, *, long: Literal["refuse", "split"] = "refuse") -> str:
        parts = [content]
        if long == "split" and len(content) > 16_384:
            parts = [content[at : at + 16_384] for at in range(0, len(content), 16_384)]
        for number, part in enumerate(parts):
            custom_id = self.custom_id if number == 0 else f"reply-{number + 1}"
            sent = await self.client.send_event(
                chat_id=self.chat_id, event=Message(part, custom_id=custom_id)
            )
        return sent.event_id

    async def hand_over(
        self,
        note: str | None = None,
        *,
        group: int | None = None,
        if_nobody: Literal["stay", "queue"] = "stay",
    ) -> str:
        self.notes.append(note)
        return f"handed over to {group}, {if_nobody}"
