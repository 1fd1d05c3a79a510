"""Structures to send: what breaks a rule is refused with the field and the rule in plain words."""

import copy
import pickle
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from frontdesk import InvalidArgument, Retry, ValidationError
from frontdesk.actions import (
    BanCustomer,
    ListArchives,
    ListChats,
    ListRoutingStatuses,
    ListThreads,
    MarkEventsAsSeen,
    Multicast,
    ResumeChat,
    SendEvent,
    SendEventPreview,
    SetRoutingStatus,
    StartChat,
    TagThread,
    TransferChat,
    UpdateChatProperties,
    UpdateCustomer,
)
from frontdesk.models import (
    ArchivesFilters,
    Ban,
    ChatsFilters,
    Custom,
    InitialChat,
    InitialThread,
    InitialUser,
    Message,
    MessageEvent,
    MulticastRecipients,
    MulticastRecipientsAgents,
    PropertyFilter,
    RichMessage,
    RichMessageElement,
    RoutingStatusesFilters,
    Target,
    ThreadsFilters,
    ValueFilter,
)
from frontdesk.sandbox.calls.decoding import decode_request
from frontdesk.spec.checks import Checked
from frontdesk.spec.wording import place_and_rule

HI = Message(text="hi")
RECEIVED = MessageEvent(
    id="E", text="hi", author_id="a", visibility="all", created_at=datetime(2026, 1, 1, tzinfo=UTC)
)


class Status(StrEnum):
    AWAY = "not_accepting_chats"


REFUSED: list[tuple[type, dict[str, Any], str]] = [
    # ids and texts
    (SendEvent, {"chat_id": "", "event": HI}, "`chat_id` must not be empty"),
    (SendEvent, {"chat_id": 5, "event": HI}, "`chat_id` must be a text, not an integer"),
    (SendEvent, {"chat_id": None, "event": HI}, "`chat_id` must be a text, not None"),
    (SendEvent, {"chat_id": UNSET, "event": HI}, "`chat_id` is required"),
    (SendEvent, {"chat_id": b"C1", "event": HI}, "`chat_id` must be a text, not bytes"),
    (TagThread, {"chat_id": "C", "thread_id": "T", "tag": []}, "`tag` must be a text, not a list"),
    (UpdateCustomer, {"id": "S1", "name": "A"}, "`id` must be a UUID of version 4"),
    (Message, {"text": "\ud800"}, "`text` cannot be sent as JSON: "),
    (Message, {"text": "é" * 8193}, "`text` must hold at most 16384 bytes of UTF-8"),
    # numbers
    (ListChats, {"limit": 0}, "`limit` must be at least 1"),
    (ListChats, {"limit": 101}, "`limit` must be at most 100"),
    (ListChats, {"limit": "10"}, "`limit` must be an integer, not a text"),
    (ListChats, {"limit": True}, "`limit` must be an integer, not true or false"),
    (Ban, {"days": 0}, "`days` must be at least 1"),
    (Retry, {"attempts": 21}, "`attempts` must be at most 20"),
    (Retry, {"first_pause": -0.5}, "`first_pause` must be at least 0"),
    # choices
    (ListChats, {"sort_order": "up"}, "`sort_order` must be one of `asc`, `desc`, not 'up'"),
    (
        SetRoutingStatus,
        {"status": "away"},
        "`status` must be one of `accepting_chats`, `not_accepting_chats`, `offline`, not 'away'",
    ),
    # lists
    (ArchivesFilters, {"thread_ids": ["T"] * 21}, "`thread_ids` must hold at most 20 items"),
    (ArchivesFilters, {"chat_ids": ["C", ""]}, "`chat_ids[1]` must not be empty"),
    (ArchivesFilters, {"chat_ids": ["C", b"D"]}, "`chat_ids[1]` must be a text, not bytes"),
    (ArchivesFilters, {"chat_ids": "C"}, "`chat_ids` must be a list, not a text"),
    (Target, {"type": "group", "ids": []}, "`ids` must hold at least 1 item"),
    (RichMessage, {"template_id": "cards", "elements": [RichMessageElement()] * 11},
     "`elements` must hold at most 10 items"),
    # times
    (MarkEventsAsSeen, {"chat_id": "C", "seen_up_to": datetime(2026, 1, 1)},
     "`seen_up_to` must have a time zone"),
    (MarkEventsAsSeen, {"chat_id": "C", "seen_up_to": 5},
     "`seen_up_to` must be a date and time, not an integer"),
    (ThreadsFilters, {"from_": datetime(2026, 1, 1)}, "`from` must have a time zone"),
    (ThreadsFilters, {"to": date(2026, 1, 1)}, "`to` "),
    (ThreadsFilters, {"to": "\ud800"}, "`to` cannot be sent as JSON: "),
    # structures
    (SendEvent, {"chat_id": "C", "event": "hi"}, "SystemMessage, Form or FilledForm, not str"),
    (SendEvent, {"chat_id": "C", "event": RECEIVED}, "`event` must be Message, File"),
    (SendEvent, {"chat_id": "C", "event": None}, "`event` must be Message, File"),
    (SendEventPreview, {"chat_id": "C", "event": ["hi"]}, "`event` must be Message, not list"),
    (ListThreads, {"chat_id": "C", "filters": ArchivesFilters()},
     "`filters` must be ThreadsFilters, not ArchivesFilters"),
    (StartChat, {"chat": ()}, "`chat` must be InitialChat, not tuple"),
    (ResumeChat, {"chat": None}, "`chat` must be InitialChat, not None"),
    (ResumeChat, {"chat": {}}, "`chat.id` is required"),
    (InitialChat, {"users": [InitialUser(id="a", type="agent"), {"id": "b"}]},
     "`users[1].type` is required"),
    (InitialThread, {"events": [HI, RECEIVED]}, "`events[1]` must be Message, File"),
    (BanCustomer, {"id": "I", "ban": 3}, "`ban` must be Ban, not int"),
    (TransferChat, {"id": "C", "target": ["a"]}, "`target` must be Target, not list"),
    (ChatsFilters, {"properties": {"score": {"is_good": True}}},
     "`properties.score.is_good` must be PropertyFilter, not bool"),
    # properties
    (UpdateChatProperties, {"id": "C", "properties": {"": {}}},
     "`properties` names must not be empty"),
    (UpdateChatProperties, {"id": "C", "properties": {"ns": {"n": [1]}}},
     "must be true or false, an integer or a text, not a list"),
    (UpdateChatProperties, {"id": "C", "properties": {"ns": {"n": b"1"}}},
     "`properties.ns.n` must be a text, not bytes"),
    # any JSON
    (Multicast, {"recipients": MulticastRecipients(agents=MulticastRecipientsAgents(all=True)),
                 "content": {"x": object()}}, "`content.x` cannot be sent as JSON: it is object"),
]  # fmt: skip


@pytest.mark.parametrize(("cls", "fields", "message"), REFUSED)
def test_a_broken_rule_is_reported_in_plain_words(cls: type, fields: Any, message: str) -> None:
    with pytest.raises(InvalidArgument) as caught:
        cls(**fields)
    assert message in str(caught.value)
    assert "Expected" not in str(caught.value)
    assert "`$" not in str(caught.value)


ALLOWED: list[tuple[type, dict[str, Any], Any]] = [
    (ListRoutingStatuses, {"filters": RoutingStatusesFilters(group_ids=(1, 2))},
     {"filters": {"group_ids": [1, 2]}}),
    (SetRoutingStatus, {"status": Status.AWAY}, {"status": "not_accepting_chats"}),
    (BanCustomer, {"id": uuid.UUID(int=4), "ban": Ban(days=1)},
     {"id": "00000000-0000-0000-0000-000000000004", "ban": {"days": 1}}),
    (ArchivesFilters, {"tags": PropertyFilter(values=["a"])}, {"tags": {"values": ["a"]}}),
    (ChatsFilters, {"active": None}, {"active": None}),
    (ChatsFilters, {}, {}),
    (Message, {"text": "é" * 8192}, {"type": "message", "text": "é" * 8192}),
    (Message, {"text": ""}, {"type": "message", "text": ""}),
    (ThreadsFilters, {"from_": datetime(2026, 1, 1, tzinfo=UTC)}, {"from": "2026-01-01T00:00:00Z"}),
]  # fmt: skip


@pytest.mark.parametrize(("cls", "fields", "wire"), ALLOWED)
def test_what_keeps_the_rules_is_sent_as_it_is(cls: type, fields: Any, wire: Any) -> None:
    assert msgspec.json.decode(msgspec.json.encode(cls(**fields))) == wire


def test_a_structure_cannot_be_changed_after_its_check() -> None:
    with pytest.raises(AttributeError):
        HI.text = "x" * 20_000  # type: ignore[misc]


class Counted(Checked, frozen=True, kw_only=True):
    """Counts how often its rules are checked."""

    limit: int = 5
    times: tuple[int, ...] = ()

    def _rules(self) -> None:
        RULES.append(self.limit)


class Outer(Checked, frozen=True, kw_only=True):
    inner: Counted


RULES: list[int] = []


def test_rules_are_checked_once_by_who_builds_and_once_by_who_reads() -> None:
    RULES.clear()
    outer = Outer(inner=Counted(limit=1))
    assert RULES == [1]
    assert decode_request(Outer, msgspec.json.encode(outer)) == outer
    assert RULES == [1, 1]


def test_a_structure_holds_what_it_was_given() -> None:
    groups, content = [1, 2], {"at": datetime(2026, 1, 1, tzinfo=UTC)}
    berlin = datetime(2026, 1, 1, tzinfo=ZoneInfo("Europe/Berlin"))
    assert SendEvent(chat_id="C", event=HI).event is HI
    assert ChatsFilters(group_ids=groups).group_ids is groups
    assert Custom(content).content is content
    assert ThreadsFilters(from_=berlin).from_ is berlin


def test_a_structure_of_a_class_of_the_users_own_stays_one() -> None:
    class Noted(Message, frozen=True, kw_only=True, tag_field="type", tag="message"):
        note: str

    action = SendEvent(chat_id="C", event=Noted(text="hi", note="n"))
    assert isinstance(action.event, Noted)
    assert msgspec.json.decode(msgspec.json.encode(action))["event"]["note"] == "n"


def test_a_default_is_left_as_it_is_declared() -> None:
    assert Counted().times == ()


@pytest.mark.parametrize(
    "duplicate",
    [copy.copy, copy.deepcopy, lambda each: pickle.loads(pickle.dumps(each)),
     lambda each: msgspec.convert(each, type(each)),
     lambda each: msgspec.json.decode(msgspec.json.encode(each), type=type(each)),
     lambda each: msgspec.convert(msgspec.to_builtins(each), type(each))],
)  # fmt: skip
@pytest.mark.parametrize(
    "structure",
    [SendEvent(chat_id="C", event=HI), Retry(attempts=2), ChatsFilters(active=None),
     ListArchives(filters=ArchivesFilters(tags=ValueFilter(values=["a", 1])), limit=5)],
    ids=lambda each: type(each).__name__,
)  # fmt: skip
def test_duplicates_are_equal(structure: Any, duplicate: Callable[[Any], Any]) -> None:
    assert duplicate(structure) == structure


@pytest.mark.parametrize(
    ("structure", "changes", "message"),
    [
        (ListChats(limit=5), {"limit": 101}, "`limit` must be at most 100"),
        (SendEvent(chat_id="C", event=HI), {"chat_id": ""}, "`chat_id` must not be empty"),
        (SendEvent(chat_id="C", event=HI), {"event": {"type": "message"}}, "`event.text`"),
        (ValueFilter(exists=True), {"values": ["a"]}, "cannot be given together"),
        (Retry(), {"attempts": None}, "`attempts` must be an integer"),
        (ThreadsFilters(), {"from_": datetime(2026, 1, 1)}, "`from` must have a time zone"),
    ],
)
def test_what_msgspec_replaces_is_checked_too(structure: Any, changes: Any, message: str) -> None:
    with pytest.raises(InvalidArgument) as caught:
        msgspec.structs.replace(structure, **changes)
    assert message in str(caught.value)


def test_what_msgspec_replaces_is_shaped_too() -> None:
    action = ListChats(limit=5, filters=ChatsFilters())
    changed = msgspec.structs.replace(
        action, limit=None, filters={"group_ids": (1, 2)}, page_id=UNSET
    )
    assert changed == ListChats(filters=ChatsFilters(group_ids=[1, 2]))
    assert (action.limit, changed.limit) == (5, UNSET)


@pytest.mark.parametrize(
    ("cls", "body", "message"),
    [
        (SendEvent, b'{"chat_id":"","event":{"type":"message","text":"a"}}', "at `$.chat_id`"),
        (ListChats, b'{"limit":null}', "Expected `int`, got `null`"),
        (ListArchives, b'{"filters":{"thread_ids":["T"],"query":"a"}}',
         "cannot be given together with `thread_ids` - at `$.filters`"),
        (Custom, b'{"type":"custom","content":{"n":18446744073709551616}}', "more than 64 bits"),
        (ChatsFilters, b'{"group_ids":[18446744073709551616]}', "more than 64 bits"),
    ],
)  # fmt: skip
def test_a_decoder_of_the_users_own_checks_as_well(cls: type, body: bytes, message: str) -> None:
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.json.decode(body, type=cls)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("cls", "body", "message"),
    [
        (Custom, b'{"type":"custom","content":{"n":18446744073709551616}}',
         "`content.n` cannot be sent as JSON: it needs more than 64 bits"),
        (Custom, b'{"type":"custom","content":{"n":' + b"[" * 101 + b"]" * 101 + b"}}",
         "must not be nested more than 100 levels deep"),
        (UpdateChatProperties, b'{"id":"C","properties":{"a":{"b":-9223372036854775809}}}',
         "`properties.a.b` cannot be sent as JSON: it needs more than 64 bits"),
        (ListChats, b'{"filters":{"group_ids":[1,18446744073709551616]}}',
         "`filters.group_ids[1]` cannot be sent as JSON: it needs more than 64 bits"),
        (SendEvent, b'{"chat_id":"C","event":{"type":"file","url":""}}', "`event.url`"),
        (ListArchives, b'{"filters":{"agents":{"exists":true,"values":["a"]}}}',
         "`filters.agents.values` cannot be given together with `exists`"),
    ],
)  # fmt: skip
def test_what_a_server_reads_keeps_the_rules_as_well(cls: type, body: bytes, message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        decode_request(cls, body)
    assert message in str(caught.value)


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3) | st.datetimes()
    | st.binary(max_size=3) | st.sampled_from([UNSET, HI, ValueFilter(exists=True)]),
    lambda inner: st.lists(inner, max_size=2)
    | st.dictionaries(st.text(max_size=2), inner, max_size=2),
    max_leaves=4,
)  # fmt: skip


@given(st.sampled_from([SendEvent, ListArchives, ListThreads, StartChat, ResumeChat, TransferChat,
                        Multicast, UpdateCustomer, InitialChat, ArchivesFilters, RichMessage]),
       st.data())  # fmt: skip
def test_junk_is_refused_with_a_typed_error_or_can_be_sent(cls: Any, data: st.DataObject) -> None:
    names = [field.name for field in msgspec.structs.fields(cls)]
    fields = data.draw(st.dictionaries(st.sampled_from(names), JUNK, max_size=3))
    required = {field.name for field in msgspec.structs.fields(cls) if field.required}
    fields |= {name: data.draw(JUNK) for name in required - set(fields)}
    try:
        built = cls(**fields)
    except InvalidArgument:
        return
    assert msgspec.json.decode(msgspec.json.encode(built)) is not None


@pytest.mark.parametrize(
    ("text", "place", "rule"),
    [
        ("Object missing required field `a` - at `$.b[2]`", "b[2].a", "is required"),
        ("Expected `str` of length <= 20 - at `$.a`", "a", "must have at most 20 characters"),
        ("Expected `array` of length >= 2 - at `$.a`", "a", "must hold at least 2 items"),
        ("Expected `float` < 2.5 - at `$.a`", "a", "must be below 2.5"),
        ("Expected `str` matching regex '^a$' - at `$.a`", "a", "must match '^a$'"),
        ("Expected `str | null`, got `int` - at `$.a`", "a", "must be a text, not an integer"),
        ("Expected `null`, got `int`", "", "must be None, not an integer"),
        ("Something new - at `$.a`", "a", "is not valid: Something new"),
    ],
)
def test_messages_are_put_into_words(text: str, place: str, rule: str) -> None:
    assert place_and_rule(text, {}) == (place, rule)
