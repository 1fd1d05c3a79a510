"""Chats of colleagues that the agent came into, and that ended, within one interruption."""

from typing import Any

import pytest

from frontdesk.core.rtm.recovery.gaps import Interruption
from frontdesk.core.rtm.recovery.known_chats import KnownChats
from frontdesk.core.rtm.recovery.recovery import MOST_ENDED
from frontdesk.pushes import ChatDeactivated

from ....clients.rtm._server import ME
from .test_delivered import JONES, ByHand
from .test_replay import at, known_chat, replay, short, shown, system_message, thread

SMITH = {"id": ME, "type": "agent", "name": "Agent Smith", "present": True, "visibility": "all"}


def colleagues(story: ByHand, chat_id: str) -> None:
    """Begin a chat without the agent."""
    story.begin(chat_id, heard=False)
    story.chats.threads[chat_id][-1]["user_ids"] = ["customer-1", "jones"]
    story.chats.users[chat_id] = [
        {"id": "customer-1", "type": "customer", "present": True},
        {"id": "jones", "type": "agent", "name": "Jones", "present": True},
    ]


def joined(story: ByHand, chat_id: str) -> None:
    """The agent joins, somebody writes, and the chat ends, all of it unheard."""
    story.say(chat_id, "before", heard=False)
    story.add(chat_id, SMITH, heard=False)
    story.say(chat_id, "after", heard=False)
    story.end(chat_id, heard=False)


@pytest.mark.parametrize("key_changes", [True, False])
@pytest.mark.parametrize("heard_of", [True, False])
def test_chat_that_was_joined_and_ended_is_read_back(heard_of: bool, key_changes: bool):
    """Whether it was in reach before, so that the log-in has shown it, or not."""
    story = ByHand()
    story.key_changes = key_changes
    story.begin("A", heard=False)
    if heard_of:
        colleagues(story, "C")
    story.log_in()
    if not heard_of:
        colleagues(story, "C")
    story.say("A", "1")
    story.interrupt()
    joined(story, "C")
    story.recover()
    assert story.moves() == [f"+{ME}"]
    assert story.recovered == ["", "after", ""]
    [end] = story.of(ChatDeactivated)
    assert isinstance(end, ChatDeactivated)
    assert end.thread_id == "CT1"


def test_chat_that_ended_before_a_login_after_which_nothing_came_is_not_delivered():
    """The log-in shows no chats that have ended, and tells no time: this may have been missed."""
    story = ByHand()
    story.begin("A", heard=False)
    story.begin("C", heard=False)
    joined(story, "C")
    story.log_in()
    story.interrupt()
    story.recover()
    assert story.delivered == []
    assert story.uncertain == ["C"]


def test_chat_that_is_followed_does_not_tell_the_time_of_the_login():
    """It comes whole, with times from before; another one had ended since then."""
    story = ByHand()
    colleagues(story, "F")
    story.end("F", heard=False)
    story.begin("A", heard=False)
    story.begin("C", heard=False)
    joined(story, "C")
    story.log_in()
    story.take("F", requester_id=ME)
    story.interrupt()
    story.recover()
    assert story.recovered == []
    assert "C" in story.uncertain


@pytest.mark.parametrize("resumed", [True, False])
def test_following_that_an_interrupted_reading_has_shown_is_not_forgotten(resumed: bool):
    """It ends when the chat is resumed or unfollowed, and nothing is left of it then."""
    story = ByHand()
    colleagues(story, "C")
    story.log_in()
    story.interrupt()
    summary, followed = story.chats.summary, {"C"}
    story.chats.summary = lambda chat_id: {  # type: ignore[method-assign]
        **summary(chat_id), "is_followed": chat_id in followed
    }  # fmt: skip
    story.say("C", "1", heard=False)
    story.recover(until=0)
    story.interrupt()
    followed.clear()
    if resumed:
        story.end("C", heard=False)
        colleagues(story, "C")
    story.recover()
    assert story.uncertain == ["C"]


@pytest.mark.parametrize("user", [SMITH, JONES], ids=["the agent", "a colleague"])
def test_whoever_came_and_went_without_a_message_comes_once_more(user: dict[str, Any]):
    """The message about the second coming is not about the first, of which a push told."""
    story = ByHand()
    story.begin("A", heard=False)
    if user is SMITH:
        colleagues(story, "A")
    story.log_in()
    story.move("A", user, came=True)
    story.move("A", user, came=False)
    story.interrupt()
    story.add("A", user, heard=False)
    story.recover()
    assert story.moves() == [f"+{user['id']}", f"-{user['id']}", f"+{user['id']}"]


def test_chats_of_colleagues_that_ended_cost_nothing_where_nobody_wants_them():
    story = ByHand()
    story.key_changes = False
    colleagues(story, "C")
    story.log_in()
    story.interrupt()
    story.say("C", "among themselves", heard=False)
    story.end("C", heard=False)
    story.recover()
    assert [action.spec.name for action in story.asked] == ["list_chats"]
    # Once it is known to have ended, it is looked for no more.
    story.interrupt()
    story.recover()
    assert [action.spec.name for action in story.asked] == ["list_chats"] * 2
    assert story.recovered == []


@pytest.mark.parametrize("ended", [-2.0, 2.0])
def test_end_before_the_interruption_is_not_missed_though_something_was_written_since(ended: float):
    """A customer rates a chat after it; nothing had been heard of the chat."""
    present = {"ann": "customer", "me": "all"}
    events = [
        system_message("manual_archived_agent", ended, agent="Jones"),
        system_message("rating.chat_rated", 5, customer="Ann"),
    ]
    last = thread("T1", -10, [*present], events, active=False)
    start = known_chat(present={}, complete=False)
    got = replay(start, shown(last, present), last)
    assert ("end" in short(got.pushes)) is (ended > 0)


def test_chats_of_colleagues_that_are_listed_no_more_are_asked_for_one_by_one():
    """More than a page of others ended that had begun later."""
    story = ByHand()
    story.key_changes = False
    colleagues(story, "C")
    story.log_in()
    for number in range(100):
        story.begin(f"later {number}")
    story.interrupt()
    joined(story, "C")
    for number in range(100):
        story.end(f"later {number}", heard=False)
    story.recover()
    assert "after" in story.recovered


def test_no_more_than_so_many_are_asked_for_and_the_rest_is_named():
    story = ByHand()
    story.key_changes = False
    count = MOST_ENDED + 5
    story.log_in()
    for number in range(count):
        colleagues(story, f"C{number}")
        story.take(f"C{number}")
    for number in range(100):
        story.begin(f"later {number}")
    story.interrupt()
    for number in range(count):
        story.chats.close(f"C{number}")
    for number in range(100):
        story.end(f"later {number}", heard=False)
    story.recover()
    asked = [action.chat_id for action in story.asked if action.spec.name == "get_chat"]
    colleagues_asked = [chat_id for chat_id in asked if chat_id.startswith("C")]
    assert len(colleagues_asked) == MOST_ENDED
    named = [chat_id for chat_id in story.uncertain if chat_id.startswith("C")]
    assert len(named) == 5
    assert not set(named) & set(colleagues_asked)


def interruption(*, newest: float, back: float) -> Interruption:
    chats = KnownChats(10)
    chats.me, chats.heard, chats.newest = "me", True, at(newest)
    interruption = Interruption(chats)
    interruption.begin(anew=True)
    interruption.end(at(back))
    return interruption


def test_agent_may_have_lost_chats_half_a_minute_after_the_newest_push():
    assert interruption(newest=0, back=29).gone_from is None
    assert interruption(newest=0, back=30).gone_from == at(30)


def test_absence_counts_until_what_was_missed_in_it_has_been_read():
    kept = interruption(newest=0, back=40)
    kept.begin(anew=False)
    kept.end(at(41))
    assert kept.gone_from == at(30)
    kept.begin(anew=True)
    assert kept.gone_from is None


def test_absence_begins_with_the_last_sign_of_the_connection():
    """A log-in is one, though nothing was pushed after it."""
    absence = interruption(newest=0, back=20)
    absence._known_chats.newest = at(25)
    for back in (50, 60, 95):
        absence.begin(anew=False)
        absence.end(at(back))
        assert absence.since == at(0)
        assert absence.gone_from == (at(55) if back == 95 else None)


def test_chat_of_others_in_which_nothing_was_said_has_lost_nothing():
    events = [system_message("manual_archived_agent", -1, agent="Jones")]
    last = thread("T1", -10, ["ann", "me", "jones"], events, active=False)
    chat = shown(last, {"ann": "customer", "me": "all"})
    present = interruption(newest=0, back=10)
    assert present.compare_ended(chat, None, key_changes=True) is None
    others = known_chat(present={"ann": "customer", "jones": "all"})
    assert present.compare_ended(chat, others, key_changes=True) is None


def test_chat_of_the_agent_that_went_on_without_him_has_lost_its_end():
    last = thread("T2", 5, ["ann", "jones"], [system_message("system_archived", 7)], active=False)
    chat = shown(last, {"ann": "customer"})
    present = interruption(newest=0, back=10)
    assert present.compare_ended(chat, known_chat(), key_changes=False) is not None
    others = known_chat(present={"ann": "customer", "jones": "all"})
    assert present.compare_ended(chat, others, key_changes=False) is None
    assert present.compare_ended(chat, others, key_changes=True) is not None


@pytest.mark.parametrize("key_changes", [True, False])
def test_colleagues_new_chat_beyond_those_shown_is_read_if_anybody_wants_it(key_changes: bool):
    story = ByHand()
    story.key_changes = key_changes
    story.begin("quiet", heard=False)
    story.log_in()
    story.interrupt()
    colleagues(story, "C")
    for number in range(100):
        colleagues(story, f"later {number}")
    story.recover()
    listed = [action.chat_id for action in story.asked if action.spec.name == "list_threads"]
    assert ("C" in listed) is key_changes
    # Of the agent's own chat, which was not shown either, nothing is missing.
    assert story.recovery.known_chats.is_mine(story.recovery.known_chats.items()["quiet"])
