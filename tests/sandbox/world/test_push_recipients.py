"""Who gets the pushes about a chat."""

import pytest

from frontdesk.sandbox.world import recipients

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
