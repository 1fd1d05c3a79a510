"""Chats of a page as record batches, one for each table.

A column is made at once: of texts, numbers and JSON by Arrow, and dates are parsed by it too, which
takes a fifth of what ``datetime`` does.
"""

import math
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from itertools import chain
from types import NoneType
from typing import Any, Final, TypeAlias

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
from msgspec import UNSET, Raw, Struct, UnsetType

from frontdesk.archives.chats import (
    ArchivedEvent,
    ArchivedUser,
    ChatRecord,
    UserCounts,
    VisitPlace,
    events_json,
)
from frontdesk.archives.tables import TABLES
from frontdesk.codec.damage import Damage
from frontdesk.codec.repair import as_utf8
from frontdesk.models.base import in_utc, odd_date
from frontdesk.models.events.event import EVENT_TYPES

__all__ = ["batches", "days_of", "timestamps"]

Array: TypeAlias = "pa.Array[Any]"
Columns: TypeAlias = dict[str, Array]

TEXT: Final = pa.string()
TIME: Final = pa.timestamp("us", tz="UTC")
INT: Final = pa.int64()
INDEX: Final = pa.int32()
DATE: Final = pa.date32()
DAY: Final = 86_400_000_000
"""Microseconds."""
FIRST: Final = -62_135_596_800_000_000
"""The start of the year 1: Python has no earlier date."""
BOT_ID_LENGTH: Final = 32
BOT_ID: Final = re.compile(r"[0-9a-f]{32}")
"""Bots are agents without an e-mail address; their ids look like this."""
NO_DATE: Final = "not a date; null is in its place"
NO_NUMBER: Final = "not a number of degrees; null is in its place"

CONTENT: Final = {
    "form": "fields",
    "filled_form": "fields",
    "rich_message": "elements",
    "custom": "content",
    "system_message": "text_vars",
}
"""The field of a type of events that holds what no column does."""
VALUE_TYPES: Final[dict[type, str]] = {
    str: "string",
    bool: "bool",
    int: "int",
    float: "float",
}


def timestamps(texts: Sequence[str | None]) -> tuple[Array, list[int]]:
    """Parse dates; what is none becomes null, and its places are returned too."""
    try:
        times = pa.array(texts, TEXT).cast(TIME)
        earliest = _least(times.view(INT))
    except pa.ArrowInvalid:
        pass
    else:
        if earliest is None or earliest >= FIRST:
            return times, []
    values = [None if text is None else _date(text) for text in texts]
    odd = [
        n
        for n, (text, value) in enumerate(zip(texts, values, strict=True))
        if value is None and text is not None
    ]
    return pa.array(values, TIME), odd


def _least(values: Array) -> int | None:
    scalar: Any = pc.min(values)
    least: int | None = scalar.as_py()
    return least


def _date(text: str) -> datetime | None:
    """Read a date in any spelling: with another offset, with none, in nanoseconds."""
    try:
        date: datetime | None = msgspec.convert(text, datetime)
    except msgspec.ValidationError:
        date = odd_date(text)
    try:
        return in_utc(date)
    except ValueError:
        return None


def days_of(records: Iterable[ChatRecord], default: int) -> list[int]:
    """Return the day of each thread in UTC, counted from 1970; ``default`` if it has no date."""
    return [
        default if record.created_at is None else record.created_at // DAY for record in records
    ]


def batches(
    records: Sequence[ChatRecord], tables: Sequence[str], *, raw: bool, default_day: int
) -> dict[str, pa.RecordBatch]:
    """Make the rows of the tables that are asked for.

    Dates that cannot be read are added to the ``damage`` of their chats.

    Args:
        records: The chats of a page, with ``created_at`` where it could be read.
        tables: The names of the tables.
        raw: Whether ``threads.raw`` holds every chat, or damaged ones alone.
        default_day: The day, counted from 1970, of threads without any date.
    """
    rows = _Rows(records, default_day, raw=raw)
    made: dict[str, pa.RecordBatch] = {}
    # Threads come last: they hold what could not be read in the others.
    for name in sorted(tables, key=lambda name: (name == "threads", name)):
        made[name] = _batch(name, rows)
    return {name: made[name] for name in tables}


def _batch(name: str, rows: "_Rows") -> pa.RecordBatch:
    columns = MAKERS[name](rows)
    table = TABLES[name]
    arrays = [columns[column.name] for column in table.columns]
    batch_type: Any = pa.RecordBatch
    made: pa.RecordBatch = batch_type.from_arrays(arrays, schema=table.schema)
    return made


class _Rows:
    """The chats of a page, and what several tables need of them."""

    def __init__(self, records: Sequence[ChatRecord], default_day: int, *, raw: bool) -> None:
        self.records = records
        self.raw = raw
        self.user_types = [_types_of(record.chat.users) for record in records]
        threads = [record.thread for record in records]
        self.event_counts = [len(thread.events) for thread in threads]
        self.all_events = [event for thread in threads for event in thread.events]
        self.event_kinds = [event.type for event in self.all_events]
        self.other_places = [n for n, kind in enumerate(self.event_kinds) if kind != "message"]
        self.other_events = [self.all_events[n] for n in self.other_places]
        self.event_chats = _owners(self.event_counts)
        self.event_times = self._times(
            [event.created_at for event in self.all_events],
            lambda n: (self.event_chats[n], f"$.thread.events[{self.position(n)}].created_at"),
        )
        self.days = self._days(default_day)
        self.dates = pa.array(self.days, INDEX).view(DATE)
        self.thread_ids = pa.array([thread.id for thread in threads], TEXT)
        self.chat_ids = pa.array([record.chat.id for record in records], TEXT)
        self.customers = [_customer_of(record) for record in records]

    def position(self, event: int) -> int:
        """Return the place of an event in its thread."""
        return event - self.event_chats.index(self.event_chats[event])

    def _days(self, default: int) -> list[int]:
        days = days_of(self.records, default)
        if any(record.created_at is None for record in self.records):
            times = self.event_times.view(INT).to_pylist()
            for n, record in enumerate(self.records):
                first = sum(self.event_counts[:n])
                own = [time for time in times[first : first + self.event_counts[n]] if time]
                if record.created_at is None and own:
                    days[n] = own[0] // DAY
        return days

    def _times(self, texts: Sequence[str | None], place: Callable[[int], tuple[int, str]]) -> Array:
        """Parse dates; ``place`` returns the chat and the path of one."""
        times, odd = timestamps(texts)
        for n in odd:
            chat, path = place(n)
            self.records[chat].damage.append(Damage(path, NO_DATE))
        return times

    def of_threads(self, chats: Sequence[int], *, with_chat: bool = False) -> Columns:
        """Return the columns that the rows of these chats have in common."""
        rows = pa.array(chats, INDEX)
        columns: Columns = {"date": self.dates.take(rows), "thread_id": self.thread_ids.take(rows)}
        if with_chat:
            columns["chat_id"] = self.chat_ids.take(rows)
        return columns

    def threads(self) -> Columns:
        """Make the columns of ``threads``."""
        records = self.records
        threads = [record.thread for record in records]
        of_threads = [thread.properties or NOTHING for thread in threads]
        of_chats = [record.chat.properties or NOTHING for record in records]
        routing = [own.get("routing", NOTHING) for own in of_threads]
        source = [own.get("source", NOTHING) for own in of_threads]
        sale = [own.get("ecommerce", NOTHING) for own in of_threads]
        lc2 = [own.get("lc2", NOTHING) for own in of_threads]

        def shared(namespace: str, name: str, kind: type, type_: pa.DataType) -> Array:
            """A property of the thread, else of its chat."""
            values = [
                of_chat.get(namespace, NOTHING).get(name) if value is None else value
                for own, of_chat in zip(of_threads, of_chats, strict=True)
                for value in (own.get(namespace, NOTHING).get(name),)
            ]
            return _checked_array(values, kind, type_)

        def flags(name: str) -> Array:
            return _checked_array([own.get(name) for own in routing], bool, pa.bool_())

        def texts(namespaces: list[dict[str, Any]], name: str) -> Array:
            return _checked_array([own.get(name) for own in namespaces], str, TEXT)

        ends = [count - 1 for count in _sums(self.event_counts)]
        last = [end if count else None for end, count in zip(ends, self.event_counts, strict=True)]
        return {
            "date": self.dates,
            "thread_id": self.thread_ids,
            "chat_id": self.chat_ids,
            "created_at": pa.array([record.created_at for record in records], INT).view(TIME),
            "last_event_at": self.event_times.take(pa.array(last, INDEX)),
            "events_count": pa.array(self.event_counts, INT),
            "customer_id": pa.array(self.customers, TEXT),
            "group_ids": pa.array([_groups_of(record) for record in records], pa.list_(INT)),
            "restricted_access": pa.array([thread.restricted_access for thread in threads], TEXT),
            "queues_duration": pa.array([thread.queues_duration for thread in threads], INT),
            "rating_score": shared("rating", "score", int, INT),
            "rating_comment": shared("rating", "comment", str, TEXT),
            "continuous": flags("continuous"),
            "idle": flags("idle"),
            "unassigned": flags("unassigned"),
            "unreplied": flags("unreplied"),
            "has_sale": _checked_array([own.get("has_sale") for own in sale], bool, pa.bool_()),
            "greeting_id": _checked_array([own.get("greeting_id") for own in lc2], int, INT),
            "start_url": texts(routing, "start_url"),
            "referrer": texts(routing, "referrer"),
            "source_client_id": texts(source, "client_id"),
            "customer_client_id": shared("source", "customer_client_id", str, TEXT),
            "summary": pa.array(
                [None if one.summary is None else one.summary.text for one in threads], TEXT
            ),
            "previous_thread_id": pa.array([thread.previous_thread_id for thread in threads], TEXT),
            "next_thread_id": pa.array([thread.next_thread_id for thread in threads], TEXT),
            "damage": pa.array([_damage_text(record.damage) for record in records], TEXT),
            "raw": pa.array(
                [record.json() if self.raw or record.damage else None for record in records], TEXT
            ),
        }

    def events(self) -> Columns:
        """Make the columns of ``events``."""
        events = self.all_events
        columns = self.of_threads(self.event_chats, with_chat=True)
        for name in RARE_TEXTS:
            columns[name] = self._rare(name)
        kinds = [
            types.get(event.author_id)
            for types, record in zip(self.user_types, self.records, strict=True)
            for event in record.thread.events
        ]
        return columns | {
            "event_id": pa.array([event.id for event in events], TEXT),
            "position": pa.array(_positions(self.event_counts), INT),
            "created_at": self.event_times,
            "type": pa.array(self.event_kinds, TEXT),
            "author_id": pa.array([event.author_id for event in events], TEXT),
            "author_type": pa.array(kinds, TEXT),
            "visibility": pa.array([event.visibility for event in events], TEXT),
            "text": pa.array([event.text for event in events], TEXT),
            "custom_id": _sparse([event.custom_id for event in events], TEXT),
            "postback_id": _sparse(
                [None if event.postback is None else event.postback.id for event in events], TEXT
            ),
            "deleted": _sparse([event.deleted for event in events], pa.bool_()),
            "content": self._contents(),
            "properties": _json_array([event.properties for event in events]),
        }

    def _rare(self, name: str) -> Array:
        """Make a column of texts that messages do not have."""
        values: list[str | None] = [None] * len(self.all_events)
        others = [getattr(event, name) for event in self.other_events]
        if others.count(None) == len(others):
            return pa.nulls(len(values), TEXT)
        for n, value in zip(self.other_places, others, strict=True):
            values[n] = value
        return pa.array(values, TEXT)

    def _contents(self) -> Array:
        contents: list[Any] = [None] * len(self.all_events)
        for n, event in zip(self.other_places, self.other_events, strict=True):
            name = CONTENT.get(event.type or "")
            if name is not None:
                contents[n] = getattr(event, name)
            elif event.type == "system":
                contents[n] = _details(event)
            elif event.type not in EVENT_TYPES:
                contents[n] = self._whole(n)
        return _json_array(contents)

    def _whole(self, event: int) -> str | None:
        texts = events_json(self.records[self.event_chats[event]])
        position = self.position(event)
        return texts[position] if position < len(texts) else None

    def users(self) -> Columns:
        """Make the columns of ``users``; of a day the last row of a user counts."""
        rows: dict[tuple[int, str], tuple[int, ArchivedUser]] = {}
        for n, (day, record) in enumerate(zip(self.days, self.records, strict=True)):
            for user in record.chat.users:
                if user.id is not None:
                    rows[day, user.id] = n, user
        users = [user for _, user in rows.values()]
        chats = [n for n, _ in rows.values()]
        counts = [NO_COUNTS if user.statistics is None else user.statistics for user in users]
        kinds = [self.user_types[n][user.id] for n, user in rows.values()]
        return {
            "date": pa.array([day for day, _ in rows], INDEX).view(DATE),
            "user_id": pa.array([user.id for user in users], TEXT),
            "type": pa.array(kinds, TEXT),
            "name": pa.array([user.name for user in users], TEXT),
            "email": pa.array([user.email for user in users], TEXT),
            "email_verified": pa.array([user.email_verified for user in users], pa.bool_()),
            "phone_number": _sparse([user.phone_number for user in users], TEXT),
            "avatar": pa.array([user.avatar for user in users], TEXT),
            "created_at": self._times(
                [user.created_at for user in users],
                lambda n: (chats[n], self._user_path(chats[n], users[n], "created_at")),
            ),
            "chats_count": pa.array([own.chats_count for own in counts], INT),
            "threads_count": pa.array([own.threads_count for own in counts], INT),
            "visits_count": pa.array([own.visits_count for own in counts], INT),
            "page_views_count": _sparse([own.page_views_count for own in counts], INT),
            "session_fields": _json_array([user.session_fields for user in users]),
        }

    def thread_users(self) -> Columns:
        """Make the columns of ``thread_users``."""
        users: list[ArchivedUser] = []
        counts: list[int] = []
        for record in self.records:
            own = record.chat.users
            of_chat = {user.id: user for user in own if user.id is not None}
            named = record.thread.user_ids
            if named is not None:
                # Those who are not among the users of the chat have an id alone.
                of_chat = {
                    user_id: of_chat.get(user_id) or ArchivedUser(id=user_id) for user_id in named
                }
            users += of_chat.values()
            counts.append(len(of_chat))
        chats = _owners(counts)
        kinds = [self.user_types[n].get(user.id) for n, user in zip(chats, users, strict=True)]
        return self.of_threads(chats) | {
            "user_id": pa.array([user.id for user in users], TEXT),
            "type": pa.array(kinds, TEXT),
            "visibility": pa.array([user.visibility for user in users], TEXT),
            "events_seen_up_to": self._times(
                [user.events_seen_up_to for user in users],
                lambda n: (chats[n], self._user_path(chats[n], users[n], "events_seen_up_to")),
            ),
        }

    def _user_path(self, chat: int, user: ArchivedUser, name: str) -> str:
        users = self.records[chat].chat.users
        position = next(n for n, other in enumerate(users) if other is user)
        return f"$.users[{position}].{name}"

    def tags(self) -> Columns:
        """Make the columns of ``tags``."""
        tags = [
            # The same one twice is one tag.
            own if len(own) <= 1 else list(dict.fromkeys(own))
            for record in self.records
            for own in (record.thread.tags or (),)
        ]
        columns = self.of_threads(_owners([len(own) for own in tags]))
        return columns | {"tag": pa.array(list(chain.from_iterable(tags)), TEXT)}

    def properties(self) -> Columns:
        """Make the columns of ``properties``."""
        counts: list[int] = []
        levels: list[str] = []
        spaces: list[str] = []
        names: list[str] = []
        values: list[Any] = []
        for record in self.records:
            before = len(names)
            for level, of in (("thread", record.thread), ("chat", record.chat)):
                for namespace, properties in (of.properties or NOTHING).items():
                    names += properties
                    values += properties.values()
                    spaces += [namespace] * len(properties)
                    levels += [level] * len(properties)
            counts.append(len(names) - before)
        kinds = [VALUE_TYPES.get(value.__class__, "json") for value in values]
        texts = [
            value
            if value.__class__ is str
            else BOOLS[value]
            if value.__class__ is bool
            else _value_text(value)
            for value in values
        ]
        return self.of_threads(_owners(counts), with_chat=True) | {
            "level": pa.array(levels, TEXT),
            "namespace": pa.array(spaces, TEXT),
            "name": pa.array(names, TEXT),
            "value": pa.array(texts, TEXT),
            "type": pa.array(kinds, TEXT),
        }

    def visits(self) -> Columns:
        """Make the columns of ``visits``."""
        found = [
            (n, record.thread.customer_visit)
            for n, record in enumerate(self.records)
            if record.thread.customer_visit is not None
        ]
        chats = [n for n, _ in found]
        visits = [visit for _, visit in found]
        places = [visit.geolocation or NO_PLACE for visit in visits]
        return self.of_threads(chats) | {
            "customer_id": pa.array([self.customers[n] for n in chats], TEXT),
            "ip": pa.array([visit.ip for visit in visits], TEXT),
            "user_agent": pa.array([visit.user_agent for visit in visits], TEXT),
            "country": pa.array([place.country for place in places], TEXT),
            "country_code": pa.array([place.country_code for place in places], TEXT),
            "region": pa.array([place.region for place in places], TEXT),
            "city": pa.array([place.city for place in places], TEXT),
            "timezone": pa.array([place.timezone for place in places], TEXT),
            "latitude": self._degrees([place.latitude for place in places], chats, "latitude"),
            "longitude": self._degrees([place.longitude for place in places], chats, "longitude"),
        }

    def _degrees(self, values: list[str | float | None], chats: Sequence[int], name: str) -> Array:
        degrees = [self._degree(value, n, name) for value, n in zip(values, chats, strict=True)]
        return pa.array(degrees, pa.float64())

    def _degree(self, value: str | float | None, chat: int, name: str) -> float | None:
        if value is None or value == "":
            return None
        try:
            degrees = float(value)
        except ValueError:
            degrees = math.nan
        if math.isfinite(degrees):
            return degrees
        path = f"$.thread.customer_visit.geolocation.{name}"
        self.records[chat].damage.append(Damage(path, NO_NUMBER))
        return None

    def files(self) -> Columns:
        """Make the columns of ``files``."""
        rows = [n for n in self.other_places if self.event_kinds[n] == "file"]
        files = [self.all_events[n] for n in rows]
        count = len(rows)
        columns = self.of_threads([self.event_chats[n] for n in rows], with_chat=True)
        for name in ("name", "url", "content_type", "alternative_text"):
            columns[name] = pa.array(_each(files, name), TEXT)
        for name in ("size", "width", "height"):
            columns[name] = pa.array(_each(files, name), INT)
        for name in ("path", "sha256", "download_error"):
            columns[name] = pa.nulls(count, TEXT)
        positions = _positions(self.event_counts)
        return columns | {
            "event_id": pa.array(_each(files, "id"), TEXT),
            "position": pa.array([positions[n] for n in rows], INT),
        }


MAKERS: Final[dict[str, Callable[[_Rows], Columns]]] = {
    "threads": _Rows.threads,
    "events": _Rows.events,
    "users": _Rows.users,
    "thread_users": _Rows.thread_users,
    "tags": _Rows.tags,
    "properties": _Rows.properties,
    "visits": _Rows.visits,
    "files": _Rows.files,
}
RARE_TEXTS: Final = ("system_message_type", "template_id", "form_id", "form_type")
NOTHING: Final[dict[str, Any]] = {}
NO_COUNTS: Final = UserCounts()
_array: Final[Any] = pa.array
_nulls: Final[Any] = pa.nulls
NO_PLACE: Final = VisitPlace()
BOOLS: Final = {True: "true", False: "false"}


def _types_of(users: Iterable[ArchivedUser]) -> dict[str | None, str | None]:
    """Return what each user of a chat is."""
    return {
        user.id: "bot" if user.type == "agent" and _is_bot(user.id) else user.type for user in users
    }


def _is_bot(user_id: str | None) -> bool:
    return user_id is not None and len(user_id) == BOT_ID_LENGTH and bool(BOT_ID.fullmatch(user_id))


def _customer_of(record: ChatRecord) -> str | None:
    """Return the customer among the users of the thread, else of the chat."""
    customers = [user.id for user in record.chat.users if user.type == "customer"]
    if not customers:
        return None
    if len(customers) == 1:
        return customers[0]
    named = record.thread.user_ids or ()
    return next((one for one in customers if one in named), customers[0])


def _groups_of(record: ChatRecord) -> list[int] | None:
    access = record.thread.access or record.chat.access
    return None if access is None else access.group_ids


def _details(event: ArchivedEvent) -> str:
    """Return what a system event is about, with the JSON that is in its ``details``."""
    pieces: list[str] = []
    for name in ("source", "subtype", "version", "details"):
        value: Raw | UnsetType = getattr(event, name)
        if isinstance(value, Raw):
            text = as_utf8(value).decode()
            pieces.append(f'"{name}":{_unpacked(text) if name == "details" else text}')
    return f"{{{','.join(pieces)}}}"


def _each(structs: Iterable[Struct | None], name: str) -> list[Any]:
    """Return a field of each structure; ``None`` where there is none."""
    return [None if struct is None else getattr(struct, name) for struct in structs]


def _sparse(values: list[Any], type_: Any) -> Array:
    """Make a column that has a value in few pages."""
    is_empty = values.count(None) == len(values)
    column: Array = _nulls(len(values), type_) if is_empty else _array(values, type_)
    return column


def _owners(counts: Sequence[int]) -> list[int]:
    """Return for each row which chat it belongs to."""
    owners: list[int] = []
    for n, count in enumerate(counts):
        owners += [n] * count
    return owners


def _positions(counts: Sequence[int]) -> list[int]:
    positions: list[int] = []
    for count in counts:
        positions += range(count)
    return positions


def _sums(counts: Sequence[int]) -> list[int]:
    total = 0
    return [total := total + count for count in counts]


def _checked_array(values: list[Any], kind: type, type_: pa.DataType) -> Array:
    """Make a column of properties, whose values may be of any type; those of another are null."""
    kinds = set(map(type, values))
    if not kinds <= {kind, NoneType}:
        # A bool is an int, too.
        values = [value if value.__class__ is kind else None for value in values]
    try:
        return pa.array(values, type_)
    except (OverflowError, pa.ArrowInvalid):
        return pa.array([_held(value) for value in values], type_)


def _held(value: Any) -> Any:
    return None if isinstance(value, int) and not -(2**63) <= value < 2**63 else value


def _json_array(values: Sequence[Any]) -> Array:
    """Make a column of JSON, given as it came or as text; null and what was not sent are null."""
    data = [
        bytes(value) if value.__class__ is Raw else None if value is UNSET else value
        for value in values
    ]
    if b"null" in data:
        data = [None if json == b"null" else json for json in data]
    try:
        return _sparse(data, TEXT)
    except pa.ArrowInvalid:
        # Not UTF-8 somewhere.
        data = [as_utf8(json) if isinstance(json, bytes) else json for json in data]
        return pa.array(data, TEXT)


def _unpacked(details: str) -> str:
    """Return the JSON that a JSON text holds; else the text."""
    try:
        inner = msgspec.json.decode(details, type=str)
        msgspec.json.decode(inner)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return details
    return inner


def _value_text(value: Any) -> str | None:
    if isinstance(value, int):
        return str(value)
    if value is None:
        return None
    return msgspec.json.encode(value).decode()


def _damage_text(damage: Sequence[Damage]) -> str | None:
    if not damage:
        return None
    return msgspec.json.encode([f"{one.path}: {one.problem}" for one in damage]).decode()
