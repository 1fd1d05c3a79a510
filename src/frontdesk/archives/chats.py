"""The chats of the archives as the tables need them: lean structures, and each chat's own JSON.

Dates stay texts and JSON stays JSON here: a column of them is made at once, in ``columns``.
"""

import gc
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from typing import Annotated, Any, Final, TypeAlias

import msgspec
from msgspec import NODEFAULT, UNSET, Meta, Raw, Struct, UnsetType, field

from frontdesk.codec.damage import Damage
from frontdesk.codec.decoding import decode_unreported, readable
from frontdesk.codec.repair import as_utf8
from frontdesk.errors import DecodeError
from frontdesk.models.base import Model, Properties, Result

__all__ = [
    "ArchivedChat",
    "ArchivedEvent",
    "ArchivedThread",
    "ArchivedUser",
    "ArchivesRawPage",
    "ChatRecord",
    "events_json",
    "read_chats",
    "without_collector",
]

Int64: TypeAlias = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
"""What a column holds: a larger number is damage."""
Json: TypeAlias = Raw | UnsetType


class ArchivesRawPage(Result, kw_only=True):
    """A page of ``list_archives`` whose chats are JSON still."""

    chats: list[Raw]
    found_chats: Int64 = 0
    next_page_id: str | None = None

    @classmethod
    def placeholder(cls, name: str, fields: dict[str, Any]) -> Any:
        """Take no chats where another page follows, as ``ArchivesPage`` does."""
        return [] if name == "chats" and fields.get("next_page_id") else NODEFAULT


class UserCounts(Model, kw_only=True):
    """Counts of a customer."""

    chats_count: Int64 | None = None
    threads_count: Int64 | None = None
    visits_count: Int64 | None = None
    page_views_count: Int64 | None = None


class ArchivedUser(Model, kw_only=True):
    """A customer, an agent or a bot."""

    type: str | None = None
    id: str | None = None
    name: str | None = None
    email: str | None = None
    email_verified: bool | None = None
    phone_number: str | None = None
    avatar: str | None = None
    created_at: str | None = None
    visibility: str | None = None
    events_seen_up_to: str | None = None
    statistics: UserCounts | None = None
    session_fields: Json = UNSET


class EventPostback(Model, kw_only=True):
    """The button that was pressed."""

    id: str | None = None


class ArchivedEvent(Model, kw_only=True):
    """An event of any type: a structure for all of them makes columns of them at once."""

    id: str | None = None
    type: str | None = None
    created_at: str | None = None
    author_id: str | None = None
    visibility: str | None = None
    text: str | None = None
    system_message_type: str | None = None
    custom_id: str | None = None
    postback: EventPostback | None = None
    template_id: str | None = None
    form_id: str | None = None
    form_type: str | None = None
    deleted: bool | None = None
    name: str | None = None
    url: str | None = None
    content_type: str | None = None
    size: Int64 | None = None
    width: Int64 | None = None
    height: Int64 | None = None
    alternative_text: str | None = None
    source: Json = UNSET
    subtype: Json = UNSET
    version: Json = UNSET
    details: Json = UNSET
    fields: Json = UNSET
    elements: Json = UNSET
    content: Json = UNSET
    text_vars: Json = UNSET
    properties: Json = UNSET


class ThreadAccess(Model, kw_only=True):
    """The groups that see a chat or a thread."""

    group_ids: list[Int64] | None = None


class ThreadSummaryText(Model, kw_only=True):
    """The AI summary."""

    text: str | None = None


class VisitPlace(Model, kw_only=True):
    """Where a customer was."""

    latitude: str | float | None = None
    longitude: str | float | None = None
    country: str | None = None
    country_code: str | None = None
    region: str | None = None
    city: str | None = None
    timezone: str | None = None


class ThreadVisit(Model, kw_only=True):
    """The visit of the customer when the thread was started."""

    ip: str | None = None
    user_agent: str | None = None
    geolocation: VisitPlace | None = None


class ArchivedThread(Model, kw_only=True):
    """A thread."""

    id: str | None = None
    created_at: str | None = None
    user_ids: list[str] | None = None
    events: list[ArchivedEvent] = field(default_factory=list[ArchivedEvent])
    restricted_access: str | None = None
    properties: Properties | None = None
    access: ThreadAccess | None = None
    tags: list[str] | None = None
    queues_duration: Int64 | None = None
    summary: ThreadSummaryText | None = None
    customer_visit: ThreadVisit | None = None
    previous_thread_id: str | None = None
    next_thread_id: str | None = None


class ArchivedChat(Model, kw_only=True):
    """A chat with one thread; up to 3.2 in ``threads``."""

    id: str | None = None
    users: list[ArchivedUser] = field(default_factory=list[ArchivedUser])
    thread: ArchivedThread | None = None
    threads: list[ArchivedThread] | None = None
    properties: Properties | None = None
    access: ThreadAccess | None = None

    def __post_init__(self) -> None:
        if self.thread is None and self.threads:
            self.thread = max(self.threads, key=lambda thread: thread.created_at or "")


class ChatRecord(Struct):
    """A chat of a page: what was read of it, its JSON, and what could not be read."""

    raw: Raw
    chat: ArchivedChat
    thread: ArchivedThread
    """That of the chat; an empty one if it has none."""
    damage: list[Damage]
    """With paths from the chat on."""
    created_at: int | None = None
    """When the thread was created, in microseconds since 1970."""

    def json(self) -> str:
        """Return the JSON of the chat as text."""
        try:
            return bytes(self.raw).decode()
        except UnicodeError:
            return as_utf8(self.raw).decode()


class _Events(Struct, frozen=True):
    events: list[Raw] = []


class _Thread(Struct, frozen=True):
    thread: _Events = _Events()


MISSING: Final = "is missing"


@contextmanager
def without_collector() -> Generator[None, None, None]:
    """Pause the garbage collector: the rows of a page would set it off many times, in vain."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


_decode: Final = msgspec.json.Decoder(ArchivedChat).decode
_decode_events: Final = msgspec.json.Decoder(_Thread).decode


def read_chats(
    raws: Iterable[Raw], scrub: Callable[[Raw], tuple[Raw, list[Damage]]] | None = None
) -> list[ChatRecord]:
    """Read the chats of a page; none of them raises.

    ``scrub`` returns the JSON of a chat that is to be read instead, and what it repaired in it.
    """
    if scrub is None:
        return [_record(raw, []) for raw in raws]
    return [_record(*scrub(raw)) for raw in raws]


def _record(raw: Raw, damage: list[Damage]) -> ChatRecord:
    try:
        chat = _decode(raw)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        chat = _repaired(raw, damage)
    thread = chat.thread
    if thread is None:
        thread = ArchivedThread()
        damage.append(Damage("$.thread", MISSING))
    elif thread.id is None or thread.created_at is None:
        damage += [
            Damage(f"$.thread.{name}", MISSING)
            for name in ("id", "created_at")
            if getattr(thread, name) is None
        ]
    if chat.id is None:
        damage.append(Damage("$.id", MISSING))
    for position, user in enumerate(chat.users):
        if user.id is None:
            damage.append(Damage(f"$.users[{position}].id", MISSING))
    # A value that cannot be read is reported once, and not as a missing one too.
    if len(damage) > 1:
        damage = list({one.path: one for one in reversed(damage)}.values())[::-1]
    return ChatRecord(raw, chat, thread, damage)


def _repaired(raw: Raw, damage: list[Damage]) -> ArchivedChat:
    try:
        chat, repairs = decode_unreported(raw, ArchivedChat)
    except DecodeError as error:
        damage.append(Damage(error.path or "$", error.message))
        return ArchivedChat()
    damage += repairs
    return chat  # type: ignore[no-any-return]  # decoded as one


def events_json(record: ChatRecord) -> list[str]:
    """Return the JSON of each event of a chat: those that are in ``thread.events``, in order."""
    data = readable(record.raw)[0]
    try:
        events = _decode_events(data).thread.events
    except (msgspec.DecodeError, UnicodeError):
        return []
    texts = [as_utf8(event).decode() for event in events]
    # What is no object cannot be an event, and was dropped.
    return [text for text in texts if text.startswith("{")]
