"""What is read of a chat of which the new connection has brought a thread already."""

from .test_replay import NOTHING, gap, known, recovery_of, replay, said, short, shown, thread, told


def test_threads_before_one_that_came_live_are_read_up_to_their_end():
    end_of = [told("manual_archived_agent", 3, agent="Me")]
    old = thread("T1", -9, ["ann", "me"], end_of, active=False)
    middle = thread("T2", 5, ["ann", "me"], [told("manual_archived_agent", 6, agent="Me")])
    middle.active, middle.previous_thread_id = False, "T1"
    new = thread("T3", 9, ["ann", "me"], [said("ann", 9)], previous_thread_id="T2")
    present = {"ann": "customer", "me": "all"}
    (live,) = replay(NOTHING, shown(new, present), new).pushes
    missed = gap(known(), shown(new, present), old, middle, new, held=[live])
    replayed, _ = recovery_of(missed).replay(missed)
    assert short(replayed.pushes) == [
        "manual_archived_agent at 3",
        "end",
        "chat of ann, me",
        "manual_archived_agent at 6",
        "end",
    ]
    assert replayed.known.thread_id == "T2"


def test_nothing_is_read_before_a_thread_that_came_live_and_follows_the_known_one():
    new = thread("T2", 9, ["ann", "me"], [said("ann", 9)], previous_thread_id="T1")
    present = {"ann": "customer", "me": "all"}
    (live,) = replay(NOTHING, shown(new, present), new).pushes
    missed = gap(known(), shown(new, present), new, held=[live])
    replayed, _ = recovery_of(missed).replay(missed)
    assert replayed.pushes == []
    assert replayed.known.thread_id == "T1"
