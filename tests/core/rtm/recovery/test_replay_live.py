"""What is read of a chat of which the new connection has brought a thread already."""

from frontdesk.pushes import IncomingChat

from .test_replay import (
    NOTHING,
    gap,
    known_chat,
    recovery_of,
    replay,
    said,
    short,
    shown,
    system_message,
    thread,
)


def test_threads_before_one_that_came_live_are_read_up_to_their_end():
    end_of = [system_message("manual_archived_agent", 3, agent="Me")]
    old = thread("T1", -9, ["ann", "me"], end_of, active=False)
    middle = thread(
        "T2", 5, ["ann", "me"], [system_message("manual_archived_agent", 6, agent="Me")]
    )
    middle.active, middle.previous_thread_id = False, "T1"
    new = thread("T3", 9, ["ann", "me"], [said("ann", 9)], previous_thread_id="T2")
    present = {"ann": "customer", "me": "all"}
    (live,) = replay(NOTHING, shown(new, present), new).pushes
    missed = gap(known_chat(), shown(new, present), old, middle, new, held=[live])
    replayed, _ = recovery_of(missed).replay(missed)
    assert short(replayed.pushes) == [
        "manual_archived_agent at 3",
        "end",
        "chat of ann, me",
        "manual_archived_agent at 6",
        "end",
    ]
    assert replayed.known_chat.thread_id == "T2"


def test_nothing_is_read_before_a_thread_that_came_live_and_follows_the_known_one():
    new = thread("T2", 9, ["ann", "me"], [said("ann", 9)], previous_thread_id="T1")
    present = {"ann": "customer", "me": "all"}
    (live,) = replay(NOTHING, shown(new, present), new).pushes
    missed = gap(known_chat(), shown(new, present), new, held=[live])
    replayed, _ = recovery_of(missed).replay(missed)
    assert replayed.pushes == []
    assert replayed.known_chat.thread_id == "T1"


def test_thread_before_one_that_came_live_is_read_up_to_its_end():
    end_of = [system_message("manual_archived_agent", 6, agent="Me")]
    old = thread("T2", 5, ["ann", "me"], end_of, active=False)
    new = thread("T3", 9, ["ann", "me"], [said("ann", 9)], previous_thread_id="T2")
    present = {"ann": "customer", "me": "all"}
    (live,) = replay(NOTHING, shown(new, present), new).pushes
    start = known_chat()
    start.active, start.thread_id = False, None
    missed = gap(start, shown(new, present), old, new, held=[live])
    replayed, _ = recovery_of(missed).replay(missed)
    assert "end" in short(replayed.pushes)
    assert "ann at 9" not in short(replayed.pushes)
    assert replayed.known_chat.thread_id == "T2"


def test_chat_that_was_given_to_the_agent_and_ended_went_on_when_it_was_given():
    events = [
        system_message("chat_transferred", 3, initiator="Jones", targets="Me"),
        system_message("manual_archived_agent", 5, agent="Me"),
    ]
    last = thread("T1", -9, ["ann", "jones", "me"], events, active=False)
    start = known_chat(
        present={"ann": "customer", "jones": "all"}, met={"ann", "jones"}, followed=True
    )
    got = replay(start, shown(last, {"ann": "customer", "me": "all"}), last)
    [chat] = [push for push in got.pushes if isinstance(push, IncomingChat)]
    assert chat.chat.thread.active is True
    assert short(got.pushes)[-2:] == ["manual_archived_agent at 5", "end"]
