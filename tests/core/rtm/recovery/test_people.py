"""Comings and goings of which no message tells, and what must not be made up for them."""

import pytest

from frontdesk.core.rtm.recovery.known_chats import KnownChat, KnownChats, ShownChat, Transfer
from frontdesk.core.rtm.recovery.people import Evidence
from frontdesk.core.rtm.recovery.replay import Replay, Replayed
from frontdesk.models import SystemMessageEvent, Thread, TransferTarget
from frontdesk.pushes import ChatTransferred

from .test_replay import NOTHING, at, known_chat, said, short, shown, system_message, thread


def replay(away_long: bool, *events: dict[str, object], present: dict[str, str]) -> Replayed:
    last = thread("T1", -10, ["me", "jones"], list(events))
    start = known_chat(present={"me": "all", "jones": "all"})
    evidence = Evidence(
        me="me",
        start=start,
        end=shown(last, present),
        threads=[last],
        gone_from=at(1.5) if away_long else None,
    )
    return Replay(evidence, lambda group_ids: True).run()


def replay_of(
    start: KnownChat, end: ShownChat, *threads: Thread, gone_from: float = 1e6
) -> Replayed:
    evidence = Evidence(me="me", start=start, end=end, threads=threads, gone_from=at(gone_from))
    return Replay(evidence, lambda group_ids: True).run()


def test_what_was_said_after_the_last_sign_of_an_agent_long_away_is_not_read_back():
    events = [
        said("me", 1),
        said("jones", 2),
        system_message("chat_transferred", 3, initiator="Jones", targets="Group 1"),
    ]
    after_long = replay(True, *events, present={"jones": "all"})
    assert short(after_long.pushes) == ["me at 1"]
    assert not after_long.certain
    after_short = replay(False, *events, present={"jones": "all"})
    assert "jones at 2" in short(after_short.pushes)


def test_a_transfer_of_an_empty_chat_is_not_given_as_new():
    """The first agent comes into it without a message, perhaps before the transfer."""
    events = [system_message("chat_transferred", 3, initiator="Jones", targets="Me")]
    last = thread("T1", -10, ["me"], events)
    start = known_chat(present={}, followed=True)
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


def test_one_who_perhaps_had_not_gone_is_not_read_back_as_coming_again():
    """A group may have given the chat back to whom it was taken from."""
    events = [
        system_message("agent_added", 1, initiator="Green", agent="Jones"),
        system_message("chat_transferred", 2, initiator="Green", targets="Group 1"),
        said("jones", 3, visibility="agents"),
        system_message("chat_transferred", 4, initiator="Green", targets="Brown"),
    ]
    last = thread("T1", -10, ["ann", "jones", "brown"], events)
    start = known_chat(present={"ann": "customer"}, followed=True)
    end = shown(last, {"ann": "customer", "brown": "all"}, is_followed=True)
    replayed = replay_of(start, end, last)
    assert short(replayed.pushes).count("+jones") == 1
    assert "jones at 3" in short(replayed.pushes)
    assert not replayed.certain


def test_agent_who_follows_a_chat_leaves_it_at_no_known_place():
    """He is pushed who else comes and goes before and after, so the order would be a guess."""
    events = [
        said("me", 1),
        system_message("agent_added", 2, initiator="Me", agent="Jones"),
        said("jones", 3),
        system_message("agent_added", 4, initiator="Jones", agent="Me"),
    ]
    last = thread("T1", -10, ["ann", "me", "jones"], events)
    present = {"ann": "customer", "me": "all", "jones": "all"}
    start = known_chat(followed=True)
    replayed = replay_of(start, shown(last, present, is_followed=True), last)
    moves = [word for word in short(replayed.pushes) if word[0] in "+-"]
    assert moves == ["+jones", "+me"]
    assert not replayed.certain


def test_agent_alone_in_what_he_follows_is_told_that_he_has_left_it():
    last = thread("T1", -10, ["ann", "me"], [said("me", 1)])
    end = shown(last, {"ann": "customer"}, is_followed=True)
    assert short(replay_of(known_chat(followed=True), end, last).pushes) == ["me at 1", "-me"]


def thread_with_an_end(*events: dict[str, object], users: list[str]) -> Thread:
    return thread("T1", -10, users, [*events, system_message("system_archived", 50)], active=False)


@pytest.mark.parametrize(
    ("colleague", "pushed"),
    [
        ({"jones": "all"}, ["me at 1", "ann at 2"]),
        ({"jones": "agents"}, ["me at 1", "ann at 2", "ann at 40", "system_archived at 50"]),
        ({}, ["me at 1", "ann at 2", "ann at 40", "system_archived at 50"]),
    ],
)
def test_agent_long_away_may_have_lost_a_chat_that_was_resumed_without_him(
    colleague: dict[str, str], pushed: list[str]
):
    """Unless he alone served the customer: then a message says that he was taken it."""
    present = {"ann": "customer", "me": "all", **colleague}
    old = thread_with_an_end(said("me", 1), said("ann", 2), said("ann", 40), users=[*present])
    new = thread("T2", 60, ["ann", "jones"], [said("ann", 60)], previous_thread_id="T1")
    end = shown(new, {"ann": "customer", "jones": "all"})
    replayed = replay_of(known_chat(present=present), end, old, new, gone_from=30)
    assert short(replayed.pushes)[:-2] == pushed
    assert short(replayed.pushes)[-2:] == ["end", "chat of ann, jones"]
    assert replayed.certain is ("all" not in colleague.values())


def test_agent_long_away_may_have_lost_a_chat_without_a_customer_unseen():
    """Nobody is left alone, so that no message says so."""
    old = thread_with_an_end(said("me", 1), users=["me"])
    new = thread("T2", 60, ["jones"], [said("jones", 60)], previous_thread_id="T1")
    start = known_chat(present={"me": "all"})
    replayed = replay_of(start, shown(new, {"jones": "all"}), old, new, gone_from=30)
    assert "system_archived at 50" not in short(replayed.pushes)
    assert not replayed.certain


def test_agent_long_away_who_is_there_at_the_end_has_lost_nothing():
    last = thread_with_an_end(said("jones", 2), said("ann", 40), users=["ann", "me", "jones"])
    present = {"ann": "customer", "me": "all", "jones": "all"}
    replayed = replay_of(known_chat(present=present), shown(last, present), last, gone_from=30)
    assert short(replayed.pushes) == ["jones at 2", "ann at 40", "system_archived at 50", "end"]
    assert replayed.certain


def test_agent_who_wrote_after_his_absence_had_been_there_till_then():
    old = thread_with_an_end(
        said("ann", 40), said("me", 41), said("ann", 42), users=["ann", "me", "jones"]
    )
    new = thread("T2", 60, ["ann", "jones"], [said("ann", 60)], previous_thread_id="T1")
    present = {"ann": "customer", "me": "all", "jones": "all"}
    end = shown(new, {"ann": "customer", "jones": "all"})
    replayed = replay_of(known_chat(present=present), end, old, new, gone_from=30)
    assert short(replayed.pushes) == ["ann at 40", "me at 41", "end", "chat of ann, jones"]


@pytest.mark.parametrize("later", ["me", "green"])
def test_whoever_comes_into_a_chat_of_colleagues_that_was_empty_leaves_no_trace(later: str):
    events = [
        said("jones", 2),
        system_message("agent_removed", 3, initiator="Brown", agent="Jones"),
        said(later, 5),
    ]
    last = thread("T1", 1, ["jones", later], events)
    replayed = replay_of(NOTHING, shown(last, {later: "all"}), last)
    assert "jones at 2" not in short(replayed.pushes)
    assert "+me" not in short(replayed.pushes)
    assert not replayed.certain


def test_colleagues_who_were_there_all_the_time_are_those_who_wrote():
    events = [
        said("jones", 2),
        said("me", 3),
        system_message("agent_removed", 4, initiator="Brown", agent="Jones"),
    ]
    last = thread("T1", 1, ["jones", "me"], events)
    replayed = replay_of(NOTHING, shown(last, {"me": "all"}), last)
    assert short(replayed.pushes) == [
        "chat of jones, me",
        "jones at 2",
        "me at 3",
        "-jones",
        "agent_removed at 4",
    ]


@pytest.mark.parametrize(
    ("joined", "waited", "active", "certain"),
    [
        (True, True, True, False),
        (True, False, True, True),
        (False, True, True, True),
        (False, True, False, False),
        (False, False, False, True),
    ],
)
def test_agent_may_have_been_given_a_chat_that_waited_and_have_left_it_unseen(
    joined: bool, waited: bool, active: bool, certain: bool
):
    """Others have joined since, or it has ended: no message says that he went.

    Of somebody else nothing tells, which does not concern the agent otherwise.
    """
    events = [system_message("agent_joined", 2, agent="Brown")] if joined else [said("ann", 2)]
    more = {"queues_duration": 5} if waited else {}
    present = {"ann": "customer", "jones": "all"}
    last = thread(
        "T1", -10, ["ann", "jones", "me", "brown", "green"], events, active=active, **more
    )
    start = known_chat(present=present, met={"ann", "jones", "me", "brown"})
    end = shown(last, {**present, "brown": "all"} if joined else present)
    assert replay_of(start, end, last).certain is certain
    assert not [word for word in short(replay_of(start, end, last).pushes) if word != "end"]


def test_whoever_is_removed_was_seen_by_all_or_is_the_customer():
    """Nobody had told that he was there, so that he is taken for one who serves the chat."""
    events = [
        system_message("agent_removed", 2, initiator="Brown", agent="Jones"),
        system_message("chat_transferred", 3, initiator="Brown", targets="Me"),
    ]
    last = thread("T1", -10, ["ann", "me", "jones"], events)
    start = known_chat(present={"ann": "customer", "me": "all"}, complete=False)
    replayed = replay_of(start, shown(last, {"ann": "customer", "me": "all"}), last)
    assert "-jones" in short(replayed.pushes)
    assert "+jones" not in short(replayed.pushes)


@pytest.mark.parametrize("kind", ["routing.unassigned_disconnected", "agent_left"])
def test_colleague_may_have_left_unseen_where_another_one_served_till_later(kind: str):
    """Both had served the chat before the agent came: the last one to go is told of alone."""
    last = thread(
        "T1",
        -10,
        ["ann", "jones", "brown", "me"],
        [said("jones", -5), system_message(kind, 5, agent="Brown")],
    )
    start = known_chat(present={"me": "agents"}, met={"ann", "jones", "brown"}, complete=False)
    got = replay_of(start, shown(last, {"ann": "customer", "me": "agents"}), last)
    assert short(got.pushes) == ["-brown", f"{kind} at 5"]
    assert not got.certain


@pytest.mark.parametrize("pushed", [True, False])
@pytest.mark.parametrize(("author", "missed"), [("ann", []), ("me", ["me at 7"])])
def test_what_was_said_while_a_transferred_chat_may_have_waited_is_not_read_back(
    pushed: bool, author: str, missed: list[str]
):
    """The agent was given it at last; he was surely there once he wrote."""
    transfer = system_message("chat_transferred", 1, initiator="Jones", targets="Group 1")
    events = [transfer, said("ann", 5), said(author, 7)]
    last = thread("T1", -10, ["ann", "jones", "me"], events, queues_duration=3)
    present = {"ann": "customer", "me": "all"}
    start = known_chat(present={"ann": "customer"}, met={*present, "jones"}, complete=False)
    if pushed:
        event = (last.events or [])[0]
        assert isinstance(event, SystemMessageEvent)
        start.transfer = Transfer(event, ("me",))
        start.last_id, start.last_at = event.id, event.created_at
    got = replay_of(start, shown(last, present), last)
    assert [word for word in short(got.pushes) if " at " in word] == missed
    assert not got.certain
