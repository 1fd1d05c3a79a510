"""Pushes that are delivered though older ones of their chat are still missing.

They are where nothing is read back but by hand, where there are too many to hold back, and where
the reading fails for long.
"""

from typing import Any

import pytest

from frontdesk.core.rtm.recovery.reading import ReadingBack
from frontdesk.pushes import ChatDeactivated, IncomingChat, IncomingEvent, Push

from ....clients.rtm._server import ME
from .test_recovery import Story

JONES = {"id": "jones", "type": "agent", "name": "Jones", "present": True, "visibility": "all"}


class ByHand(Story):
    """Nothing is read back, nor held back, unless asked for."""

    def return_(self) -> None:
        """Log in again."""
        server_time = self.chats.now.replace(microsecond=0)
        self.delivered += self.recovery.back(
            self.login(), server_time, key_changes=self.key_changes, hold=False
        )

    def read(self) -> ReadingBack:
        reading = ReadingBack(self.recovery, key_changes=self.key_changes)
        while not reading.done:
            for read in reading.take():
                self.reply(reading, read)
        self.delivered += reading.ready()
        self.uncertain += reading.uncertain
        return reading

    def begin(self, chat_id: str, *, heard: bool = True, **more: Any) -> None:
        """A thread begins; ``heard`` over the present connection or not."""
        threads = self.chats.threads.get(chat_id, [])
        previous = threads[-1]["id"] if threads else None
        self.chats.open(chat_id)
        thread = self.chats.threads[chat_id][-1]
        thread["previous_thread_id"] = previous
        if heard:
            self.take(chat_id, **more)

    def take(self, chat_id: str, **more: Any) -> None:
        """Push the chat as it is now."""
        threads = self.chats.threads[chat_id]
        chat = {"id": chat_id, "users": self.chats.users[chat_id], "thread": dict(threads[-1])}
        self.live("incoming_chat", {"chat": chat, **more})

    def end(self, chat_id: str, *, heard: bool = True) -> None:
        self.tell(chat_id, "manual_archived_agent", "Agent Smith", heard=heard)
        self.chats.close(chat_id)
        thread_id = self.chats.threads[chat_id][-1]["id"]
        if heard:
            self.live("chat_deactivated", {"chat_id": chat_id, "thread_id": thread_id})

    def add(self, chat_id: str, user: dict[str, Any], *, heard: bool = True) -> None:
        """Somebody comes, and a message says so."""
        self.chats.users[chat_id] = [u for u in self.users_of(chat_id) if u["id"] != user["id"]]
        self.chats.users[chat_id].append(user)
        thread = self.chats.threads[chat_id][-1]
        thread["user_ids"] = list(dict.fromkeys([*thread["user_ids"], user["id"]]))
        if heard:
            self.move(chat_id, user, came=True)
        self.tell(chat_id, "agent_joined", user["name"], heard=heard)

    def remove(self, chat_id: str, user: dict[str, Any], *, heard: bool = True) -> None:
        self.chats.users[chat_id] = [u for u in self.users_of(chat_id) if u["id"] != user["id"]]
        self.chats.users[chat_id].append({**user, "present": False})
        if heard:
            self.move(chat_id, user, came=False)
        self.tell(chat_id, "agent_left", user["name"], heard=heard)

    def move(self, chat_id: str, user: dict[str, Any], *, came: bool) -> None:
        """Push that somebody came or went."""
        thread_id = self.chats.threads[chat_id][-1]["id"]
        payload = {"chat_id": chat_id, "thread_id": thread_id, "reason": "manual"}
        if came:
            self.live("user_added_to_chat", {**payload, "user": user, "requester_id": ME})
        else:
            self.live("user_removed_from_chat", {**payload, "user_id": user["id"]})

    def tell(self, chat_id: str, kind: str, agent: str, *, heard: bool) -> None:
        payload = self.chats.say(chat_id, "")
        event = payload["event"]
        del event["author_id"]
        event |= {"type": "system_message", "system_message_type": kind}
        event |= {"text_vars": {"agent": agent}}
        if heard:
            self.live("incoming_event", payload)

    def users_of(self, chat_id: str) -> list[dict[str, Any]]:
        return self.chats.users[chat_id]

    def of(self, *kinds: type[Push]) -> list[Push]:
        return [push for push in self.delivered if isinstance(push, kinds)]

    def moves(self) -> list[str]:
        signs = {"UserAddedToChat": "+", "UserRemovedFromChat": "-"}
        return [
            f"{signs[type(push).__name__]}{getattr(push, 'user_id', None) or push.user.id}"
            for push in self.delivered
            if type(push).__name__ in signs
        ]

    @property
    def texts(self) -> list[str]:
        """What people have said."""
        return [text for text in super().texts if text]

    @property
    def present(self) -> dict[str, str]:
        known_chat = self.recovery.known_chats.get("A")
        assert known_chat is not None
        return known_chat.present


@pytest.fixture
def story() -> ByHand:
    story = ByHand()
    story.begin("A", heard=False)
    story.log_in()
    return story


def test_chat_that_is_resumed_before_it_is_listed_is_read_from_where_it_was_known(story: ByHand):
    """The log-in does not show it, and what comes live tells of a later thread."""
    story.say("A", "1")
    story.end("A")
    story.interrupt()
    story.begin("A", heard=False)
    story.say("A", "2", heard=False)
    story.end("A", heard=False)
    story.return_()
    story.begin("A")
    story.say("A", "3")
    story.read()
    assert story.texts == ["1", "3", "2"]
    threads = [push.chat.thread.id for push in story.of(IncomingChat)]  # type: ignore[attr-defined]
    assert threads == ["AT3", "AT2"]
    ends = [push.thread_id for push in story.of(ChatDeactivated)]  # type: ignore[attr-defined]
    assert ends == ["AT1", "AT2"]
    # It comes behind newer pushes, so its order is lost.
    assert story.uncertain == ["A"]


def test_chat_that_was_resumed_and_ended_before_it_is_listed_is_read_from_where_it_was_known(
    story: ByHand,
):
    story.end("A")
    story.interrupt()
    story.begin("A", heard=False)
    story.say("A", "missed", heard=False)
    story.end("A", heard=False)
    story.return_()
    story.begin("A")
    story.say("A", "live")
    story.end("A")
    story.read()
    assert story.texts == ["live", "missed"]
    assert story.uncertain == ["A"]


def test_thread_that_follows_the_known_one_costs_nothing_to_be_sure_of(story: ByHand):
    story.end("A")
    story.interrupt()
    story.return_()
    story.begin("A")
    story.begin("B")
    story.say("A", "1")
    story.say("B", "2")
    reading = story.read()
    assert reading.requests == 1
    assert story.texts == ["1", "2"]
    assert story.uncertain == []


@pytest.mark.parametrize("resumed", [True, False])
def test_new_thread_waits_for_no_list_if_nothing_can_be_missing_before_it(
    story: ByHand, resumed: bool
):
    story.end("A")
    story.interrupt()
    story.back()
    chat_id = "A" if resumed else "B"
    story.begin(chat_id)
    story.say(chat_id, "at once")
    assert story.texts == ["at once"]


def test_new_thread_waits_behind_what_waits_of_its_chat(story: ByHand):
    story.end("A")
    story.interrupt()
    reading = story.back()
    story.say("A", "to a chat that has ended")
    story.begin("A")
    story.say("A", "to the new one")
    assert story.texts == []
    while not reading.done:
        for read in reading.take():
            story.reply(reading, read)
    assert story.texts == ["to a chat that has ended", "to the new one"]


def test_chat_that_was_active_beyond_those_shown_is_read_from_where_it_was_known():
    """A log-in shows a hundred; what comes live of another one hides nothing before it."""
    story = ByHand()
    story.begin("A", heard=False)
    story.log_in()
    story.say("A", "1")
    for number in range(100):
        story.chats.open(f"other {number}")
    story.interrupt()
    story.say("A", "2", heard=False)
    story.return_()
    story.say("A", "3")
    story.read()
    assert story.texts == ["1", "3", "2"]
    assert "A" in story.uncertain


def test_who_is_in_a_chat_is_known_as_the_login_has_shown_it(story: ByHand):
    """What was known before the gap says no more who is there after it."""
    story.add("A", JONES)
    story.interrupt()
    story.remove("A", JONES, heard=False)
    story.say("A", "missed", heard=False)
    story.return_()
    story.say("A", "live")
    story.read()
    assert set(story.present) == {"customer-1", ME}
    story.interrupt()
    story.return_()
    story.read()
    assert story.moves() == ["+jones", "-jones"]


def test_who_came_and_went_live_is_read_back_no_more(story: ByHand):
    """What is read over two interruptions spans what came live between them."""
    story.interrupt()
    story.say("A", "missed", heard=False)
    story.return_()
    story.add("A", JONES)
    story.remove("A", JONES)
    story.add("A", JONES)
    story.interrupt()
    story.say("A", "missed too", heard=False)
    story.remove("A", JONES, heard=False)
    story.return_()
    story.read()
    assert sorted(story.moves()) == ["+jones", "+jones", "-jones", "-jones"]
    assert story.texts == ["missed", "missed too"]


def test_thread_that_began_live_is_read_on_after_another_interruption(story: ByHand):
    story.end("A")
    story.interrupt()
    story.begin("A", heard=False)
    story.end("A", heard=False)
    story.return_()
    story.begin("A")
    story.interrupt()
    story.say("A", "missed", heard=False)
    story.return_()
    story.read()
    assert story.texts == ["missed"]
    assert len(story.of(ChatDeactivated)) == 2


def test_whoever_went_live_is_not_put_back_by_what_is_read_later():
    """A chat that has ended is asked for, and the response is of a little before."""
    story = ByHand()
    story.begin("A", heard=False)
    jones = dict(JONES)
    story.users_of("A").append(jones)
    story.log_in()
    story.interrupt()
    story.end("A", heard=False)
    story.return_()
    story.live("user_removed_from_chat", {"chat_id": "A", "user_id": "jones", "reason": "manual"})
    reading = ReadingBack(story.recovery, key_changes=True)
    for read in reading.take():
        story.reply(reading, read)
        jones["present"] = False
    assert reading.done
    assert set(story.present) == {"customer-1", ME}


def test_transfer_to_the_agent_that_came_live_is_read_back_no_more(story: ByHand):
    """The chat comes again with it, so that its thread does not tell it from others."""
    story.interrupt()
    story.say("A", "missed", heard=False)
    story.return_()
    story.take("A", transferred_from={"agent_ids": ["jones"]}, requester_id="jones")
    overtaken = story.recovery.overtaken["A"]
    [push] = story.of(IncomingChat)
    assert overtaken.without_delivered([push, push], ME) == [push]
    assert isinstance(push, IncomingChat)
    assert push.transferred_from is not None
    assert push.transferred_from.agent_ids == ["jones"]


def test_pushes_that_wait_for_a_chat_that_was_overtaken_come(story: ByHand):
    """The first reading fails until nothing is held back; the next one goes well."""
    story.interrupt()
    story.say("A", "missed", heard=False)
    story.back()
    story.say("A", "held")
    story.delivered += story.recovery.let_go()
    story.interrupt()
    story.say("A", "missed too", heard=False)
    reading = story.back()
    story.say("A", "held too")
    while not reading.done:
        for read in reading.take():
            story.reply(reading, read)
    assert story.texts == ["held", "missed", "missed too", "held too"]
    assert reading.uncertain == ["A"]
    assert story.recovery.let_go() == []


def test_chats_that_are_overtaken_are_bounded():
    story = ByHand(memory=10)
    story.log_in()
    story.interrupt()
    story.return_()
    for number in range(100):
        story.begin(f"C{number}", heard=False)
        story.say(f"C{number}", "live")
    assert len(story.recovery.overtaken) <= 10
    assert story.recovery.known_chats.forgot


def test_nothing_is_noted_once_all_has_been_read(story: ByHand):
    story.interrupt()
    story.return_()
    story.begin("B", heard=False)
    story.say("B", "live")
    assert story.recovery.overtaken.keys() == {"B"}
    story.read()
    story.say("B", "more")
    assert story.recovery.overtaken == {}
    assert [push.event.text for push in story.of(IncomingEvent)] == ["live", "more"]  # type: ignore[attr-defined]


@pytest.mark.parametrize("hold", [True, False])
def test_chat_that_nothing_was_heard_of_is_read_if_it_is_resumed_before_it_is_listed(hold: bool):
    story = ByHand()
    story.begin("A", heard=False)
    story.end("A", heard=False)
    story.begin("B", heard=False)
    story.log_in()
    story.say("B", "1")
    story.interrupt()
    story.begin("A", heard=False)
    story.say("A", "missed", heard=False)
    story.end("A", heard=False)
    if hold:
        story.recover(meanwhile=lambda count: story.begin("A") if count == 1 else None)
    else:
        story.return_()
        story.begin("A")
        story.read()
    assert story.texts == ["1", "missed"]
    threads = [push.chat.thread.id for push in story.of(IncomingChat)]  # type: ignore[attr-defined]
    assert sorted(threads) == ["AT2", "AT3"]
