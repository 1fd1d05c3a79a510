"""Users of chats: who is in, who comes, who leaves."""

import pytest

from frontdesk.errors import AuthorizationError
from frontdesk.sandbox.world.chats import chat_users

from ..._desk import BROWN, JONES, SMITH


def change(desk, chat_id, work):
    """Do something with the record of a chat, as one unit of work."""
    return desk.unit(lambda world: work(world, world.store.chats.get(chat_id)))


def add(desk, chat_id, user_id, **kwargs):
    new_user = chat_users.NewChatUser(user_id=user_id, reason="manual", **kwargs)
    change(desk, chat_id, lambda world, chat: chat_users.add(world, chat, new_user))


def test_whoever_comes_is_in_the_chat_and_in_its_thread(desk):
    chat_id = desk.start()
    desk.forget()
    add(desk, chat_id, JONES, visibility="agents")
    (push,) = desk.pushed("user_added_to_chat")
    assert (push.user.id, push.user.visibility, push.reason) == (JONES, "agents", "manual")
    assert desk.present(chat_id) == {SMITH, JONES}
    assert desk.chat(chat_id).thread.user_ids == [SMITH, JONES]


def test_whoever_comes_back_is_the_same_user(desk):
    chat_id = desk.start()
    add(desk, chat_id, JONES, visibility="agents")
    change(
        desk,
        chat_id,
        lambda world, chat: chat_users.remove(world, chat, chat.user(JONES), reason="manual"),
    )
    assert desk.present(chat_id) == {SMITH}
    add(desk, chat_id, JONES)
    chat = desk.chat(chat_id)
    assert [(user.id, user.visibility) for user in chat.users] == [(SMITH, "all"), (JONES, "all")]
    assert chat.thread.user_ids == [SMITH, JONES]


def test_those_who_serve_the_chat_are_seen_by_the_customer(desk):
    chat_id = desk.start()
    add(desk, chat_id, JONES, visibility="agents")
    chat = desk.world.store.chats.read(chat_id)
    assert [user.id for user in chat_users.visible_agents(chat)] == [SMITH]


def test_the_presence_rule_can_be_lifted(desk):
    chat = desk.world.store.chats.read(desk.start())
    outsider = desk.requester(BROWN)
    with pytest.raises(AuthorizationError, match="not a user of the chat"):
        chat_users.require_present(chat, outsider)
    stranger = chat_users.require_present(chat, outsider, ignore_presence=True)
    assert (stranger.id, stranger.present) == (BROWN, False)
    assert chat.user(BROWN) is None
    assert chat_users.require_present(chat, desk.owner).id == SMITH


@pytest.mark.parametrize(("visibility", "learns"), [("all", True), ("agents", False)])
def test_a_customer_learns_who_comes_unless_only_agents_see_it(desk, visibility, learns):
    chat_id = desk.start()
    desk.forget()
    add(desk, chat_id, JONES, visibility=visibility)
    (effect,) = desk.effects("user_added_to_chat")
    assert effect.to_customer is learns
