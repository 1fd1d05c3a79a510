"""What becomes of the chats of agents who are gone."""

import pytest

from frontdesk.actions import (
    AddUserToChat,
)

from ..._desk import JONES, SMITH


def agents_of(desk, chat_id):
    chat = desk.chat(chat_id)
    return [user.id for user in chat.users if user.present and user.type == "agent"]


def arrive(desk, name="Ann", **kwargs):
    """A new customer writes; the id of the chat."""
    customer = desk.visitor(name)
    desk.say(customer, **kwargs)
    return desk.chat_of(customer)


@pytest.mark.parametrize(
    ("cause", "text"),
    [
        ("signed_out", "Chat assigned to Agent Jones because Agent Smith had signed out"),
        (
            "disconnected",
            "Chat assigned to Agent Jones because Agent Smith had lost internet connection",
        ),
        (
            "remotely_signed_out",
            "Chat assigned to Agent Jones because Agent Smith had been remotely signed out",
        ),
        ("deleted", "Chat assigned to Agent Jones because Agent Smith account had been deleted"),
    ],
)
def test_chats_of_an_agent_who_is_gone_go_to_another(desk, cause, text):
    desk.only(SMITH)
    chat_id = arrive(desk)
    desk.set_status(JONES, "accepting_chats")
    desk.forget()
    desk.set_status(SMITH, "offline", cause=cause)
    assert agents_of(desk, chat_id) == [JONES]
    assert desk.texts(chat_id)[-1] == text
    (push,) = desk.pushed("chat_transferred")
    assert (push.reason, push.transferred_to.agent_ids) == ("assigned", [JONES])


def test_they_wait_when_there_is_no_other(desk):
    desk.only(SMITH)
    chat_id = arrive(desk)
    desk.set_status(SMITH, "offline", cause="signed_out")
    thread = desk.chat(chat_id).thread
    assert thread.queue.position == 1
    assert thread.events[-1].text == "Customer was queued because Agent Smith had signed out"
    assert thread.events[-1].system_message_type == "routing.unassigned_signed_out"


def test_they_end_when_there_is_no_queue(desk):
    desk.only(SMITH)
    desk.set_license("queue.enabled", value=False)
    chat_id = arrive(desk)
    desk.set_status(SMITH, "offline", cause="signed_out")
    thread = desk.chat(chat_id).thread
    assert not thread.active
    assert thread.events[-1].text == "The chat was closed because Agent Smith had signed out"
    (push,) = desk.pushed("chat_deactivated")
    assert push.user_id is None


def test_a_chat_with_a_second_agent_stays(desk):
    desk.only(SMITH)
    chat_id = arrive(desk)
    desk.call(AddUserToChat(chat_id=chat_id, user_id=JONES, user_type="agent", visibility="all"))
    desk.set_status(SMITH, "offline", cause="signed_out")
    assert agents_of(desk, chat_id) == [JONES]
    assert desk.system_messages(chat_id) == ["agent_added"]
    assert desk.chat(chat_id).thread.queue is None
