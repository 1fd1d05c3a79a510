"""Registered properties at work: what the methods of chats take, show and refuse."""

import pytest

from frontdesk.actions import (
    DeleteChatProperties,
    GetChat,
    ListArchives,
    ListChats,
    PublishProperty,
    RegisterProperty,
    SendEvent,
    StartChat,
    UnregisterProperty,
    UpdateChatProperties,
    UpdateEventProperties,
    UpdateGroupProperties,
    UpdateLicenseProperties,
    UpdateThreadProperties,
)
from frontdesk.errors import AuthorizationError, ValidationError
from frontdesk.models import (
    ArchivesFilters,
    ChatsFilters,
    InitialChat,
    InitialThread,
    Message,
    PropertyFilter,
)
from frontdesk.sandbox.world.people import customer_actions

from ..._desk import SMITH

RW = ["read", "write"]
OTHER = "aa11bb22cc33dd44ee55ff6600778899"


@pytest.fixture
def other(desk):
    """An agent with the token of another application."""
    return desk.requester(SMITH, "chats--all:rw", client_id=OTHER)


@pytest.fixture
def chat_id(desk):
    desk.only(SMITH)
    customer_id = desk.visitor()
    desk.say(customer_id)
    return desk.chat_of(customer_id)


def register(desk, name="x", type="string", access=("chat", "thread", "event"), **fields):
    if not isinstance(access, dict):
        access = {location: {"agent": RW, "customer": RW} for location in access}
    owner = fields.pop("owner_client_id", desk.owner.client_id)
    desk.call(
        RegisterProperty(name=name, owner_client_id=owner, type=type, access=access, **fields)
    )


def publish(desk, *access_type, name="x"):
    desk.call(
        PublishProperty(
            name=name, owner_client_id=desk.owner.client_id, access_type=list(access_type)
        )
    )


def values(desk, value, name="x"):
    return {desk.owner.client_id: {name: value}}


def setters(desk, chat_id, properties):
    """Each way to set properties in a chat."""
    thread_id = desk.chat(chat_id).thread.id
    event_id = desk.chat(chat_id).thread.events[0].id
    place = {"chat_id": chat_id, "thread_id": thread_id}
    return {
        "chat": UpdateChatProperties(id=chat_id, properties=properties),
        "thread": UpdateThreadProperties(**place, properties=properties),
        "event": UpdateEventProperties(**place, event_id=event_id, properties=properties),
        "send": SendEvent(chat_id=chat_id, event=Message("x", properties=properties)),
    }


def shown(desk, chat_id, by=None):
    """What a reader sees of the property in the chat, its thread and its first event."""
    chat = desk.call(GetChat(chat_id=chat_id), by)
    found = (chat.properties, chat.thread.properties, chat.thread.events[0].properties)
    return [(part or {}).get(desk.owner.client_id) for part in found]


def test_a_registered_property_can_be_set_at_once(desk, chat_id):
    for action in setters(desk, chat_id, values(desk, "a")).values():
        with pytest.raises(ValidationError, match="not a registered property"):
            desk.call(action)
    register(desk)
    for action in setters(desk, chat_id, values(desk, "a")).values():
        desk.call(action)
    assert shown(desk, chat_id) == [{"x": "a"}] * 3
    chat = InitialChat(
        properties=values(desk, "b"), thread=InitialThread(properties=values(desk, "c"))
    )
    started = desk.call(StartChat(chat=chat)).chat_id
    chat = desk.chat(started)
    assert chat.properties[desk.owner.client_id] == {"x": "b"}
    assert chat.thread.properties[desk.owner.client_id] == {"x": "c"}


@pytest.mark.parametrize(
    ("fields", "good", "bad"),
    [
        ({"type": "int"}, [0, -(2**31), 2**31 - 1], ["1", True, 2**31, 1.5]),
        ({"type": "bool"}, [True, False], [0, "true"]),
        ({"type": "string"}, ["", "é"], [1, False]),
        ({"type": "tokenized_string"}, ["two words"], [2]),
        ({"type": "int", "range": {"from": 3}}, [3, 9], [2]),
        ({"type": "int", "range": {"to": 3}}, [3, -9], [4]),
        ({"type": "int", "range": {"from": 2, "to": 4}, "domain": [1, 2, 3]}, [2, 3], [1, 4]),
        ({"type": "string", "domain": ["a", "b"]}, ["a"], ["c", "A", ""]),
        ({"type": "bool", "domain": [True]}, [True], [False]),
    ],
)
def test_values_fit_their_registration(desk, chat_id, fields, good, bad):
    register(desk, **fields)
    for value in good:
        for action in setters(desk, chat_id, values(desk, value)).values():
            desk.call(action)
    for value in bad:
        for place in ("chat", "thread", "event", "send"):
            with pytest.raises((ValidationError, ValueError)):
                desk.call(setters(desk, chat_id, values(desk, value))[place])
    assert shown(desk, chat_id) == [{"x": good[-1]}] * 3


@pytest.mark.parametrize("location", ["chat", "thread", "event"])
def test_a_property_is_of_its_locations(desk, chat_id, location):
    register(desk, access=[location])
    for place, action in setters(desk, chat_id, values(desk, "a")).items():
        if location == ("event" if place == "send" else place):
            desk.call(action)
        else:
            with pytest.raises(AuthorizationError, match=f"in {place}s|in events"):
                desk.call(action)


def test_agents_may_do_what_was_registered_for_agents(desk, chat_id):
    register(desk, access={"chat": {"agent": ["read"], "customer": ["write"]}})
    register(desk, "y", access={"chat": {"agent": ["write"]}})
    with pytest.raises(AuthorizationError, match="written by agents"):
        desk.call(UpdateChatProperties(id=chat_id, properties=values(desk, "a")))
    with pytest.raises(AuthorizationError):
        names = {desk.owner.client_id: ["x"]}
        desk.call(DeleteChatProperties(id=chat_id, properties=names))
    desk.call(UpdateChatProperties(id=chat_id, properties=values(desk, "a", "y")))
    assert desk.owner.client_id not in (desk.chat(chat_id).properties or {})


def test_customers_may_write_what_is_published_for_them(desk):
    desk.only(SMITH)
    register(desk, access={"chat": {"customer": ["write"], "agent": ["read"]}})
    initial = InitialChat(properties=values(desk, "a"))
    customer_id = desk.visitor()
    with pytest.raises(ValidationError):
        desk.unit(customer_actions.open_chat, customer_id, initial)
    publish(desk, "read")
    with pytest.raises(AuthorizationError):
        desk.unit(customer_actions.open_chat, customer_id, initial)
    publish(desk, "write")
    chat = desk.unit(customer_actions.open_chat, customer_id, initial)
    assert desk.chat(chat.id).properties[desk.owner.client_id] == {"x": "a"}


def test_other_applications_see_nothing_of_a_private_property(desk, chat_id, other):
    register(desk)
    for action in setters(desk, chat_id, values(desk, "a")).values():
        desk.call(action)
        with pytest.raises(ValidationError, match="not a registered property"):
            desk.call(action, other)
    assert shown(desk, chat_id, other) == [None] * 3
    assert shown(desk, chat_id) == [{"x": "a"}] * 3
    assert listed(desk, other) == []
    last_events = desk.call(ListChats(), other).chats_summary[0].last_event_per_type
    assert desk.owner.client_id not in (last_events["message"].event.properties or {})


def listed(desk, by=None, value="a"):
    condition = {desk.owner.client_id: {"x": PropertyFilter(values=[value])}}
    page = desk.call(ListChats(filters=ChatsFilters(properties=condition)), by)
    return [chat.id for chat in page.chats_summary]


def archived(desk, by=None, value="a"):
    condition = {desk.owner.client_id: {"x": PropertyFilter(values=[value])}}
    page = desk.call(ListArchives(filters=ArchivesFilters(properties=condition)), by)
    return [chat.id for chat in page.chats]


def test_a_published_property_can_be_read_by_others(desk, chat_id, other):
    register(desk)
    actions = setters(desk, chat_id, values(desk, "a"))
    for action in actions.values():
        desk.call(action)
    publish(desk, "read")
    assert shown(desk, chat_id, other) == [{"x": "a"}] * 3
    assert listed(desk, other) == [chat_id]
    for action in actions.values():
        with pytest.raises(AuthorizationError, match="client id that owns it alone"):
            desk.call(action, other)
    publish(desk, "read", "write")
    desk.call(setters(desk, chat_id, values(desk, "b"))["chat"], other)
    assert shown(desk, chat_id)[0] == {"x": "b"}


def test_what_others_may_only_write_they_do_not_find(desk, chat_id, other):
    register(desk)
    publish(desk, "write")
    for action in setters(desk, chat_id, values(desk, "a")).values():
        desk.call(action, other)
    assert shown(desk, chat_id, other) == [None] * 3
    assert listed(desk, other) == []
    assert listed(desk) == [chat_id]


def test_publishing_gives_no_more_than_the_registration(desk, chat_id, other):
    register(desk, access={"chat": {"agent": ["read"]}})
    publish(desk, "read", "write")
    with pytest.raises(AuthorizationError):
        desk.call(UpdateChatProperties(id=chat_id, properties=values(desk, "a")), other)


def test_the_values_go_with_a_property(desk, chat_id):
    register(desk, access=("chat", "thread", "event", "license", "group"))
    register(desk, "kept")
    both = {desk.owner.client_id: {"x": "a", "kept": "k"}}
    for action in setters(desk, chat_id, both).values():
        desk.call(action)
    desk.call(UpdateLicenseProperties(properties=values(desk, "a")))
    desk.call(UpdateGroupProperties(group_id=1, properties=values(desk, "a")))
    desk.unit(customer_actions.close_chat, desk.world.store.chats.read(chat_id).customer_id)
    assert archived(desk) == [chat_id]
    desk.forget()
    owner = desk.owner.client_id
    desk.call(UnregisterProperty(name="x", owner_client_id=owner))
    assert desk.names() == []
    assert shown(desk, chat_id) == [{"kept": "k"}] * 3
    # Another property of that name has none of the values.
    register(desk, type="int", access=("chat", "thread", "event", "license", "group"))
    assert shown(desk, chat_id) == [{"kept": "k"}] * 3
    company = desk.world.store.company
    assert owner not in company.license.properties
    assert owner not in company.groups[1].properties
    assert listed(desk) == archived(desk) == []


def test_names_that_only_look_alike_keep_their_values(desk, chat_id):
    register(desk)
    register(desk, "xx")
    register(desk, owner_client_id=OTHER)
    other = desk.requester(SMITH, "chats--all:rw", client_id=OTHER)
    for action in setters(desk, chat_id, values(desk, "x", "xx")).values():
        desk.call(action)
    for action in setters(desk, chat_id, {OTHER: {"x": desk.owner.client_id}}).values():
        desk.call(action, other)
    desk.call(UnregisterProperty(name="x", owner_client_id=desk.owner.client_id))
    assert shown(desk, chat_id) == [{"xx": "x"}] * 3
    chat = desk.call(GetChat(chat_id=chat_id), other)
    assert chat.thread.events[0].properties[OTHER] == {"x": desk.owner.client_id}
    assert chat.properties[OTHER] == {"x": desk.owner.client_id}
