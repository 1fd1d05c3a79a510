"""How threads end."""

import pytest

from frontdesk.actions import (
    DeactivateChat,
)
from frontdesk.sandbox.world.people import customer_actions

from ..._desk import JONES, SMITH


def test_closing_unpins_unless_the_customer_leaves_an_unassigned_chat(desk):
    desk.only(SMITH)
    desk.set_limit(SMITH, 0)
    pinned, chats = [], []
    for close in ("agent", "customer"):
        customer = desk.visitor()
        desk.say(customer)
        chat_id = desk.chat_of(customer)
        if close == "agent":
            desk.call(DeactivateChat(id=chat_id, ignore_requester_presence=True))
        else:
            desk.unit(customer_actions.close_chat, customer)
        pinned.append(desk.chat(chat_id).thread.properties["routing"]["pinned"])
        chats.append(desk.chat(chat_id).properties["routing"]["pinned"])
    assert pinned == chats == [False, True]


def test_closing_writes_who_did_it_and_needs_presence(desk):
    from frontdesk.errors import AuthorizationError

    chat_id = desk.start()
    with pytest.raises(AuthorizationError, match="not a user of the chat"):
        desk.call(DeactivateChat(id=chat_id), desk.agent)
    desk.call(DeactivateChat(id=chat_id, ignore_requester_presence=True), desk.agent)
    thread = desk.chat(chat_id).thread
    assert not thread.active
    assert thread.events[-1].text == "Agent Jones archived the chat"
    assert thread.events[-1].text_vars == {"agent": "Agent Jones"}
    (push,) = desk.pushed("chat_deactivated")
    assert (push.chat_id, push.thread_id, push.user_id) == (chat_id, thread.id, JONES)


def test_closing_a_chat_that_is_closed_changes_nothing(desk):
    chat_id = desk.start()
    desk.call(DeactivateChat(id=chat_id))
    before = desk.chat(chat_id)
    desk.forget()
    desk.call(DeactivateChat(id=chat_id))
    desk.call(DeactivateChat(id=chat_id), desk.agent)
    assert desk.names() == []
    assert desk.chat(chat_id) == before
