"""What is repaired, what stands in, and how it is reported."""

import json
import logging
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

import frontdesk
from frontdesk import AgentClient, Damage, models, pushes, to_dict, webhooks
from frontdesk.codec.decoding import decode, encode
from frontdesk.errors import DecodeError
from frontdesk.models import (
    ArchivesPage,
    Chat,
    ChatsPage,
    ChatSummary,
    Customer,
    Event,
    LoginResponse,
    MessageEvent,
    Thread,
    ThreadsPage,
    UnknownChat,
    UnknownCustomer,
    UnknownEvent,
    UnknownThread,
    UnknownUser,
)
from frontdesk.models.base import Model
from frontdesk.transport import Reply

STAMP = "2026-02-03T10:11:12Z"
MESSAGE = {
    "id": "T_1", "type": "message", "text": "hi", "author_id": "a", "visibility": "all",
    "created_at": STAMP,
}  # fmt: skip


def chat(number: int = 1, **thread: Any) -> dict[str, Any]:
    inner = {"id": f"T{number}", "active": False, "created_at": STAMP, "events": [MESSAGE]}
    return {"id": f"C{number}", "users": [], "thread": {**inner, **thread}}


def page(*chats: Any, **more: Any) -> bytes:
    return json.dumps({"chats": chats, "found_chats": 9, **more}).encode()


def archives(*chats: Any, **more: Any) -> ArchivesPage:
    return decode(page(*chats, **more), ArchivesPage)


@pytest.mark.parametrize(
    ("field", "value", "left"),
    [
        ("queues_duration", 12.5, None),
        ("access", {}, None),
        ("access", {"group_ids": "all"}, models.Access(group_ids=[])),
        ("access", {"group_ids": [0, "x", 3]}, models.Access(group_ids=[0, 3])),
        ("tags", [None, "vip", 7], ["vip"]),
        ("queue", "none", None),
        ("active", "yes", False),
        ("properties", {"a": "b", "c": {"d": 1}}, {"c": {"d": 1}}),
        ("customer_visit", {"geolocation": {"latitude": 52.2}}, models.CustomerVisit(
            geolocation=models.Geolocation())),
        ("summary", {"status": "ok", "updated_at": "soon"}, models.AISummary(status="ok")),
    ],
)  # fmt: skip
def test_a_malformed_field_takes_its_default(field: str, value: Any, left: Any) -> None:
    result = archives(chat(1), chat(2, **{field: value}), chat(3))
    assert getattr(result.chats[1].thread, field) == left
    assert result.chats[0] == archives(chat(1)).chats[0]
    assert result.chats[2] == archives(chat(3)).chats[0]
    assert result.damage
    assert all(one.path.startswith(f"$.chats[1].thread.{field}") for one in result.damage)
    assert {one.source for one in result.damage} == {"ArchivesPage"}


@pytest.mark.parametrize("odd", [None, 7, "T", [], {}])
def test_what_is_no_event_is_kept_in_its_place(odd: Any) -> None:
    events = archives(chat(events=[MESSAGE, odd, MESSAGE])).chats[0].thread.events
    assert [type(event) for event in events] == [MessageEvent, UnknownEvent, MessageEvent]
    assert events[1].raw == odd
    assert (events[1].id, events[1].original_type, events[1].deleted) == ("", "", False)
    assert json.loads(encode(events[1])) == odd


def test_a_chat_without_an_id_keeps_its_json_and_what_can_be_read() -> None:
    odd = {**chat(2), "id": None}
    result = archives(chat(1), odd, None, chat(3))
    broken, nothing = result.chats[1:3]
    assert isinstance(broken, UnknownChat)
    assert (broken.id, broken.raw) == ("", odd)
    assert broken.thread.id == "T2"
    assert isinstance(broken.thread.events[0], MessageEvent)
    assert isinstance(nothing, UnknownChat)
    assert nothing.raw is None
    assert json.loads(encode(result))["chats"][1:3] == [odd, None]


def test_a_thread_without_a_date_keeps_its_json_and_what_can_be_read() -> None:
    result = archives(chat(created_at="9999-12-31T23:59:59-05:00"))
    thread = result.chats[0].thread
    assert isinstance(thread, UnknownThread)
    assert (thread.id, len(thread.events)) == ("T1", 1)
    assert thread.raw["created_at"] == "9999-12-31T23:59:59-05:00"
    assert to_dict(result)["chats"][0] == chat(created_at="9999-12-31T23:59:59-05:00")


def test_missing_users_are_none() -> None:
    odd = chat()
    del odd["users"]
    result = archives(odd)
    assert result.chats[0].users == []
    assert isinstance(result.chats[0], UnknownChat)
    assert [one.path for one in result.damage] == ["$.chats[0].users"]


def test_a_customer_that_stands_alone() -> None:
    customer = decode('{"type":"customer","name":"Ann","email":"a@b.example"}', Customer)
    assert isinstance(customer, UnknownCustomer)
    assert (customer.id, customer.name) == ("", "Ann")
    assert to_dict(customer) == {"type": "customer", "name": "Ann", "email": "a@b.example"}
    with pytest.raises(DecodeError):
        decode('{"message":"not the API"}', Customer)


@pytest.mark.parametrize(
    "data",
    [
        b'{"chats":7,"found_chats":1,"next_page_id":"p2"}',
        b'{"chats":{},"next_page_id":"p2"}',
        b'{"found_chats":"many","next_page_id":"p2"}',
        b'{"next_page_id":"p2"}',
    ],
)
def test_the_next_page_is_known_whatever_else_is_broken(data: bytes) -> None:
    result = decode(data, ArchivesPage)
    assert (result.next_page_id, result.chats) == ("p2", [])
    assert "$.chats" in {one.path for one in result.damage}


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (ArchivesPage, b'{"chats":7,"found_chats":1}'),
        (ChatsPage, b'{"chats_summary":7,"found_chats":1}'),
        (ChatsPage, b'{"chats_info":7,"found_chats":1}'),
        (ThreadsPage, b'{"threads":7}'),
        (LoginResponse, b"{}"),
        (Chat, b"{}"),
        (Chat, b'{"message":"x"}'),
    ],
)
def test_what_has_nothing_to_offer_is_an_error(kind: Any, data: bytes) -> None:
    with pytest.raises(DecodeError):
        decode(data, kind)


def test_letters() -> None:
    data = page(chat(1), chat(2)).replace(b'"hi"', rb'"J\ud83d \\ud83d \ud83d\ude00"')
    result = decode(b"\xef\xbb\xbf" + data, ArchivesPage)
    texts = [event.text for one in result.chats for event in one.thread.events]  # type: ignore[union-attr]
    assert texts == ["J\ufffd \\ud83d \N{GRINNING FACE}"] * 2
    assert [one.path for one in result.damage] == [
        f"$.chats[{n}].thread.events[0].text" for n in (0, 1)
    ]
    assert decode(b"\xef\xbb\xbf" + page(chat()), ArchivesPage).damage == ()
    latin = decode(page(chat()).replace(b'"hi"', b'"caf\xe9"'), ArchivesPage)
    assert latin.chats[0].thread.events[0].text == "caf\ufffd"  # type: ignore[union-attr]
    thread = {"id": "T", "created_at": STAMP, "tags": ["@"]}
    odd_text = json.dumps(thread).replace("@", "\ud83d")
    assert decode(odd_text, Thread).tags == ["\ufffd"]


@pytest.mark.parametrize(
    "number", ["1e999", "-1e999", "9" * 6000, "1" + "0" * 400, "NaN", "Infinity", "-Infinity"]
)
def test_numbers_that_nothing_can_hold(number: str) -> None:
    custom = {**MESSAGE, "type": "custom", "content": {"n": "@", "m": [1, "@"]}}
    data = page(chat(queues_duration="@", events=[custom, MESSAGE]), chat(2))
    result = decode(data.replace(b'"@"', number.encode()), ArchivesPage)
    first = result.chats[0].thread
    assert [event.type for event in first.events] == ["custom", "message"]
    assert result.chats[1] == archives(chat(2)).chats[0]
    assert json.loads(encode(result))["chats"][1]["id"] == "C2"


def test_what_only_looks_like_no_number_is_left_alone() -> None:
    odd = {**MESSAGE, "text": 'NaN "Infinity" \\'}
    data = page(chat(queues_duration="@", events=[odd]), chat(2)).replace(b'"@"', b"NaN")
    result = decode(data, ArchivesPage)
    assert result.chats[0].thread.events[0].text == 'NaN "Infinity" \\'  # type: ignore[union-attr]
    assert [(one.path, one.problem) for one in result.damage] == [
        (
            "$.chats[0].thread.queues_duration",
            "not a number that JSON has; null is in its place",
        )
    ]
    with pytest.raises(DecodeError):
        decode(data, ArchivesPage, strict=True)
    with pytest.raises(DecodeError):
        decode(b'{"chats": NaNa}', ArchivesPage)


@pytest.mark.parametrize("depth", [150, 3_000, 100_000])
def test_depth(depth: int) -> None:
    deep = b"[" * depth + b"]" * depth
    custom = {**MESSAGE, "type": "custom", "content": {"deep": "@", "m": 1}}
    data = page(chat(events=[custom, MESSAGE]), chat(2)).replace(b'"@"', deep)
    result = decode(data, ArchivesPage)
    assert [event.type for event in result.chats[0].thread.events] == ["custom", "message"]
    assert result.chats[0].thread.events[0].content["m"] == 1  # type: ignore[union-attr]
    assert result.chats[1] == archives(chat(2)).chats[0]
    with pytest.raises(DecodeError):
        decode(b"[" * depth, ArchivesPage)


@pytest.mark.parametrize(
    "date",
    [
        "2026-02-03T12:11:12+02:00",
        "2026-02-03T10:11:12",
        "2026-02-03T10:11:12.000000000Z",
        "2026-02-03T12:11:12+0200",
        "2026-02-03 10:11:12Z",
        "2026-02-03t10:11:12z",
        "2026-02-03T10:11:12,000Z",
    ],
)
def test_spellings_of_a_date(date: str) -> None:
    event = decode(json.dumps({**MESSAGE, "created_at": date}), Event)
    assert isinstance(event, MessageEvent)
    assert event.created_at == datetime(2026, 2, 3, 10, 11, 12, tzinfo=UTC)
    assert event.created_at.tzinfo is UTC


def test_missing_fields_have_their_documented_defaults() -> None:
    bare = {name: value for name, value in MESSAGE.items() if name != "visibility"}
    event = decode(json.dumps(bare), Event)
    assert isinstance(event, MessageEvent)
    assert event.visibility == "all"
    thread = decode(json.dumps({"id": "T", "created_at": STAMP}), Thread)
    assert thread.active is False
    assert json.loads(encode(event))["visibility"] == "all"


@pytest.mark.parametrize("odd", [None, 7, ["agents"]])
def test_a_broken_visibility_does_not_make_a_note_public(odd: Any) -> None:
    event = decode(json.dumps({**MESSAGE, "visibility": odd}), Event)
    assert isinstance(event, UnknownEvent)
    assert event.visibility is None


def test_the_type_of_an_event_cannot_lie() -> None:
    deleted = {"id": "1", "type": "message", "deleted": True, "created_at": STAMP}
    for raw, kind in (
        (deleted, "deleted"), ({**MESSAGE, "text": None}, "unknown"),
        ({**MESSAGE, "type": "hologram"}, "unknown"), (MESSAGE, "message"),
    ):  # fmt: skip
        event = decode(json.dumps(raw), Event)
        assert event.type == kind
        assert (event.type == "message") == hasattr(event, "text")


def test_the_old_work_scheduler_is_kept() -> None:
    days = {"monday": {"start": "08:30", "end": "14:30", "enabled": True}}
    push = pushes.decode("agent_updated", json.dumps({"id": "a", "work_scheduler": days}))
    assert isinstance(push, pushes.AgentUpdated)
    assert to_dict(push)["work_scheduler"] == days


def test_last_events_of_3_7_name_their_own_threads() -> None:
    def last(event_id: str) -> dict[str, Any]:
        return {"event": {**MESSAGE, "id": event_id}}

    info = {"id": "T2", "created_at": STAMP, "last_event_per_type": {
        "message": last("T2_3"), "file": last("T1_9"), "form": last("0a1b-uuid")}}  # fmt: skip
    summary = decode(json.dumps({"id": "C", "users": [], "last_thread_info": info}), ChatSummary)
    assert summary.last_event_per_type is not None
    threads = {name: one.thread_id for name, one in summary.last_event_per_type.items()}
    assert threads == {"message": "T2", "file": "T1", "form": None}
    dates = {name: one.thread_created_at for name, one in summary.last_event_per_type.items()}
    assert dates["message"] is not None
    assert (dates["file"], dates["form"]) == (None, None)


def test_a_cart_with_few_fields_is_a_cart() -> None:
    customer = decode('{"type":"customer","id":"1","carts":[{"total":1.5}]}', Customer)
    assert customer.carts == [models.Cart(total=1.5)]
    assert customer.damage == ()


WRAPPED = [
    ("agent_created", "agent", {"id": "a@b.example", "name": "A"}),
    ("bot_created", "bot", {"id": "b", "name": "B"}),
    ("group_created", "group", {"id": 4, "name": "Sales"}),
    ("tag_created", "tag", {"name": "vip", "group_ids": [1]}),
    ("incoming_customer", "customer", {"type": "customer", "id": "c"}),
    ("queue_positions_updated", "positions", [
        {"chat_id": "C", "thread_id": "T", "queue": {"position": 1, "wait_time": 2}}]),
    ("auto_accesses_updated", "changes", [{"id": "x", "status": "deleted"}]),
    ("subscribed_customers_totals_updated", "totals", {"sub": 3}),
]  # fmt: skip


@pytest.mark.parametrize(("action", "root", "payload"), WRAPPED)
def test_payloads_that_are_one_thing(action: str, root: str, payload: Any) -> None:
    bare = pushes.decode(action, json.dumps(payload))
    assert type(bare) is pushes.PUSHES[action]
    assert json.loads(encode(bare)) == payload
    assert to_dict([bare]) == [payload]
    assert pushes.decode(action, json.dumps({root: payload}), strict=True) == bare
    assert bare.damage == ()


def test_what_frontdesk_knows_of_a_push_is_not_encoded() -> None:
    push = pushes.decode("chat_deleted", b'{"chat_id":"C"}')
    push.version, push.request_id, push.recovered = "3.6", "r", True
    assert encode(push) == b'{"chat_id":"C"}'


def test_damage_of_pushes_and_webhooks() -> None:
    seen: list[Damage] = []
    event = {**MESSAGE, "custom_id": 7}
    payload = {"chat_id": "C", "thread_id": "T", "event": event}
    push = pushes.decode("incoming_event", json.dumps(payload), on_damage=seen.append)
    assert isinstance(push, pushes.IncomingEvent)
    assert push.event.custom_id is None
    body = {"webhook_id": "w", "secret_key": "s", "action": "incoming_event",
            "organization_id": "o", "payload": payload}  # fmt: skip
    webhook = webhooks.parse(json.dumps(body), on_damage=seen.append)
    assert [(one.source, one.path) for one in seen] == [
        ("incoming_event", "$.event.custom_id"),
        ("incoming_event", "$.payload.event.custom_id"),
    ]
    assert (push.damage, webhook.damage) == ((seen[0],), (seen[1],))
    for read in (
        lambda: pushes.decode("incoming_event", json.dumps(payload), strict=True),
        lambda: webhooks.parse(json.dumps(body), strict=True),
    ):
        with pytest.raises(DecodeError, match="custom_id"):
            read()


def test_damage_costs_nothing_and_shows_nowhere() -> None:
    sound, odd = archives(chat()), archives(chat(queues_duration="long"))
    assert odd.damage
    assert sound == odd
    assert encode(sound) == encode(odd)
    assert repr(sound) == repr(odd)
    assert sound.damage == ()


def test_one_line_in_the_log_for_each_kind(caplog: pytest.LogCaptureFixture) -> None:
    odd = chat(queues_duration="SECRETVALUE", tags=[7, 8])
    archives(*[odd] * 5)
    lines = [record.getMessage() for record in caplog.records if record.name == "frontdesk"]
    assert len(lines) == 2
    assert any("`$.chats[*].thread.queues_duration`" in line for line in lines)
    assert any("`$.chats[*].thread.tags[*]`" in line for line in lines)
    assert "SECRETVALUE" not in caplog.text


def test_strict() -> None:
    with pytest.raises(DecodeError, match="queues_duration") as caught:
        decode(page(chat(queues_duration=1.5)), ArchivesPage, strict=True)
    assert caught.value.path == "$.chats[0].thread.queues_duration"
    new = {**MESSAGE, "type": "hologram"}
    assert decode(page(chat(events=[new], new_field=1)), ArchivesPage, strict=True).damage == ()


def test_an_error_of_the_hook_costs_nothing(caplog: pytest.LogCaptureFixture) -> None:
    def fail(damage: Damage) -> None:
        raise ValueError

    assert decode(page(chat(tags=7)), ArchivesPage, on_damage=fail).chats
    assert "on_damage failed" in caplog.text


class Scripted:
    """A transport with a response to each page."""

    def __init__(self, *bodies: bytes) -> None:
        self.bodies = list(bodies)

    def send(self, request: Any) -> Reply:
        return Reply(200, {"content-type": "application/json"}, self.bodies.pop(0))

    def close(self) -> None:
        """Nothing to close."""


def client(*bodies: bytes, **options: Any) -> AgentClient:
    return AgentClient("t", base_url="http://x.example", transport=Scripted(*bodies), **options)


def test_iterators_get_past_damaged_pages() -> None:
    seen: list[Damage] = []
    pages = [
        page(chat(1), chat(2), next_page_id="p2"),
        page(chat(3), None, chat(4, queues_duration=[]), next_page_id="p3"),
        b'{"chats":"none","next_page_id":"p4"}',
        page(chat(5)),
    ]
    agent = client(*pages, on_damage=seen.append)
    found = [one.id for one in agent.iter_archives()]
    assert found == ["C1", "C2", "C3", "", "C4", "C5"]
    assert agent.meter.requests == 4
    assert [one.path for one in seen] == [
        "$.chats[1]", "$.chats[2].thread.queues_duration", "$.chats", "$.found_chats",
    ]  # fmt: skip
    assert {one.source for one in seen} == {"list_archives"}


@pytest.mark.parametrize("following", ["7", "{}", '"p\\ud83d"'])
def test_a_page_that_does_not_say_where_to_go_on_is_not_the_last(following: str) -> None:
    agent = client(page(chat(1), next_page_id="@").replace(b'"@"', following.encode()))
    walk = agent.iter_archives()
    assert next(walk).id == "C1"
    for _ in range(2):
        with pytest.raises(DecodeError, match="out of reach"):
            next(walk)
    assert agent.meter.requests == 1


def test_clients_log_each_kind_once(caplog: pytest.LogCaptureFixture) -> None:
    odd = page(chat(tags=7))
    agent = client(odd, odd, odd)
    for one in (agent, agent, agent.with_options(timeout=1)):
        assert one.list_archives().damage
    lines = [record.getMessage() for record in caplog.records]
    assert len(lines) == 1
    assert lines[0].startswith(
        "list_archives: `$.chats[*].thread.tags` is not what the API promises"
    )


def test_strict_clients() -> None:
    agent = client(page(chat(tags=7)), page(chat(tags=7)), strict=True)
    with pytest.raises(DecodeError, match="list_archives"):
        agent.list_archives()
    assert agent.with_options(strict=False).list_archives().chats[0].thread.tags is None
    for options in ({"strict": 1}, {"on_damage": "log"}):
        with pytest.raises(frontdesk.InvalidArgument):
            client(**options)


def dated(cls: Any) -> list[str]:
    """The fields of a structure that hold a date."""
    fields = msgspec.structs.fields(cls)
    return [field.encode_name for field in fields if "datetime" in str(field.type)]


def structures(cls: type[Any] = Model) -> list[type[Any]]:
    below = [one for sub in cls.__subclasses__() for one in structures(sub)]
    return [cls, *below]


DATED = [cls for cls in structures() if dated(cls)]


@pytest.mark.parametrize("cls", DATED, ids=lambda cls: cls.__name__)
def test_every_date_of_every_structure_is_in_utc(cls: Any) -> None:
    """All other fields take what they are told; dates with another offset come out in UTC."""
    for date in ("2026-02-03T12:11:12+02:00", "2026-02-03T10:11:12"):
        values = {
            field.name: msgspec.convert(date, datetime)
            if field.encode_name in dated(cls)
            else getattr(msgspec, "UNSET", None)
            if "Unset" in str(field.type)
            else None
            for field in msgspec.structs.fields(cls)
        }
        made = cls(**values)
        for field in msgspec.structs.fields(cls):
            if field.encode_name in dated(cls):
                value = getattr(made, field.name)
                assert value == datetime(2026, 2, 3, 10, 11, 12, tzinfo=UTC)
                assert value.tzinfo is UTC
    assert len(DATED) > 25


def test_plain_data() -> None:
    raw = {**MESSAGE, "type": "hologram", "depth": [1, {"a": 1.5}]}
    result = to_dict(archives(chat(events=[MESSAGE, raw])))
    assert result == json.loads(json.dumps(result))
    assert result["chats"][0] == chat(events=[MESSAGE, raw])
    assert to_dict({"a": [decode(json.dumps(raw), Event)]}) == {"a": [raw]}


def test_representations_fit_a_terminal() -> None:
    long = {**MESSAGE, "text": "word " * 1000}
    result = archives(*[chat(n, events=[long] * 50) for n in range(100)], next_page_id="p")
    text = repr(result)
    assert text.startswith("ArchivesPage(100 of 9 chats, more pages follow, first: Chat(id='C0'")
    assert len(text) <= 720
    assert "49 more" in repr(result.chats[0])
    assert len(repr(result.chats[0])) <= 720
    assert repr(ThreadsPage(threads=[])) == "ThreadsPage(0 threads)"


def test_logging_is_on_by_default() -> None:
    assert logging.getLogger("frontdesk").isEnabledFor(logging.WARNING)


@pytest.mark.parametrize(
    ("data", "paths"),
    [
        (b'{"found_chats": 1e999, "chats": [5]}', ["$.chats[0]", "$.found_chats"]),
        (b'{"found_chats": NaN, "chats": [5]}', ["$.found_chats", "$.chats[0]", "$.found_chats"]),
        (b'{"found_chats": 1, "chats": [5, 6]}', ["$.chats[0]", "$.chats[1]"]),
    ],
)
def test_paths_begin_at_the_response_whatever_the_way_it_is_read(
    data: bytes, paths: list[str]
) -> None:
    assert [damage.path for damage in decode(data, ArchivesPage).damage] == paths


SPELLINGS = [
    "2026-06-22T12:00:00+01", "2026-06-22T12:00:00+0100", "2026-06-22 11:00:00z",
    "2026-06-22t11:00:00,0Z", "2026-06-22T11:00:00", "2026-06-22T11:00Z",
]  # fmt: skip


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("kind", ["message", "hologram"])
def test_typed_and_unknown_items_read_the_same_dates(spelling: str, kind: str) -> None:
    at_eleven = datetime(2026, 6, 22, 11, tzinfo=UTC)
    events = [{**MESSAGE, "type": kind, "created_at": spelling}]
    user = {"id": "u", "type": "ghost", "events_seen_up_to": spelling}
    result = decode(page({**chat(events=events), "users": [user]}), ArchivesPage, strict=True)
    event, odd_user = result.chats[0].thread.events[0], result.chats[0].users[0]
    assert event.created_at == at_eleven
    assert event.created_at.tzinfo is UTC
    assert isinstance(odd_user, UnknownUser)
    assert odd_user.events_seen_up_to == at_eleven


@pytest.mark.parametrize("odd", ["soon", 7, {}, "2026-02-30T00:00:00Z", "9999-12-31T23:59:59-05"])
def test_a_date_of_an_unknown_item_that_cannot_be_read_is_reported(odd: Any) -> None:
    events = [{**MESSAGE, "type": "hologram", "created_at": odd}, MESSAGE]
    user = {"id": "u", "type": "ghost", "events_seen_up_to": odd}
    result = decode(page({**chat(events=events), "users": [user]}), ArchivesPage)
    event = result.chats[0].thread.events[0]
    assert isinstance(event, UnknownEvent)
    assert event.created_at.year == 1
    assert event.raw == events[0]
    assert {one.path for one in result.damage} == {
        "$.chats[0].thread.events[0].created_at", "$.chats[0].users[0].events_seen_up_to",
    }  # fmt: skip
    known = [{**MESSAGE, "created_at": odd}]
    assert len(decode(page(chat(events=known)), ArchivesPage).damage) == 1
    without = {name: value for name, value in events[0].items() if name != "created_at"}
    assert decode(page(chat(events=[without])), ArchivesPage).damage == ()


def test_a_raw_control_character_stops_no_iteration() -> None:
    first = page(chat(1), chat(2), next_page_id="p2").replace(b'"hi"', b'"a\tb\nc"', 1)
    seen: list[Damage] = []
    api = client(first, page(chat(3)), on_damage=seen.append)
    chats = list(api.iter_archives())
    assert [one.id for one in chats] == ["C1", "C2", "C3"]
    assert chats[0].thread.events[0].text == "a\tb\nc"  # type: ignore[union-attr]
    assert [(one.path, one.source) for one in seen] == [
        ("$.chats[0].thread.events[0].text", "list_archives")
    ]
    payload = b'{"chat_id": "C", "thread_id": "a\tb", "tag": "x"}'
    push = pushes.decode("thread_tagged", payload, on_damage=seen.append)
    assert isinstance(push, pushes.ThreadTagged)
    assert push.thread_id == "a\tb"
    assert seen[-1].path == "$.thread_id"


@pytest.mark.parametrize(
    "odd",
    # Python 3.13 reads 10,000 levels.
    [b"NaN", b"-Infinity", rb'"\ud83d"', b'"a\tb"', b"[" * 100_000 + b"]" * 100_000, b"1e999"],
)
@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize("field", ["text", "custom_id", "new"])
def test_damage_of_letters_costs_its_value_alone(odd: bytes, count: int, field: str) -> None:
    events = [{**MESSAGE, "id": f"T_{n}"} for n in range(4)]
    for event in events[1 : 1 + count]:
        event[field] = "@"
    data = page(chat(1), chat(2, events=events), chat(3), next_page_id="p")
    result = decode(data.replace(b'"@"', odd), ArchivesPage)
    assert result.next_page_id == "p"
    assert [one.id for one in result.chats] == ["C1", "C2", "C3"]
    read = result.chats[1].thread.events
    assert [event.id for event in read] == [f"T_{n}" for n in range(4)]
    assert [type(read[0]), type(read[3])] == [MessageEvent] * 2
    # Of what is nested too deeply, the path leads further than to the field.
    paths = {one.path.partition("[0]")[0] for one in result.damage}
    places = {f"$.chats[1].thread.events[{n}].{field}" for n in range(1, 1 + count)}
    assert paths == (set() if (odd, field) == (b"1e999", "new") else places)
