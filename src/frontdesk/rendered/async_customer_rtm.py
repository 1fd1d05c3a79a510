"""Rendered from the declarations by ``make render``; not to be edited by hand."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from frontdesk.actions.customer.chats import (
    DeactivateChat,
    GetChat,
    ListChats,
    ListThreads,
    ResumeChat,
    StartChat,
)
from frontdesk.actions.customer.customers import (
    GetCustomer,
    SetCustomerSessionFields,
    UpdateCustomer,
    UpdateCustomerPage,
)
from frontdesk.actions.customer.events import (
    DeleteEvent,
    MarkEventsAsSeen,
    SendEvent,
    SendRichMessagePostback,
    SendSneakPeek,
)
from frontdesk.actions.customer.greetings import (
    AcceptGreeting,
    CancelGreeting,
    GetPredictedAgent,
    RequestWelcomeMessage,
    SendGreetingButtonClicked,
)
from frontdesk.actions.customer.other import GetForm, GetUrlInfo
from frontdesk.actions.customer.properties import (
    DeleteChatProperties,
    DeleteEventProperties,
    DeleteThreadProperties,
    UpdateChatProperties,
    UpdateEventProperties,
    UpdateThreadProperties,
)
from frontdesk.actions.customer.status import ListGroupStatuses, Login
from frontdesk.clients.pages import AsyncPages
from frontdesk.clients.rtm.async_customer_rtm import AsyncCustomerRTMDriver
from frontdesk.core.pages import full_pages
from frontdesk.models import (
    Address,
    Chat,
    Customer,
    CustomerApplication,
    CustomerChatsPage,
    CustomerChatSummary,
    CustomerLoginResponse,
    CustomerPage,
    GroupStatuses,
    InitialChat,
    NewCustomerDetails,
    NewEvent,
    OmnichannelRequest,
    Prediction,
    RequestedForm,
    ResumedChat,
    RichMessagePostback,
    SentEvent,
    StartedChat,
    Thread,
    ThreadsPage,
    UpdatedCustomerPage,
    UrlInfo,
    WelcomeMessage,
)

__all__ = ["AsyncCustomerRTM"]


class AsyncCustomerRTM(AsyncCustomerRTMDriver):
    """The Customer Chat RTM API: one method per API method, and the pushes of the server."""

    async def list_chats(
        self,
        *,
        limit: int | None = None,
        sort_order: Literal["asc", "desc"] | None = None,
        page_id: str | None = None,
    ) -> CustomerChatsPage:
        """List summaries of the customer's chats, with the last event of each type.

        Args:
            limit: Chats a page, 1 to 25; defaults to 10.
            sort_order: By the creation of the last thread; `desc`: newest first; `asc`:
                oldest first; defaults to `desc`.
            page_id: `next_page_id` or `previous_page_id` of an earlier page, at most a
                month old; excludes every other argument.

        Returns:
            `CustomerChatsPage`: A page of the customer's chats. ``total_chats`` is an
            estimate of all; 0 if there is none.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: none.
        Source: https://platform.text.com/docs/messaging/customer-chat-api#list-chats
        """
        return await self(ListChats(limit=limit, sort_order=sort_order, page_id=page_id))

    def iter_chats(
        self,
        *,
        limit: int | None = None,
        sort_order: Literal["asc", "desc"] | None = None,
        page_id: str | None = None,
    ) -> AsyncPages[CustomerChatSummary]:
        """Iterate over all pages of `list_chats`.

        Follows `next_page_id` to the end (`async for item in client.iter_chats(…)`) and keeps one page in
        memory. Sends the filters with the first request only.

        Args:
            limit: Chats a page, 1 to 25; defaults to 25.
            sort_order: By the creation of the last thread; `desc`: newest first; `asc`:
                oldest first; defaults to `desc`.
            page_id: `next_page_id` or `previous_page_id` of an earlier page, at most a
                month old; excludes every other argument.

        Returns:
            `AsyncPages[CustomerChatSummary]`: an iterator over the items.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: none.
        Source: https://platform.text.com/docs/messaging/customer-chat-api#list-chats
        """
        return self._pages(
            full_pages(ListChats(limit=limit, sort_order=sort_order, page_id=page_id))
        )

    async def list_threads(
        self,
        *,
        chat_id: str,
        sort_order: Literal["asc", "desc"] | None = None,
        limit: int | None = None,
        page_id: str | None = None,
        min_events_count: int | None = None,
    ) -> ThreadsPage:
        """List the threads of a chat of the customer, with their events.

        Args:
            chat_id: The chat whose threads to list.
            sort_order: `desc`: newest first; `asc`: oldest first; defaults to `desc`.
            limit: Threads a page, 1 to 100; defaults to 3.
            page_id: `next_page_id` or `previous_page_id` of an earlier page, at most a
                month old; excludes `limit`, `sort_order` and `min_events_count`.
            min_events_count: As many of the latest threads as it takes to reach this total
                of events, 1 to 100; excludes `limit`.

        Returns:
            `ThreadsPage`: A page of threads. ``found_threads`` is an estimate of all.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `NotFound`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: none.
        Source: https://platform.text.com/docs/messaging/customer-chat-api#list-threads
        """
        return await self(
            ListThreads(
                chat_id=chat_id,
                sort_order=sort_order,
                limit=limit,
                page_id=page_id,
                min_events_count=min_events_count,
            )
        )

    def iter_threads(
        self,
        *,
        chat_id: str,
        sort_order: Literal["asc", "desc"] | None = None,
        limit: int | None = None,
        page_id: str | None = None,
    ) -> AsyncPages[Thread]:
        """Iterate over all pages of `list_threads`.

        Follows `next_page_id` to the end (`async for item in client.iter_threads(…)`) and keeps one page in
        memory. Sends the filters with the first request only.

        Args:
            chat_id: The chat whose threads to list.
            sort_order: `desc`: newest first; `asc`: oldest first; defaults to `desc`.
            limit: Threads a page, 1 to 100; defaults to 100.
            page_id: `next_page_id` or `previous_page_id` of an earlier page, at most a
                month old; excludes `limit`, `sort_order` and `min_events_count`.

        Returns:
            `AsyncPages[Thread]`: an iterator over the items.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `NotFound`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: none.
        Source: https://platform.text.com/docs/messaging/customer-chat-api#list-threads
        """
        return self._pages(
            full_pages(
                ListThreads(chat_id=chat_id, sort_order=sort_order, limit=limit, page_id=page_id)
            )
        )

    async def get_chat(
        self,
        *,
        chat_id: str,
        thread_id: str | None = None,
    ) -> Chat:
        """Get a chat of the customer with one of its threads.

        Args:
            chat_id: The chat to get.
            thread_id: The thread to get; defaults to the latest one.

        Returns:
            `Chat`: A chat with one of its threads.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `NotFound`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: none.
        Source: https://platform.text.com/docs/messaging/customer-chat-api#get-chat
        """
        return await self(GetChat(chat_id=chat_id, thread_id=thread_id))

    async def start_chat(
        self,
        *,
        chat: InitialChat | Mapping[str, Any] | None = None,
        active: bool | None = None,
        continuous: bool | None = None,
        welcome_message_id: str | None = None,
    ) -> StartedChat:
        """Start a chat; with no arguments, one of all groups without an event.

        Needs an online group, unless `continuous` is true. A customer has one chat per license as a
        rule; once there is one, `resume_chat` starts its next thread.

        Args:
            chat: Properties, access, users (at most 4 agents besides the requester, and 1
                customer) and the first thread.
            active: False makes a thread that is inactive from the start; defaults to true.
            continuous: True starts the chat although no group is online; defaults to false.
            welcome_message_id: `id` of `request_welcome_message`: keeps the message that
                the customer saw in the chat.

        Returns:
            `StartedChat`: the chat was started; ``event_ids`` are those of the events sent
            along.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `GroupsOffline`,
                `CustomerBanned`, `LimitReached`, `ValidationError`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: none.
        Source: https://platform.text.com/docs/messaging/customer-chat-api#start-chat
        """
        return await self(
            StartChat(
                chat=chat,
                active=active,
                continuous=continuous,
                welcome_message_id=welcome_message_id,
            )
        )

    async def resume_chat(
        self,
        *,
        chat: InitialChat | Mapping[str, Any],
        active: bool | None = None,
        continuous: bool | None = None,
        welcome_message_id: str | None = None,
    ) -> ResumedChat:
        """Start a new thread in a chat of the customer that has no active one.

        Args:
            chat: The chat (`id` is required) with properties, access (defaults to all
                agents), users and the new thread.
            active: False makes a thread that is inactive from the start; defaults to true.
            continuous: True makes the chat continuous; defaults to the mode it has.
            welcome_message_id: `id` of `request_welcome_message`: keeps the message that
                the customer saw in the chat.

        Returns:
            `ResumedChat`: the chat has a new thread; ``event_ids`` are those of the events
            sent along.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `GroupsOffline`,
                `CustomerBanned`, `ChatAnonymized`, `NotFound`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: none.
        Source: https://platform.text.com/docs/messaging/customer-chat-api#resume-chat
        """
        return await self(
            ResumeChat(
                chat=chat,
                active=active,
                continuous=continuous,
                welcome_message_id=welcome_message_id,
            )
        )

    async def deactivate_chat(
        self,
        *,
        id: str,
    ) -> None:
        """Close the active thread of a chat; no message can be added to it afterwards.

        Args:
            id: The chat to deactivate.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `ChatInactive`, `NotFound`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: none.
        Source: https://platform.text.com/docs/messaging/customer-chat-api#deactivate-chat
        """
        await self(DeactivateChat(id=id))

    async def update_customer(
        self,
        *,
        name: str | None = None,
        email: str | None = None,
        avatar: str | None = None,
        session_fields: Sequence[Mapping[str, str]] | None = None,
        omnichannel: OmnichannelRequest | Mapping[str, Any] | None = None,
        address: Address | Mapping[str, Any] | None = None,
        name_is_default: bool | None = None,
        phone_number: str | None = None,
    ) -> None:
        """Change data of the customer; at least one argument is needed.

        Args:
            name: New name.
            email: New e-mail address.
            avatar: URL of the new avatar.
            session_fields: New session fields, each item one key and its value; the order
                is kept.
            omnichannel: Identities on Facebook Messenger and Twilio; since 3.6.
            address: New address; since 3.6.
            name_is_default: Whether a program made the name up; only official clients have
                it.
            phone_number: New phone number in E.164 form, or an empty text to remove it;
                only official clients have it.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `ValidationError`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: none.
        Source: https://platform.text.com/docs/messaging/customer-chat-api#update-customer
        """
        await self(
            UpdateCustomer(
                name=name,
                email=email,
                avatar=avatar,
                session_fields=session_fields,
                omnichannel=omnichannel,
                address=address,
                name_is_default=name_is_default,
                phone_number=phone_number,
            )
        )

    async def update_customer_page(
        self,
        *,
        url: str,
        title: str | None = None,
    ) -> UpdatedCustomerPage:
        """Say which page the customer has opened; the groups of the customer may depend on it.

        Args:
            url: Address of the page.
            title: Title of the page.

        Returns:
            `UpdatedCustomerPage`: the page was taken; ``groups`` are there only if the
            customer belongs to others now.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: none.
        Source: https://platform.text.com/docs/messaging/customer-chat-api/rtm-reference#update-customer-page
        """
        return await self(UpdateCustomerPage(url=url, title=title))

    async def set_customer_session_fields(
        self,
        *,
        session_fields: Sequence[Mapping[str, str]],
    ) -> None:
        """Set the session fields of the customer; they end with the session.

        Args:
            session_fields: Each item one key and its value; the order is kept, and there
                are at most 100 keys.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `LimitReached`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: none.
        Source: https://platform.text.com/docs/messaging/customer-chat-api#set-customer-session-fields
        """
        await self(SetCustomerSessionFields(session_fields=session_fields))

    async def get_customer(
        self,
    ) -> Customer:
        """Get the customer whose token the client has.

        Returns:
            `Customer`: A customer.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: none.
        Source: https://platform.text.com/docs/messaging/customer-chat-api#get-customer
        """
        return await self(GetCustomer())

    async def send_event(
        self,
        *,
        chat_id: str,
        event: NewEvent | Mapping[str, Any],
        attach_to_last_thread: bool | None = None,
    ) -> SentEvent:
        """Send an event to the active thread of a chat; all users of the chat see it.

        Marks everything as seen by the customer.

        Args:
            chat_id: The chat to write to.
            event: The event, without `visibility` and `author_id`; the text of a message
                holds at most 16 KB of UTF-8, a rich message 10 elements of 13 buttons.
            attach_to_last_thread: True adds the event to the last thread of a chat that is
                not active; without it that is an error. Does not matter in active chats.
                Defaults to false.

        Returns:
            `SentEvent`: the event was sent.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `ChatInactive`,
                `CustomerBanned`, `ChatAnonymized`, `NotFound`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: none.
        Source: https://platform.text.com/docs/messaging/customer-chat-api#send-event
        """
        return await self(
            SendEvent(chat_id=chat_id, event=event, attach_to_last_thread=attach_to_last_thread)
        )

    async def delete_event(
        self,
        *,
        chat_id: str,
        thread_id: str,
        event_id: str,
    ) -> None:
        """Delete an event; customers do not see it any more.

        Agents see that there was one, or, from administrators on, the event with `deleted` true.

        Args:
            chat_id: The chat.
            thread_id: The thread.
            event_id: The event to delete.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `NotFound`,
                `AuthorizationError`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: none.
        Source: https://platform.text.com/docs/messaging/customer-chat-api#delete-event
        """
        await self(DeleteEvent(chat_id=chat_id, thread_id=thread_id, event_id=event_id))

    async def send_rich_message_postback(
        self,
        *,
        chat_id: str,
        thread_id: str,
        event_id: str,
        postback: RichMessagePostback | Mapping[str, Any],
    ) -> None:
        """Press the button of a rich message. Others hear of it while the thread is active.

        Args:
            chat_id: The chat of the rich message.
            thread_id: The thread of the rich message.
            event_id: The rich message event.
            postback: The postback id of the button and whether it is toggled.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `NotFound`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: none.
        Source: https://platform.text.com/docs/messaging/customer-chat-api#send-rich-message-postback
        """
        await self(
            SendRichMessagePostback(
                chat_id=chat_id, thread_id=thread_id, event_id=event_id, postback=postback
            )
        )

    async def send_sneak_peek(
        self,
        *,
        chat_id: str,
        sneak_peek_text: str,
    ) -> None:
        """Show agents what the customer is typing; nothing of it is stored.

        Args:
            chat_id: The chat, which must be active.
            sneak_peek_text: The text so far.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `ChatInactive`, `NotFound`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: none.
        Source: https://platform.text.com/docs/messaging/customer-chat-api#send-sneak-peek
        """
        await self(SendSneakPeek(chat_id=chat_id, sneak_peek_text=sneak_peek_text))

    async def mark_events_as_seen(
        self,
        *,
        chat_id: str,
        seen_up_to: datetime,
    ) -> None:
        """Mark the events of a chat up to a time as seen by the customer.

        Args:
            chat_id: The chat.
            seen_up_to: The time, with a time zone; microseconds count.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `NotFound`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: none.
        Source: https://platform.text.com/docs/messaging/customer-chat-api#mark-events-as-seen
        """
        await self(MarkEventsAsSeen(chat_id=chat_id, seen_up_to=seen_up_to))

    async def get_predicted_agent(
        self,
        *,
        group_id: int | None = None,
    ) -> Prediction:
        """Get who would get the chat of the customer, who must be logged in over RTM.

        Versions up to 3.6; 3.7 has `request_welcome_message`.

        Args:
            group_id: The group; not documented. Defaults to that of the customer.

        Returns:
            `Prediction`: who would get the chat if it was started now, and whether it would
            have to wait.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `GroupOffline`,
                `GroupUnavailable`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: none.
        Versions: 3.0 to 3.6; later use `request_welcome_message`.
        Source: https://platform.text.com/docs/messaging/customer-chat-api/v3.6#get-predicted-agent
        """
        return await self(GetPredictedAgent(group_id=group_id))

    async def accept_greeting(
        self,
        *,
        greeting_id: int,
        unique_id: str,
    ) -> None:
        """Say that the customer has seen a greeting; reports count it as seen.

        Args:
            greeting_id: `id` of the greeting on the license.
            unique_id: `unique_id` of the greeting as it was shown.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `GreetingNotFound`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: none.
        Source: https://platform.text.com/docs/messaging/customer-chat-api#accept-greeting
        """
        await self(AcceptGreeting(greeting_id=greeting_id, unique_id=unique_id))

    async def cancel_greeting(
        self,
        *,
        unique_id: str,
    ) -> None:
        """Say that the customer has closed a greeting.

        Args:
            unique_id: `unique_id` of the greeting as it was shown.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `GreetingNotFound`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: none.
        Source: https://platform.text.com/docs/messaging/customer-chat-api#cancel-greeting
        """
        await self(CancelGreeting(unique_id=unique_id))

    async def request_welcome_message(
        self,
        *,
        id: str | None = None,
        group_id: int | None = None,
    ) -> WelcomeMessage:
        """Ask for the message that a customer sees before a chat is started.

        The customer must be logged in over RTM, where the message comes as a push of its own.

        Args:
            id: `id` of a welcome message that came before.
            group_id: The group; defaults to that of the customer.

        Returns:
            `WelcomeMessage`: A welcome message was requested; its text comes with
            ``IncomingWelcomeMessage``.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `GroupOffline`,
                `GroupUnavailable`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: none.
        Source: https://platform.text.com/docs/messaging/customer-chat-api#request-welcome-message
        """
        return await self(RequestWelcomeMessage(id=id, group_id=group_id))

    async def send_greeting_button_clicked(
        self,
        *,
        greeting_unique_id: str,
        button_id: str,
    ) -> None:
        """Say that the customer has pressed a button of a greeting.

        Args:
            greeting_unique_id: `unique_id` of the greeting as it was shown.
            button_id: The button.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `GreetingNotFound`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: none.
        Source: https://platform.text.com/docs/messaging/customer-chat-api#send-greeting-button-clicked
        """
        await self(
            SendGreetingButtonClicked(greeting_unique_id=greeting_unique_id, button_id=button_id)
        )

    async def get_form(
        self,
        *,
        group_id: int,
        type: Literal["prechat", "postchat", "ticket"],
    ) -> RequestedForm:
        """Get a form of a group, to be shown to the customer.

        Filled in, it goes to the chat as a `FilledForm` of `start_chat` or `send_event`.

        Args:
            group_id: The group.
            type: `prechat`, `postchat`, or `ticket`, which is documented for RTM only.

        Returns:
            `RequestedForm`: A survey of a group; ``form`` is there only if it is
            ``enabled``.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `GroupNotFound`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: none.
        Source: https://platform.text.com/docs/messaging/customer-chat-api#get-form
        """
        return await self(GetForm(group_id=group_id, type=type))

    async def get_url_info(
        self,
        *,
        url: str,
    ) -> UrlInfo:
        """Get the title, the description and an image of a web page.

        Args:
            url: Address of the page.

        Returns:
            `UrlInfo`: what is behind a link. ``image_url`` is a small copy of
            ``image_original_url``.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: none.
        Source: https://platform.text.com/docs/messaging/customer-chat-api#get-url-info
        """
        return await self(GetUrlInfo(url=url))

    async def update_chat_properties(
        self,
        *,
        id: str,
        properties: Mapping[str, Mapping[str, str | int | bool]],
    ) -> None:
        """Set properties of a chat, those that customers may write.

        Args:
            id: The chat.
            properties: Namespace -> name -> value (text, number or boolean); other
                properties stay as they are.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `AuthorizationError`,
                `ValidationError`, `NotFound`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: none.
        Source: https://platform.text.com/docs/messaging/customer-chat-api#update-chat-properties
        """
        await self(UpdateChatProperties(id=id, properties=properties))

    async def delete_chat_properties(
        self,
        *,
        id: str,
        properties: Mapping[str, Sequence[str]],
    ) -> None:
        """Delete properties of a chat, those that customers may write.

        Args:
            id: The chat.
            properties: Namespace -> names of the properties.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `AuthorizationError`,
                `ValidationError`, `NotFound`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: none.
        Source: https://platform.text.com/docs/messaging/customer-chat-api#delete-chat-properties
        """
        await self(DeleteChatProperties(id=id, properties=properties))

    async def update_thread_properties(
        self,
        *,
        chat_id: str,
        thread_id: str,
        properties: Mapping[str, Mapping[str, str | int | bool]],
    ) -> None:
        """Set properties of a thread; those of the namespace `rating` rate it.

        `{"rating": {"score": 1, "comment": "Thanks!"}}`: the score is 0 or 1.

        Args:
            chat_id: The chat.
            thread_id: The thread.
            properties: Namespace -> name -> value (text, number or boolean); other
                properties stay as they are.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `AuthorizationError`,
                `ValidationError`, `NotFound`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: none.
        Source: https://platform.text.com/docs/messaging/customer-chat-api#update-thread-properties
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
        """Delete properties of a thread; `{"rating": ["score"]}` takes a rating back.

        Args:
            chat_id: The chat.
            thread_id: The thread.
            properties: Namespace -> names of the properties.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `AuthorizationError`,
                `ValidationError`, `NotFound`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: none.
        Source: https://platform.text.com/docs/messaging/customer-chat-api#delete-thread-properties
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
        """Set properties of an event, those that customers may write.

        Args:
            chat_id: The chat.
            thread_id: The thread.
            event_id: The event.
            properties: Namespace -> name -> value (text, number or boolean); other
                properties stay as they are.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `AuthorizationError`,
                `ValidationError`, `NotFound`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: none.
        Source: https://platform.text.com/docs/messaging/customer-chat-api#update-event-properties
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
        """Delete properties of an event, those that customers may write.

        Args:
            chat_id: The chat.
            thread_id: The thread.
            event_id: The event.
            properties: Namespace -> names of the properties.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `AuthorizationError`,
                `ValidationError`, `NotFound`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: none.
        Source: https://platform.text.com/docs/messaging/customer-chat-api#delete-event-properties
        """
        await self(
            DeleteEventProperties(
                chat_id=chat_id, thread_id=thread_id, event_id=event_id, properties=properties
            )
        )

    async def login(
        self,
        *,
        token: str,
        customer: NewCustomerDetails | Mapping[str, Any] | None = None,
        customer_page: CustomerPage | Mapping[str, Any] | None = None,
        customer_side_storage: Mapping[str, str] | None = None,
        is_mobile: bool | None = None,
        group_id: int | None = None,
        referrer: str | None = None,
        application: CustomerApplication | Mapping[str, Any] | None = None,
        pushes: Mapping[str, Sequence[str]] | None = None,
        tab_id: str | None = None,
    ) -> CustomerLoginResponse:
        """Log in an RTM connection of the customer, once, within 30 seconds of opening it.

        The customer is online from then on, until the last of its connections ends.

        Args:
            token: Customer token with its scheme: `Bearer dal:…`.
            customer: Name, e-mail address, avatar, session fields and address, to be
                stored.
            customer_page: The page that the customer has opened.
            customer_side_storage: What `customer_side_storage_updated` brought last; `{}`
                at first.
            is_mobile: Whether the customer has a mobile device.
            group_id: The group to belong to.
            referrer: Where the customer came from, an address.
            application: Name, version and channel of the application.
            pushes: Version (without v) -> names of the pushes to send, or `all`; defaults
                to all of the connection's version.
            tab_id: Tells the tabs of one customer apart; not in the docs of the API.

        Returns:
            `CustomerLoginResponse`: the connection is logged in: the customer with
            ``statistics``, and the chats.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error, typically `AuthenticationError`,
                `UsersLimitReached`, `CustomerBanned`, `GroupNotFound`, `LicenseExpired`,
                `WrongProductVersion`.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: none.
        Source: https://platform.text.com/docs/messaging/customer-chat-api/rtm-reference#login
        """
        return await self(
            Login(
                token=token,
                customer=customer,
                customer_page=customer_page,
                customer_side_storage=customer_side_storage,
                is_mobile=is_mobile,
                group_id=group_id,
                referrer=referrer,
                application=application,
                pushes=pushes,
                tab_id=tab_id,
            )
        )

    async def list_group_statuses(
        self,
        *,
        all: bool | None = None,
        group_ids: Sequence[int] | None = None,
    ) -> GroupStatuses:
        """List the statuses of groups; those that do not exist are not in the response.

        Args:
            all: True: all groups; this or `group_ids` is needed.
            group_ids: Only these groups; this or `all` is needed.

        Returns:
            `GroupStatuses`: group ids, as texts, and their statuses: ``online``,
            ``online_for_queue``, ``offline``.

        Raises:
            InvalidArgument: An argument breaks a rule; nothing was sent.
            APIError: The API responded with an error.
            TransportError: No complete response arrived.
            DecodeError: The response is not what the API documents.

        Scopes: none.
        Source: https://platform.text.com/docs/messaging/customer-chat-api#list-group-statuses
        """
        return await self(ListGroupStatuses(all=all, group_ids=group_ids))
