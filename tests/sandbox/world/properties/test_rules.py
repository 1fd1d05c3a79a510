"""Properties of chats, threads and events."""

import pytest

from frontdesk.actions import (
    DeleteChatProperties,
    DeleteEventProperties,
    DeleteThreadProperties,
    UpdateChatProperties,
    UpdateEventProperties,
    UpdateThreadProperties,
)
from frontdesk.errors import AuthorizationError, MissingAccess, NotFound, ValidationError
from frontdesk.models import Access, InitialChat
from frontdesk.sandbox.store.records import PropertyRecord
from frontdesk.sandbox.world.properties import rules

from ..._desk import JONES

OWN = "0805e283233042b37f460ed8fbf22160"


@pytest.fixture
def spots(desk):
    """Where properties can be: (ids for a request, update, delete, read)."""
    chat_id = desk.start()
    event_id = desk.write(chat_id)
    thread_id = desk.chat(chat_id).thread.id
    return {
        "chat": (
            {"id": chat_id},
            UpdateChatProperties,
            DeleteChatProperties,
            lambda by=None: desk.chat(chat_id, by=by).properties,
        ),
        "thread": (
            {"chat_id": chat_id, "thread_id": thread_id},
            UpdateThreadProperties,
            DeleteThreadProperties,
            lambda by=None: desk.chat(chat_id, by=by).thread.properties,
        ),
        "event": (
            {"chat_id": chat_id, "thread_id": thread_id, "event_id": event_id},
            UpdateEventProperties,
            DeleteEventProperties,
            lambda by=None: desk.chat(chat_id, by=by).thread.events[0].properties,
        ),
    }


@pytest.mark.parametrize("location", ["chat", "thread", "event"])
def test_updating_merges_and_deleting_takes_away(desk, spots, location):
    ids, update, delete, read = spots[location]
    desk.forget()
    desk.call(update(**ids, properties={"test": {"int_property": 1, "bool_property": True}}))
    desk.call(update(**ids, properties={"test": {"int_property": 2}}))
    assert read()["test"] == {"int_property": 2, "bool_property": True}
    desk.call(delete(**ids, properties={"test": ["int_property", "string_property"]}))
    assert read()["test"] == {"bool_property": True}
    desk.call(delete(**ids, properties={"test": ["bool_property"]}))
    assert "test" not in (read() or {})
    first, second = desk.pushed(f"{location}_properties_updated")
    assert first.properties == {"test": {"int_property": 1, "bool_property": True}}
    assert second.properties == {"test": {"int_property": 2}}
    gone = desk.pushed(f"{location}_properties_deleted")[0]
    assert gone.properties == {"test": ["int_property", "string_property"]}
    assert {one.webhook for one in desk.heard} == {
        f"{location}_properties_updated",
        f"{location}_properties_deleted",
    }


@pytest.mark.parametrize("location", ["chat", "thread", "event"])
def test_pushes_name_where(desk, spots, location):
    ids, update, *_ = spots[location]
    desk.call(update(**ids, properties={"test": {"int_property": 1}}))
    (push,) = desk.pushed(f"{location}_properties_updated")[-1:]
    assert push.chat_id == ids.get("chat_id", ids.get("id"))
    for name in ("thread_id", "event_id"):
        assert getattr(push, name, None) == ids.get(name)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"test": {"unknown": 1}}, r"`properties.test.unknown` is not a registered property"),
        ({"nowhere": {"x": 1}}, r"`properties.nowhere.x` is not a registered property"),
        ({"test": {"int_property": "1"}}, r"`properties.test.int_property` must be of type int"),
        ({"test": {"int_property": True}}, r"must be of type int"),
        ({"test": {"bool_property": 1}}, r"must be of type bool"),
        ({"test": {"string_property": 1}}, r"must be of type string"),
        ({"test": {"tokenized_string_property": False}}, r"must be of type tokenized_string"),
        ({"test": {"int_property": 2**31}}, r"must fit into 32 bits"),
        ({"test": {"int_property": -(2**31) - 1}}, r"must fit into 32 bits"),
    ],
)
def test_values_must_fit(desk, spots, values, message):
    ids, update, _, read = spots["chat"]
    before = read()
    with pytest.raises(ValidationError, match=message):
        desk.call(update(**ids, properties=values))
    assert read() == before


def test_the_ends_of_int32_fit(desk, spots):
    ids, update, _, read = spots["chat"]
    for value in (2**31 - 1, -(2**31)):
        desk.call(update(**ids, properties={"test": {"int_property": value}}))
        assert read()["test"]["int_property"] == value


def test_a_refused_value_keeps_the_others_out_too(desk, spots):
    ids, update, _, read = spots["chat"]
    with pytest.raises(ValidationError):
        desk.call(update(**ids, properties={"test": {"bool_property": True, "x": 1}}))
    assert "test" not in read()


def test_default_properties_are_writable_where_the_docs_say(desk, spots):
    ids, update, _, read = spots["event"]
    desk.call(update(**ids, properties={"status": {"delivered": True}}))
    assert read()["status"] == {"delivered": True}
    chat_ids, update_chat, delete_chat, _ = spots["chat"]
    with pytest.raises(AuthorizationError, match=r"`properties.status.delivered`.*in chats"):
        desk.call(update_chat(**chat_ids, properties={"status": {"delivered": True}}))
    with pytest.raises(AuthorizationError, match=r"`properties.rating.score`.*agents"):
        desk.call(update_chat(**chat_ids, properties={"rating": {"score": 1}}))
    with pytest.raises(AuthorizationError):
        desk.call(delete_chat(**chat_ids, properties={"routing": ["continuous"]}))
    desk.call(update_chat(**chat_ids, properties={"routing": {"pinned": True}}))


def register(desk, **kwargs):
    definition = PropertyRecord(
        namespace=kwargs.pop("namespace", "mine"),
        name="p",
        type=kwargs.pop("type", "string"),
        access=kwargs.pop("access", {"chat": {"agent": ["read", "write"]}}),
        owner_client_id=kwargs.pop("owner", OWN),
        **kwargs,
    )
    desk.unit(lambda world: world.store.company.save_property(definition))


def test_a_domain_limits_values(desk, spots):
    register(desk, domain=["a", "b"])
    ids, update, _, read = spots["chat"]
    desk.call(update(**ids, properties={"mine": {"p": "b"}}))
    assert read()["mine"] == {"p": "b"}
    with pytest.raises(ValidationError, match="must be one of a, b"):
        desk.call(update(**ids, properties={"mine": {"p": "c"}}))


@pytest.mark.parametrize(("value", "rule"), [(4, "at least 5"), (11, "at most 10")])
def test_a_range_limits_values(desk, spots, value, rule):
    register(desk, type="int", range_from=5, range_to=10)
    ids, update, *_ = spots["chat"]
    desk.call(update(**ids, properties={"mine": {"p": 5}}))
    desk.call(update(**ids, properties={"mine": {"p": 10}}))
    with pytest.raises(ValidationError, match=rule):
        desk.call(update(**ids, properties={"mine": {"p": value}}))


def test_a_property_is_for_its_location(desk, spots):
    register(desk)
    ids, update, *_ = spots["thread"]
    with pytest.raises(AuthorizationError, match="in threads"):
        desk.call(update(**ids, properties={"mine": {"p": "x"}}))


def test_a_private_property_is_known_to_its_owner_alone(desk, spots):
    register(desk)
    stranger = desk.requester(JONES, "chats--access:rw", client_id="another")
    ids, update, _, read = spots["chat"]
    desk.call(update(**ids, properties={"mine": {"p": "secret"}}))
    assert "mine" not in (read(stranger) or {})
    with pytest.raises(ValidationError, match="not a registered property"):
        desk.call(update(**ids, properties={"mine": {"p": "x"}}), stranger)
    register(desk, public=True)
    assert read(stranger)["mine"] == {"p": "secret"}


def test_reading_needs_the_right_too(desk, spots):
    register(desk, access={"chat": {"agent": ["write"]}})
    ids, update, _, read = spots["chat"]
    desk.call(update(**ids, properties={"mine": {"p": "x"}}))
    assert "mine" not in read()


def test_properties_need_access_but_no_presence(desk):
    chat_id = desk.start(chat=InitialChat(access=Access(group_ids=[1])))
    desk.call(
        UpdateChatProperties(id=chat_id, properties={"test": {"int_property": 1}}), desk.agent
    )
    hidden = desk.start(chat=InitialChat(access=Access(group_ids=[3])))
    with pytest.raises(MissingAccess):
        desk.call(
            UpdateChatProperties(id=hidden, properties={"test": {"int_property": 1}}), desk.agent
        )


def test_what_is_unknown_is_not_found(desk, spots):
    ids, update, *_ = spots["event"]
    with pytest.raises(NotFound, match="`event_id`"):
        desk.call(update(**{**ids, "event_id": "x_1"}, properties={"test": {}}))
    with pytest.raises(NotFound, match="`thread_id`"):
        desk.call(update(**{**ids, "thread_id": "x"}, properties={"test": {}}))


def test_properties_of_an_inactive_thread_can_be_changed(desk, spots):
    from frontdesk.actions import DeactivateChat

    ids, update, _, read = spots["thread"]
    desk.call(DeactivateChat(id=ids["chat_id"]))
    desk.call(update(**ids, properties={"test": {"int_property": 1}}))
    assert read()["test"] == {"int_property": 1}


@pytest.mark.parametrize("location", ["chat", "thread", "event"])
def test_every_location_checks_updates_and_deletions(desk, spots, location):
    ids, update, delete, _ = spots[location]
    unknown = r"`properties\.nowhere\.x` is not a registered property"
    foreign = rf"`properties\.source\.client_id` cannot be written by agents in {location}s"
    with pytest.raises(ValidationError, match=unknown):
        desk.call(update(**ids, properties={"nowhere": {"x": 1}}))
    with pytest.raises(ValidationError, match=unknown):
        desk.call(delete(**ids, properties={"nowhere": ["x"]}))
    with pytest.raises(AuthorizationError, match=foreign):
        desk.call(update(**ids, properties={"source": {"client_id": "x"}}))
    with pytest.raises(AuthorizationError, match=foreign):
        desk.call(delete(**ids, properties={"source": ["client_id"]}))


@pytest.mark.parametrize(
    ("namespace", "name", "value"),
    [
        ("chats", "chat_inactive_after_min", 20),
        ("chats", "queue.reopen_threshold", 90),
        ("limits", "groups.base", 100),
        ("smart_actions", "greeting.max_invites", 5),
        (OWN, "own", "as registered"),
        (OWN, "bare", "as given"),
        ("chats", "unheard of", "as given"),
    ],
)
def test_a_license_without_a_value_has_the_default_of_the_property(desk, namespace, name, value):
    for registered, default in (("own", "as registered"), ("bare", None)):
        record = PropertyRecord(
            namespace=OWN, name=registered, type="string", access={}, default_value=default
        )
        desk.unit(lambda world, new=record: world.store.company.save_property(new))
    desk.set_license("x", 1, namespace)
    desk.world.store.company.license.properties[namespace].pop(name, None)
    assert rules.license_value(desk.world, namespace, name, "as given") == value
