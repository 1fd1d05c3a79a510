"""Comings and goings of which no message tells, and what must not be made up for them."""

from frontdesk.core.rtm.recovery.known import KnownChats
from frontdesk.core.rtm.recovery.people import Evidence
from frontdesk.core.rtm.recovery.replay import Replay, Replayed
from frontdesk.models import TransferTarget
from frontdesk.pushes import ChatTransferred

from .test_replay import known, said, short, shown, thread, told


def replay(away_long: bool, *events: dict[str, object], present: dict[str, str]) -> Replayed:
    last = thread("T1", -10, ["me", "jones"], list(events))
    start = known(present={"me": "all", "jones": "all"})
    evidence = Evidence(
        me="me", start=start, end=shown(last, present), threads=[last], away_long=away_long
    )
    return Replay(evidence, lambda group_ids: True).run()


def test_what_was_said_after_the_last_sign_of_an_agent_long_away_is_not_read_back():
    events = [
        said("me", 1),
        said("jones", 2),
        told("chat_transferred", 3, initiator="Jones", targets="Group 1"),
    ]
    after_long = replay(True, *events, present={"jones": "all"})
    assert short(after_long.pushes) == ["me at 1"]
    assert not after_long.certain
    after_short = replay(False, *events, present={"jones": "all"})
    assert "jones at 2" in short(after_short.pushes)


def test_a_transfer_of_an_empty_chat_is_not_given_as_new():
    """The first agent comes into it without a message, perhaps before the transfer."""
    events = [told("chat_transferred", 3, initiator="Jones", targets="Me")]
    last = thread("T1", -10, ["me"], events)
    start = known(present={}, followed=True)
    evidence = Evidence(me="me", start=start, end=shown(last, {"me": "all"}), threads=[last])
    replayed = Replay(evidence, lambda group_ids: True).run()
    assert not any(word.startswith("chat") for word in short(replayed.pushes))


def test_a_transfer_names_the_thread_of_a_chat_that_comes_within_reach():
    chats = KnownChats(10)
    chats.apply(
        ChatTransferred(
            chat_id="C",
            thread_id="T1",
            reason="manual",
            transferred_to=TransferTarget(group_ids=[0]),
        )
    )
    transferred = chats.get("C")
    assert transferred is not None
    assert (transferred.thread_id, transferred.active) == ("T1", True)
