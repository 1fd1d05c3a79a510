"""How the API shows a customer its chats.

The log-in names the chats and tells nothing of them. The list shows all of them, and leaves out
what changes without an event: so each chat that goes on is read whole.
"""

from typing import Any, Final

from msgspec import UNSET

from frontdesk.actions import Action
from frontdesk.actions.customer.chats import MAX_CHATS, GetChat, ListChats, ListThreads
from frontdesk.core.rtm.recovery.known_chats import ShownChat, newest_of, users_present
from frontdesk.core.rtm.recovery.views import RECOVERABLE, THREADS_A_PAGE, View, Walking
from frontdesk.models.customer_chat.chats import CustomerChatSummary
from frontdesk.models.customer_chat.session import CustomerLoginResponse
from frontdesk.pushes import (
    ChatPropertiesDeleted,
    ChatPropertiesUpdated,
    EventDeleted,
    EventPropertiesDeleted,
    EventPropertiesUpdated,
    EventsMarkedAsSeen,
    EventUpdated,
    IncomingRichMessagePostback,
    Push,
    ThreadPropertiesDeleted,
    ThreadPropertiesUpdated,
)
from frontdesk.pushes.customer_chat import QueuePositionUpdated

__all__ = ["CUSTOMER_VIEW", "REGAINED"]

REGAINED: Final[tuple[type[Push], ...]] = (
    ChatPropertiesUpdated,
    ChatPropertiesDeleted,
    ThreadPropertiesUpdated,
    ThreadPropertiesDeleted,
    EventPropertiesUpdated,
    EventPropertiesDeleted,
    EventsMarkedAsSeen,
    EventUpdated,
    EventDeleted,
    IncomingRichMessagePostback,
    QueuePositionUpdated,
)
"""The pushes about chats that tell how something is now: what it was in between is lost."""
OF_CUSTOMER: Final = frozenset(
    {"customer_updated", "incoming_greeting", "greeting_accepted", "greeting_canceled"}
)
"""Those that the response to a log-in makes up for."""


class _CustomerView:
    read_back: tuple[type[Push], ...] = (*RECOVERABLE, *REGAINED)
    watched: frozenset[str] = frozenset(
        {*(kind.spec.name for kind in read_back), "chat_transferred", *OF_CUSTOMER}
    )
    can_lose_chats: bool = False
    reads_whole: bool = True

    def user(self, login: CustomerLoginResponse) -> Any:
        return login.customer

    def shown(self, login: CustomerLoginResponse) -> list[ShownChat]:
        return []

    def shows_all(self, login: CustomerLoginResponse) -> bool:
        return False

    def lists(self, *, all_active_shown: bool) -> list[Walking]:
        return [Walking(ListChats(limit=MAX_CHATS), active=None)]

    def summary(self, summary: CustomerChatSummary) -> ShownChat:
        last_id, last_at = newest_of(summary.last_event_per_type, summary.last_thread_created_at)
        return ShownChat(
            id=summary.id,
            users=summary.users,
            present=users_present(summary.users),
            followed=False,
            group_ids=tuple(summary.access.group_ids) if summary.access else (),
            thread_id=summary.last_thread_id or "",
            active=summary.active is True,
            created_at=summary.last_thread_created_at,
            user_ids=(),
            last_id=last_id,
            last_at=last_at,
            properties=summary.properties,
        )

    def get_chat(self, chat_id: str, thread_id: str | None = None) -> Action[Any]:
        return GetChat(chat_id=chat_id, thread_id=UNSET if thread_id is None else thread_id)

    def list_threads(self, chat_id: str) -> Action[Any]:
        return ListThreads(chat_id=chat_id, limit=THREADS_A_PAGE)


CUSTOMER_VIEW: Final[View] = _CustomerView()
