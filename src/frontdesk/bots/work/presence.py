"""Whether the bot is in a chat: what pushes say of it, and joining."""

import re
from typing import Any, Final

from frontdesk.bots.states.record import ChatRecord
from frontdesk.errors import AlreadyExists, APIError, AuthorizationError, ValidationError
from frontdesk.models import Agent
from frontdesk.pushes import ChatTransferred, IncomingChat, UserAddedToChat, UserRemovedFromChat
from frontdesk.rendered.async_agent import AsyncAgentClient

__all__ = ["is_absence", "join", "track"]

TELLING: Final = frozenset({IncomingChat, UserAddedToChat, UserRemovedFromChat, ChatTransferred})
ABSENT: Final = re.compile(r"\bnot (?:a |an )?(?:user|member|participant)", re.IGNORECASE)
ALREADY: Final = re.compile(r"\balready\b", re.IGNORECASE)


def track(record: ChatRecord, payload: Any, bot_id: str) -> None:
    """Take note of what a payload says of the bot's presence."""
    if type(payload) not in TELLING:
        return  # most payloads are messages, which do not tell
    match payload:
        case IncomingChat():
            user = next((user for user in payload.chat.users if user.id == bot_id), None)
            if isinstance(user, Agent) and user.present:
                record.present, record.away = True, False
        case UserAddedToChat() if payload.user.id == bot_id:
            record.present, record.away = True, False
        case UserRemovedFromChat() if payload.user_id == bot_id:
            leave(record)
        case ChatTransferred() if record.present:
            agents = payload.transferred_to.agent_ids
            if agents and bot_id not in agents:
                leave(record)
        case _:
            pass


def leave(record: ChatRecord) -> None:
    """Take note that the bot is out of the chat, and is to stay out of it."""
    record.present, record.away, record.step = False, True, None


async def join(client: AsyncAgentClient, chat_id: str, bot_id: str) -> None:
    """Make the bot a user of a chat; it may be one already."""
    try:
        await client.add_user_to_chat(
            chat_id=chat_id,
            user_id=bot_id,
            user_type="agent",
            visibility="all",
            ignore_requester_presence=True,
        )
    except AlreadyExists:
        pass
    except ValidationError as error:
        # LiveChat has no error type for it.
        if not ALREADY.search(error.message):
            raise


def is_absence(error: APIError) -> bool:
    """Tell whether an error says that the requester is not a user of the chat."""
    return isinstance(error, AuthorizationError) and bool(ABSENT.search(error.message))
