"""Lists: chats, the threads of a chat, the archives."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

from msgspec import UNSET, Raw, UnsetType

from frontdesk.actions import ListArchives, ListChats, ListThreads
from frontdesk.errors import MissingAccess, NotFound, ValidationError
from frontdesk.models import (
    ArchivesFilters,
    ArchivesPage,
    Chat,
    ChatsFilters,
    ChatsPage,
    Highlights,
    ThreadsFilters,
    ThreadsPage,
)
from frontdesk.sandbox.apis.handler import handles
from frontdesk.sandbox.apis.paging import (
    add_page_ids,
    limit_of,
    page_of_events,
    place_of,
    resumed,
    sort_order_of,
)
from frontdesk.sandbox.apis.rules import CUSTOMER_API, GO_SDK, assumed, documented, seen
from frontdesk.sandbox.store import to_micros
from frontdesk.sandbox.store.archive.documents import Location
from frontdesk.sandbox.store.archive.filters import Search
from frontdesk.sandbox.store.archive.lists import (
    BitRows,
    ListedChats,
    ListedThreads,
    PropertyCondition,
)
from frontdesk.sandbox.store.archive.tokenizer import Query
from frontdesk.sandbox.store.paging import page
from frontdesk.sandbox.store.records import ChatRecord, ThreadRecord
from frontdesk.sandbox.world import access, properties
from frontdesk.sandbox.world.actor import Requester
from frontdesk.sandbox.world.chats import events, highlights, views
from frontdesk.sandbox.world.world import World


@handles(
    ListChats,
    rules=(
        documented(
            "Chats are listed by the creation of their last threads, newest first unless "
            "`sort_order` is `asc`.",
            CUSTOMER_API,
        ),
        assumed("A chat without threads is listed by its own creation."),
        assumed(
            "The pages of a walk keep the order that it began with: a chat that gets "
            "another thread meanwhile is met once."
        ),
        documented("`page_id` lives a month and excludes `filters`, `limit` and `sort_order`."),
        assumed("A `limit` is at least 1, as in `list_archives`."),
        seen(
            "`filters.include_active`, the name up to 3.5, is taken later on too.",
            GO_SDK,
        ),
        assumed(
            "`exclude_values` also lists chats without the property; one that the "
            "requester may not read counts as not set."
        ),
    ),
)
def list_chats(world: World, requester: Requester, action: ListChats) -> ChatsPage:
    """List summaries of chats, by the creation of their last threads."""
    asked, cursor = resumed(world, action)
    filters = ChatsFilters() if asked.filters is UNSET else asked.filters
    rows = world.store.list_chats(None if cursor is None else cursor.began_at)
    _limit_to_reached(world, requester, rows)
    if filters.active is not UNSET and filters.active is not None:
        rows.active(filters.active)
    elif filters.active is UNSET and filters.include_active is False:
        rows.active(False)
    if filters.include_chats_without_threads is False:
        rows.with_threads()
    if filters.group_ids is not UNSET:
        rows.in_groups(filters.group_ids)
    if filters.properties is not UNSET:
        _limit_to_properties(world, requester, rows, filters)
    row_page = page(rows, place_of(cursor), sort_order_of(asked), limit_of(asked))
    response = ChatsPage(
        chats_summary=[
            views.show_chat_summary(world, requester, chat)
            for chat in world.store.chats.read_many([num for _, num in row_page.keys])
        ],
        found_chats=rows.count(),
    )
    add_page_ids(world, asked, row_page, response, cursor)
    return response


def _limit_to_reached(world: World, requester: Requester, rows: ListedChats) -> None:
    if access.level(requester, "ro") != "all":
        rows.reached(requester.id, _groups(world, requester))


def _limit_to_properties(
    world: World, requester: Requester, rows: ListedChats, filters: ChatsFilters
) -> None:
    assert filters.properties is not UNSET
    conditions: list[PropertyCondition] = []
    for namespace, names in filters.properties.items():
        for name, condition in names.items():
            readable = properties.is_readable(world, namespace, name, "chat", requester.client_id)
            place = namespace if readable else ""
            if condition.exists is not UNSET:
                conditions.append(PropertyCondition(place, name, None, condition.exists))
                continue
            values = condition.exclude_values if condition.values is UNSET else condition.values
            conditions.append(
                PropertyCondition(
                    place,
                    name,
                    [] if values is UNSET else values,
                    holds=condition.values is not UNSET,
                    tokenized=properties.is_tokenized(world, namespace, name),
                )
            )
    rows.with_properties(conditions)


@handles(
    ListThreads,
    rules=(
        documented("`min_events_count` (1 to 100) excludes `limit` and `filters`."),
        assumed("`from` and `to` are both included."),
        assumed(
            "Only threads that the requester reaches are listed and counted; "
            "`missing_access` is the error when there is none."
        ),
    ),
)
def list_threads(world: World, requester: Requester, action: ListThreads) -> ThreadsPage:
    """List the threads of a chat, with their events."""
    asked, cursor = resumed(world, action)
    place = place_of(cursor)
    if asked.chat_id != action.chat_id:
        raise ValidationError("`page_id` belongs to another `chat_id`")
    chat = world.store.chats.get(asked.chat_id)
    if chat is None:
        raise NotFound(f"`chat_id`: there is no chat `{asked.chat_id}`")
    rows = world.store.list_threads(chat.num)
    _limit_to_reached_threads(world, requester, rows, chat)
    filters = ThreadsFilters() if asked.filters is UNSET else asked.filters
    _check_span(filters.from_, filters.to, "filters")
    rows.created(_micros(filters.from_), _micros(filters.to))
    if asked.min_events_count is UNSET:
        row_page = page(rows, place, sort_order_of(asked), limit_of(asked))
        numbers = row_page.keys
    else:
        row_page = page_of_events(
            rows, place, asked.min_events_count, partial(_count_events, world, rows)
        )
        numbers = row_page.keys[::-1] if asked.sort_order == "asc" else row_page.keys
    threads = world.store.threads.read_many(numbers)
    response = ThreadsPage(
        threads=[views.show_thread(world, requester, thread) for thread in threads],
        found_threads=rows.count(),
    )
    add_page_ids(world, asked, row_page, response, cursor)
    return response


def _limit_to_reached_threads(
    world: World, requester: Requester, rows: ListedThreads, chat: ChatRecord
) -> None:
    if access.level(requester, "ro") == "all" or chat.present_user(requester.id) is not None:
        return
    rows.in_groups(_groups(world, requester))
    if not access.may_see_chat(world, requester, chat) and not rows.count():
        raise MissingAccess(
            f"`chat_id`: the chat `{chat.id}` shares no group with the requester, who is not in it"
        )


def _count_events(world: World, rows: ListedThreads, num: int) -> int:
    return 0 if _thread(world, num).restricted_access is not None else rows.events(num)


@handles(
    ListArchives,
    rules=(
        documented(
            "Threads are listed, each in its chat; `limit` is 1 to 100, `thread_ids` (20 "
            "at most) exclude other filters and pages."
        ),
        assumed("`sort_order` counts as part of the pages."),
        documented("Filters are about threads, also those by properties."),
        assumed(
            "A property of the chat counts only where threads cannot have it; one that "
            "the requester may not read counts as not set."
        ),
        documented(
            "`require_every_value` asks for all values; `exists`, `values` and "
            "`exclude_values` exclude each other."
        ),
        assumed("`exclude_values` also lists threads without any value."),
        assumed(
            "Only closed threads are listed, by their creation; `from` and `to` are both included."
        ),
        assumed(
            "`query` finds threads that have all its words in messages, file names, rich "
            "messages, answers of forms, or the customer's name or e-mail, regardless of "
            "case and accents."
        ),
        assumed("Answers, greetings and first responses are those of the thread's groups."),
    ),
)
def list_archives(world: World, requester: Requester, action: ListArchives) -> ArchivesPage:
    """List closed threads, each in its chat."""
    asked, cursor = resumed(world, action)
    filters = ArchivesFilters() if asked.filters is UNSET else asked.filters
    _check_spans(filters)
    index = world.store.archives
    index.refresh(partial(properties.is_tokenized, world))
    reaches_all = access.level(requester, "ro") == "all"
    search = Search(
        index,
        index.every() if reaches_all else index.reached(requester.id, _groups(world, requester)),
        partial(_searched, world, requester),
    )
    search.apply(filters)
    rows = BitRows(search.found)
    limit = limit_of(asked) if filters.thread_ids is UNSET else len(filters.thread_ids)
    row_page = page(rows, place_of(cursor), sort_order_of(asked), max(1, limit))
    response = ArchivesPage(
        chats=[
            _archived(world, requester, thread)
            for thread in world.store.threads.read_many(row_page.keys)
        ],
        found_chats=rows.count(),
    )
    marks = asked.highlights if action.highlights is UNSET else action.highlights
    if marks is not UNSET and filters.query:
        _highlight(response, filters.query, marks)
    add_page_ids(world, asked, row_page, response, cursor)
    return response


def _archived(world: World, requester: Requester, thread: ThreadRecord) -> Chat:
    """A chat with one archived thread."""
    chat = world.store.chats.read(thread.chat_id)
    assert chat is not None
    shown = views.show_chat(world, requester, chat, thread)
    if access.level(requester, "ro") == "all" or chat.present_user(requester.id) is not None:
        shown.thread.previous_accessible_thread_id = thread.previous_id
        shown.thread.next_accessible_thread_id = thread.next_id
        return shown
    groups = _groups(world, requester)
    neighbour = world.store.archives.neighbour
    if thread.previous_id is not None:
        shown.thread.previous_accessible_thread_id = neighbour(thread, groups, newer=False)
    if thread.next_id is not None:
        shown.thread.next_accessible_thread_id = neighbour(thread, groups, newer=True)
    return shown


def _highlight(response: ArchivesPage, text: str, marks: Highlights) -> None:
    query = Query(text)
    before = "<em>" if marks.pre_tag is UNSET else marks.pre_tag
    after = "</em>" if marks.post_tag is UNSET else marks.post_tag

    def marked(event: Raw) -> Any:
        # Few events have a word of the query; the others stay the JSON that they are.
        if not query.may_mark(str(event, "utf-8")):
            return event
        content = events.decode_json(event)
        highlights.mark(content, lambda text: query.mark(text, before, after))
        return content

    for chat in response.chats:
        # They are JSON until a client decodes them.
        json_events: Any = chat.thread.events
        if json_events:
            chat.thread.events = [marked(event) for event in json_events]


def _groups(world: World, requester: Requester) -> Sequence[int]:
    """The groups whose chats the requester has access to; 0 is everybody's."""
    agent = world.store.company.agents.get(requester.id)
    return (0,) if agent is None else (0, *agent.groups)


def _thread(world: World, num: int) -> ThreadRecord:
    thread = world.store.threads.read_at(num)
    assert thread is not None
    return thread


def _searched(world: World, requester: Requester, namespace: str, name: str) -> list[Location]:
    """Return where the archives are searched for a property.

    Threads are searched, so a property of the chat counts only if no thread can have it.
    """
    definition = properties.definition(world, namespace, name, requester.client_id)
    if definition is None:
        return []
    location: Location = "thread" if "thread" in definition.access else "chat"
    readable = properties.is_readable(world, namespace, name, location, requester.client_id)
    return [location] if readable else []


def _micros(timestamp: datetime | UnsetType) -> int | None:
    return None if timestamp is UNSET else to_micros(timestamp)


def _check_span(from_: datetime | UnsetType, to: datetime | UnsetType, path: str) -> None:
    if from_ is not UNSET and to is not UNSET and to < from_:
        raise ValidationError(f"`{path}.to` must not be before `{path}.from`")


def _check_spans(filters: ArchivesFilters) -> None:
    _check_span(filters.from_, filters.to, "filters")
    if filters.greetings is not UNSET:
        _check_span(filters.greetings.from_, filters.greetings.to, "filters.greetings")
    for position, form in enumerate(() if filters.forms is UNSET else filters.forms):
        _check_span(form.from_, form.to, f"filters.forms[{position}]")
