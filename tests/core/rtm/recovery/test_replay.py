"""What is told of one chat from its threads, without a server: who was there, who came and went."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from frontdesk.codec.decoding import convert
from frontdesk.core.rtm.recovery.gaps import Gap
from frontdesk.core.rtm.recovery.known_chats import KnownChat, ShownChat, Transfer
from frontdesk.core.rtm.recovery.people import Evidence
from frontdesk.core.rtm.recovery.recovery import Recovery
from frontdesk.core.rtm.recovery.replay import Replay, Replayed
from frontdesk.models import ChatSummary, Thread
from frontdesk.pushes import (
    ChatDeactivated,
    IncomingChat,
    IncomingEvent,
    Push,
    UserAddedToChat,
    UserRemovedFromChat,
)

from ....clients.rtm._server import stamp

BEGIN = datetime(2026, 3, 1, 9, tzinfo=UTC)
CUSTOMER = {"type": "customer", "id": "ann", "name": "Ann"}
AGENTS = {"me": "Me", "jones": "Jones", "brown": "Brown", "green": "Green"}


def at(seconds: float) -> datetime:
    return BEGIN + timedelta(seconds=seconds)


def said(author: str, seconds: float, **more: Any) -> dict[str, Any]:
    return {
        "id": f"{author} at {seconds:g}",
        "type": "message",
        "text": "text",
        "visibility": "all",
        "author_id": author,
        "created_at": stamp(at(seconds)),
        **more,
    }


def system_message(
    kind: str, seconds: float, visibility: str = "all", **names: str
) -> dict[str, Any]:
    return {
        "id": f"{kind} at {seconds:g}",
        "type": "system_message",
        "system_message_type": kind,
        "text": "",
        "text_vars": names,
        "visibility": visibility,
        "created_at": stamp(at(seconds)),
    }


def thread(
    id: str, seconds: float, users: list[str], events: list[dict[str, Any]], **more: Any
) -> Thread:
    return convert(
        {
            "id": id,
            "active": True,
            "created_at": stamp(at(seconds)),
            "user_ids": users,
            "events": events,
            "properties": {"source": {"customer_client_id": "website"}},
            **more,
        },
        Thread,
    )


def shown(last: Thread, present: dict[str, str], **more: Any) -> ShownChat:
    """The chat as a log-in shows it, ``present`` with who sees them."""
    users = [{**CUSTOMER, "present": "ann" in present}]
    users += [
        {
            "type": "agent",
            "id": agent_id,
            "name": name,
            "present": agent_id in present,
            "visibility": present.get(agent_id, "all"),
        }
        for agent_id, name in AGENTS.items()
    ]
    events = list(last.events or ())
    per_type = {}
    if events:
        newest = events[-1]
        per_type["message"] = {
            "thread_id": last.id,
            "event": {
                "type": "message",
                "id": newest.id,
                "author_id": "ann",
                "text": "text",
                "created_at": stamp(newest.created_at),
            },
        }
    summary = {
        "id": "C",
        "users": users,
        "access": {"group_ids": [0]},
        "last_event_per_type": per_type,
        "last_thread_summary": {
            "id": last.id,
            "active": last.active,
            "created_at": stamp(last.created_at),
            "user_ids": list(last.user_ids or ()),
        },
        **more,
    }
    return ShownChat.summary(convert(summary, ChatSummary))


def known_chat(**fields: Any) -> KnownChat:
    fields.setdefault("present", {"ann": "customer", "me": "all"})
    fields.setdefault("met", set(fields["present"]))
    return KnownChat(thread_id="T1", active=True, group_ids=(0,), last_at=at(0), **fields)


NOTHING = KnownChat(complete=False, last_at=at(0))


def replay(start: KnownChat, end: ShownChat, *threads: Thread) -> Replayed:
    evidence = Evidence(me="me", start=start, end=end, threads=threads)
    return Replay(evidence, lambda group_ids: True).run()


def short(pushes: list[Push]) -> list[str]:
    """The pushes in a word each, with whom they are about."""
    words: list[str] = []
    for push in pushes:
        match push:
            case IncomingEvent():
                words.append(push.event.id)
            case IncomingChat():
                present = sorted(user.id for user in push.chat.users if user.present)
                words.append(f"chat of {', '.join(present)}")
            case ChatDeactivated():
                words.append("end")
            case UserAddedToChat():
                words.append(f"+{push.user.id}")
            case UserRemovedFromChat():
                words.append(f"-{push.user_id}")
            case _:
                pytest.fail(f"{push} is not read back")
    return words


# Who was in a thread when it began.


def test_agent_who_is_added_again_was_there_at_the_beginning_if_he_wrote_before():
    events = [
        said("jones", 5),
        system_message("chat_transferred", 6, initiator="Jones", targets="Me"),
        system_message("agent_added", 7, "agents", initiator="Me", agent="Jones"),
    ]
    last = thread("T1", 1, ["ann", "jones", "me"], events)
    got = replay(NOTHING, shown(last, {"ann": "customer", "me": "all", "jones": "agents"}), last)
    assert short(got.pushes) == ["+jones", "agent_added at 7"]
    assert not got.certain


def test_agent_in_front_of_one_who_wrote_was_there_before_he_is_added_again():
    events = [
        said("me", 4),
        system_message("chat_transferred", 5, initiator="Me", targets="Brown"),
        system_message("agent_added", 6, "agents", initiator="Brown", agent="Jones"),
    ]
    last = thread("T1", 1, ["ann", "jones", "me", "brown"], events)
    end = shown(last, {"ann": "customer", "brown": "all", "jones": "agents"})
    assert "+me" not in short(replay(NOTHING, end, last).pushes)


def test_agent_who_is_added_was_not_there_at_the_beginning():
    events = [
        said("ann", 2),
        system_message("agent_added", 3, "agents", initiator="Me", agent="Jones"),
    ]
    last = thread("T1", 1, ["ann", "me", "jones"], events)
    got = replay(NOTHING, shown(last, {"ann": "customer", "me": "all", "jones": "agents"}), last)
    assert short(got.pushes) == ["chat of ann, me", "ann at 2", "+jones", "agent_added at 3"]
    assert got.pushes[2].user.visibility == "agents"
    assert got.pushes[2].requester_id == "me"


def test_agent_who_joins_and_writes_later_was_not_there_at_the_beginning():
    events = [system_message("agent_joined", 3, agent="Jones"), said("jones", 4)]
    last = thread("T1", 1, ["ann", "me", "jones"], events)
    got = replay(NOTHING, shown(last, {"ann": "customer", "me": "all", "jones": "all"}), last)
    assert short(got.pushes) == ["chat of ann, me", "+jones", "agent_joined at 3", "jones at 4"]
    assert got.certain


def test_agent_who_is_removed_was_there_at_the_beginning():
    events = [system_message("agent_removed", 3, initiator="Me", agent="Jones")]
    last = thread("T1", 1, ["ann", "jones", "me"], events)
    got = replay(NOTHING, shown(last, {"ann": "customer", "me": "all"}), last)
    assert short(got.pushes) == ["chat of ann, jones, me", "-jones", "agent_removed at 3"]


def test_agent_who_is_removed_and_added_again_was_there_at_the_beginning():
    events = [
        system_message("agent_removed", 3, initiator="Me", agent="Jones"),
        system_message("agent_added", 4, initiator="Me", agent="Jones"),
    ]
    last = thread("T1", 1, ["ann", "jones", "me"], events)
    got = replay(NOTHING, shown(last, {"ann": "customer", "me": "all", "jones": "all"}), last)
    assert short(got.pushes)[0] == "chat of ann, jones, me"
    assert [word for word in short(got.pushes) if word.endswith("jones")] == ["-jones", "+jones"]


# Who came and went without a trace.


def test_user_of_a_thread_of_whom_nothing_tells_makes_it_uncertain():
    events = [said("ann", 2)]
    last = thread("T1", -9, ["ann", "me", "jones"], events)
    got = replay(known_chat(), shown(last, {"ann": "customer", "me": "all"}), last)
    assert short(got.pushes) == ["ann at 2"]
    assert not got.certain


def test_user_who_was_met_before_makes_nothing_uncertain():
    events = [said("ann", 2)]
    last = thread("T1", -9, ["ann", "me", "jones"], events)
    start = known_chat(met={"ann", "me", "jones"})
    got = replay(start, shown(last, {"ann": "customer", "me": "all"}), last)
    assert short(got.pushes) == ["ann at 2"]
    assert got.certain


def test_what_a_chat_has_that_was_empty_at_the_login_comes_live():
    """The chat is read some time after the log-in has shown it."""
    events = [
        said("ann", 2),
        system_message("agent_added", 3, "agents", initiator="Me", agent="Jones"),
        said("ann", 4),
    ]
    then = thread("T1", 1, ["ann", "me"], [])
    end = shown(then, {"ann": "customer", "me": "all"})
    got = replay(NOTHING, end, thread("T1", 1, ["ann", "me"], events))
    assert short(got.pushes) == ["chat of ann, me"]
    assert got.certain


def test_colleague_who_is_there_at_the_end_came_without_a_trace():
    events = [said("ann", 2)]
    last = thread("T1", -9, ["ann", "me", "jones"], events)
    got = replay(known_chat(), shown(last, {"ann": "customer", "me": "all", "jones": "all"}), last)
    assert "ann at 2" in short(got.pushes)
    assert not got.certain


def test_colleague_who_is_not_there_at_the_end_went_without_a_trace():
    events = [said("ann", 2)]
    last = thread("T1", -9, ["ann", "me", "jones"], events)
    start = known_chat(present={"ann": "customer", "me": "all", "jones": "all"})
    got = replay(start, shown(last, {"ann": "customer", "me": "all"}), last)
    assert "ann at 2" in short(got.pushes)
    assert not got.certain


# Transfers.


def transfer(target: str) -> list[dict[str, Any]]:
    return [
        said("ann", 2),
        system_message("chat_transferred", 3, initiator="Me", targets=target),
        said("ann", 4),
    ]


def test_transfer_to_a_colleague_ends_what_the_agent_is_pushed():
    last = thread("T1", -9, ["ann", "me", "jones"], transfer("Jones"))
    got = replay(known_chat(), shown(last, {"ann": "customer", "jones": "all"}), last)
    assert short(got.pushes) == ["ann at 2", "chat_transferred at 3", "-me"]
    assert got.pushes[-1].requester_id == "me"
    assert got.certain


def test_transfer_to_the_agent_brings_the_whole_chat():
    last = thread("T1", -9, ["ann", "jones", "me"], transfer("Me"))
    start = known_chat(present={"ann": "customer", "jones": "all"}, followed=True)
    end = shown(last, {"ann": "customer", "me": "all"}, is_followed=True)
    got = replay(start, end, last)
    assert short(got.pushes) == [
        "ann at 2", "chat_transferred at 3", "-jones", "+me", "chat of ann, me", "ann at 4",
    ]  # fmt: skip
    [chat] = [push for push in got.pushes if isinstance(push, IncomingChat)]
    assert chat.transferred_from is not None
    assert chat.transferred_from.agent_ids == ["jones"]
    assert chat.requester_id == "me"
    assert got.certain


@pytest.mark.parametrize(
    ("already", "due"),
    [
        ({"ann": "customer", "jones": "all"}, ["-jones", "+me", "chat of ann, me", "ann at 4"]),
        ({"ann": "customer"}, ["+me", "chat of ann, me", "ann at 4"]),
        ({"ann": "customer", "me": "all"}, ["chat of ann, me", "ann at 4"]),
    ],
)
def test_transfer_of_which_a_part_was_pushed_is_completed(already: dict[str, str], due: list[str]):
    events = transfer("Me")
    last = thread("T1", -9, ["ann", "jones", "me"], events)
    pending = Transfer((last.events or [])[1], ("jones",))
    start = known_chat(
        present=already,
        followed=True,
        met={"ann", "jones", "me"},
        transfer=pending,
        last_id="chat_transferred at 3",
    )
    start.last_at = at(3)
    end = shown(last, {"ann": "customer", "me": "all"}, is_followed=True)
    assert short(replay(start, end, last).pushes) == due


# Ends and new threads.


def test_thread_before_one_that_came_live_says_nothing_of_who_is_there_now():
    """A chat was transferred to a group and ended; the next thread was pushed already."""
    events = [
        said("ann", 2),
        system_message("chat_transferred", 3, initiator="Jones", targets="Group"),
        said("ann", 4),
        system_message("manual_archived_agent", 5, agent="Jones"),
    ]
    old = thread("T1", 1, ["ann", "jones", "brown"], events, active=False)
    new = thread("T2", 9, ["ann", "me"], [said("ann", 9)])
    end = shown(new, {"ann": "customer", "me": "all"}).before(old, NOTHING)
    got = replay(NOTHING, end, old)
    assert not any(word.startswith("+me") for word in short(got.pushes))
    assert "ann at 4" not in short(got.pushes)


def test_end_is_told_between_its_message_and_the_next_thread():
    old = thread(
        "T1",
        -9,
        ["ann", "me"],
        [said("ann", 2), system_message("manual_archived_agent", 3, agent="Me")],
        active=False,
    )
    new = thread("T2", 9, ["ann", "me"], [said("ann", 9)], previous_thread_id="T1")
    got = replay(known_chat(), shown(new, {"ann": "customer", "me": "all"}), old, new)
    assert short(got.pushes) == [
        "ann at 2", "manual_archived_agent at 3", "end", "chat of ann, me",
    ]  # fmt: skip
    ended = got.pushes[2]
    assert isinstance(ended, ChatDeactivated)
    assert (ended.thread_id, ended.user_id) == ("T1", "me")
    assert got.certain
    assert got.known_chat.thread_id == "T2"
    assert got.known_chat.active


def test_transfer_in_a_thread_that_ended_did_not_reach_who_is_there_in_the_next_one():
    events = [
        said("ann", 2),
        system_message("chat_transferred", 3, initiator="Jones", targets="Group"),
        said("ann", 4),
        system_message("manual_archived_agent", 5, agent="Jones"),
    ]
    old = thread("T1", 1, ["ann", "jones", "brown"], events, active=False)
    new = thread("T2", 9, ["ann", "me"], [said("ann", 9)], previous_thread_id="T1")
    got = replay(NOTHING, shown(new, {"ann": "customer", "me": "all"}), old, new)
    assert "+me" not in short(got.pushes)
    assert "ann at 4" not in short(got.pushes)
    assert short(got.pushes)[-1] == "chat of ann, me"


# What messages and events tell of colleagues.


@pytest.mark.parametrize("visibility", ["all", "agents"])
def test_colleague_who_writes_without_having_come_is_there(visibility: str):
    """He came before he wrote, and is seen by whom the chat shows."""
    events = [said("jones", 2, visibility=visibility), said("ann", 3)]
    last = thread("T1", -9, ["ann", "me", "jones"], events)
    end = shown(last, {"ann": "customer", "me": "all", "jones": visibility})
    got = replay(known_chat(), end, last)
    assert short(got.pushes) == ["+jones", "jones at 2", "ann at 3"]
    [came] = [push for push in got.pushes if isinstance(push, UserAddedToChat)]
    assert came.user.visibility == visibility
    assert not got.certain


def test_colleague_who_leaves_without_having_come_is_said_to_leave():
    last = thread(
        "T1", -9, ["ann", "me", "jones"], [system_message("agent_left", 3, agent="Jones")]
    )
    got = replay(known_chat(), shown(last, {"ann": "customer", "me": "all"}), last)
    assert short(got.pushes)[-2:] == ["-jones", "agent_left at 3"]
    assert not got.certain


@pytest.mark.parametrize(("cause", "certain"), [("other", False), ("signed_out", True)])
def test_who_took_a_chat_from_an_agent_is_known_if_it_was_himself(cause: str, certain: bool):
    start = known_chat(present={"ann": "customer", "me": "agents", "jones": "all"})
    last = thread(
        "T1",
        -9,
        ["ann", "me", "jones"],
        [system_message(f"routing.unassigned_{cause}", 3, agent="Jones")],
    )
    got = replay(start, shown(last, {"ann": "customer", "me": "agents"}), last)
    assert short(got.pushes) == ["-jones", f"routing.unassigned_{cause} at 3"]
    assert got.certain is certain
    assert got.pushes[0].requester_id == ("jones" if certain else None)


# Who left before the gap.


def test_chat_that_the_agent_left_before_is_not_named():
    events = [system_message("agent_left", -2, agent="Me"), said("jones", 2)]
    last = thread("T1", -9, ["ann", "me", "jones"], events)
    start = known_chat(
        present={"ann": "customer", "jones": "all"}, met={"ann", "me", "jones"}, complete=False
    )
    got = replay(start, shown(last, {"ann": "customer", "jones": "all"}), last)
    assert got.pushes == []
    assert got.certain


@pytest.mark.parametrize(
    "missed",
    [
        [system_message("chat_transferred", 2, initiator="Jones", targets="Group")],
        [said("ann", 2)],
    ],
)
def test_chat_that_may_have_come_back_to_the_agent_is_named(missed: list[dict[str, Any]]):
    transferred = len(missed[0].get("text_vars", {})) > 0
    last = thread("T1", -9, ["ann", "me", "jones"], missed)
    met = {"ann", "jones"} | ({"me"} if transferred else set())
    start = known_chat(present={"ann": "customer", "jones": "all"}, met=met, complete=False)
    assert not replay(start, shown(last, {"ann": "customer", "jones": "all"}), last).certain


# Together with what comes live.


def gap(
    start: KnownChat, end: ShownChat | None, *threads: Thread, held: list[Push] | None = None
) -> Gap:
    return Gap(chat_id="C", start=start, end=end, threads=list(threads), held=held or [])


def recovery_of(gap: Gap) -> Recovery:
    recovery = Recovery()
    recovery.known_chats.me = "me"
    recovery.gaps["C"] = gap
    return recovery


def test_users_who_came_between_the_login_and_the_reading_are_not_told_from_the_reading():
    then = thread("T1", -9, ["ann", "me"], [said("ann", 2)])
    more = [system_message("agent_added", 3, "agents", initiator="Me", agent="Jones")]
    read = thread("T1", -9, ["ann", "me", "jones"], [said("ann", 2), *more])
    missed = gap(known_chat(), shown(then, {"ann": "customer", "me": "all"}), read)
    replayed, _ = recovery_of(missed).replay(missed)
    assert short(replayed.pushes) == ["ann at 2"]
    assert replayed.certain


@pytest.mark.parametrize("requester", [None, "brown"])
@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_going_that_was_read_back_and_came_live_too_comes_once(
    requester: str | None, order: tuple[int, ...]
):
    went = UserRemovedFromChat(
        chat_id="C", thread_id="T1", user_id="jones", reason="manual", requester_id=requester
    )
    others = UserRemovedFromChat(
        chat_id="C", thread_id="T1", user_id="green", reason="manual", requester_id="brown"
    )
    live = UserRemovedFromChat(
        chat_id="C", thread_id="T1", user_id="jones", reason="manual", requester_id="brown"
    )
    last = thread("T1", -9, ["ann", "me"], [])
    missed = gap(known_chat(), shown(last, {"ann": "customer", "me": "all"}), held=[live])
    recovery = recovery_of(missed)
    jones = next(u for u in shown(last, {"jones": "all"}).users if u.id == "jones")
    came = UserAddedToChat(
        chat_id="C", thread_id="T1", user=jones, reason="manual", requester_id="brown"
    )
    read: list[Push] = [went, others, came]
    pushes, _, _ = recovery.finish(missed, Replayed([read[at] for at in order], True, known_chat()))
    goings = [push for push in pushes if isinstance(push, UserRemovedFromChat)]
    assert sorted(short(pushes)) == ["+jones", "-green", "-jones"]
    assert {push.user_id: push.requester_id for push in goings} == {
        "green": "brown",
        "jones": "brown",
    }


def test_transfers_to_agents_by_name_are_certain_one_after_the_other():
    events = [
        system_message("chat_transferred", 2, initiator="Me", targets="Jones"),
        system_message("chat_transferred", 3, initiator="Me", targets="Brown"),
        said("ann", 4),
    ]
    last = thread("T1", -9, ["ann", "me", "jones", "brown"], events)
    start = known_chat(followed=True)
    end = shown(last, {"ann": "customer", "brown": "all"}, is_followed=True)
    got = replay(start, end, last)
    assert short(got.pushes) == [
        "chat_transferred at 2",
        "-me",
        "+jones",
        "chat_transferred at 3",
        "-jones",
        "+brown",
        "ann at 4",
    ]
    assert got.certain


def test_colleague_who_left_before_the_agent_came_is_not_missed():
    events = [system_message("agent_left", -2, agent="Jones"), said("ann", 2)]
    last = thread("T1", -9, ["ann", "brown", "jones", "me"], events)
    start = known_chat(present={"ann": "customer", "brown": "all", "me": "all"}, complete=False)
    end = shown(last, {"ann": "customer", "brown": "all", "me": "all"})
    got = replay(start, end, last)
    assert short(got.pushes) == ["ann at 2"]
    assert got.certain


def test_colleague_who_wrote_after_he_left_had_come_back_and_may_have_left_again():
    events = [system_message("agent_left", -3, agent="Jones"), said("jones", -2), said("ann", 2)]
    last = thread("T1", -9, ["ann", "brown", "jones", "me"], events)
    start = known_chat(present={"ann": "customer", "brown": "all", "me": "all"}, complete=False)
    end = shown(last, {"ann": "customer", "brown": "all", "me": "all"})
    got = replay(start, end, last)
    assert short(got.pushes) == ["ann at 2"]
    assert not got.certain


@pytest.mark.parametrize(("author", "certain"), [("ann", True), ("me", False)])
def test_colleague_may_have_left_unseen_where_another_agent_writes(author: str, certain: bool):
    """The server tells of an agent who leaves a customer alone: here the agent was there too."""
    last = thread("T1", -9, ["ann", "me", "jones"], [said(author, 2)])
    present = {"ann": "customer", "me": "agents"}
    got = replay(known_chat(present=present, complete=False), shown(last, present), last)
    assert short(got.pushes) == [f"{author} at 2"]
    assert got.certain is certain


@pytest.mark.parametrize(("seconds", "certain"), [(-1, True), (0, True), (1, False)])
def test_thread_before_one_that_was_there_already_is_not_missed(seconds: float, certain: bool):
    """What began before the gap tells nothing of what is missing in it."""
    start = known_chat()
    start.thread_id = "T3"
    then = thread("T2", seconds, ["ann", "me"], [], previous_thread_id="T1", active=False)
    now = thread("T3", 0, ["ann", "me"], [said("ann", 2)])
    got = replay(start, shown(now, {"ann": "customer", "me": "all"}), then, now)
    assert got.certain is certain


def test_thread_that_the_agent_has_no_access_to_any_more_is_missed():
    new = thread("T2", 9, ["ann", "me"], [said("ann", 9)], previous_thread_id="T1")
    got = replay(known_chat(), shown(new, {"ann": "customer", "me": "all"}), new)
    assert short(got.pushes) == ["chat of ann, me"]
    assert not got.certain


@pytest.mark.parametrize("before", ["T1", "T2"])
def test_thread_between_two_that_are_shown_is_missed(before: str):
    old = thread("T1", -9, ["ann", "me"], [system_message("manual_archived_agent", 3, agent="Me")])
    old.active = False
    new = thread("T3", 9, ["ann", "me"], [said("ann", 9)], previous_thread_id=before)
    got = replay(known_chat(), shown(new, {"ann": "customer", "me": "all"}), old, new)
    assert short(got.pushes) == ["manual_archived_agent at 3", "end", "chat of ann, me"]
    assert got.certain is (before == "T1")


def test_agent_of_whom_an_event_told_first_is_seen_by_whom_the_chat_shows():
    """He is in a chat among agents; an event comes before what was missed is read."""
    last = thread("T1", -9, ["ann", "me"], [said("ann", 2)])
    missed = gap(NOTHING, None, last)
    recovery = recovery_of(missed)
    event = IncomingEvent(chat_id="C", thread_id="T1", event=(last.events or [])[0])
    assert list(recovery.arrived(event)) == [event]
    known_now = recovery.known_chats.get("C")
    assert known_now is not None
    assert known_now.present == {"me": "all"}
    recovery.found(missed, shown(last, {"ann": "customer", "me": "agents"}))
    shown_then = known_chat(present={"ann": "customer", "me": "agents"})
    recovery.finish(missed, Replayed([], True, shown_then))
    assert known_now.present == {"ann": "customer", "me": "agents"}
    assert not known_now.complete
