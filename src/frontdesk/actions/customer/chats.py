"""Chats of a customer: list, read, start, resume, deactivate."""

from typing import Annotated, Any, ClassVar, Final

from msgspec import UNSET, Meta

from frontdesk.actions.agent import chats as agent_chats
from frontdesk.actions.customer.shared import check_event, for_customers
from frontdesk.actions.paging import PageId, PageLimit, SortOrder, alone
from frontdesk.errors import InvalidArgument
from frontdesk.models import InitialChat, ThreadsPage
from frontdesk.models.customer_chat.chats import CustomerChatsPage
from frontdesk.spec.actions import Action, Paging, Spec
from frontdesk.spec.checks import Id
from frontdesk.spec.fields import NOT_SENT, Maybe

__all__ = ["DeactivateChat", "GetChat", "ListChats", "ListThreads", "ResumeChat", "StartChat"]

MAX_CHATS: Final = 25
"""Chats a page at the most, a quarter of what agents get."""
CHATS_PAGES: Final = Paging(
    items="chats_summary", found="total_chats", default=10, maximum=MAX_CHATS
)


class ListChats(Action[CustomerChatsPage], frozen=True, kw_only=True):
    """List summaries of the customer's chats, with the last event of each type."""

    spec: ClassVar[Spec] = Spec(
        name="list_chats",
        api="customer",
        group="chats",
        returns=CustomerChatsPage,
        repeatable=True,
        page=CHATS_PAGES,
    )
    limit: Annotated[
        Maybe[Annotated[int, Meta(ge=1, le=MAX_CHATS)]],
        Meta(description=f"Chats a page, {CHATS_PAGES.limits}."),
    ] = NOT_SENT
    sort_order: Annotated[
        Maybe[SortOrder],
        Meta(
            description="By the creation of the last thread; `desc`: newest first; `asc`: oldest "
            "first; defaults to `desc`."
        ),
    ] = NOT_SENT
    page_id: Annotated[
        Maybe[PageId],
        Meta(
            description="`next_page_id` or `previous_page_id` of an earlier page, at most a month "
            "old; excludes every other argument."
        ),
    ] = NOT_SENT

    def _rules(self) -> None:
        alone("page_id", self.page_id, sort_order=self.sort_order, limit=self.limit)


class ListThreads(Action[ThreadsPage], frozen=True, kw_only=True):
    """List the threads of a chat of the customer, with their events."""

    spec: ClassVar[Spec] = for_customers(agent_chats.ListThreads.spec)
    chat_id: Annotated[Id, Meta(description="The chat whose threads to list.")]
    sort_order: Annotated[
        Maybe[SortOrder],
        Meta(description="`desc`: newest first; `asc`: oldest first; defaults to `desc`."),
    ] = NOT_SENT
    limit: Annotated[
        Maybe[PageLimit],
        Meta(description=f"Threads a page, {agent_chats.THREADS_PAGES.limits}."),
    ] = NOT_SENT
    page_id: Annotated[
        Maybe[PageId],
        Meta(
            description="`next_page_id` or `previous_page_id` of an earlier page, at most a month "
            "old; excludes `limit`, `sort_order` and `min_events_count`."
        ),
    ] = NOT_SENT
    min_events_count: Annotated[
        Maybe[Annotated[int, Meta(ge=1, le=agent_chats.MAX_EVENTS_COUNT)]],
        Meta(
            description="As many of the latest threads as it takes to reach this total of events, "
            f"1 to {agent_chats.MAX_EVENTS_COUNT}; excludes `limit`."
        ),
    ] = NOT_SENT

    def _rules(self) -> None:
        alone(
            "page_id",
            self.page_id,
            sort_order=self.sort_order,
            limit=self.limit,
            min_events_count=self.min_events_count,
        )
        alone("min_events_count", self.min_events_count, limit=self.limit)


class GetChat(agent_chats.GetChat, frozen=True, kw_only=True):
    """Get a chat of the customer with one of its threads."""

    spec: ClassVar[Spec] = for_customers(agent_chats.GetChat.spec)


WELCOME_MESSAGE: Final = (
    "`id` of `request_welcome_message`: keeps the message that the customer saw in the chat."
)


def _check_chat(given: Any) -> None:
    """Refuse what the agents' side has and customers have not."""
    chat: InitialChat = given  # type checkers see what an inherited field takes, not what it holds
    users = () if chat.users is UNSET else chat.users
    if any(user.type != "customer" for user in users):
        raise InvalidArgument("chat.users", "may hold the customer only")
    if chat.thread is UNSET:
        return
    if chat.thread.tags is not UNSET:
        raise InvalidArgument("chat.thread.tags", "cannot be sent by customers")
    if chat.thread.events is not UNSET:
        for position, event in enumerate(chat.thread.events):
            check_event(event, f"chat.thread.events[{position}]")


class StartChat(agent_chats.StartChat, frozen=True, kw_only=True):
    """Start a chat; with no arguments, one of all groups without an event.

    Needs an online group, unless `continuous` is true. A customer has one chat per license as a
    rule; once there is one, `resume_chat` starts its next thread.
    """

    spec: ClassVar[Spec] = for_customers(
        agent_chats.StartChat.spec,
        errors=("GroupsOffline", "CustomerBanned", "LimitReached", "ValidationError"),
    )
    welcome_message_id: Annotated[Maybe[Id], Meta(description=WELCOME_MESSAGE)] = NOT_SENT

    def _rules(self) -> None:
        chat: Any = self.chat
        if chat is not UNSET:
            if chat.id is not UNSET:
                raise InvalidArgument("chat.id", "cannot be chosen; the response has it")
            _check_chat(chat)


class ResumeChat(agent_chats.ResumeChat, frozen=True, kw_only=True):
    """Start a new thread in a chat of the customer that has no active one."""

    spec: ClassVar[Spec] = for_customers(
        agent_chats.ResumeChat.spec,
        errors=("GroupsOffline", "CustomerBanned", "ChatAnonymized", "NotFound"),
        since=(3, 0),
    )
    welcome_message_id: Annotated[Maybe[Id], Meta(description=WELCOME_MESSAGE)] = NOT_SENT

    def _rules(self) -> None:
        super()._rules()
        _check_chat(self.chat)


class DeactivateChat(Action[None], frozen=True, kw_only=True):
    """Close the active thread of a chat; no message can be added to it afterwards."""

    spec: ClassVar[Spec] = Spec(
        name="deactivate_chat",
        api="customer",
        errors=("ChatInactive", "NotFound"),
        group="chats",
        push=("incoming_event", "chat_deactivated"),
        webhook=("incoming_event", "chat_deactivated"),
    )
    id: Annotated[Id, Meta(description="The chat to deactivate.")]
