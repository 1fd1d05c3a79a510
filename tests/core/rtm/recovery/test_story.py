"""What happened in one chat: transfers, users of one name, the agent's own coming, the end."""

from typing import Any

import pytest

from frontdesk.core.rtm.recovery.known_chats import KnownChat, ShownChat
from frontdesk.core.rtm.recovery.people import Evidence
from frontdesk.core.rtm.recovery.replay import Replay, Replayed
from frontdesk.models import Thread
from frontdesk.pushes import ChatDeactivated, IncomingChat, UserAddedToChat

from .test_replay import (
    AGENTS,
    CUSTOMER,
    NOTHING,
    at,
    known_chat,
    said,
    short,
    shown,
    system_message,
    thread,
)

ALL = {"ann": "customer", "me": "all"}


def replay(start: KnownChat, end: ShownChat, *threads: Thread, **more: Any) -> Replayed:
    evidence = Evidence(me="me", start=start, end=end, threads=threads, **more)
    return Replay(evidence, lambda group_ids: True).run()


def one(*events: dict[str, Any], users: list[str], **more: Any) -> Thread:
    return thread("T1", -10, users, list(events), **more)


# What is pushed.


def test_all_that_is_read_back_says_so_and_shows_agents_as_they_were():
    events = [
        system_message("agent_removed", 3, initiator="Me", agent="Jones"),
        system_message("agent_added", 4, "agents", initiator="Me", agent="Jones"),
    ]
    last = thread("T1", 1, ["ann", "jones", "me"], events)
    got = replay(NOTHING, shown(last, {**ALL, "jones": "agents"}), last)
    assert [push.recovered for push in got.pushes] == [True] * len(got.pushes)
    [chat] = [push for push in got.pushes if isinstance(push, IncomingChat)]
    assert [user.visibility for user in chat.chat.users if user.id == "jones"] == ["all"]


def test_chat_that_is_handed_over_knows_no_later_thread():
    old = one(
        system_message("chat_transferred", 3, initiator="Jones", targets="Me"),
        system_message("system_archived", 5),
        users=["ann", "jones", "me"],
        active=False,
        next_thread_id="T2",
    )
    start = known_chat(present={"ann": "customer", "jones": "all"}, followed=True)
    got = replay(start, shown(old, ALL), old)
    [chat] = [push for push in got.pushes if isinstance(push, IncomingChat)]
    assert chat.recovered is True
    assert chat.chat.thread.next_thread_id is None


def test_chat_that_is_followed_comes_with_what_was_said_till_then():
    then = one(said("ann", -1), users=["ann", "jones"])
    read = one(said("ann", -1), said("ann", 9), users=["ann", "jones"])
    present = {"ann": "customer", "jones": "all"}
    got = replay(known_chat(present=present), shown(then, present, is_followed=True), read)
    [chat] = got.pushes
    assert isinstance(chat, IncomingChat)
    assert [event.id for event in chat.chat.thread.events or ()] == ["ann at -1"]


def test_customer_of_whom_nothing_tells_makes_nothing_uncertain():
    last = one(said("me", 2), users=["me", "ann"])
    assert replay(known_chat(present={"me": "all"}), shown(last, {"me": "all"}), last).certain


@pytest.mark.parametrize("after", [said("ann", 4), system_message("rating.chat_rated", 4)])
def test_whoever_ended_a_chat_is_told_though_something_was_written_since(after: dict[str, Any]):
    last = one(system_message("manual_archived_agent", 3, agent="Me"), after, users=["ann", "me"])
    last.active = False
    got = replay(known_chat(), shown(last, ALL), last)
    [end] = [push for push in got.pushes if isinstance(push, ChatDeactivated)]
    assert end.user_id == "me"


def test_agent_whose_visibility_is_not_told_is_seen_by_all():
    last = one(system_message("agent_joined", 3, "", agent="Jones"), users=["ann", "me", "jones"])
    got = replay(known_chat(), shown(last, {**ALL, "jones": "all"}), last)
    [came] = [push for push in got.pushes if isinstance(push, UserAddedToChat)]
    assert getattr(came.user, "visibility", None) == "all"


# Users of one name.


@pytest.mark.parametrize(
    ("kind", "present", "moved"),
    [("agent_left", {"jones": "all"}, "-jones"), ("agent_joined", {"jones": "all"}, "+other")],
)
def test_of_two_users_of_one_name_it_is_the_one_who_can_have_moved(
    kind: str, present: dict[str, str], moved: str
):
    last = one(system_message(kind, 3, agent="Jones"), users=["ann", "me", "jones", "other"])
    now = {"jones", "other"} if kind == "agent_joined" else set[str]()
    agents = [
        {"type": "agent", "id": name, "name": AGENTS.get(name, "Jones"), "present": name in now}
        for name in ("jones", "other")
    ]
    me = {"type": "agent", "id": "me", "name": "Me", "present": True}
    end = shown(last, ALL, users=[{**CUSTOMER, "present": True}, me, *agents])
    start = known_chat(present={**ALL, **present}, met={"ann", "me", "jones", "other"})
    got = replay(start, end, last)
    assert [word for word in short(got.pushes) if word[0] in "+-"] == [moved]
    assert got.certain


@pytest.mark.parametrize(
    "move",
    [
        system_message("agent_left", 2, agent="Jones"),
        system_message("agent_removed", 2, initiator="Me", agent="Jones"),
        system_message("routing.unassigned_signed_out", 2, agent="Jones"),
        system_message("routing.assigned_inactive", 2, agent_removed="Jones", agent_added="Brown"),
        system_message("chat_transferred", 2, initiator="Jones", targets="Brown"),
    ],
)
@pytest.mark.parametrize("first", [False, True])
def test_customer_of_the_name_of_an_agent_is_not_taken_for_the_agent(
    move: dict[str, Any], first: bool
):
    """Customers choose their names."""
    last = one(said("ann", -1), move, said("ann", 3), users=["ann", "me", "jones", "brown"])
    now = {"ann": "customer", "me": "agents", "brown": "all"}
    got: list[Replayed] = []
    for name in ("Ann", "Jones"):
        users = [{**CUSTOMER, "name": name, "present": True}]
        users += [
            {"type": "agent", "id": agent, "name": AGENTS[agent], "present": agent in now}
            for agent in AGENTS
        ]
        end = shown(last, now, users=users[::-1] if first else users)
        start = known_chat(present={**now, "jones": "all"}, met={*now, "jones"})
        del start.present["brown"]
        got.append(replay(start, end, last))
    assert "-jones" in short(got[0].pushes)
    assert short(got[0].pushes) == short(got[1].pushes)
    assert got[0].certain is got[1].certain


def test_customer_who_is_added_is_not_taken_for_an_agent_of_that_name():
    customer = {**CUSTOMER, "name": "Jones", "present": True}
    jones = {"type": "agent", "id": "jones", "name": "Jones", "present": False}
    me = {"type": "agent", "id": "me", "name": "Me", "present": True}
    added = system_message("customer_added", 2, customer="Jones", initiator="Me")
    last = one(added, users=["me", "ann"])
    end = shown(last, ALL, users=[jones, me, customer])
    start = known_chat(present={"me": "all"}, met={"me"})
    assert short(replay(start, end, last).pushes) == ["+ann", "customer_added at 2"]


# The agent's own coming, which was pushed before the message about it.


def just_came(**more: Any) -> KnownChat:
    return known_chat(ahead=[("me", True)], complete=False, **more)


def test_what_was_said_before_the_agent_came_cannot_be_told_from_what_was_said_since():
    events = [
        system_message("rating.chat_rated", 1, customer="Ann"),
        said("ann", 2),
        said("me", 3),
        said("ann", 4),
    ]
    last = one(*events, users=["ann", "me"])
    got = replay(just_came(), shown(last, ALL), last)
    assert short(got.pushes) == ["me at 3", "ann at 4"]
    assert not got.certain


@pytest.mark.parametrize(
    "coming",
    [
        system_message("agent_added", 2, initiator="Jones", agent="Me"),
        system_message("chat_transferred", 2, initiator="Jones", targets="Me"),
        system_message("routing.assigned_inactive", 2, agent_added="Me", agent_removed="Jones"),
    ],
)
def test_message_about_the_agents_coming_is_the_first_that_he_gets(coming: dict[str, Any]):
    last = one(said("ann", 1), coming, said("ann", 3), users=["ann", "jones", "me"])
    got = replay(just_came(), shown(last, ALL), last)
    words = [word for word in short(got.pushes) if not word.startswith(("chat of", "-jones"))]
    assert words[-1] == "ann at 3"
    assert "ann at 1" not in words
    assert "+me" not in words


@pytest.mark.parametrize("kind", ["manual_archived_agent", "customer_banned"])
@pytest.mark.parametrize("there", [True, False])
def test_message_that_the_agent_ended_the_chat_is_not_about_his_coming(kind: str, there: bool):
    """Whoever ends a chat need not be in it, and was removed from it after its end."""
    ended = system_message(kind, 1, agent="Me", customer="Ann")
    last = one(ended, users=["ann", "me"], active=False)
    got = replay(just_came(), shown(last, ALL if there else {"ann": "customer"}), last)
    assert [word for word in short(got.pushes) if word[0] in "+-"] == []
    assert not got.certain


def test_whoever_was_taken_the_chat_before_the_pushed_coming_of_another_is_told_once():
    assigned = system_message(
        "routing.assigned_inactive", 2, agent_added="Brown", agent_removed="Jones"
    )
    last = one(assigned, users=["ann", "me", "jones", "brown"])
    now = {"ann": "customer", "me": "agents", "brown": "all"}
    for before in (now, {**now, "jones": "all"}):
        start = known_chat(present=before, ahead=[("brown", True)], met={*now, "jones"})
        got = replay(start, shown(last, now), last)
        assert short(got.pushes) == ["routing.assigned_inactive at 2"]
        assert got.certain


# Transfers.


def followed(present: dict[str, str], **more: Any) -> KnownChat:
    return known_chat(present=present, followed=True, met={*present, "jones", "brown"}, **more)


def moves_of(
    start: KnownChat, present: dict[str, str], *events: dict[str, Any], **more: Any
) -> Any:
    last = one(*events, users=["ann", "jones", "brown"], **more)
    got = replay(start, shown(last, present, is_followed=True), last)
    return [word for word in short(got.pushes) if word[0] in "+-"], got.certain


JONES = {"ann": "customer", "jones": "all"}
BROWN = {"ann": "customer", "brown": "all"}
TO_GROUP = system_message("chat_transferred", 2, initiator="Jones", targets="Group 1")


def test_whom_a_group_gave_the_chat_is_who_serves_it_at_the_end():
    assert moves_of(followed(JONES), BROWN, TO_GROUP)[0] == ["-jones", "+brown"]


def test_whom_a_group_gave_the_chat_is_who_left_it_later():
    left = system_message("agent_left", 3, agent="Brown")
    moves, _ = moves_of(followed(JONES), {"ann": "customer"}, TO_GROUP, left)
    assert moves == ["-jones", "+brown", "-brown"]


def test_whom_a_group_gave_the_chat_is_who_wrote_though_the_router_says_something_else():
    idle = system_message("routing.idle", 3)
    moves, _ = moves_of(followed(JONES), BROWN, TO_GROUP, idle, said("brown", 4))
    assert moves == ["-jones", "+brown"]


def test_whoever_was_known_to_serve_the_chat_is_taken_it_by_a_transfer():
    to_me = system_message("chat_transferred", 2, initiator="Jones", targets="Me")
    last = one(to_me, users=["ann", "jones", "me"])
    start = known_chat(present={**JONES, "me": "agents"}, complete=False)
    assert "-jones" in short(replay(start, shown(last, ALL), last).pushes)


@pytest.mark.parametrize("targets", ["Group 1", "Brown"])
def test_whom_a_chat_that_waited_was_given_to_is_not_certain(targets: str):
    transfer = system_message("chat_transferred", 2, initiator="Jones", targets=targets)
    _, certain = moves_of(followed(JONES), BROWN, transfer, queues_duration=5)
    assert not certain


def test_agents_of_a_thread_that_waited_may_have_come_at_any_time():
    last = thread("T1", 1, ["ann", "jones"], [said("ann", 1)], queues_duration=5)
    got = replay(NOTHING, shown(last, JONES), last)
    assert got.pushes == []
    assert not got.certain


# Threads in the second of the log-in.


@pytest.mark.parametrize("until", [5.0, 4.0])
def test_thread_that_ended_when_the_login_was_made_is_left_out(until: float):
    old = thread("T1", 3, ["ann", "me"], [system_message("system_archived", 5)], active=False)
    start = KnownChat(complete=False, last_at=at(0), doubtful_until=at(until))
    got = replay(start, shown(old, ALL), old)
    assert (got.pushes == []) is (until == 5.0)
    if until == 5.0:
        assert not got.certain


RATED = system_message("rating.chat_rated", 9, customer="Ann")


@pytest.mark.parametrize("after", [[], [RATED]])
@pytest.mark.parametrize("until", [5.0, 4.0])
def test_chat_that_ended_when_the_login_was_made_is_named_if_no_push_told_of_it(
    until: float, after: list[dict[str, Any]]
):
    """The log-in does not show it: it had ended, or was out of the agent's reach."""
    events = [said("ann", 3), system_message("agent_joined", 4, agent="Me"), said("me", 4.5)]
    events.append(system_message("system_archived", 5))
    last = one(*events, *after, users=["ann", "me"], active=False)
    start = known_chat(present={}, complete=False, doubtful_until=at(until))
    got = replay(start, shown(last, ALL), last)
    missed = ["+me", "agent_joined at 4", "me at 4.5", "system_archived at 5", "end"]
    missed += [event["id"] for event in after]
    assert short(got.pushes) == ([] if until == 5.0 else missed)
    assert got.certain is (until == 4.0)


def test_chat_that_ended_when_the_login_was_made_is_read_back_if_a_push_told_of_it():
    last = one(system_message("system_archived", 5), users=["ann", "me"], active=False)
    start = just_came(doubtful_until=at(5))
    assert "end" in short(replay(start, shown(last, ALL), last).pushes)


def test_chat_that_was_unfollowed_while_nothing_happened_is_certain():
    last = one(said("ann", -1), users=["ann", "jones"])
    got = replay(known_chat(present=JONES, followed=True), shown(last, JONES), last)
    assert (got.pushes, got.certain) == ([], True)


def test_agent_who_joins_though_he_was_there_has_left_just_before():
    events = [said("jones", 1), system_message("agent_joined", 2, agent="Jones")]
    last = one(*events, users=["ann", "me", "jones"])
    present = {**ALL, "jones": "all"}
    got = replay(known_chat(present=present), shown(last, present), last)
    assert short(got.pushes) == ["jones at 1", "-jones", "+jones", "agent_joined at 2"]
    assert not got.certain


def test_agent_who_is_seen_by_others_than_before_has_come_back_at_no_known_place():
    last = one(said("me", 1), said("me", 2), users=["me"])
    got = replay(known_chat(present={"me": "all"}), shown(last, {"me": "agents"}), last)
    assert short(got.pushes) == ["me at 1", "me at 2"]
    assert not got.certain
