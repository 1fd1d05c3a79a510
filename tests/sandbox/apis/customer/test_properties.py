"""Properties over the Customer Chat API: of chats, threads and events, ratings, and settings."""

import pytest

from frontdesk.actions import SendEvent as SendAsAgent
from frontdesk.actions import UpdateEventProperties as UpdateAsAgent
from frontdesk.actions import UpdateThreadProperties as UpdateThreadAsAgent
from frontdesk.actions import customer as actions
from frontdesk.errors import AuthorizationError, GroupNotFound, NotFound, ValidationError
from frontdesk.models import InitialChat, Message
from frontdesk.sandbox.store.records import PropertyRecord
from frontdesk.sandbox.world.actor import CustomerActor

NOWHERE = "PJ0MRSHTDG"


@pytest.fixture
def chat(ann):
    """The ids of Ann's chat with Jones."""
    started = ann.start("hello")
    ann.forget()
    return {"chat_id": started.chat_id, "thread_id": started.thread_id}


def calls(chat, location, values):
    """How properties are set at a location, and how they are deleted."""
    names = {namespace: list(of) for namespace, of in values.items()}
    if location == "chat":
        ids = {"id": chat["chat_id"]}
        update, delete = actions.UpdateChatProperties, actions.DeleteChatProperties
    elif location == "thread":
        ids = dict(chat)
        update, delete = actions.UpdateThreadProperties, actions.DeleteThreadProperties
    else:
        ids = {**chat, "event_id": f"{chat['thread_id']}_1"}
        update, delete = actions.UpdateEventProperties, actions.DeleteEventProperties
    return update(**ids, properties=values), delete(**ids, properties=names)


def shown(window, chat, location):
    whole = window.chat(chat["chat_id"])
    at = {"chat": whole, "thread": whole.thread, "event": whole.thread.events[0]}[location]
    return at.properties or {}


WRITABLE = {
    "chat": {"routing": {"email_follow_up": True}},
    "thread": {"routing": {"offline_message": True}},
    "event": {"status": {"delivered": True}},
}


@pytest.mark.parametrize("location", WRITABLE)
def test_properties_are_set_and_deleted_and_both_sides_learn_of_it(desk, ann, chat, location):
    values = WRITABLE[location]
    ((namespace, names),) = values.items()
    update, delete = calls(chat, location, values)
    ann.call(update)
    assert shown(ann, chat, location)[namespace].items() >= names.items()
    ann.call(delete)
    assert not shown(ann, chat, location).get(namespace, {}).keys() & names.keys()
    (updated,) = ann.got(f"{location}_properties_updated")
    (deleted,) = ann.got(f"{location}_properties_deleted")
    assert updated["properties"] == values
    assert deleted["properties"] == {namespace: list(names)}
    for name in ("updated", "deleted"):
        (effect,) = desk.effects(f"{location}_properties_{name}")
        assert effect.webhook == f"{location}_properties_{name}"
        assert effect.actor == ann.actor
    ann.call(delete)


@pytest.mark.parametrize(
    ("location", "values", "error"),
    [
        ("chat", {"routing": {"pinned": True}}, AuthorizationError),
        ("chat", {"routing": {"continuous": True}}, AuthorizationError),
        ("thread", {"routing": {"start_url": "x"}}, AuthorizationError),
        ("thread", {"chats": {"resolved": True}}, AuthorizationError),
        ("event", {"lc2": {"welcome_message": True}}, AuthorizationError),
        ("event", {"lc2": {"file_safety_confirmation": True}}, AuthorizationError),
        ("chat", {"routing": {"nothing": True}}, ValidationError),
        ("thread", {"rating": {"score": 2}}, ValidationError),
        ("thread", {"rating": {"score": True}}, ValidationError),
        ("thread", {"rating": {"comment": 5}}, ValidationError),
        ("thread", {"secret": {"canary": "x"}}, ValidationError),
    ],
)
def test_what_customers_may_not_write_stays(desk, ann, chat, location, values, error):
    record = PropertyRecord(
        namespace="secret", name="canary", type="string",
        access={"thread": {"agent": ["read", "write"], "customer": ["read", "write"]}},
        owner_client_id="another application",
    )  # fmt: skip
    desk.unit(lambda world: world.store.company.save_property(record))
    before = desk.chat(chat["chat_id"])
    with pytest.raises(error):
        ann.call(calls(chat, location, values)[0])
    after = desk.chat(chat["chat_id"])
    assert (after.properties, after.thread.properties) == (
        before.properties,
        before.thread.properties,
    )
    assert ann.names() == desk.names() == []


@pytest.mark.parametrize("location", WRITABLE)
def test_chats_of_others_are_as_if_they_were_not(desk, ann, bob, chat, location):
    for chat_id in (chat["chat_id"], NOWHERE):
        for action in calls({**chat, "chat_id": chat_id}, location, WRITABLE[location]):
            with pytest.raises(NotFound) as refused:
                bob.call(action)
            assert refused.value.message.endswith(f": there is no chat `{chat_id}`")
    assert desk.names() == []


def test_customers_learn_only_of_what_they_may_read(desk, ann, chat):
    ids = {"chat_id": chat["chat_id"], "thread_id": chat["thread_id"]}
    secret = Message(text="secret", visibility="agents")
    event = SendAsAgent(chat_id=chat["chat_id"], event=secret)
    event_id = desk.call(event, desk.agent).event_id
    ann.forget()
    desk.call(
        UpdateAsAgent(
            **ids, event_id=event_id, properties={"test": {"string_property": "of a secret"}}
        )
    )
    assert ann.names() == []
    place = {**ids, "event_id": f"{chat['thread_id']}_1"}
    values = {"test": {"int_property": 1}, "lc2": {"file_safety_confirmation": True}}
    desk.call(UpdateAsAgent(**place, properties=values))
    (pushed,) = ann.got("event_properties_updated")
    assert pushed["properties"] == {"test": {"int_property": 1}}
    assert shown(ann, chat, "event").keys() == {"test", "source"}
    values = {"lc2": {"file_safety_confirmation": False}}
    desk.call(UpdateAsAgent(**place, properties=values))
    assert len(ann.names()) == 1


# properties that applications have registered


def register(desk, *, public, owner):
    record = PropertyRecord(
        namespace="shop", name="step", type="string",
        access={
            place: {"agent": ["read", "write"], "customer": ["read", "write"]}
            for place in ("chat", "thread", "event", "license", "group")
        },
        owner_client_id=owner, public=public,
    )  # fmt: skip
    desk.unit(lambda world: world.store.company.save_property(record))


def test_what_is_not_published_is_for_its_own_application(desk, ann, chat):
    register(desk, public=False, owner=ann.actor.client_id)
    action, _ = calls(chat, "thread", {"shop": {"step": "one"}})
    ann.call(action)
    assert ann.got("thread_properties_updated")[0]["properties"] == {"shop": {"step": "one"}}
    assert shown(ann, chat, "thread")["shop"] == {"step": "one"}
    elsewhere = CustomerActor(ann.id, client_id="another application")
    other = desk.call(actions.GetChat(chat_id=chat["chat_id"]), elsewhere)
    assert "shop" not in other.thread.properties
    with pytest.raises(ValidationError, match="not a registered property"):
        desk.call(action, elsewhere)


def test_what_is_published_is_for_all(desk, ann, chat):
    register(desk, public=True, owner="another application")
    action, _ = calls(chat, "chat", {"shop": {"step": "one"}})
    ann.call(action)
    assert shown(ann, chat, "chat")["shop"] == {"step": "one"}


# ratings


def rate(window, chat, **rating):
    values = {"properties": {"rating": rating}}
    window.call(actions.UpdateThreadProperties(**chat, **values))


def test_a_rating_is_told_to_both_sides(desk, ann, chat):
    rate(ann, chat, score=1, comment="nice")
    assert ann.texts(chat["chat_id"])[1:] == [
        "Ann rated the chat as good",
        "Ann left the following comment: nice",
    ]
    assert [push["event"]["system_message_type"] for push in ann.got("incoming_event")] == [
        "rating.chat_rated",
        "rating.chat_commented",
    ]
    for side in (desk.chat(chat["chat_id"]), ann.chat(chat["chat_id"])):
        assert side.thread.properties["rating"] == {"score": 1, "comment": "nice"}


def test_a_rating_is_taken_back(desk, ann, chat):
    rate(ann, chat, score=0, comment="slow")
    ann.forget()
    names = {"properties": {"rating": ["score"]}}
    ann.call(actions.DeleteThreadProperties(**chat, **names))
    assert ann.texts(chat["chat_id"])[-1] == "Ann canceled the chat rating"
    assert shown(ann, chat, "thread")["rating"] == {"comment": "slow"}
    names = {"properties": {"rating": ["score", "comment"]}}
    ann.call(actions.DeleteThreadProperties(**chat, **names))
    assert "rating" not in shown(ann, chat, "thread")
    texts = ann.texts(chat["chat_id"])
    ann.call(actions.DeleteThreadProperties(**chat, **names))
    assert ann.texts(chat["chat_id"]) == texts


def test_a_thread_that_has_ended_is_rated_without_a_message(desk, ann, chat):
    ann.call(actions.DeactivateChat(id=chat["chat_id"]))
    resumed = ann.call(actions.ResumeChat(chat=InitialChat(id=chat["chat_id"])))
    ann.forget()
    rate(ann, chat, score=1)
    assert ann.texts(chat["chat_id"]) == []
    first = ann.chat(chat["chat_id"], thread_id=chat["thread_id"])
    assert first.thread.properties["rating"] == {"score": 1}
    rate(ann, {**chat, "thread_id": resumed.thread_id}, score=0)
    names = {"properties": {"rating": ["score"]}}
    ann.call(actions.DeleteThreadProperties(**chat, **names))
    assert ann.chat(chat["chat_id"]).thread.properties["rating"] == {"score": 0}


def test_the_rating_of_a_thread_is_none_of_the_chat(desk, ann, chat):
    """Whoever follows the pushes knows the chat as it is read."""
    values = {"properties": {"rating": {"score": 0}}}
    ann.call(actions.UpdateChatProperties(id=chat["chat_id"], **values))
    desk.forget()
    rate(ann, chat, score=1, comment="nice")
    assert shown(ann, chat, "chat")["rating"] == {"score": 0}
    assert desk.chat(chat["chat_id"]).properties["rating"] == {"score": 0}
    assert desk.effects("chat_properties_updated") == []
    names = {"properties": {"rating": ["score", "comment"]}}
    ann.call(actions.DeleteThreadProperties(**chat, **names))
    assert shown(ann, chat, "chat")["rating"] == {"score": 0}


def test_agents_rate_nothing(desk, ann, chat):
    values = {"properties": {"rating": {"score": 1}}}
    with pytest.raises(AuthorizationError):
        desk.call(UpdateThreadAsAgent(**chat, **values))


def test_a_transcript_is_asked_for_by_a_property(ann, chat):
    values = {"properties": {"routing": {"transcript_email": "me@example.com"}}}
    ann.call(actions.UpdateThreadProperties(**chat, **values))
    assert "me@example.com" in ann.texts(chat["chat_id"])[-1]
    ann.call(actions.DeactivateChat(id=chat["chat_id"]))
    types = [
        getattr(event, "system_message_type", "")
        for event in ann.chat(chat["chat_id"]).thread.events
    ]
    assert types[-1] == "transcript_sent"


# settings


def nobody(desk, action):
    return desk.call(action, CustomerActor(""))


def test_settings_show_what_customers_may_read(desk):
    assert nobody(desk, actions.ListLicenseProperties()) == {}
    values = {"smart_actions": {"greeting.hide_when_offline": True}}
    group = desk.world.store.company.groups[0]
    group.properties = {**group.properties, **values, "chats": {"queue.routing_priority": 2}}
    desk.unit(lambda world: world.store.company.save_group(group))
    shown = nobody(desk, actions.ListGroupProperties(id=0))
    assert shown == values
    register(desk, public=True, owner="an application")
    license = desk.world.store.company.license
    license.properties = {**license.properties, "shop": {"step": "one"}}
    desk.unit(lambda world: world.store.company.save_license(license))
    assert nobody(desk, actions.ListLicenseProperties()) == {"shop": {"step": "one"}}
    assert nobody(desk, actions.ListLicenseProperties(namespace="shop", name="other")) == {}
    assert nobody(desk, actions.ListLicenseProperties(namespace="limits")) == {}
    assert nobody(desk, actions.ListLicenseProperties(name="step")) == {"shop": {"step": "one"}}
    register(desk, public=False, owner=CustomerActor("").client_id)
    assert nobody(desk, actions.ListLicenseProperties()) == {}


def test_settings_of_a_group_that_is_not_there(desk):
    with pytest.raises(GroupNotFound):
        nobody(desk, actions.ListGroupProperties(id=99))
