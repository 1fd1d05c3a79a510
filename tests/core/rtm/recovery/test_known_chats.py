"""What reading back remembers and holds back: how much, and since when."""

from datetime import timedelta

import pytest

from frontdesk.codec.decoding import convert
from frontdesk.core.rtm.recovery.delivered import Keys
from frontdesk.core.rtm.recovery.known_chats import KnownChat, KnownChats, ShownChat
from frontdesk.models import Chat, User
from frontdesk.pushes import decode

from ....clients.rtm._server import stamp
from .test_recovery import Story
from .test_replay import at


def test_ids_are_forgotten_when_there_are_many_and_the_newest_never():
    keys = Keys(100)
    for number in range(1000):
        keys.add(f"{number}")
        assert len(keys) <= 200
        assert all(f"{n}" in keys for n in range(max(0, number - 98), number + 1))
    assert "0" not in keys


def test_late_push_of_an_event_that_was_read_back_comes_twice_only_once_it_is_forgotten():
    story = Story(memory=10)
    story.chats.open("A")
    story.log_in()
    story.say("A", "first")
    story.interrupt()
    late = [story.say("A", f"{number}", heard=False) for number in range(30)]
    story.recover()
    assert story.texts == story.said
    for payload in late[-10:]:
        story.live("incoming_event", payload)
    assert story.texts == story.said
    story.live("incoming_event", late[0])
    assert story.texts == [*story.said, "0"]


def test_event_that_is_older_than_one_heard_in_another_chat_is_missed_all_the_same():
    """What comes of one chat says nothing about another one."""
    story = Story()
    for chat_id in "AB":
        story.chats.open(chat_id)
    story.log_in()
    story.say("A", "1")
    story.say("B", "2", heard=False)
    story.say("A", "3")
    story.interrupt()
    story.recover()
    assert story.texts == ["1", "3", "2"]
    story.say("B", "4", heard=False)
    story.say("A", "5")
    story.interrupt()
    story.recover()
    assert story.texts == ["1", "3", "2", "5", "4"]


@pytest.mark.parametrize(
    ("seconds", "missed"), [(1, True), (59, True), (60.5, False), (3600, False)]
)
def test_clock_of_the_connection_may_be_a_minute_ahead_of_that_of_the_events(
    seconds: float, missed: bool
):
    """Without a chat that was shown, nothing but the time of the connection says what is new."""
    story = Story()
    began = story.chats.now
    story.chats.now = began.replace(microsecond=0) + timedelta(seconds=seconds)
    story.log_in()
    story.chats.now = began
    story.interrupt()
    story.chats.open("A")
    story.chats.threads["A"][-1]["created_at"] = stamp(began)
    story.chats.now = began
    story.say("A", "1", heard=False)
    story.recover()
    assert (story.texts == ["1"]) is missed


@pytest.mark.parametrize("seconds", [30, 3600])
def test_clock_of_the_connection_may_be_behind_that_of_the_events(seconds: int):
    story = Story()
    story.chats.open("A")
    right = story.chats.now
    story.chats.now = right - timedelta(seconds=seconds)
    story.log_in()
    story.chats.now = right + timedelta(seconds=1)
    story.say("A", "1")
    story.interrupt()
    story.say("A", "2", heard=False)
    story.recover()
    assert story.texts == ["1", "2"]


def test_names_of_colleagues_are_bounded():
    story = Story(memory=10)
    users = [{"id": f"{n}@example.com", "type": "agent", "name": f"Agent {n}"} for n in range(100)]
    story.recovery.met(convert(users, list[User]))
    assert len(story.recovery._names) == 10


def test_all_that_is_held_back_counts_towards_its_bound():
    """Pushes of chats that are read, and of those that are looked for, share one bound."""
    story = Story(hold=6)
    story.chats.open("A")
    story.log_in()
    story.say("A", "1")
    story.interrupt()
    story.say("A", "missed", heard=False)
    reading = story.back()
    reads = reading.take()
    for number in range(3):
        story.say("A", f"held {number}")
        story.chats.open(f"NEW{number}")
        story.say(f"NEW{number}", f"waits {number}")
    assert story.texts == ["1"]
    assert story.recovery._held == 6
    story.say("A", "one too many")
    assert story.recovery._held == 0
    assert sorted(story.texts) == sorted(set(story.said) - {"missed"})
    assert [text for text in story.texts if text.startswith("held")] == [
        "held 0",
        "held 1",
        "held 2",
    ]
    while reads:
        story.reply(reading, reads.pop(0))
        reads += reading.take()
    assert reading.done
    assert sorted(story.texts) == sorted(story.said)
    assert reading.uncertain == ["A"]


# What pushes tell.


def chats_of(known_chat: KnownChat) -> KnownChats:
    chats = KnownChats(10)
    chats.me, chats.newest, chats.heard = "me", at(5), True
    chats.put("C", known_chat)
    return chats


def test_chat_that_is_unfollowed_is_followed_no_more():
    known_chat = KnownChat(thread_id="T1", active=True, followed=True)
    chats_of(known_chat).apply(decode("chat_unfollowed", {"chat_id": "C"}))
    assert not known_chat.followed


def test_chat_that_a_push_tells_of_first_has_lost_nothing_from_before():
    chats = chats_of(KnownChat())
    chats.apply(decode("chat_deactivated", {"chat_id": "other", "thread_id": "T1"}))
    other = chats.get("other")
    assert other is not None
    assert other.last_at == at(5)


def test_agent_who_comes_into_a_chat_does_not_know_who_else_is_there():
    known_chat = KnownChat(thread_id="T1", active=True, present={"jones": "all"})
    user = {"id": "me", "type": "agent", "name": "Me", "present": True, "visibility": "agents"}
    payload = {"chat_id": "C", "user": user, "reason": "manual"}
    chats_of(known_chat).apply(decode("user_added_to_chat", {**payload, "thread_id": "T2"}))
    assert (known_chat.present, known_chat.complete) == ({"me": "agents"}, False)
    assert known_chat.thread_id == "T2"
    colleague = {**user, "id": "jones"}
    chats_of(known_chat).apply(decode("user_added_to_chat", {**payload, "user": colleague}))
    assert known_chat.present == {"me": "agents", "jones": "agents"}
    assert known_chat.thread_id == "T2"


def test_all_who_have_been_in_a_thread_are_known():
    thread = {"id": "T2", "active": True, "created_at": stamp(at(6)), "user_ids": ["ann", "jones"]}
    chats = chats_of(KnownChat())
    chat = {"id": "C", "users": [], "thread": thread}
    chats.apply(decode("incoming_chat", {"chat": chat}))
    known_chat = chats.get("C")
    assert known_chat is not None
    assert known_chat.met == {"ann", "jones"}


def test_chat_is_shown_with_its_groups_and_users_and_its_last_event():
    event = {"id": "T2_1", "type": "message", "text": "", "created_at": stamp(at(7))}
    thread = {"id": "T2", "active": True, "created_at": stamp(at(6)), "user_ids": ["ann"]}
    chat = {"id": "C", "users": [], "thread": thread, "access": {"group_ids": [3]}}
    shown = ShownChat.chat(convert(chat, Chat))
    assert (shown.group_ids, shown.user_ids, shown.last_id) == ((3,), ("ann",), "")
    shown = ShownChat.chat(convert({**chat, "thread": {**thread, "events": [event]}}, Chat))
    assert (shown.last_id, shown.last_at) == ("T2_1", at(7))
