"""What a customer may not do: the documented error, and nothing of anybody else in it."""

import pytest

from frontdesk import errors
from frontdesk.models import Ban, File, InitialChat, Message, RichMessagePostback


def test_an_error_tells_what_failed(window):
    with pytest.raises(errors.NotFound) as caught:
        window.get_chat(chat_id="NONE")
    error = caught.value
    assert (error.type, error.action, error.attempts) == ("not_found", "get_chat", 1)


@pytest.mark.parametrize("token", ["owner", "agent", "bot", "expired"])
def test_tokens_of_agents_are_of_no_use(window, token):
    with pytest.raises(errors.AuthenticationError, match="the token of an agent"):
        window.as_(window.sandbox.tokens[token], retry=None).list_chats()


def test_tokens_of_customers_are_of_no_use_to_agents(window):
    with pytest.raises(errors.AuthenticationError, match="the token of a customer"):
        window.sandbox.client(window.token(), retry=None).list_chats()


def test_tokens_that_nobody_has_say_nothing(window):
    with pytest.raises(errors.AuthenticationError, match="not valid"):
        window.as_("Bearer dal:nobody", retry=None).list_chats()


def test_a_flood_of_one_customer_is_held_back(window, chat):
    bob = window.of("Bob")
    window.sandbox.limit(3, method="customer.send_sneak_peek")
    peek = {"chat_id": chat.chat_id, "sneak_peek_text": "x"}
    window = window.as_(window.token(), retry=None)
    for _ in range(3):
        window.send_sneak_peek(**peek)
    with pytest.raises(errors.TooManyRequests):
        window.send_sneak_peek(**peek)
    assert window.get_chat(chat_id=chat.chat_id)
    with pytest.raises(errors.NotFound):  # Not held back: the chat is none of Bob's.
        bob.send_sneak_peek(**peek)


def test_an_organization_that_is_not_there(window):
    foreign = "00000000-0000-4000-8000-000000000000"
    with pytest.raises((errors.APIError, errors.Disconnected)) as caught:
        window.as_(window.token(), organization_id=foreign, retry=None).list_chats()
    assert getattr(caught.value, "type", getattr(caught.value, "reason", None)) in (
        "license_not_found", "authorization",
    )  # fmt: skip


CALLS = {
    "get_chat": lambda window, chat: window.get_chat(chat_id=chat.chat_id),
    "list_threads": lambda window, chat: window.list_threads(chat_id=chat.chat_id),
    "send_event": lambda window, chat: window.send_event(
        chat_id=chat.chat_id, event=Message("let me in")
    ),
    "deactivate_chat": lambda window, chat: window.deactivate_chat(id=chat.chat_id),
    "resume_chat": lambda window, chat: window.resume_chat(chat=InitialChat(id=chat.chat_id)),
    "mark_events_as_seen": lambda window, chat: window.mark_events_as_seen(
        chat_id=chat.chat_id, seen_up_to=window.sandbox.now
    ),
    "send_sneak_peek": lambda window, chat: window.send_sneak_peek(
        chat_id=chat.chat_id, sneak_peek_text="x"
    ),
    "update_chat_properties": lambda window, chat: window.update_chat_properties(
        id=chat.chat_id, properties={"test": {"int_property": 1}}
    ),
    "update_thread_properties": lambda window, chat: window.update_thread_properties(
        chat_id=chat.chat_id, thread_id=chat.thread_id, properties={"rating": {"score": 0}}
    ),
    "delete_event": lambda window, chat: window.delete_event(
        chat_id=chat.chat_id, thread_id=chat.thread_id, event_id=f"{chat.thread_id}_1"
    ),
    "send_rich_message_postback": lambda window, chat: window.send_rich_message_postback(
        chat_id=chat.chat_id, thread_id=chat.thread_id, event_id=f"{chat.thread_id}_1",
        postback=RichMessagePostback(id="yes", toggled=True),
    ),
}  # fmt: skip


def test_chats_of_others_are_as_if_they_were_not(window, chat):
    """The same error for a chat of somebody else and for one that is not there."""
    bob = window.of("Bob")
    missing = type("Missing", (), {"chat_id": "NONE", "thread_id": "NONE"})()
    for name, call in CALLS.items():
        refusals = []
        for target in (chat, missing):
            with pytest.raises(errors.NotFound) as caught:
                call(bob, target)
            message = caught.value.message
            refusals.append(message.replace(target.thread_id, "…").replace(target.chat_id, "…"))
        assert refusals[0] == refusals[1], name
    assert bob.list_chats().chats_summary == []
    assert len(window.get_chat(chat_id=chat.chat_id).customers) == 1


def test_a_banned_customer_is_out(window, chat):
    window.desk.ban_customer(id=window.customer.id, ban=Ban(days=3))
    with pytest.raises((errors.CustomerBanned, errors.Disconnected, errors.ConnectionClosed)):
        window.send_event(chat_id=chat.chat_id, event=Message("let me in"))
    if not window.is_rtm:
        window.sandbox.advance(3 * 24 * 3600 + 60)
        again = window.of("Ann")
        again.resume_chat(chat=InitialChat(id=chat.chat_id), continuous=True)


def test_what_breaks_a_rule_is_refused_and_changes_nothing(window, chat):
    before = window.get_chat(chat_id=chat.chat_id)
    for refused in (
        lambda: window.send_event(chat_id=chat.chat_id, event={"type": "message", "txt": "x"}),
        lambda: window.send_event(
            chat_id=chat.chat_id, event=Message("aside", visibility="agents")
        ),
        lambda: window.send_event(
            chat_id=chat.chat_id,
            event={
                "type": "filled_form", "form_id": "f",
                "fields": [{"type": "radio", "id": "1", "label": "L", "answer": "Yes"}],
            },
        ),
        lambda: window.mark_events_as_seen(
            chat_id=chat.chat_id, seen_up_to=window.sandbox.now.replace(tzinfo=None)
        ),
        lambda: window.start_chat(chat=InitialChat(users=[{"id": "x", "type": "agent"}])),
    ):  # fmt: skip
        with pytest.raises(errors.InvalidArgument):
            refused()
    with pytest.raises(errors.ValidationError):
        window.update_thread_properties(
            chat_id=chat.chat_id, thread_id=chat.thread_id, properties={"rating": {"score": 7}}
        )
    with pytest.raises(errors.APIError):
        window.send_event(chat_id=chat.chat_id, event=File(url="https://elsewhere.example/x.png"))
    after = window.get_chat(chat_id=chat.chat_id)
    assert [event.id for event in after.thread.events] == [e.id for e in before.thread.events]


def test_groups_that_are_offline(window):
    statuses = window.desk.list_routing_statuses()
    for agent in [status for status in statuses if status.status == "accepting_chats"]:
        window.desk.set_routing_status(status="not_accepting_chats", agent_id=agent.agent_id)
    with pytest.raises(errors.GroupsOffline):
        window.start_chat()
    assert window.start_chat(continuous=True).chat_id


def test_greetings_that_are_not_there(window):
    for response in ("accept_greeting", "cancel_greeting"):
        with pytest.raises(errors.APIError) as caught:
            getattr(window, response)(
                **({"greeting_id": 7} if response == "accept_greeting" else {}), unique_id="none"
            )
        assert caught.value.type in ("greeting_not_found", "not_found")
