"""Plain data in the place of structures: dicts, tuples, ISO dates, None."""

from collections import OrderedDict, UserDict, deque
from collections.abc import Callable
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from frontdesk import InvalidArgument, UnexpectedArgument
from frontdesk.actions import (
    ACTIONS,
    CONFIGURATION_ACTIONS,
    Action,
    BanCustomerOrIp,
    ListArchives,
    ListChats,
    ListRoutingStatuses,
    ListThreads,
    Multicast,
    RegisterWebhook,
    ResumeChat,
    SendEvent,
    StartChat,
    TransferChat,
    UnbanCustomer,
    UpdateChatProperties,
    UpdateCustomer,
)
from frontdesk.models import (
    Access,
    ArchivesFilters,
    ChatsFilters,
    Custom,
    File,
    FilledForm,
    FilledFormField,
    InitialChat,
    InitialThread,
    InitialUser,
    Message,
    Postback,
    RichMessage,
    RichMessageButton,
    RichMessageElement,
    SystemMessage,
    Target,
    ValueFilter,
)

CUSTOMER = "b7eff798-f8df-4364-8059-649c35c9ed0c"
FIRST_DAY = datetime(2026, 1, 1, tzinfo=UTC)
BUTTON = {"text": "Yes", "postback_id": "yes"}
PRESSED = {"id": "yes", "thread_id": "T", "event_id": "E"}


def wire(value: object) -> Any:
    return msgspec.json.decode(msgspec.json.encode(value))


SAME: list[tuple[Any, Any]] = [
    # a dict for a structure, of one class or of a union
    (SendEvent(chat_id="C", event={"type": "message", "text": "hi"}),
     SendEvent(chat_id="C", event=Message(text="hi"))),
    (SendEvent(chat_id="C", event=MappingProxyType({"type": "file", "url": "u"})),
     SendEvent(chat_id="C", event=File(url="u"))),
    (ListArchives(filters={"from": "2026-01-01T00:00:00Z", "agents": {"values": ["a"]}}),
     ListArchives(filters=ArchivesFilters(from_=FIRST_DAY, agents=ValueFilter(values=["a"])))),
    (ListArchives(filters={"from_": FIRST_DAY}),
     ListArchives(filters=ArchivesFilters(from_=FIRST_DAY))),
    (ListThreads(chat_id="C", filters=UserDict({"to": FIRST_DAY})),
     ListThreads(chat_id="C", filters={"to": "2026-01-01T00:00:00.000000Z"})),
    (ListArchives(highlights={}), ListArchives(highlights={"pre_tag": None})),
    # a structure that holds dicts, a dict that holds structures
    (StartChat(chat={"users": [InitialUser(id="a", type="agent")], "access": {"group_ids": [0]},
                     "thread": InitialThread(events=[{"type": "message", "text": "a"},
                                                     Message(text="b")])}),
     StartChat(chat=InitialChat(
         users=[InitialUser(id="a", type="agent")], access=Access(group_ids=[0]),
         thread=InitialThread(events=[Message(text="a"), Message(text="b")])))),
    (ArchivesFilters(agents={"exists": True}), ArchivesFilters(agents=ValueFilter(exists=True))),
    (Message(text="Yes", postback=PRESSED), Message(text="Yes", postback=Postback(**PRESSED))),
    # parts that are received too, and check nothing by themselves
    (RichMessage("cards", elements=({"title": "a", "buttons": (BUTTON,)},)),
     RichMessage("cards", elements=[RichMessageElement(
         title="a", buttons=[RichMessageButton(**BUTTON)])])),
    (RichMessage("cards", elements=[RichMessageElement(buttons=(BUTTON,))]),  # type: ignore[arg-type]
     RichMessage("cards", elements=[RichMessageElement(buttons=[RichMessageButton(**BUTTON)])])),
    (FilledForm(form_id="F", fields=({"type": "name", "id": "1", "label": "", "answer": "A"},)),
     FilledForm(form_id="F", fields=[FilledFormField(type="name", id="1", label="", answer="A")])),
    # any sequence but a text for a list, any mapping for a dict
    (Target(type="group", ids=(1, 2)), Target(type="group", ids=[1, 2])),
    (ArchivesFilters(chat_ids=deque(["A"])), ArchivesFilters(chat_ids=["A"])),
    (ArchivesFilters(chat_ids={"A": 1}.keys()), ArchivesFilters(chat_ids=["A"])),
    (ArchivesFilters(group_ids=range(3)), ArchivesFilters(group_ids=[0, 1, 2])),
    (ListRoutingStatuses(filters={"group_ids": (1,)}),
     ListRoutingStatuses(filters={"group_ids": [1]})),
    (UpdateCustomer(id=CUSTOMER, session_fields=({"a": "b"}, OrderedDict(c="d"))),
     UpdateCustomer(id=CUSTOMER, session_fields=[{"a": "b"}, {"c": "d"}])),
    (UpdateChatProperties(id="C", properties=MappingProxyType({"ns": UserDict(score=1)})),
     UpdateChatProperties(id="C", properties={"ns": {"score": 1}})),
    (Custom({"a": (1, MappingProxyType({"b": 2}))}), Custom({"a": [1, {"b": 2}]})),
    # the one field that needs no name
    (Message("hi"), Message(text="hi")),
    (File("u", alternative_text="a"), File(url="u", alternative_text="a")),
    (SystemMessage("a", system_message_type="t"), SystemMessage(text="a", system_message_type="t")),
]  # fmt: skip


@pytest.mark.parametrize(("plain", "structure"), SAME)
def test_plain_data_makes_the_same_as_structures(plain: Any, structure: Any) -> None:
    assert plain == structure
    assert wire(plain) == wire(structure)


def test_fields_hold_what_their_types_say() -> None:
    action = ListArchives(filters={"from": "2026-01-01T00:00:00Z", "chat_ids": ("C",)})
    assert isinstance(action.filters, ArchivesFilters)
    assert action.filters.from_ == FIRST_DAY
    assert type(action.filters.chat_ids) is list
    event = SendEvent(chat_id="C", event={"type": "custom", "content": UserDict(a=1)}).event
    assert isinstance(event, Custom)
    assert type(event.content) is dict


REFUSED: list[tuple[Any, dict[str, Any], str]] = [
    (SendEvent, {"event": {"type": "message"}}, "`event.text` is required"),
    (SendEvent, {"event": {"type": "message", "text": 5}},
     "`event.text` must be a text, not an integer"),
    (SendEvent, {"event": {"type": "message", "txt": "a"}},
     "`event.txt` is not a field of Message; did you mean `text`?"),
    (SendEvent, {"event": {"type": "mesage", "text": "a"}}, "did you mean `message`?"),
    (SendEvent, {"event": {"type": 5}}, "`event.type` must be one of `message`, "),
    (SendEvent, {"event": {"text": "a"}}, "`event.type` is required: one of `message`, "),
    (SendEvent, {"event": {"type": "message", "text": "a", "properties": {"ns": {"n": [1]}}}},
     "`event.properties"),
    (SendEvent, {"event": {"type": "rich_message", "template_id": "cards",
                           "elements": [{}, {"buttons": [{"text": "a", "postbackid": "b"}]}]}},
     "`event.elements[1].buttons[0].postbackid` is not a field of RichMessageButton; did you mean"),
    (SendEvent, {"event": {"type": "rich_message", "template_id": "cards",
                           "elements": [{"buttons": [{"text": "a"}]}]}},
     "`event.elements[0].buttons[0].postback_id` is required"),
    (SendEvent, {"event": {"type": "rich_message", "template_id": "cards",
                           "elements": [{"buttons": [{"text": "a", "postback_id": 5}]}]}},
     "`event.elements[0].buttons[0].postback_id` must be a text, not an integer"),
    (SendEvent, {"event": {"type": "custom", "content": {"a": [{"b": float("nan")}]}}},
     "`event.content.a[0].b` cannot be sent as JSON: it is nan"),
    (ListArchives, {"filters": {"agents": {"valuess": []}}},
     "`filters.agents.valuess` is not a field of ValueFilter; did you mean `values`?"),
    (ListArchives, {"filters": {"agents": {"values": ["a"], "exists": True}}},
     "`filters.agents.values` cannot be given together with `exists`"),
    (ListArchives, {"filters": {"from": "yesterday"}}, "`filters.from` must be a date and time"),
    (ListArchives, {"filters": {"from": "2026-01-01T00:00:00"}},
     "`filters.from` must have a time zone"),
    (ListArchives, {"filters": {"from": FIRST_DAY, "from_": FIRST_DAY}},
     "`filters.from_` is the same as `from_`; give one of them"),
    (ListArchives, {"filters": {5: 1}}, "`filters.5` is not a field of ArchivesFilters"),
    (ListArchives, {"filters": {"group_ids": "12"}},
     "`filters.group_ids` must be a list, not a text"),
    (ListArchives, {"filters": {"chat_ids": b"12"}},
     "`filters.chat_ids` must be a list, not bytes"),
    (ListChats, {"filters": {"properties": {"ns": {"n": {"exist": True}}}}},
     "`filters.properties.ns.n.exist` is not a field of PropertyFilter; did you mean `exists`?"),
    (StartChat, {"chat": {"users": [{"id": "a", "type": "agent"}, {"id": "b", "type": "bot"}]}},
     "`chat.users[1].type` must be one of `agent`, `customer`, not 'bot'"),
    (StartChat, {"chat": {"thread": {"events": [{"type": "file", "url": ""}]}}},
     "`chat.thread.events[0].url` must not be empty"),
    (Multicast, {"recipients": {"agents": {"id": ["a"]}}},
     "`recipients.agents.id` is not a field of MulticastRecipientsAgents; did you mean `ids`?"),
    (RegisterWebhook, {"filters": {"chat_presence": {"user_ids": {"value": []}}}},
     "`filters.chat_presence.user_ids.value` is not a field of UserIdsFilter; did you mean "),
]  # fmt: skip


@pytest.mark.parametrize(("cls", "fields", "message"), REFUSED)
def test_dicts_are_checked_field_by_field(cls: Any, fields: Any, message: str) -> None:
    required = {field.name: "x" for field in msgspec.structs.fields(cls) if field.required}
    with pytest.raises(InvalidArgument) as caught:
        cls(**{**required, **fields})
    assert message in str(caught.value)


def optional_fields() -> list[tuple[type[Action[Any]], str]]:
    actions = [*ACTIONS.values(), *CONFIGURATION_ACTIONS.values()]
    return [
        (action, field.name)
        for action in actions
        for field in msgspec.structs.fields(action)
        if not field.required
    ]


SAMPLES: dict[str, Any] = {
    "event": {"type": "message", "text": "hi"}, "chat": {"id": "C"}, "away": True,
    "is_typing": True, "seen_up_to": FIRST_DAY, "ban": {"days": 1}, "properties": {}, "file": b"x",
    "postback": {"id": "p", "toggled": True}, "recipients": {"agents": {"all": True}},
    "content": {}, "user_type": "agent", "visibility": "all", "status": "offline",
    "action": "incoming_chat", "url": "https://a.test", "type": "license", "id": CUSTOMER,
}  # fmt: skip


OF_CONFIGURATION: dict[str, dict[str, Any]] = {
    "add_auto_access": {"access": {"groups": [1]},
                        "conditions": {"url": {"values": [{"value": "shop"}]}}},
    "ban_customer": {"seconds": 1},
    "create_canned_response": {"text": "x", "tags": [], "group_id": 1},
    "create_greeting": {"type": "normal", "active": True, "name": "x", "group": 1, "rules": []},
    "create_group": {"name": "x", "agent_priorities": {}},
    "get_group": {"id": 1},
    "list_groups_properties": {"group_ids": []},
    "register_property": {"name": "x", "owner_client_id": "x", "type": "string",
                          "access": {"license": {"agent": ["read"]}}},
    "update_canned_response": {"id": 1},
    "update_greeting": {"id": 1},
    "update_group": {"id": 1},
}  # fmt: skip


def required_fields(cls: type[Action[Any]]) -> dict[str, Any]:
    if cls.spec.api == "configuration" and cls.spec.name in OF_CONFIGURATION:
        return dict(OF_CONFIGURATION[cls.spec.name])
    fields = msgspec.structs.fields(cls)
    return {field.name: SAMPLES.get(field.name, "x") for field in fields if field.required}


@pytest.mark.parametrize(("cls", "name"), optional_fields())
def test_none_means_not_sent(cls: Any, name: str) -> None:
    required = required_fields(cls)
    if cls.spec.name == "update_customer":  # needs one field besides the id
        required["name" if name != "name" else "email"] = "x"
    if cls in (BanCustomerOrIp, UnbanCustomer):  # needs one of the two
        required["ip" if name != "ip" else "customer_id"] = "x"
    action = cls(**required, **{name: None})
    assert action == cls(**required)
    assert getattr(action, name) is UNSET
    assert name not in wire(action) if name != "file" else True


def test_none_in_a_structure_or_a_dict_means_not_sent() -> None:
    assert Message(text="a", custom_id=None, properties=None) == Message(text="a")
    assert ArchivesFilters(from_=None, agents=None, query="a") == ArchivesFilters(query="a")
    assert wire(ListArchives(filters={"query": None, "from": None, "tags": None})) == {
        "filters": {}
    }


def test_the_filter_of_active_chats_knows_null() -> None:
    assert wire(ListChats(filters=ChatsFilters(active=None))) == {"filters": {"active": None}}


WRONG: list[tuple[Any, dict[str, Any], str]] = [
    (ArchivesFilters, {"from": FIRST_DAY}, "`from` is called `from_` in Python"),
    (ArchivesFilters, {"quary": "a"},
     "`quary` is not a field of ArchivesFilters; did you mean `query`?"),
    (Message, {"txt": "a"}, "`txt` is not a field of Message; did you mean `text`?"),
    (Message, {}, "`text` is required"),
    (ListArchives, {"filter": {}}, "did you mean `filters`?"),
    (TransferChat, {"target": None}, "`id` is required"),
    (ValueFilter, {"zebra": 1},
     "it has `exists`, `values`, `exclude_values`, `require_every_value`"),
]  # fmt: skip


@pytest.mark.parametrize(("cls", "fields", "message"), WRONG)
def test_an_argument_that_a_structure_lacks(cls: Any, fields: Any, message: str) -> None:
    with pytest.raises(UnexpectedArgument) as caught:
        cls(**fields)
    assert message in str(caught.value)
    assert isinstance(caught.value, TypeError)
    assert isinstance(caught.value, ValueError)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Message("a", "agents"),
         "Message takes only `text` without a name; give the others by name"),
        (lambda: Message("a", text="b"), "`text` is given twice, with its name and without"),
        (lambda: ListArchives({}), "takes its fields by name: ListArchives(filters=…)"),
    ],
)  # fmt: skip
def test_too_many_positional_arguments(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(UnexpectedArgument) as caught:
        make()
    assert message in str(caught.value)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), b"a", bytearray(b"a"),
                                   {1}, frozenset(), object(), "\ud800"])  # fmt: skip
@pytest.mark.parametrize("around", [lambda x: {"a": x}, lambda x: {"a": [1, {"b": x}]}])
def test_content_that_json_cannot_hold(value: Any, around: Any) -> None:
    with pytest.raises(InvalidArgument, match=r"content.* cannot be sent as JSON"):
        Custom(content=around(value))


def test_content_that_holds_itself() -> None:
    content: dict[str, Any] = {"list": []}
    content["list"].append(content)
    with pytest.raises(InvalidArgument, match=r"content.* holds itself"):
        Custom(content=content)


def test_a_list_that_changed_after_its_check_is_checked_again() -> None:
    filters = ArchivesFilters(chat_ids=["C"])
    assert isinstance(filters.chat_ids, list)
    filters.chat_ids.append("")
    with pytest.raises(InvalidArgument, match=r"filters.chat_ids\[1\]"):
        ListArchives(filters=filters)


def test_what_the_user_gave_is_not_changed() -> None:
    ids = ("A", "B")
    event = {"type": "rich_message", "template_id": "cards", "elements": ({"buttons": [BUTTON]},)}
    SendEvent(chat_id="C", event=event)
    ArchivesFilters(chat_ids=ids)
    element = RichMessageElement(buttons=[BUTTON])  # type: ignore[list-item]
    RichMessage("cards", elements=[element])
    assert event["elements"] == ({"buttons": [BUTTON]},)
    assert element.buttons == [BUTTON]
    assert ids == ("A", "B")


EVENTS = st.sampled_from(
    [
        Message(text="hé", properties={"ns": {"a": 1}}),
        File(url="u"),
        Custom(content={"a": [1, None, {"b": "c"}]}),
        SystemMessage(text="t", system_message_type="s", text_vars={"a": "b"}),
        RichMessage("cards", elements=[RichMessageElement(buttons=[RichMessageButton(**BUTTON)])]),
        Message(text="Yes", postback=Postback(**PRESSED)),
    ]
)


@given(st.lists(EVENTS, max_size=4), st.sampled_from([list, tuple, deque]))
def test_structures_and_their_json_make_the_same_chat(events: Any, sequence: Any) -> None:
    structure = InitialChat(id="C", thread=InitialThread(events=events))
    plain = {"id": "C", "thread": {"events": sequence(wire(event) for event in events)}}
    assert ResumeChat(chat=plain) == ResumeChat(chat=structure)
