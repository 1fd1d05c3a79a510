"""The tables that archives are exported to: their columns, types and keys.

Every table has ``date``, the day in UTC on which the thread was created; exports are divided by it,
and ids join within it and across it. All times are in UTC, in microseconds.
"""

from functools import cached_property
from typing import Final, NamedTuple

import pyarrow as pa

__all__ = ["SCHEMA_VERSION", "TABLES", "Column", "Table"]

SCHEMA_VERSION: Final = 1
"""Grows when a column is renamed, removed or means something else; new columns leave it."""

_TEXT: Final = pa.string()
_TIME: Final = pa.timestamp("us", tz="UTC")
_INT: Final = pa.int64()
_BOOL: Final = pa.bool_()
_FLOAT: Final = pa.float64()


class Column(NamedTuple):
    """A column: its name, Arrow type and meaning."""

    name: str
    type: pa.DataType
    text: str


class Table:
    """A table of an export.

    Attributes:
        name: its name, which is that of its folder, file or database table too.
        key: the columns that tell its rows apart.
        text: what a row is.
        columns: its columns, in order.
    """

    def __init__(self, name: str, key: tuple[str, ...], text: str, *columns: Column) -> None:
        self.name = name
        self.key = key
        self.text = text
        date = Column("date", pa.date32(), "The day in UTC on which the thread was created.")
        self.columns: tuple[Column, ...] = (date, *columns)

    @cached_property
    def schema(self) -> pa.Schema:
        """The Arrow schema of its record batches."""
        return pa.schema([pa.field(column.name, column.type) for column in self.columns])

    def __repr__(self) -> str:
        return f"Table({self.name!r}, {len(self.columns)} columns)"


_THREAD_ID: Final = Column("thread_id", _TEXT, "The thread.")
_CHAT_ID: Final = Column("chat_id", _TEXT, "The chat that the thread belongs to.")

THREADS: Final = Table(
    "threads",
    ("thread_id",),
    "A closed thread. Well-known properties are columns; all of them are in `properties`.",
    _THREAD_ID,
    _CHAT_ID,
    Column("created_at", _TIME, "When the thread was created."),
    Column("last_event_at", _TIME, "When its last event was created."),
    Column("events_count", _INT, "How many events it has."),
    Column("customer_id", _TEXT, "The customer of the thread."),
    Column("group_ids", pa.list_(_INT), "The groups that have access; 0 stands for all agents."),
    Column("restricted_access", _TEXT, "Why its events are hidden, if they are."),
    Column("queues_duration", _INT, "Seconds in all queues together."),
    Column("rating_score", _INT, "1: rated good; 0: rated bad."),
    Column("rating_comment", _TEXT, "What the customer wrote with the rating."),
    Column("continuous", _BOOL, "`routing.continuous`: the chat is a continuous one."),
    Column("idle", _BOOL, "`routing.idle`."),
    Column("unassigned", _BOOL, "`routing.unassigned`: no agent was assigned."),
    Column("unreplied", _BOOL, "`routing.unreplied`: no agent or bot responded."),
    Column("has_sale", _BOOL, "`ecommerce.has_sale`: something was bought."),
    Column("greeting_id", _INT, "The greeting that the chat was started from."),
    Column("start_url", _TEXT, "The page on which the chat was started."),
    Column("referrer", _TEXT, "The page that led to the site."),
    Column("source_client_id", _TEXT, "The application that started the thread."),
    Column("customer_client_id", _TEXT, "The application that the customer uses."),
    Column("summary", _TEXT, "The AI summary of the thread."),
    Column("previous_thread_id", _TEXT, "The thread of the chat before this one."),
    Column("next_thread_id", _TEXT, "The thread of the chat after this one."),
    Column("damage", _TEXT, "What the API sent and could not be read; JSON: a list of texts."),
    Column("raw", _TEXT, "The chat as the API sent it; JSON. Of damaged ones, or on request."),
)

EVENTS: Final = Table(
    "events",
    ("thread_id", "position"),
    "An event of a thread.",
    Column("event_id", _TEXT, "The event."),
    _THREAD_ID,
    _CHAT_ID,
    Column("position", _INT, "Its place in the thread, from 0."),
    Column("created_at", _TIME, "When it was created."),
    Column("type", _TEXT, "`message`, `file`, `form`, `filled_form`, `rich_message`, …"),
    Column("author_id", _TEXT, "The user who sent it; none for those of LiveChat."),
    Column("author_type", _TEXT, "`customer`, `agent` or `bot`; none for those of LiveChat."),
    Column("visibility", _TEXT, "`all` or `agents`."),
    Column("text", _TEXT, "The text of a message or system message."),
    Column("system_message_type", _TEXT, "What a system message is about."),
    Column("custom_id", _TEXT, "The id that the sender gave it."),
    Column("postback_id", _TEXT, "The button of a rich message that was pressed."),
    Column("template_id", _TEXT, "The template of a rich message."),
    Column("form_id", _TEXT, "The form."),
    Column("form_type", _TEXT, "`prechat`, `postchat`, …"),
    Column("deleted", _BOOL, "Whether it was deleted."),
    Column(
        "content",
        _TEXT,
        "What else the type has, as JSON: `fields` of forms, `elements` of rich messages, "
        "`content` of custom events, `text_vars` of system messages; an object with the `source`, "
        "`subtype`, `version` and `details` of system events; all of an event of a type that "
        "frontdesk does not know.",
    ),
    Column("properties", _TEXT, "Its properties, as JSON: namespace, name, value."),
)

USERS: Final = Table(
    "users",
    ("date", "user_id"),
    "What was known of a user of the threads of a day. Join by `user_id` and `date`; the row of "
    "the latest `date` is the newest.",
    Column("user_id", _TEXT, "The user."),
    Column("type", _TEXT, "`customer`, `agent` or `bot` (an agent whose id is 32 hex digits)."),
    Column("name", _TEXT, "The name."),
    Column("email", _TEXT, "The e-mail address."),
    Column("email_verified", _BOOL, "Whether the address of a customer is verified."),
    Column("phone_number", _TEXT, "The phone number of a customer."),
    Column("avatar", _TEXT, "Address of the picture."),
    Column("created_at", _TIME, "When a customer was created."),
    Column("chats_count", _INT, "Chats of a customer, when the export read them."),
    Column("threads_count", _INT, "Threads of a customer, when the export read them."),
    Column("visits_count", _INT, "Visits of a customer, when the export read them."),
    Column("page_views_count", _INT, "Page views of a customer, when the export read them."),
    Column("session_fields", _TEXT, "Session fields of a customer, as JSON."),
)

THREAD_USERS: Final = Table(
    "thread_users",
    ("thread_id", "user_id"),
    "A user of a thread.",
    _THREAD_ID,
    Column("user_id", _TEXT, "The user."),
    Column("type", _TEXT, "`customer`, `agent` or `bot`."),
    Column("visibility", _TEXT, "`agents`: an agent whom the customer does not see."),
    Column("events_seen_up_to", _TIME, "Up to when the user has seen the events of the chat."),
)

TAGS: Final = Table(
    "tags",
    ("thread_id", "tag"),
    "A tag of a thread.",
    _THREAD_ID,
    Column("tag", _TEXT, "The tag."),
)

PROPERTIES: Final = Table(
    "properties",
    ("thread_id", "level", "namespace", "name"),
    "A property of a thread, or of its chat.",
    _THREAD_ID,
    _CHAT_ID,
    Column("level", _TEXT, "`thread` or `chat`."),
    Column("namespace", _TEXT, "The application, or a reserved word such as `routing`."),
    Column("name", _TEXT, "The name."),
    Column("value", _TEXT, "The value as text; `true` and `false` for booleans."),
    Column("type", _TEXT, "The type of the value: `string`, `int`, `float`, `bool` or `json`."),
)

VISITS: Final = Table(
    "visits",
    ("thread_id",),
    "Where the customer was when the thread was started.",
    _THREAD_ID,
    Column("customer_id", _TEXT, "The customer."),
    Column("ip", _TEXT, "The IP address."),
    Column("user_agent", _TEXT, "The browser, as it calls itself."),
    Column("country", _TEXT, "The country's name."),
    Column("country_code", _TEXT, "The country, as ISO 3166-1 alpha-2."),
    Column("region", _TEXT, "The region."),
    Column("city", _TEXT, "The city."),
    Column("timezone", _TEXT, "The IANA time zone."),
    Column("latitude", _FLOAT, "Degrees north."),
    Column("longitude", _FLOAT, "Degrees east."),
)

FILES: Final = Table(
    "files",
    ("thread_id", "position"),
    "A file that was sent in a thread.",
    Column("event_id", _TEXT, "The event."),
    _THREAD_ID,
    _CHAT_ID,
    Column("position", _INT, "The place of the event in the thread, from 0."),
    Column("name", _TEXT, "The file's name."),
    Column("url", _TEXT, "Where the API has it."),
    Column("content_type", _TEXT, "The media type."),
    Column("size", _INT, "Bytes."),
    Column("width", _INT, "Pixels, of pictures."),
    Column("height", _INT, "Pixels, of pictures."),
    Column("alternative_text", _TEXT, "What a picture shows."),
    Column("path", _TEXT, "Where a downloaded file is, relative to the export."),
    Column("sha256", _TEXT, "The checksum of a downloaded file, in hex digits."),
    Column("download_error", _TEXT, "Why it was not downloaded."),
)

TABLES: Final[dict[str, Table]] = {
    table.name: table
    for table in (THREADS, EVENTS, USERS, THREAD_USERS, TAGS, PROPERTIES, VISITS, FILES)
}
"""Each table by its name."""
