"""Chats: list, read, start, resume, deactivate, follow."""

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from frontdesk._checked import Id
from frontdesk.actions._base import Action, Page, Spec, any_of, no_scope
from frontdesk.actions._paging import PageId, SortOrder, alone
from frontdesk.errors import InvalidArgument
from frontdesk.models import (
    ArchivesFilters,
    ArchivesPage,
    Chat,
    ChatsFilters,
    ChatsPage,
    Highlights,
    InitialChat,
    ResumedChat,
    StartedChat,
    ThreadsFilters,
    ThreadsPage,
)

__all__ = [
    "DeactivateChat",
    "FollowChat",
    "GetChat",
    "ListArchives",
    "ListChats",
    "ListThreads",
    "ResumeChat",
    "StartChat",
    "UnfollowChat",
]

READ = any_of("chats--all:ro", "chats--access:ro")
WRITE = any_of("chats--all:rw", "chats--access:rw")


class ListChats(Action[ChatsPage], frozen=True, kw_only=True):
    """List summaries of the chats that the requester has access to.

    Each summary holds the last event of each type, but not the threads.
    """

    spec = Spec(
        name="list_chats",
        group="chats",
        returns=ChatsPage,
        scopes=READ,
        repeatable=True,
        page=Page(items="chats_summary", found="found_chats", default=10, maximum=100),
    )
    filters: Annotated[
        ChatsFilters | UnsetType,
        Meta(description="Which chats to list; the server remembers it for the following pages."),
    ] = UNSET
    sort_order: Annotated[
        SortOrder | UnsetType,
        Meta(description="`desc` (default): newest first; `asc`: oldest first."),
    ] = UNSET
    limit: Annotated[
        Annotated[int, Meta(ge=1, le=100)] | UnsetType,
        Meta(description="Chats a page, 1 to 100; 10 by default."),
    ] = UNSET
    page_id: Annotated[
        PageId | UnsetType,
        Meta(
            description="`next_page_id` or `previous_page_id` of an earlier page, at most a month "
            "old; excludes every other argument."
        ),
    ] = UNSET

    def _rules(self) -> None:
        alone(
            "page_id",
            self.page_id,
            filters=self.filters,
            sort_order=self.sort_order,
            limit=self.limit,
        )


class ListThreads(Action[ThreadsPage], frozen=True, kw_only=True):
    """List the threads of a chat, with their events."""

    spec = Spec(
        name="list_threads",
        errors=("NotFound", "MissingAccess"),
        group="chats",
        returns=ThreadsPage,
        scopes=READ,
        repeatable=True,
        page=Page(items="threads", found="found_threads", default=3, maximum=100),
    )
    chat_id: Annotated[Id, Meta(description="The chat whose threads to list.")]
    sort_order: Annotated[
        SortOrder | UnsetType,
        Meta(description="`desc` (default): newest first; `asc`: oldest first."),
    ] = UNSET
    limit: Annotated[
        Annotated[int, Meta(ge=1, le=100)] | UnsetType,
        Meta(description="Threads a page, 1 to 100; 3 by default."),
    ] = UNSET
    page_id: Annotated[
        PageId | UnsetType,
        Meta(
            description="`next_page_id` or `previous_page_id` of an earlier page, at most a month "
            "old; excludes `filters`, `limit`, `sort_order` and `min_events_count`."
        ),
    ] = UNSET
    min_events_count: Annotated[
        Annotated[int, Meta(ge=1, le=100)] | UnsetType,
        Meta(
            description="As many of the latest threads as it takes to reach this total of events, "
            "1 to 100; excludes `limit` and `filters`."
        ),
    ] = UNSET
    filters: Annotated[
        ThreadsFilters | UnsetType, Meta(description="From when to when the threads were created.")
    ] = UNSET

    def _rules(self) -> None:
        alone(
            "page_id",
            self.page_id,
            filters=self.filters,
            sort_order=self.sort_order,
            limit=self.limit,
            min_events_count=self.min_events_count,
        )
        alone("min_events_count", self.min_events_count, filters=self.filters, limit=self.limit)


class GetChat(Action[Chat], frozen=True, kw_only=True):
    """Get a chat with one of its threads.

    Access is checked against the groups of the thread, not only of the chat.
    """

    spec = Spec(
        name="get_chat",
        errors=("NotFound", "MissingAccess"),
        group="chats",
        returns=Chat,
        scopes=READ,
        repeatable=True,
    )
    chat_id: Annotated[Id, Meta(description="The chat to get.")]
    thread_id: Annotated[
        Id | UnsetType, Meta(description="The thread to get; the latest one by default.")
    ] = UNSET


class ListArchives(Action[ArchivesPage], frozen=True, kw_only=True):
    """List archived threads, each as a chat with that one thread.

    The same chat comes again for each of its threads.
    """

    spec = Spec(
        name="list_archives",
        errors=("LimitReached",),
        group="chats",
        returns=ArchivesPage,
        scopes=READ,
        repeatable=True,
        page=Page(items="chats", found="found_chats", default=10, maximum=100),
    )
    filters: Annotated[
        ArchivesFilters | UnsetType,
        Meta(description="Which threads to list; the server remembers it for the following pages."),
    ] = UNSET
    page_id: Annotated[
        PageId | UnsetType,
        Meta(
            description="`next_page_id` or `previous_page_id` of an earlier page, at most a month "
            "old; excludes `filters`, `limit` and `sort_order`."
        ),
    ] = UNSET
    sort_order: Annotated[
        SortOrder | UnsetType,
        Meta(description="`desc` (default): newest first; `asc`: oldest first."),
    ] = UNSET
    limit: Annotated[
        Annotated[int, Meta(ge=1, le=100)] | UnsetType,
        Meta(description="Threads a page, 1 to 100; 10 by default."),
    ] = UNSET
    highlights: Annotated[
        Highlights | UnsetType,
        Meta(description="Marks the matches of `filters.query`; `Highlights()` marks with <em>."),
    ] = UNSET

    def _rules(self) -> None:
        alone(
            "page_id",
            self.page_id,
            filters=self.filters,
            sort_order=self.sort_order,
            limit=self.limit,
        )
        if self.filters is not UNSET and self.filters.thread_ids is not UNSET:
            alone("filters.thread_ids", True, limit=self.limit)


class StartChat(Action[StartedChat], frozen=True, kw_only=True):
    """Start a chat; with no arguments, one with the requester only.

    Needs an online group, unless `continuous` is true. Marks everything as seen by the requester.
    """

    spec = Spec(
        name="start_chat",
        errors=("GroupsOffline", "NotFound", "LimitReached"),
        group="chats",
        returns=StartedChat,
        scopes=WRITE,
        push=("incoming_chat",),
        webhook=("incoming_chat",),
    )
    chat: Annotated[
        InitialChat | UnsetType,
        Meta(
            description="Properties, access, users (at most 4 agents besides the requester, and "
            "1 customer) and the first thread."
        ),
    ] = UNSET
    active: Annotated[
        bool | UnsetType,
        Meta(description="False makes a thread that is inactive from the start; true by default."),
    ] = UNSET
    continuous: Annotated[
        bool | UnsetType,
        Meta(description="True starts the chat although no group is online; false by default."),
    ] = UNSET


class ResumeChat(Action[ResumedChat], frozen=True, kw_only=True):
    """Start a new thread in a chat that has no active one.

    Ends following of the chat by others. Marks everything as seen by the requester.
    """

    spec = Spec(
        name="resume_chat",
        errors=("NotFound", "MissingAccess", "ValidationError"),
        group="chats",
        returns=ResumedChat,
        scopes=WRITE,
        push=("incoming_chat",),
        webhook=("incoming_chat",),
        since=(3, 3),
    )
    chat: Annotated[
        InitialChat,
        Meta(
            description="The chat (`id` is required) with properties, access (all agents by "
            "default), users and the new thread."
        ),
    ]
    active: Annotated[
        bool | UnsetType,
        Meta(description="False makes a thread that is inactive from the start; true by default."),
    ] = UNSET
    continuous: Annotated[
        bool | UnsetType,
        Meta(description="True makes the chat continuous; when left out the mode stays as it is."),
    ] = UNSET

    def _rules(self) -> None:
        if self.chat.id is UNSET:
            raise InvalidArgument("chat.id", "is required")


class DeactivateChat(Action[None], frozen=True, kw_only=True):
    """Close the active thread of a chat."""

    spec = Spec(
        name="deactivate_chat",
        errors=("ChatInactive", "NotFound", "MissingAccess"),
        group="chats",
        scopes=WRITE,
        push=("chat_deactivated",),
        webhook=("chat_deactivated",),
        since=(3, 2),
    )
    id: Annotated[Id, Meta(description="The chat to deactivate.")]
    ignore_requester_presence: Annotated[
        bool | UnsetType,
        Meta(description="True allows it to a requester who is not a user of the chat."),
    ] = UNSET


class FollowChat(Action[None], frozen=True, kw_only=True):
    """Follow a chat: the requester gets its pushes without being a user of it.

    Ends with `unfollow_chat` or when the chat is resumed.
    """

    spec = Spec(
        name="follow_chat",
        errors=("NotFound", "MissingAccess"),
        group="chats",
        scopes=READ,
        push=("incoming_chat",),
        repeatable=True,
    )
    id: Annotated[Id, Meta(description="The chat to follow.")]


class UnfollowChat(Action[None], frozen=True, kw_only=True):
    """Stop following a chat; users of the chat cannot."""

    spec = Spec(
        name="unfollow_chat",
        errors=("NotFound",),
        group="chats",
        scopes=no_scope,
        push=("chat_unfollowed",),
        repeatable=True,
    )
    id: Annotated[Id, Meta(description="The chat to stop following.")]
