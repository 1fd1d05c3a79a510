"""Who gets the pushes about a chat."""

import pytest

from frontdesk.pushes import decode
from frontdesk.sandbox.world import recipients
from frontdesk.sandbox.world.push_recipients import recipients_of

from .._desk import BROWN, JONES, SMITH


@pytest.fixture
def chat(desk):
    """A chat that Smith is in, Brown follows, and Jones has left."""
    chat_id = desk.start_with(desk.customer(), JONES)

    def change(world):
        chat = world.store.chats.get(chat_id)
        chat.user(JONES).present = False
        chat.followers = [BROWN, SMITH]
        chat.group_ids = [1, 2]

    desk.unit(change)
    return desk.world.store.chats.get(chat_id)


def test_members_are_the_agents_in_the_chat_and_its_followers(chat):
    assert recipients.agents_watching(chat) == recipients.Recipients(agent_ids=(SMITH, BROWN))


def test_key_changes_reach_the_groups_too(chat):
    assert recipients.agents_with_access(chat) == recipients.Recipients(
        agent_ids=(SMITH, BROWN), group_ids=(1, 2)
    )


def test_others_can_be_named(chat):
    assert recipients.agents_with_access(chat, JONES).agent_ids == (SMITH, BROWN, JONES)


def sent_by_hand(desk, name, payload):
    return recipients_of(desk.world, decode(name, payload))


@pytest.mark.parametrize(
    ("name", "payload"),
    [
        ("chat_properties_updated", {"chat_id": "CHAT", "properties": {}}),
        ("event_deleted", {"chat_id": "CHAT", "thread_id": "T", "event_id": "T_1"}),
    ],
)
def test_what_is_sent_by_hand_of_a_chat_goes_to_those_who_watch_it(desk, chat, name, payload):
    assert sent_by_hand(desk, name, payload | {"chat_id": chat.id}).agent_ids == (SMITH, BROWN)
    assert sent_by_hand(desk, name, payload | {"chat_id": chat.id}).group_ids == ()
    assert sent_by_hand(desk, name, payload).everyone


@pytest.mark.parametrize(
    ("name", "payload"),
    [
        ("chat_deactivated", lambda chat_id: {"chat_id": chat_id, "thread_id": "T"}),
        ("chat_access_updated", lambda chat_id: {"id": chat_id, "access": {"group_ids": [1]}}),
        ("incoming_chat", lambda chat_id: {"chat": {"id": chat_id}}),
    ],
)
def test_key_changes_sent_by_hand_go_to_the_groups_too(desk, chat, name, payload):
    reached = sent_by_hand(desk, name, payload(chat.id))
    assert (reached.agent_ids, reached.group_ids) == ((SMITH, BROWN), (1, 2))
    assert sent_by_hand(desk, name, payload("NONE")).everyone


@pytest.mark.parametrize(
    ("name", "payload"),
    [
        ("customer_banned", lambda customer_id: {"customer_id": customer_id, "ban": {"days": 1}}),
        ("customer_updated", lambda customer_id: {"id": customer_id}),
        ("incoming_customer", lambda customer_id: {"customer": {"id": customer_id}}),
    ],
)
def test_what_is_sent_by_hand_of_a_customer_goes_to_the_customer_s_agents(desk, name, payload):
    ann = desk.customer("Ann")
    assert sent_by_hand(desk, name, payload(ann)) == recipients.Recipients(customer_id=ann)
    assert sent_by_hand(desk, name, payload("0" * 32)).everyone


def test_other_pushes_sent_by_hand_go_to_everybody(desk):
    assert sent_by_hand(desk, "tag_created", {"name": "new", "group_ids": [0]}).everyone
