"""Chats: list, read, start, resume, deactivate, follow."""

from typing import Annotated, ClassVar, Final

from msgspec import UNSET, Meta

from frontdesk.actions.paging import MAX_PAGE, PageId, PageLimit, SortOrder, alone
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
from frontdesk.spec.actions import Action, Paging, Spec, any_of, no_scope
from frontdesk.spec.checks import Id
from frontdesk.spec.fields import NOT_SENT, Dict, From, Maybe, MaybeFrom

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


CHATS_PAGES: Final = Paging(
    items="chats_summary", found="found_chats", default=10, maximum=MAX_PAGE
)


class ListChats(Action[ChatsPage], frozen=True, kw_only=True):
    """List summaries of the chats that the requester has access to.

    Each summary holds the last event of each type, but not the threads.
    """

    spec: ClassVar[Spec] = Spec(
        name="list_chats",
        group="chats",
        returns=ChatsPage,
        scopes=READ,
        repeatable=True,
        page=CHATS_PAGES,
    )
    filters: Annotated[
        MaybeFrom[ChatsFilters, ChatsFilters | Dict],
        Meta(description="Which chats to list; the server remembers it for the following pages."),
    ] = NOT_SENT
    sort_order: Annotated[
        Maybe[SortOrder],
        Meta(description="`desc`: newest first; `asc`: oldest first; defaults to `desc`."),
    ] = NOT_SENT
    limit: Annotated[
        Maybe[PageLimit],
        Meta(description=f"Chats a page, {CHATS_PAGES.limits}."),
    ] = NOT_SENT
    page_id: Annotated[
        Maybe[PageId],
        Meta(
            description="`next_page_id` or `previous_page_id` of an earlier page, at most a month "
            "old; excludes every other argument."
        ),
    ] = NOT_SENT

    def _rules(self) -> None:
        alone(
            "page_id",
            self.page_id,
            filters=self.filters,
            sort_order=self.sort_order,
            limit=self.limit,
        )


MAX_EVENTS_COUNT: Final = 100
"""The largest ``min_events_count``."""
THREADS_PAGES: Final = Paging(items="threads", found="found_threads", default=3, maximum=MAX_PAGE)


class ListThreads(Action[ThreadsPage], frozen=True, kw_only=True):
    """List the threads of a chat, with their events."""

    spec: ClassVar[Spec] = Spec(
        name="list_threads",
        errors=("NotFound", "MissingAccess"),
        group="chats",
        returns=ThreadsPage,
        scopes=READ,
        repeatable=True,
        page=THREADS_PAGES,
    )
    chat_id: Annotated[Id, Meta(description="The chat whose threads to list.")]
    sort_order: Annotated[
        Maybe[SortOrder],
        Meta(description="`desc`: newest first; `asc`: oldest first; defaults to `desc`."),
    ] = NOT_SENT
    limit: Annotated[
        Maybe[PageLimit],
        Meta(description=f"Threads a page, {THREADS_PAGES.limits}."),
    ] = NOT_SENT
    page_id: Annotated[
        Maybe[PageId],
        Meta(
            description="`next_page_id` or `previous_page_id` of an earlier page, at most a month "
            "old; excludes `filters`, `limit`, `sort_order` and `min_events_count`."
        ),
    ] = NOT_SENT
    min_events_count: Annotated[
        Maybe[Annotated[int, Meta(ge=1, le=MAX_EVENTS_COUNT)]],
        Meta(
            description="As many of the latest threads as it takes to reach this total of events, "
            f"1 to {MAX_EVENTS_COUNT}; excludes `limit` and `filters`."
        ),
    ] = NOT_SENT
    filters: Annotated[
        MaybeFrom[ThreadsFilters, ThreadsFilters | Dict],
        Meta(description="From when to when the threads were created."),
    ] = NOT_SENT

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

    spec: ClassVar[Spec] = Spec(
        name="get_chat",
        errors=("NotFound", "MissingAccess"),
        group="chats",
        returns=Chat,
        scopes=READ,
        repeatable=True,
    )
    chat_id: Annotated[Id, Meta(description="The chat to get.")]
    thread_id: Annotated[
        Maybe[Id], Meta(description="The thread to get; defaults to the latest one.")
    ] = NOT_SENT


ARCHIVES_PAGES: Final = Paging(items="chats", found="found_chats", default=10, maximum=MAX_PAGE)


class ListArchives(Action[ArchivesPage], frozen=True, kw_only=True):
    """List archived threads, each as a chat with that one thread.

    The same chat comes again for each of its threads.
    """

    spec: ClassVar[Spec] = Spec(
        name="list_archives",
        errors=("LimitReached",),
        group="chats",
        returns=ArchivesPage,
        scopes=READ,
        repeatable=True,
        page=ARCHIVES_PAGES,
    )
    filters: Annotated[
        MaybeFrom[ArchivesFilters, ArchivesFilters | Dict],
        Meta(description="Which threads to list; the server remembers it for the following pages."),
    ] = NOT_SENT
    page_id: Annotated[
        Maybe[PageId],
        Meta(
            description="`next_page_id` or `previous_page_id` of an earlier page, at most a month "
            "old; excludes `filters`, `limit` and `sort_order`."
        ),
    ] = NOT_SENT
    sort_order: Annotated[
        Maybe[SortOrder],
        Meta(description="`desc`: newest first; `asc`: oldest first; defaults to `desc`."),
    ] = NOT_SENT
    limit: Annotated[
        Maybe[PageLimit],
        Meta(description=f"Threads a page, {ARCHIVES_PAGES.limits}."),
    ] = NOT_SENT
    highlights: Annotated[
        MaybeFrom[Highlights, Highlights | Dict],
        Meta(description="Marks the matches of `filters.query`; `Highlights()` marks with `<em>`."),
    ] = NOT_SENT

    def _rules(self) -> None:
        alone(
            "page_id",
            self.page_id,
            filters=self.filters,
            sort_order=self.sort_order,
            limit=self.limit,
        )
        if self.filters is not UNSET and self.filters.thread_ids is not UNSET:
            alone("filters.thread_ids", True, limit=self.limit, sort_order=self.sort_order)


class StartChat(Action[StartedChat], frozen=True, kw_only=True):
    """Start a chat; with no arguments, one with the requester only.

    Needs an online group, unless `continuous` is true. Marks everything as seen by the requester.
    Its first users and events are visible to the customer, whatever their `visibility` is.
    """

    spec: ClassVar[Spec] = Spec(
        name="start_chat",
        errors=("GroupsOffline", "NotFound", "LimitReached", "ValidationError"),
        group="chats",
        returns=StartedChat,
        scopes=WRITE,
        push=("incoming_chat",),
        webhook=("incoming_chat",),
    )
    chat: Annotated[
        MaybeFrom[InitialChat, InitialChat | Dict],
        Meta(
            description="Properties, access, users (at most 4 agents besides the requester, and "
            "1 customer) and the first thread."
        ),
    ] = NOT_SENT
    active: Annotated[
        Maybe[bool],
        Meta(description="False makes a thread that is inactive from the start; defaults to true."),
    ] = NOT_SENT
    continuous: Annotated[
        Maybe[bool],
        Meta(description="True starts the chat although no group is online; defaults to false."),
    ] = NOT_SENT


class ResumeChat(Action[ResumedChat], frozen=True, kw_only=True):
    """Start a new thread in a chat that has no active one.

    Ends following of the chat by others. Marks everything as seen by the requester. Its first
    users and events are visible to the customer, whatever their `visibility` is.
    """

    spec: ClassVar[Spec] = Spec(
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
        From[InitialChat, InitialChat | Dict],
        Meta(
            description="The chat (`id` is required) with properties, access (defaults to all "
            "agents), users and the new thread."
        ),
    ]
    active: Annotated[
        Maybe[bool],
        Meta(description="False makes a thread that is inactive from the start; defaults to true."),
    ] = NOT_SENT
    continuous: Annotated[
        Maybe[bool],
        Meta(description="True makes the chat continuous; defaults to the mode it has."),
    ] = NOT_SENT

    def _rules(self) -> None:
        if self.chat.id is UNSET:
            raise InvalidArgument("chat.id", "is required")


class DeactivateChat(Action[None], frozen=True, kw_only=True):
    """Close the active thread of a chat; without one, nothing happens."""

    spec: ClassVar[Spec] = Spec(
        name="deactivate_chat",
        errors=("NotFound", "MissingAccess"),
        group="chats",
        scopes=WRITE,
        push=("chat_deactivated",),
        webhook=("chat_deactivated",),
        since=(3, 2),
    )
    id: Annotated[Id, Meta(description="The chat to deactivate.")]
    ignore_requester_presence: Annotated[
        Maybe[bool],
        Meta(description="True allows it to a requester who is not a user of the chat."),
    ] = NOT_SENT


class FollowChat(Action[None], frozen=True, kw_only=True):
    """Follow a chat: the requester gets its pushes without being a user of it.

    Ends with `unfollow_chat` or when the chat is resumed.
    """

    spec: ClassVar[Spec] = Spec(
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

    spec: ClassVar[Spec] = Spec(
        name="unfollow_chat",
        errors=("NotFound",),
        group="chats",
        scopes=no_scope,
        push=("chat_unfollowed",),
        repeatable=True,
    )
    id: Annotated[Id, Meta(description="The chat to stop following.")]
