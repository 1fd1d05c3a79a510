"""Indicators: typing, thinking."""

import pytest

from frontdesk.actions import (
    AddUserToChat,
    DeactivateChat,
    SendThinkingIndicator,
    SendTypingIndicator,
)
from frontdesk.errors import (
    AuthorizationError,
    ChatInactive,
    ValidationError,
)

from ..._desk import JONES, SMITH


def test_typing(desk):
    chat_id = desk.start()
    desk.forget()
    desk.call(SendTypingIndicator(chat_id=chat_id, is_typing=True))
    (effect,) = desk.heard
    assert (effect.push, effect.webhook) == ("incoming_typing_indicator", None)
    indicator = effect.payload.typing_indicator
    assert (indicator.author_id, indicator.is_typing, indicator.visibility) == (SMITH, True, "all")
    assert isinstance(indicator.timestamp, int)
    assert effect.to_customer


def test_thinking(desk):
    chat_id = desk.start()
    desk.forget()
    desk.call(
        SendThinkingIndicator(
            chat_id=chat_id, title="Hm", description="…", custom_id="c", visibility="agents"
        )
    )
    (effect,) = desk.heard
    pushed = effect.payload
    assert (pushed.author_id, pushed.title, pushed.description, pushed.custom_id) == (
        SMITH,
        "Hm",
        "…",
        "c",
    )
    assert pushed.thread_id == desk.chat(chat_id).thread.id
    assert not effect.to_customer


@pytest.mark.parametrize(
    "make",
    [
        lambda chat_id, **more: SendTypingIndicator(chat_id=chat_id, is_typing=True, **more),
        lambda chat_id, **more: SendThinkingIndicator(chat_id=chat_id, **more),
    ],
)
def test_rules_of_indicators(desk, make):
    chat_id = desk.start()
    with pytest.raises(AuthorizationError):
        desk.call(make(chat_id), desk.agent)
    desk.call(AddUserToChat(chat_id=chat_id, user_id=JONES, user_type="agent", visibility="agents"))
    with pytest.raises(ValidationError, match="`visibility`"):
        desk.call(make(chat_id), desk.agent)
    desk.call(make(chat_id, visibility="agents"), desk.agent)
    desk.call(DeactivateChat(id=chat_id))
    with pytest.raises(ChatInactive):
        desk.call(make(chat_id))
