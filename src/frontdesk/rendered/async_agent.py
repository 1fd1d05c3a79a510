"""Rendered from the declarations by ``make render``; not to be edited by hand."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from frontdesk.actions.agent.chat_access import ListAgentsForTransfer, TransferChat
from frontdesk.actions.agent.chat_users import AddUserToChat, RemoveUserFromChat
from frontdesk.actions.agent.chats import (
    DeactivateChat,
    FollowChat,
    GetChat,
    ListArchives,
    ListChats,
    ListThreads,
    ResumeChat,
    StartChat,
    UnfollowChat,
)
from frontdesk.actions.agent.customers import (
    BanCustomer,
    CreateCustomer,
    FollowCustomer,
    GetCustomer,
    ListCustomers,
    UnfollowCustomer,
    UpdateCustomer,
)
from frontdesk.actions.agent.events import (
    MarkEventsAsSeen,
    SendEvent,
    SendEventPreview,
    SendRichMessagePostback,
)
from frontdesk.actions.agent.indicators import SendThinkingIndicator, SendTypingIndicator
from frontdesk.actions.agent.multicast import Multicast
from frontdesk.actions.agent.older import GetLicenseInfo
from frontdesk.actions.agent.properties import (
    DeleteChatProperties,
    DeleteEventProperties,
    DeleteThreadProperties,
    UpdateChatProperties,
    UpdateEventProperties,
    UpdateThreadProperties,
)
from frontdesk.actions.agent.session import Logout
from frontdesk.actions.agent.status import ListRoutingStatuses, SetRoutingStatus
from frontdesk.actions.agent.thread_summaries import RequestThreadSummary
from frontdesk.actions.agent.thread_tags import TagThread, UntagThread
from frontdesk.actions.agent.thread_transcripts import GetThreadTranscript
from frontdesk.clients.async_web import AsyncDriver
from frontdesk.clients.pages import AsyncPages
from frontdesk.clients.uploads import FileLike
from frontdesk.core.pages import full_pages
from frontdesk.models import (
    Address,
    AgentsForTransfer,
    AgentStatus,
    ArchivesFilters,
    ArchivesPage,
    Ban,
    Chat,
    ChatsFilters,
    ChatsPage,
    ChatSummary,
    CreatedCustomer,
    Customer,
    CustomersFilters,
    CustomersPage,
    Highlights,
    InitialChat,
    LicenseInfo,
    Message,
    MulticastRecipients,
    NewEvent,
    OmnichannelRequest,
    ResumedChat,
    RichMessagePostback,
    RoutingStatusesFilters,
    SentEvent,
    StartedChat,
    Target,
    Thread,
    ThreadsFilters,
    ThreadsPage,
    ThreadTranscript,
    UploadedFile,
)

if TYPE_CHECKING:
    from frontdesk.rendered.async_configuration import AsyncConfigurationClient

__all__ = ["AsyncAgentClient"]


class AsyncAgentClient(AsyncDriver):
    """The Agent Chat Web API: one method per API method, each to be awaited."""

    def configuration(self) -> "AsyncConfigurationClient":
        """Return a client of the Configuration API on the connections of this one.

        It has the token, the meter, the budget and all other options of this client, and opens no
        connection where this one has one to spare. Closing it leaves this client as it is;
        closing this client ends both. `AsyncAgentClient.from_client` is the other way round.

        Returns:
            `AsyncConfigurationClient`.
        """
        from frontdesk.rendered.async_configuration import AsyncConfigurationClient

        return AsyncConfigurationClient.from_client(self)

    async def transfer_chat(
        self,
        *,
        id: str,
        target: Target | Mapping[str, Any] | None = None,
        ignore_agents_availability: bool | None = None,
        ignore_requester_presence: bool | None = None,
    ) -> None:
        """Transfer an active chat to groups or agents, or within its group.

        With `chats--access:rw`, the requester and the chat must share a group.

        Args:
            id: The chat to transfer.
            target: Groups or agents; defaults to another agent of the current group.
            ignore_agents_availability: True: the chat may end up queued; false: the call
                fails when nobody can take the chat at once.
            ignore_requester_presence: True allows it to a requester who is not a user of
                the chat.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `ChatInactive`,
                `AgentOffline`, `NotFound`, `MissingAccess`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: chats--all:rw or chats--access:rw.
        Source: https://platform.text.com/docs/messaging/agent-chat-api#transfer-chat
        """
        await self(
            TransferChat(
                id=id,
                target=target,
                ignore_agents_availability=ignore_agents_availability,
                ignore_requester_presence=ignore_requester_presence,
            )
        )

    async def list_agents_for_transfer(
        self,
        *,
        chat_id: str,
    ) -> AgentsForTransfer:
        """List the agents that a chat can be transferred to, those with the fewest chats first.

        Args:
            chat_id: The chat.

        Returns:
            `AgentsForTransfer`.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `NotFound`,
                `MissingAccess`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: none.
        Source: https://platform.text.com/docs/messaging/agent-chat-api#list-agents-for-transfer
        """
        return await self(ListAgentsForTransfer(chat_id=chat_id))

    async def add_user_to_chat(
        self,
        *,
        chat_id: str,
        user_id: str,
        user_type: Literal["agent", "customer"],
        visibility: Literal["all", "agents"],
        ignore_requester_presence: bool | None = None,
    ) -> None:
        """Add an agent or the customer to an active chat; a chat has at most one customer.

        Args:
            chat_id: The chat to add to.
            user_id: The user to add.
            user_type: Type of the user.
            visibility: Who sees the user; a customer can only be added with `all`.
            ignore_requester_presence: True allows it to a requester who is not a user of
                the chat.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `ChatInactive`,
                `UsersLimitReached`, `NotFound`, `MissingAccess`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: chats--all:rw or chats--access:rw.
        Source: https://platform.text.com/docs/messaging/agent-chat-api#add-user-to-chat
        """
        await self(
            AddUserToChat(
                chat_id=chat_id,
                user_id=user_id,
                user_type=user_type,
                visibility=visibility,
                ignore_requester_presence=ignore_requester_presence,
            )
        )

    async def remove_user_from_chat(
        self,
        *,
        chat_id: str,
        user_id: str,
        user_type: Literal["agent"],
        ignore_requester_presence: bool | None = None,
    ) -> None:
        """Remove an agent from a chat; the customer cannot be removed.

        Args:
            chat_id: The chat to remove from.
            user_id: The agent to remove.
            user_type: Type of the user: `agent`.
            ignore_requester_presence: True allows it to a requester who is not a user of
                the chat.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `NotFound`,
                `MissingAccess`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: chats--all:rw or chats--access:rw.
        Source: https://platform.text.com/docs/messaging/agent-chat-api#remove-user-from-chat
        """
        await self(
            RemoveUserFromChat(
                chat_id=chat_id,
                user_id=user_id,
                user_type=user_type,
                ignore_requester_presence=ignore_requester_presence,
            )
        )

    async def list_chats(
        self,
        *,
        filters: ChatsFilters | Mapping[str, Any] | None = None,
        sort_order: Literal["asc", "desc"] | None = None,
        limit: int | None = None,
        page_id: str | None = None,
    ) -> ChatsPage:
        """List summaries of the chats that the requester has access to.

        Each summary holds the last event of each type, but not the threads.

        Args:
            filters: Which chats to list; the server remembers it for the following pages.
            sort_order: `desc`: newest first; `asc`: oldest first; defaults to `desc`.
            limit: Chats a page, 1 to 100; defaults to 10.
            page_id: `next_page_id` or `previous_page_id` of an earlier page, at most a
                month old; excludes every other argument.

        Returns:
            `ChatsPage`: A page of chats. ``found_chats`` is an estimate of all; 0 if there
            is none to be read.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: chats--all:ro or chats--access:ro.
        Source: https://platform.text.com/docs/messaging/agent-chat-api#list-chats
        """
        return await self(
            ListChats(filters=filters, sort_order=sort_order, limit=limit, page_id=page_id)
        )

    def iter_chats(
        self,
        *,
        filters: ChatsFilters | Mapping[str, Any] | None = None,
        sort_order: Literal["asc", "desc"] | None = None,
        limit: int | None = None,
        page_id: str | None = None,
    ) -> AsyncPages[ChatSummary]:
        """Iterate over all pages of `list_chats`.

        Each summary holds the last event of each type, but not the threads.

        Follows `next_page_id` to the end (`async for item in client.iter_chats(…)`) and keeps one page in
        memory. Sends the filters with the first request only.

        Args:
            filters: Which chats to list; the server remembers it for the following pages.
            sort_order: `desc`: newest first; `asc`: oldest first; defaults to `desc`.
            limit: Chats a page, 1 to 100; defaults to 100.
            page_id: `next_page_id` or `previous_page_id` of an earlier page, at most a
                month old; excludes every other argument.

        Returns:
            `AsyncPages[ChatSummary]`: an iterator over the items.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: chats--all:ro or chats--access:ro.
        Source: https://platform.text.com/docs/messaging/agent-chat-api#list-chats
        """
        return self._pages(
            full_pages(
                ListChats(filters=filters, sort_order=sort_order, limit=limit, page_id=page_id)
            )
        )

    async def list_threads(
        self,
        *,
        chat_id: str,
        sort_order: Literal["asc", "desc"] | None = None,
        limit: int | None = None,
        page_id: str | None = None,
        min_events_count: int | None = None,
        filters: ThreadsFilters | Mapping[str, Any] | None = None,
    ) -> ThreadsPage:
        """List the threads of a chat, with their events.

        Args:
            chat_id: The chat whose threads to list.
            sort_order: `desc`: newest first; `asc`: oldest first; defaults to `desc`.
            limit: Threads a page, 1 to 100; defaults to 3.
            page_id: `next_page_id` or `previous_page_id` of an earlier page, at most a
                month old; excludes `filters`, `limit`, `sort_order` and `min_events_count`.
            min_events_count: As many of the latest threads as it takes to reach this total
                of events, 1 to 100; excludes `limit` and `filters`.
            filters: From when to when the threads were created.

        Returns:
            `ThreadsPage`: A page of threads. ``found_threads`` is an estimate of all.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `NotFound`,
                `MissingAccess`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: chats--all:ro or chats--access:ro.
        Source: https://platform.text.com/docs/messaging/agent-chat-api#list-threads
        """
        return await self(
            ListThreads(
                chat_id=chat_id,
                sort_order=sort_order,
                limit=limit,
                page_id=page_id,
                min_events_count=min_events_count,
                filters=filters,
            )
        )

    def iter_threads(
        self,
        *,
        chat_id: str,
        sort_order: Literal["asc", "desc"] | None = None,
        limit: int | None = None,
        page_id: str | None = None,
        filters: ThreadsFilters | Mapping[str, Any] | None = None,
    ) -> AsyncPages[Thread]:
        """Iterate over all pages of `list_threads`.

        Follows `next_page_id` to the end (`async for item in client.iter_threads(…)`) and keeps one page in
        memory. Sends the filters with the first request only.

        Args:
            chat_id: The chat whose threads to list.
            sort_order: `desc`: newest first; `asc`: oldest first; defaults to `desc`.
            limit: Threads a page, 1 to 100; defaults to 100.
            page_id: `next_page_id` or `previous_page_id` of an earlier page, at most a
                month old; excludes `filters`, `limit`, `sort_order` and `min_events_count`.
            filters: From when to when the threads were created.

        Returns:
            `AsyncPages[Thread]`: an iterator over the items.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `NotFound`,
                `MissingAccess`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: chats--all:ro or chats--access:ro.
        Source: https://platform.text.com/docs/messaging/agent-chat-api#list-threads
        """
        return self._pages(
            full_pages(
                ListThreads(
                    chat_id=chat_id,
                    sort_order=sort_order,
                    limit=limit,
                    page_id=page_id,
                    filters=filters,
                )
            )
        )

    async def get_chat(
        self,
        *,
        chat_id: str,
        thread_id: str | None = None,
    ) -> Chat:
        """Get a chat with one of its threads.

        Access is checked against the groups of the thread, not only of the chat.

        Args:
            chat_id: The chat to get.
            thread_id: The thread to get; defaults to the latest one.

        Returns:
            `Chat`: A chat with one of its threads.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `NotFound`,
                `MissingAccess`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: chats--all:ro or chats--access:ro.
        Source: https://platform.text.com/docs/messaging/agent-chat-api#get-chat
        """
        return await self(GetChat(chat_id=chat_id, thread_id=thread_id))

    async def list_archives(
        self,
        *,
        filters: ArchivesFilters | Mapping[str, Any] | None = None,
        page_id: str | None = None,
        sort_order: Literal["asc", "desc"] | None = None,
        limit: int | None = None,
        highlights: Highlights | Mapping[str, Any] | None = None,
    ) -> ArchivesPage:
        """List archived threads, each as a chat with that one thread.

        The same chat comes again for each of its threads.

        Args:
            filters: Which threads to list; the server remembers it for the following pages.
            page_id: `next_page_id` or `previous_page_id` of an earlier page, at most a
                month old; excludes `filters`, `limit` and `sort_order`.
            sort_order: `desc`: newest first; `asc`: oldest first; defaults to `desc`.
            limit: Threads a page, 1 to 100; defaults to 10.
            highlights: Marks the matches of `filters.query`; `Highlights()` marks with
                `<em>`.

        Returns:
            `ArchivesPage`: A page of archived threads, each as a chat with it.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `LimitReached`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: chats--all:ro or chats--access:ro.
        Source: https://platform.text.com/docs/messaging/agent-chat-api#list-archives
        """
        return await self(
            ListArchives(
                filters=filters,
                page_id=page_id,
                sort_order=sort_order,
                limit=limit,
                highlights=highlights,
            )
        )

    def iter_archives(
        self,
        *,
        filters: ArchivesFilters | Mapping[str, Any] | None = None,
        page_id: str | None = None,
        sort_order: Literal["asc", "desc"] | None = None,
        limit: int | None = None,
        highlights: Highlights | Mapping[str, Any] | None = None,
    ) -> AsyncPages[Chat]:
        """Iterate over all pages of `list_archives`.

        The same chat comes again for each of its threads.

        Follows `next_page_id` to the end (`async for item in client.iter_archives(…)`) and keeps one page in
        memory. Sends the filters with the first request only.

        Args:
            filters: Which threads to list; the server remembers it for the following pages.
            page_id: `next_page_id` or `previous_page_id` of an earlier page, at most a
                month old; excludes `filters`, `limit` and `sort_order`.
            sort_order: `desc`: newest first; `asc`: oldest first; defaults to `desc`.
            limit: Threads a page, 1 to 100; defaults to 100.
            highlights: Marks the matches of `filters.query`; `Highlights()` marks with
                `<em>`.

        Returns:
            `AsyncPages[Chat]`: an iterator over the items.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `LimitReached`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: chats--all:ro or chats--access:ro.
        Source: https://platform.text.com/docs/messaging/agent-chat-api#list-archives
        """
        return self._pages(
            full_pages(
                ListArchives(
                    filters=filters,
                    page_id=page_id,
                    sort_order=sort_order,
                    limit=limit,
                    highlights=highlights,
                )
            )
        )

    async def start_chat(
        self,
        *,
        chat: InitialChat | Mapping[str, Any] | None = None,
        active: bool | None = None,
        continuous: bool | None = None,
    ) -> StartedChat:
        """Start a chat; with no arguments, one with the requester only.

        Needs an online group, unless `continuous` is true. Marks everything as seen by the requester.
        Its first users and events are visible to the customer, whatever their `visibility` is.

        Args:
            chat: Properties, access, users (at most 4 agents besides the requester, and 1
                customer) and the first thread.
            active: False makes a thread that is inactive from the start; defaults to true.
            continuous: True starts the chat although no group is online; defaults to false.

        Returns:
            `StartedChat`: the chat was started; ``event_ids`` are those of the events sent
            along.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `GroupsOffline`,
                `NotFound`, `LimitReached`, `ValidationError`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: chats--all:rw or chats--access:rw.
        Source: https://platform.text.com/docs/messaging/agent-chat-api#start-chat
        """
        return await self(StartChat(chat=chat, active=active, continuous=continuous))

    async def resume_chat(
        self,
        *,
        chat: InitialChat | Mapping[str, Any],
        active: bool | None = None,
        continuous: bool | None = None,
    ) -> ResumedChat:
        """Start a new thread in a chat that has no active one.

        Ends following of the chat by others. Marks everything as seen by the requester. Its first
        users and events are visible to the customer, whatever their `visibility` is.

        Args:
            chat: The chat (`id` is required) with properties, access (defaults to all
                agents), users and the new thread.
            active: False makes a thread that is inactive from the start; defaults to true.
            continuous: True makes the chat continuous; defaults to the mode it has.

        Returns:
            `ResumedChat`: the chat has a new thread; ``event_ids`` are those of the events
            sent along.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `NotFound`,
                `MissingAccess`, `ValidationError`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: chats--all:rw or chats--access:rw.
        Source: https://platform.text.com/docs/messaging/agent-chat-api#resume-chat
        """
        return await self(ResumeChat(chat=chat, active=active, continuous=continuous))

    async def deactivate_chat(
        self,
        *,
        id: str,
        ignore_requester_presence: bool | None = None,
    ) -> None:
        """Close the active thread of a chat; without one, nothing happens.

        Args:
            id: The chat to deactivate.
            ignore_requester_presence: True allows it to a requester who is not a user of
                the chat.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `NotFound`,
                `MissingAccess`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: chats--all:rw or chats--access:rw.
        Source: https://platform.text.com/docs/messaging/agent-chat-api#deactivate-chat
        """
        await self(DeactivateChat(id=id, ignore_requester_presence=ignore_requester_presence))

    async def follow_chat(
        self,
        *,
        id: str,
    ) -> None:
        """Follow a chat: the requester gets its pushes without being a user of it.

        Ends with `unfollow_chat` or when the chat is resumed.

        Args:
            id: The chat to follow.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `NotFound`,
                `MissingAccess`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: chats--all:ro or chats--access:ro.
        Source: https://platform.text.com/docs/messaging/agent-chat-api#follow-chat
        """
        await self(FollowChat(id=id))

    async def unfollow_chat(
        self,
        *,
        id: str,
    ) -> None:
        """Stop following a chat; users of the chat cannot.

        Args:
            id: The chat to stop following.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `NotFound`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: none.
        Source: https://platform.text.com/docs/messaging/agent-chat-api#unfollow-chat
        """
        await self(UnfollowChat(id=id))

    async def get_customer(
        self,
        *,
        id: str,
    ) -> Customer:
        """Get a customer.

        Args:
            id: The customer to get.

        Returns:
            `Customer`: A customer.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `NotFound`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: customers:ro.
        Source: https://platform.text.com/docs/messaging/agent-chat-api#get-customer
        """
        return await self(GetCustomer(id=id))

    async def update_customer(
        self,
        *,
        id: str,
        name: str | None = None,
        email: str | None = None,
        avatar: str | None = None,
        phone_number: str | None = None,
        session_fields: Sequence[Mapping[str, str]] | None = None,
        omnichannel: OmnichannelRequest | Mapping[str, Any] | None = None,
        address: Address | Mapping[str, Any] | None = None,
    ) -> None:
        """Change a customer; at least one field besides `id` is needed.

        Args:
            id: The customer to change; a UUID of version 4.
            name: New name.
            email: New e-mail address.
            avatar: URL of the new avatar.
            phone_number: New phone number in E.164 form, or an empty text to remove it;
                since 3.6.
            session_fields: New session fields, each item one key and its value; order is
                kept.
            omnichannel: Identities on Facebook Messenger and Twilio; since 3.6.
            address: New address; since 3.6.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `NotFound`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: customers:rw.
        Source: https://platform.text.com/docs/messaging/agent-chat-api#update-customer
        """
        await self(
            UpdateCustomer(
                id=id,
                name=name,
                email=email,
                avatar=avatar,
                phone_number=phone_number,
                session_fields=session_fields,
                omnichannel=omnichannel,
                address=address,
            )
        )

    async def ban_customer(
        self,
        *,
        id: str,
        ban: Ban | Mapping[str, Any],
    ) -> None:
        """Ban a customer: ends the sessions at once and archives an active chat.

        Args:
            id: The customer to ban.
            ban: For how many days.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `NotFound`, `LimitReached`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: customers.ban:rw.
        Source: https://platform.text.com/docs/messaging/agent-chat-api#ban-customer
        """
        await self(BanCustomer(id=id, ban=ban))

    async def create_customer(
        self,
        *,
        name: str | None = None,
        email: str | None = None,
        avatar: str | None = None,
        session_fields: Sequence[Mapping[str, str]] | None = None,
    ) -> CreatedCustomer:
        """Create a customer; versions 3.0 to 3.5 only.

        Args:
            name: Name.
            email: E-mail address.
            avatar: URL of the avatar.
            session_fields: Session fields, each item one key and its value; the order is
                kept.

        Returns:
            `CreatedCustomer`: the customer was created (versions 3.0 to 3.5).

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: customers:rw.
        Versions: 3.0 to 3.5.
        Source: https://platform.text.com/docs/messaging/agent-chat-api/v3.5#create-customer
        """
        return await self(
            CreateCustomer(name=name, email=email, avatar=avatar, session_fields=session_fields)
        )

    async def list_customers(
        self,
        *,
        filters: CustomersFilters | Mapping[str, Any] | None = None,
        page_id: str | None = None,
        sort_order: Literal["asc", "desc"] | None = None,
        sort_by: Literal[
            "created_at", "threads_count", "visits_count", "agent_last_event", "customer_last_event"
        ]
        | None = None,
        limit: int | None = None,
    ) -> CustomersPage:
        """List customers; versions 3.2 to 3.5 only.

        Args:
            filters: Which customers to list; the server remembers it for the following
                pages.
            page_id: `next_page_id` or `previous_page_id` of an earlier page; excludes every
                other argument.
            sort_order: `desc` or `asc`; defaults to `desc`.
            sort_by: What to sort by; equal values are sorted by their creation. Defaults to
                `created_at`.
            limit: Customers a page, 1 to 100; defaults to 10.

        Returns:
            `CustomersPage`: A page of customers (versions 3.2 to 3.5). ``total_customers``
            is an estimate.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: customers:ro.
        Versions: 3.2 to 3.5; later use `subscribe_customers` over RTM for the customers on
        the website, or `list_archives` with `filters.customer_email` and `get_customer`.
        Source: https://platform.text.com/docs/messaging/agent-chat-api/v3.5#list-customers
        """
        return await self(
            ListCustomers(
                filters=filters,
                page_id=page_id,
                sort_order=sort_order,
                sort_by=sort_by,
                limit=limit,
            )
        )

    def iter_customers(
        self,
        *,
        filters: CustomersFilters | Mapping[str, Any] | None = None,
        page_id: str | None = None,
        sort_order: Literal["asc", "desc"] | None = None,
        sort_by: Literal[
            "created_at", "threads_count", "visits_count", "agent_last_event", "customer_last_event"
        ]
        | None = None,
        limit: int | None = None,
    ) -> AsyncPages[Customer]:
        """Iterate over all pages of `list_customers`.

        Follows `next_page_id` to the end (`async for item in client.iter_customers(…)`) and keeps one page in
        memory. Sends the filters with the first request only.

        Args:
            filters: Which customers to list; the server remembers it for the following
                pages.
            page_id: `next_page_id` or `previous_page_id` of an earlier page; excludes every
                other argument.
            sort_order: `desc` or `asc`; defaults to `desc`.
            sort_by: What to sort by; equal values are sorted by their creation. Defaults to
                `created_at`.
            limit: Customers a page, 1 to 100; defaults to 100.

        Returns:
            `AsyncPages[Customer]`: an iterator over the items.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: customers:ro.
        Versions: 3.2 to 3.5; later use `subscribe_customers` over RTM for the customers on
        the website, or `list_archives` with `filters.customer_email` and `get_customer`.
        Source: https://platform.text.com/docs/messaging/agent-chat-api/v3.5#list-customers
        """
        return self._pages(
            full_pages(
                ListCustomers(
                    filters=filters,
                    page_id=page_id,
                    sort_order=sort_order,
                    sort_by=sort_by,
                    limit=limit,
                )
            )
        )

    async def follow_customer(
        self,
        *,
        id: str,
    ) -> None:
        """Follow a customer: the requester gets pushes of all that changes.

        In LiveChat's docs from 3.3 on until January 2026; whether servers still have it is not known.

        Args:
            id: The customer to follow.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `NotFound`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: customers:ro.
        Source: https://platform.text.com/docs/messaging/agent-chat-api#follow-customer
        """
        await self(FollowCustomer(id=id))

    async def unfollow_customer(
        self,
        *,
        id: str,
    ) -> None:
        """Stop following a customer; documented as long as `follow_customer`.

        Args:
            id: The customer to stop following.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `NotFound`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: none.
        Source: https://platform.text.com/docs/messaging/agent-chat-api#unfollow-customer
        """
        await self(UnfollowCustomer(id=id))

    async def send_event(
        self,
        *,
        chat_id: str,
        event: NewEvent | Mapping[str, Any],
        attach_to_last_thread: bool | None = None,
    ) -> SentEvent:
        """Send an event to the active thread of a chat.

        The requester must be a user of the chat. A user present with visibility `agents` cannot send
        an event with visibility `all`. Marks everything as seen by the requester.

        Args:
            chat_id: The chat to write to.
            event: The event; the text of a message holds at most 16 KB of UTF-8, a rich
                message 10 elements of 13 buttons.
            attach_to_last_thread: Before 3.4: true adds the event to the last thread of an
                inactive chat.

        Returns:
            `SentEvent`: the event was sent.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `ChatInactive`, `NotFound`,
                `MissingAccess`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: chats--all:rw or chats--access:rw.
        Source: https://platform.text.com/docs/messaging/agent-chat-api#send-event
        """
        return await self(
            SendEvent(chat_id=chat_id, event=event, attach_to_last_thread=attach_to_last_thread)
        )

    async def send_event_preview(
        self,
        *,
        chat_id: str,
        event: Message | Mapping[str, Any],
    ) -> None:
        """Show the customer a message that is still being written; nothing is stored.

        Send the final text with `send_event` and the same `custom_id`.

        Args:
            chat_id: The chat to write to.
            event: The message so far; visible to `all`.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `ChatInactive`, `NotFound`,
                `MissingAccess`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: chats--all:rw or chats--access:rw.
        Source: https://platform.text.com/docs/messaging/agent-chat-api#send-event-preview
        """
        await self(SendEventPreview(chat_id=chat_id, event=event))

    async def upload_file(
        self,
        file: FileLike,
        *,
        name: str | None = None,
        content_type: str | None = None,
        on_progress: Callable[[int, int], object] | None = None,
    ) -> UploadedFile:
        """Upload a file, to be sent with `send_event` and a `File`.

        The URL expires after 24 hours unless it is used in an event.

        Args:
            file: The bytes, a path, or a binary file open for reading; at most 10 MB, no
                executable.
            name: File name to send; defaults to that of the path.
            content_type: MIME type; defaults to a guess by the name.
            on_progress: Called with the bytes sent so far and the size of the file.

        Returns:
            `UploadedFile`: its URL.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `EntityTooLarge`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: none.
        Source: https://platform.text.com/docs/messaging/agent-chat-api#upload-file
        """
        return await self._upload(
            file, name=name, content_type=content_type, on_progress=on_progress
        )

    async def send_rich_message_postback(
        self,
        *,
        chat_id: str,
        thread_id: str,
        event_id: str,
        postback: RichMessagePostback | Mapping[str, Any],
    ) -> None:
        """Press the button of a rich message.

        Args:
            chat_id: The chat of the rich message.
            thread_id: The thread of the rich message.
            event_id: The rich message event.
            postback: The postback id of the button and whether it is toggled.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `NotFound`,
                `MissingAccess`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: chats--all:rw or chats--access:rw.
        Source: https://platform.text.com/docs/messaging/agent-chat-api#send-rich-message-postback
        """
        await self(
            SendRichMessagePostback(
                chat_id=chat_id, thread_id=thread_id, event_id=event_id, postback=postback
            )
        )

    async def mark_events_as_seen(
        self,
        *,
        chat_id: str,
        seen_up_to: datetime,
    ) -> None:
        """Mark the events of a chat up to a time as seen by the requester.

        Args:
            chat_id: The chat.
            seen_up_to: The time, with a time zone; microseconds count.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `NotFound`,
                `MissingAccess`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: chats--all:ro or chats--access:ro.
        Source: https://platform.text.com/docs/messaging/agent-chat-api#mark-events-as-seen
        """
        await self(MarkEventsAsSeen(chat_id=chat_id, seen_up_to=seen_up_to))

    async def send_typing_indicator(
        self,
        *,
        chat_id: str,
        is_typing: bool,
        visibility: Literal["all", "agents"] | None = None,
    ) -> None:
        """Show that the requester is typing, or has stopped; nothing is stored.

        Args:
            chat_id: The chat.
            is_typing: True: typing; false: stopped.
            visibility: Who sees it, `all` or `agents`; defaults to `all`.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `ChatInactive`, `NotFound`,
                `MissingAccess`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: chats--all:rw or chats--access:rw.
        Source: https://platform.text.com/docs/messaging/agent-chat-api#send-typing-indicator
        """
        await self(SendTypingIndicator(chat_id=chat_id, is_typing=is_typing, visibility=visibility))

    async def send_thinking_indicator(
        self,
        *,
        chat_id: str,
        title: str | None = None,
        description: str | None = None,
        visibility: Literal["all", "agents"] | None = None,
        custom_id: str | None = None,
    ) -> None:
        """Show that a response is being prepared; nothing is stored.

        Args:
            chat_id: The chat.
            title: Title to show.
            description: Description to show.
            visibility: Who sees it, `all` or `agents`; defaults to `all`.
            custom_id: Id of your own, echoed in the push.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `ChatInactive`, `NotFound`,
                `MissingAccess`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: chats--all:rw or chats--access:rw.
        Source: https://platform.text.com/docs/messaging/agent-chat-api#send-thinking-indicator
        """
        await self(
            SendThinkingIndicator(
                chat_id=chat_id,
                title=title,
                description=description,
                visibility=visibility,
                custom_id=custom_id,
            )
        )

    async def multicast(
        self,
        *,
        recipients: MulticastRecipients | Mapping[str, Any],
        content: Any,
        type: str | None = None,
    ) -> None:
        """Send a message to agents outside any chat; nothing is stored.

        Args:
            recipients: All agents, agents by id, or agents of groups.
            content: Any value that fits into JSON.
            type: Type of the message, of your own.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: multicast:rw.
        Source: https://platform.text.com/docs/messaging/agent-chat-api#multicast
        """
        await self(Multicast(recipients=recipients, content=content, type=type))

    async def get_license_info(
        self,
    ) -> LicenseInfo:
        """Get the license; version 3.5 only, so clients of later versions call it there.

        Over RTM, the response to the log-in has the license.

        Returns:
            `LicenseInfo`: what ``get_license_info`` of version 3.5 tells of the license.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: none.
        Versions: 3.5 to 3.5.
        Source: https://platform.text.com/docs/messaging/agent-chat-api/v3.5#get-license-info
        """
        return await self(GetLicenseInfo())

    async def update_chat_properties(
        self,
        *,
        id: str,
        properties: Mapping[str, Mapping[str, str | int | bool]],
    ) -> None:
        """Set properties of a chat.

        Args:
            id: The chat.
            properties: Namespace -> name -> value (text, number or boolean); other
                properties stay as they are.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `NotFound`,
                `MissingAccess`, `ValidationError`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: chats--all:rw or chats--access:rw.
        Source: https://platform.text.com/docs/messaging/agent-chat-api#update-chat-properties
        """
        await self(UpdateChatProperties(id=id, properties=properties))

    async def delete_chat_properties(
        self,
        *,
        id: str,
        properties: Mapping[str, Sequence[str]],
    ) -> None:
        """Delete properties of a chat.

        Args:
            id: The chat.
            properties: Namespace -> names of the properties.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `NotFound`,
                `MissingAccess`, `ValidationError`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: chats--all:rw or chats--access:rw.
        Source: https://platform.text.com/docs/messaging/agent-chat-api#delete-chat-properties
        """
        await self(DeleteChatProperties(id=id, properties=properties))

    async def update_thread_properties(
        self,
        *,
        chat_id: str,
        thread_id: str,
        properties: Mapping[str, Mapping[str, str | int | bool]],
    ) -> None:
        """Set properties of a thread.

        Args:
            chat_id: The chat.
            thread_id: The thread.
            properties: Namespace -> name -> value (text, number or boolean); other
                properties stay as they are.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `NotFound`,
                `MissingAccess`, `ValidationError`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: chats--all:rw or chats--access:rw.
        Source: https://platform.text.com/docs/messaging/agent-chat-api#update-thread-properties
        """
        await self(
            UpdateThreadProperties(chat_id=chat_id, thread_id=thread_id, properties=properties)
        )

    async def delete_thread_properties(
        self,
        *,
        chat_id: str,
        thread_id: str,
        properties: Mapping[str, Sequence[str]],
    ) -> None:
        """Delete properties of a thread.

        Args:
            chat_id: The chat.
            thread_id: The thread.
            properties: Namespace -> names of the properties.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `NotFound`,
                `MissingAccess`, `ValidationError`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: chats--all:rw or chats--access:rw.
        Source: https://platform.text.com/docs/messaging/agent-chat-api#delete-thread-properties
        """
        await self(
            DeleteThreadProperties(chat_id=chat_id, thread_id=thread_id, properties=properties)
        )

    async def update_event_properties(
        self,
        *,
        chat_id: str,
        thread_id: str,
        event_id: str,
        properties: Mapping[str, Mapping[str, str | int | bool]],
    ) -> None:
        """Set properties of an event.

        Args:
            chat_id: The chat.
            thread_id: The thread.
            event_id: The event.
            properties: Namespace -> name -> value (text, number or boolean); other
                properties stay as they are.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `NotFound`,
                `MissingAccess`, `ValidationError`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: chats--all:rw or chats--access:rw.
        Source: https://platform.text.com/docs/messaging/agent-chat-api#update-event-properties
        """
        await self(
            UpdateEventProperties(
                chat_id=chat_id, thread_id=thread_id, event_id=event_id, properties=properties
            )
        )

    async def delete_event_properties(
        self,
        *,
        chat_id: str,
        thread_id: str,
        event_id: str,
        properties: Mapping[str, Sequence[str]],
    ) -> None:
        """Delete properties of an event.

        Args:
            chat_id: The chat.
            thread_id: The thread.
            event_id: The event.
            properties: Namespace -> names of the properties.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `NotFound`,
                `MissingAccess`, `ValidationError`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: chats--all:rw or chats--access:rw.
        Source: https://platform.text.com/docs/messaging/agent-chat-api#delete-event-properties
        """
        await self(
            DeleteEventProperties(
                chat_id=chat_id, thread_id=thread_id, event_id=event_id, properties=properties
            )
        )

    async def logout(
        self,
        *,
        agent_id: str | None = None,
    ) -> None:
        """Log out the agent.

        LiveChat documents it for RTM only and without arguments; older clients call it over Web too.

        Args:
            agent_id: The agent to log out (not documented); defaults to the requester.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `RequesterAlreadyOffline`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: none.
        Source: https://platform.text.com/docs/messaging/agent-chat-api#logout
        """
        await self(Logout(agent_id=agent_id))

    async def set_routing_status(
        self,
        *,
        status: Literal["accepting_chats", "not_accepting_chats", "offline"],
        agent_id: str | None = None,
    ) -> None:
        """Set whether an agent or a bot takes chats, for the time of the session.

        `agents--my:rw` allows the requester, `agents--all:rw` every agent, `agents-bot--my:rw` the
        bots of the token's client id, `agents-bot--all:rw` every bot.

        Args:
            status: `accepting_chats`, `not_accepting_chats` or, for bots only, `offline`.
            agent_id: The agent or bot; defaults to the requester.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `AgentOffline`, `NotFound`,
                `RequesterAlreadyOffline`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: agents--my:rw or agents--all:rw or agents-bot--my:rw or agents-bot--all:rw.
        Source: https://platform.text.com/docs/messaging/agent-chat-api#set-routing-status
        """
        await self(SetRoutingStatus(status=status, agent_id=agent_id))

    async def list_routing_statuses(
        self,
        *,
        filters: RoutingStatusesFilters | Mapping[str, Any] | None = None,
    ) -> list[AgentStatus]:
        """List the routing statuses of agents and bots.

        Args:
            filters: Only members of these groups.

        Returns:
            `list[AgentStatus]`.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: agents--all:ro and agents-bot--all:ro.
        Source: https://platform.text.com/docs/messaging/agent-chat-api#list-routing-statuses
        """
        return await self(ListRoutingStatuses(filters=filters))

    async def request_thread_summary(
        self,
        *,
        chat_id: str,
        thread_id: str,
    ) -> None:
        """Ask for an AI summary of a thread; it arrives later as a push and as an event or field.

        An inactive thread is summarised once at the most.

        Args:
            chat_id: The chat of the thread.
            thread_id: The thread to summarise.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `NotFound`,
                `MissingAccess`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: chats--all:rw or chats--access:rw.
        Source: https://platform.text.com/docs/messaging/agent-chat-api#request-thread-summary
        """
        await self(RequestThreadSummary(chat_id=chat_id, thread_id=thread_id))

    async def tag_thread(
        self,
        *,
        chat_id: str,
        thread_id: str,
        tag: str,
    ) -> None:
        """Tag a thread; the tag and the thread must share a group.

        Args:
            chat_id: The chat of the thread.
            thread_id: The thread to tag.
            tag: Name of the tag; case matters.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `NotFound`,
                `MissingAccess`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: chats--all:rw or chats--access:rw.
        Source: https://platform.text.com/docs/messaging/agent-chat-api#tag-thread
        """
        await self(TagThread(chat_id=chat_id, thread_id=thread_id, tag=tag))

    async def untag_thread(
        self,
        *,
        chat_id: str,
        thread_id: str,
        tag: str,
    ) -> None:
        """Take a tag from a thread.

        Args:
            chat_id: The chat of the thread.
            thread_id: The thread to take the tag from.
            tag: Name of the tag; case matters.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `NotFound`,
                `MissingAccess`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: chats--all:rw or chats--access:rw.
        Source: https://platform.text.com/docs/messaging/agent-chat-api#untag-thread
        """
        await self(UntagThread(chat_id=chat_id, thread_id=thread_id, tag=tag))

    async def get_thread_transcript(
        self,
        *,
        chat_id: str,
        thread_id: str,
    ) -> ThreadTranscript:
        """Get the transcript of a thread as plain text.

        LiveChat's docs do not have it; its SDK for Python calls it since 0.4.2.

        Args:
            chat_id: The chat of the thread.
            thread_id: The thread.

        Returns:
            `ThreadTranscript`: the transcript of a thread, as plain text.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `NotFound`,
                `MissingAccess`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: chats--all:ro or chats--access:ro.
        Source: https://platform.text.com/docs/messaging/agent-chat-api#get-thread-transcript
        """
        return await self(GetThreadTranscript(chat_id=chat_id, thread_id=thread_id))
