"""A supervisor's tail: what happens in all chats, as lines, and an alarm for long waits."""

from collections.abc import Callable

from frontdesk import AsyncAgentRTM, PushesLost
from frontdesk.models import MessageEvent
from frontdesk.pushes import ChatDeactivated, ChatTransferred, IncomingChat, IncomingEvent

Watched = IncomingChat | IncomingEvent | ChatTransferred | ChatDeactivated


def line(push: Watched | PushesLost) -> str | None:
    """Return the line for a push; None for what nobody needs to see."""
    match push:
        case IncomingChat(chat=chat):
            names = [customer.name or customer.id for customer in chat.customers.values()]
            return f"{chat.id} begins: {', '.join(names)}"
        case IncomingEvent(chat_id=chat_id, event=MessageEvent(text=text, author_id=author)):
            return f"{chat_id} {author}: {text}"
        case ChatTransferred(chat_id=chat_id):
            return f"{chat_id} is transferred"
        case ChatDeactivated(chat_id=chat_id):
            return f"{chat_id} ends"
        case PushesLost(overflow=overflow):
            return f"{overflow} lines are missing"
        case _:
            return None


async def tail(rtm: AsyncAgentRTM, show: Callable[[str], object], *, lines: int) -> None:
    """Show so many lines of a connected session."""
    kinds = (IncomingChat, IncomingEvent, ChatTransferred, ChatDeactivated)
    async with rtm.pushes(*kinds) as pushes:
        shown = 0
        async for push in pushes:
            text = line(push)
            if text is not None:
                show(text)
                shown += 1
            if shown >= lines:
                return
