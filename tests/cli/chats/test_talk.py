"""``frontdesk chat``: a transcript, and a chat to talk in, from both sides."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from frontdesk.cli.chats import transcripts
from frontdesk.sandbox import Sandbox

from .._running import Run, as_json, ok, refused

LIVECHAT = ("--base-url", "https://api.livechatinc.com")


class Typist:
    """A standard input whose next line comes when the one before has had its effect."""

    def __init__(self, steps: Iterator[Any]) -> None:
        self.steps = steps

    def isatty(self) -> bool:
        return False

    def readline(self) -> str:
        for step in self.steps:
            if isinstance(step, str):
                return f"{step}\n"
            if isinstance(step, BaseException):
                raise step
            step()
        return ""


@pytest.fixture
def types(monkeypatch: pytest.MonkeyPatch) -> Any:
    def types(*steps: Any) -> None:
        monkeypatch.setattr("sys.stdin", Typist(iter(steps)))

    return types


@pytest.fixture
def chat(served: Sandbox) -> Any:
    """A customer in a chat that goes to the agent that the commands act as."""
    customer = served.customer("Zoe")
    customer.say("Is anybody there?")
    return customer


def texts(served: Sandbox, chat_id: Any) -> list[str]:
    events = served.client().get_chat(chat_id=chat_id).thread.events
    return [event.text for event in events if event.type == "message"]


def test_without_a_terminal_the_transcript_is_all(run: Run, served: Sandbox, chat: Any) -> None:
    text = ok(run("chat", chat.chat_id))
    assert "Zoe: Is anybody there?" in text
    assert not served.calls("login")
    assert as_json(run("chat", chat.chat_id, "--json"))["id"] == chat.chat_id


def test_an_agent_talks(run: Run, served: Sandbox, chat: Any, types: Any) -> None:
    arrived = threading.Event()
    show_event = transcripts.Transcript.show_event

    def shown(self: Any, event: Any) -> None:
        show_event(self, event)
        if getattr(event, "text", "") == "Thanks!":
            arrived.set()

    types(
        "Hello",
        "  ",
        "/private for agents",
        "/nope",
        "/help",
        lambda: chat.say("Thanks!"),
        lambda: arrived.wait(20),
        "/quit",
        "not sent any more",
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(transcripts.Transcript, "show_event", shown)
        code, text, errors = run("chat", chat.chat_id, "--live")
    assert code == 0, errors
    assert arrived.is_set()
    assert "Zoe: Thanks!" in text
    # What the user typed is on the terminal already.
    assert "Agent Smith: Hello" not in text
    assert "there is no /nope" in errors
    assert texts(served, chat.chat_id)[-3:] == ["Hello", "for agents", "Thanks!"]
    private = served.client().get_chat(chat_id=chat.chat_id).thread.events[-2]
    assert private.visibility == "agents"
    assert not served.calls("logout")


def test_the_customers_side(run: Run, served: Sandbox, chat: Any, types: Any) -> None:
    served.client().send_event(
        chat_id=chat.chat_id, event={"type": "message", "text": "a secret", "visibility": "agents"}
    )
    types("I am Zoe", "/private is no command here")
    code, text, errors = run("chat", chat.chat_id, "--live", "--as-customer")
    assert code == 0, errors
    assert "a secret" not in text
    assert texts(served, chat.chat_id)[-1] == "I am Zoe"
    event = [
        each
        for each in served.client().get_chat(chat_id=chat.chat_id).thread.events
        if each.type == "message"
    ][-1]
    assert event.author_id == chat.id
    assert "there is no /private" in errors


@pytest.mark.parametrize("words", [("--json",), ("--no-live",), ("--live",)])
def test_the_customers_side_has_nothing_that_is_for_agents(
    run: Run, served: Sandbox, chat: Any, types: Any, words: tuple[str, ...]
) -> None:
    client = served.client()
    hidden = {"type": "message", "text": "a secret", "visibility": "agents"}
    removed = client.send_event(chat_id=chat.chat_id, event={"type": "message", "text": "removed"})
    served.delete_event(removed.event_id)
    client.send_event(chat_id=chat.chat_id, event={"type": "message", "text": "for all"})
    client.send_event(chat_id=chat.chat_id, event=hidden)
    served.configuration_client().create_tag(name="a tag", group_ids=[0])
    client.tag_thread(chat_id=chat.chat_id, thread_id=chat.thread_id, tag="a tag")
    client.add_user_to_chat(
        chat_id=chat.chat_id, user_id="jones@example.com", user_type="agent", visibility="agents",
        ignore_requester_presence=True,
    )  # fmt: skip
    types()
    code, text, errors = run("chat", chat.chat_id, "--as-customer", *words)
    assert code == 0, errors
    assert "for all" in text
    assert "Agent Smith" in text
    for secret in ("a secret", "removed", "a tag", "Jones", "@example.com"):
        assert secret not in text


def test_names_of_agents_are_those_that_the_customer_knows(
    run: Run, served: Sandbox, chat: Any, types: Any
) -> None:
    arrived = threading.Event()
    show_event = transcripts.Transcript.show_event

    def shown(self: Any, event: Any) -> None:
        show_event(self, event)
        if getattr(event, "text", "") == "Yes!":
            arrived.set()

    def respond() -> None:
        event = {"type": "message", "text": "Yes!"}
        served.client().send_event(chat_id=chat.chat_id, event=event)

    types(respond, lambda: arrived.wait(20))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(transcripts.Transcript, "show_event", shown)
        code, text, errors = run("chat", chat.chat_id, "--live", "--as-customer")
    assert code == 0, errors
    assert "Agent Smith: Yes!" in text


def test_somebody_who_is_not_in_the_chat_joins(run: Run, served: Sandbox, types: Any) -> None:
    waiting = [
        each.id
        for each in served.client().iter_chats()
        if each.last_thread_summary is not None
        and each.last_thread_summary.active
        and "smith@example.com" not in (each.last_thread_summary.user_ids or ())
    ]
    types("Hello", "/join", "Hello again")
    code, _, errors = run("chat", waiting[0], "--live")
    # One line was refused, and nobody is there to see it.
    assert code == 1
    assert "you are not in this chat; /join lets you talk in it" in errors
    assert "not a user of the chat" in errors
    assert texts(served, waiting[0])[-1] == "Hello again"


def test_it_is_closed(run: Run, served: Sandbox, chat: Any, types: Any) -> None:
    types("/close")
    ok(run("chat", chat.chat_id, "--live"))
    assert not served.client().get_chat(chat_id=chat.chat_id).thread.active


def test_ctrl_c_leaves(run: Run, served: Sandbox, chat: Any, types: Any) -> None:
    types(KeyboardInterrupt())
    ok(run("chat", chat.chat_id, "--live"))
    assert served.client().get_chat(chat_id=chat.chat_id).thread.active


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("nosuch",), "get_chat: not_found"),
        (
            ("x", "--as-customer", "--base-url", "https://api.livechatinc.com"),
            "`--as-customer` is for a",
        ),
        (("x", "--live", "--json"), "`--live` cannot be given together with `--json`"),
        (("x", "--live", "--thread-id", "y"), "cannot be given together with `--thread-id`"),
    ],
)
def test_what_is_refused(run: Run, words: tuple[str, ...], message: str) -> None:
    code, text, errors = run("chat", *words)
    assert code in (1, 2)
    assert text == ""
    assert message in errors.splitlines()[-1]


def test_a_missing_token_says_which_command_makes_one(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FRONTDESK_TOKEN")
    for words in (("chat", "x"), ("chats", "list"), ("archives", "list"), ("customers", "list")):
        assert "`frontdesk login` stores one" in refused(run(*words))
        line = refused(run(*words, "--profile", "nobody"))
        assert "frontdesk login --profile nobody" in line
