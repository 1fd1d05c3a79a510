"""Buttons of rich messages that are pressed."""

import pytest

from frontdesk.actions import (
    DeactivateChat,
    SendEvent,
    SendRichMessagePostback,
)
from frontdesk.errors import (
    NotFound,
    ValidationError,
)
from frontdesk.models import (
    RichMessage,
    RichMessageButton,
    RichMessageElement,
    RichMessagePostback,
)

from ..._desk import JONES, SMITH


def send(desk, chat_id, event, by=None, **kwargs):
    return desk.call(SendEvent(chat_id=chat_id, event=event, **kwargs), by)


def rich():
    buttons = [
        RichMessageButton(text="yes", postback_id="yes", user_ids=["forged"]),
        RichMessageButton(text="no", postback_id="no"),
    ]
    return RichMessage(
        template_id="cards", elements=[RichMessageElement(title="Well?", buttons=buttons)]
    )


def test_postbacks_toggle_the_users_of_a_button(desk):
    chat_id = desk.start()
    event_id = send(desk, chat_id, rich()).event_id
    thread_id = desk.chat(chat_id).thread.id

    def press(toggled):
        desk.call(
            SendRichMessagePostback(
                chat_id=chat_id,
                thread_id=thread_id,
                event_id=event_id,
                postback=RichMessagePostback(id="yes", toggled=toggled),
            )
        )
        return desk.chat(chat_id).thread.events[0].elements[0].buttons[0].user_ids

    assert press(True) == [SMITH]
    assert press(True) == [SMITH]
    assert press(False) == []
    (first, *_) = desk.pushed("incoming_rich_message_postback")
    assert (first.user_id, first.event_id, first.postback.toggled) == (SMITH, event_id, True)


def test_each_user_toggles_a_button_alone(desk):
    chat_id = desk.start()
    event_id = send(desk, chat_id, rich()).event_id
    thread_id = desk.chat(chat_id).thread.id

    def press(by, toggled):
        postback = RichMessagePostback(id="yes", toggled=toggled)
        desk.call(
            SendRichMessagePostback(
                chat_id=chat_id, thread_id=thread_id, event_id=event_id, postback=postback
            ),
            by,
        )
        return desk.chat(chat_id).thread.events[0].elements[0].buttons[0].user_ids

    assert press(desk.owner, True) == [SMITH]
    assert press(desk.agent, True) == [SMITH, JONES]
    assert press(desk.agent, False) == [SMITH]
    assert press(desk.agent, True) == [SMITH, JONES]
    assert press(desk.owner, False) == [JONES]


def test_postbacks_name_what_is_wrong(desk):
    chat_id = desk.start()
    event_id = send(desk, chat_id, rich()).event_id
    plain = desk.write(chat_id)
    thread_id = desk.chat(chat_id).thread.id

    def press(event_id, button):
        postback = RichMessagePostback(id=button, toggled=True)
        desk.call(
            SendRichMessagePostback(
                chat_id=chat_id, thread_id=thread_id, event_id=event_id, postback=postback
            )
        )

    with pytest.raises(NotFound, match=r"`postback.id`"):
        press(event_id, "maybe")
    with pytest.raises(ValidationError, match="no rich message"):
        press(plain, "yes")
    for unknown in ("x", f"{thread_id}_99", f"{thread_id}_x", f"{thread_id}_", "PJ0MRSHTDG_1"):
        with pytest.raises(NotFound, match="`event_id`"):
            press(unknown, "yes")


def test_postbacks_in_an_inactive_thread_are_kept_but_not_told(desk):
    chat_id = desk.start()
    event_id = send(desk, chat_id, rich()).event_id
    thread_id = desk.chat(chat_id).thread.id
    desk.call(DeactivateChat(id=chat_id))
    desk.call(
        SendRichMessagePostback(
            chat_id=chat_id,
            thread_id=thread_id,
            event_id=event_id,
            postback=RichMessagePostback(id="no", toggled=True),
        )
    )
    assert desk.pushed("incoming_rich_message_postback") == []
    assert desk.chat(chat_id).thread.events[0].elements[0].buttons[1].user_ids == [SMITH]
