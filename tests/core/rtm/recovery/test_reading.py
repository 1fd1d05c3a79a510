"""How what was missed is read back: its pauses, its window, its bounds and its cost.

A whole client is played on a clock that the test moves.
"""

from typing import Any

import pytest

from frontdesk import Backoff, ConnectionLost, PushesLost, Reconnected, Recovered
from frontdesk.actions import ListRoutingStatuses
from frontdesk.clients.rtm.recovery import PATIENCE
from frontdesk.errors import (
    AuthorizationError,
    ClientClosed,
    Disconnected,
    FrontdeskError,
    InternalError,
)
from frontdesk.pushes import IncomingEvent

from ....clients.rtm._server import refusing, silent
from ._line import TRANSIENT, away, say, started

# What fails, and comes again.


@pytest.mark.parametrize("method", ["list_chats", "get_chat"])
@pytest.mark.parametrize("error", TRANSIENT)
def test_what_fails_is_asked_for_again_after_growing_pauses(error: str, method: str):
    rtm = started()
    line = rtm.line
    well = line.responses[method]
    line.responses[method] = refusing(error)
    away(line, "missed")
    line.wait(30)
    # One second to come back, then the pauses of the back-off: 1, 2, 4 and 8 seconds at the most.
    assert line.times(method) == [1.0, 2.0, 4.0, 8.0, 16.0, 24.0]
    line.responses[method] = well
    line.wait(60)
    assert line.times(method) == [1.0, 2.0, 4.0, 8.0, 16.0, 24.0, 32.0]
    assert rtm.texts == ["missed"]


def test_only_what_has_failed_is_asked_for_again():
    rtm = started(chats="ABC")
    line = rtm.line
    well = line.responses["get_chat"]

    def refuse_b(payload: dict[str, Any]) -> Any:
        return refusing("internal")(payload) if payload["chat_id"] == "B" else well(payload)

    line.responses["get_chat"] = refuse_b
    line.cut()
    for chat_id in "ABC":
        line.chats.say(chat_id, f"{chat_id} missed")
    line.wait(5)
    assert rtm.texts == ["A missed", "C missed"]
    line.responses["get_chat"] = well
    line.wait(5)
    assert rtm.texts == ["A missed", "C missed", "B missed"]
    asked = [frame["payload"]["chat_id"] for _, frame in line.requests if "get_chat" in str(frame)]
    assert asked == ["A", "B", "C", "B", "B", "B"]
    assert len(line.times("list_chats")) == 1


def test_pauses_begin_anew_after_another_interruption():
    rtm = started(backoff=Backoff(first_pause=1.0, longest_pause=8.0, stable_after=0))
    line = rtm.line
    line.responses["list_chats"] = refusing("internal")
    away(line, "missed")
    line.wait(8)
    line.cut()
    line.wait(4)
    assert line.times("login") == [0.0, 1.0, 9.0]
    assert line.times("list_chats") == [1.0, 2.0, 4.0, 8.0, 9.0, 10.0, 12.0]


def test_failed_reading_keeps_its_starting_point_over_interruptions():
    rtm = started(backoff=Backoff(first_pause=1.0, longest_pause=2.0))
    line = rtm.line
    well = line.responses["get_chat"]
    line.responses["get_chat"] = refusing("internal")
    said = []
    for number in range(4):
        said += [f"missed {number}", f"held {number}"]
        away(line, f"missed {number}")
        line.wait(9)
        say(line, "A", f"held {number}")
    assert rtm.texts == []
    line.responses["get_chat"] = well
    line.wait(8)
    assert rtm.texts == said
    assert [event.recovered for event in rtm.got(IncomingEvent)] == [True] * 7 + [False]


def test_refusal_that_would_come_again_is_not_asked_for_twice(caplog: pytest.LogCaptureFixture):
    rtm = started()
    line = rtm.line
    line.responses["list_chats"] = refusing("authorization", "scope missing")
    away(line, "missed")
    line.wait(1)
    say(line, "A", "live")
    line.wait(600)
    assert line.times("list_chats") == [1.0]
    assert "scope missing" in caplog.text
    [back] = rtm.got(Reconnected)
    assert not back.complete
    assert "live" in rtm.texts
    # What is missing stays to be read, and is as soon as it can be.
    line.responses["list_chats"] = line.chats.list_chats
    line.cut()
    line.wait(2)
    assert rtm.got(Reconnected)[1].complete


def test_failure_is_reported_and_the_end_of_it_too():
    rtm = started(PushesLost, ConnectionLost, Reconnected, Recovered)
    line = rtm.line
    line.responses["list_chats"] = refusing("internal")
    away(line, "one", "two")
    line.wait(5)
    line.responses["list_chats"] = line.chats.list_chats
    line.wait(5)
    lost, *losses, back, recovered = rtm.taken
    assert isinstance(lost, ConnectionLost)
    # One because of the interruption, and one because of the failure.
    assert losses == [PushesLost(interruption=True)] * 2
    assert back == Reconnected(seconds=1.0, recovered=2, requests=2, complete=False)
    # The requests at 2.0, 4.0 and 8.0 seconds.
    assert recovered == Recovered(recovered=0, requests=3)


# What is held back.


def test_what_is_held_back_is_let_go_after_its_bound():
    rtm = started(chats="AB")
    line = rtm.line
    line.responses["get_chat"] = refusing("internal")
    away(line, "missed")
    line.wait(1.5)
    say(line, "A", "held")
    say(line, "B", "of another chat")
    assert rtm.texts == ["of another chat"]
    line.wait(1 + PATIENCE - 1.5 - 0.001)
    assert rtm.texts == ["of another chat"]
    line.wait(0.001)
    assert line.time == 1000.0 + 1 + PATIENCE
    assert rtm.texts == ["of another chat", "held"]
    # From then on nothing is held back.
    say(line, "A", "live")
    assert rtm.texts[-1] == "live"


def test_what_is_read_back_after_the_bound_comes_late_once_and_is_named():
    rtm = started()
    line = rtm.line
    well = line.responses["get_chat"]
    line.responses["get_chat"] = refusing("internal")
    away(line, "missed")
    line.wait(2)
    say(line, "A", "held")
    line.wait(PATIENCE)
    line.responses["get_chat"] = well
    line.wait(20)
    assert rtm.texts == ["held", "missed"]
    [recovered] = rtm.got(Recovered)
    assert (recovered.complete, recovered.chats, recovered.recovered) == (False, ("A",), 1)
    assert PushesLost(interruption=True, chats=("A",)) in rtm.got(PushesLost)


def test_success_between_failures_starts_the_bound_anew():
    rtm = started(chats="AB")
    line = rtm.line
    well = line.responses["get_chat"]

    def refuse(payload: dict[str, Any]) -> Any:
        # B can be read after 7 seconds; A never.
        good = payload["chat_id"] == "B" and line.time >= 1007
        return well(payload) if good else refusing("internal")(payload)

    line.responses["get_chat"] = refuse
    line.cut()
    line.chats.say("A", "missed")
    line.chats.say("B", "missed in B")
    line.wait(2)
    say(line, "A", "held")
    line.wait(PATIENCE)
    assert rtm.texts == ["missed in B"]
    line.wait(8)
    assert rtm.texts == ["missed in B", "held"]


def test_bound_holds_while_a_request_gets_no_response():
    rtm = started(timeout=30.0)
    line = rtm.line
    line.responses["get_chat"] = refusing("internal")
    away(line, "missed")
    line.wait(1.5)
    line.responses["get_chat"] = silent
    say(line, "A", "held")
    line.wait(1 + PATIENCE - 1.5 - 0.001)
    assert rtm.texts == []
    line.wait(0.001)
    assert rtm.texts == ["held"]


def test_number_of_pushes_held_back_is_bounded():
    rtm = started(IncomingEvent)
    line = rtm.line
    line.recovering.recovery._hold = 50
    line.responses["get_chat"] = silent
    away(line, "missed")
    line.wait(1)
    for number in range(50):
        say(line, "A", f"held {number}")
    assert rtm.texts == []
    say(line, "A", "too many")
    assert rtm.texts == [*(f"held {number}" for number in range(50)), "too many"]
    assert line.recovering.recovery._held == 0
    line.responses["get_chat"] = line.chats.get_chat
    line.respond()
    assert rtm.texts[-1] == "missed"
    assert len(rtm.texts) == len(set(rtm.texts)) == 52


# The window.


def test_reading_back_uses_the_window_of_ten_and_no_more():
    names = [chr(code) for code in range(ord("A"), ord("Z") + 1)]
    rtm = started(chats="".join(names))
    line = rtm.line
    for method in ("get_chat", "list_chats"):
        line.responses[method] = silent
    line.cut()
    for name in names:
        line.chats.say(name, f"missed in {name}")
    line.wait(2)
    assert len(line.waiting) == 10
    for left in range(len(names), -1, -1):
        # Each response frees one place, which the next request takes at once.
        sent = len(line.requests)
        method = line.waiting[0][1]["action"]
        line.responses[method] = getattr(line.chats, method)
        link, frame = line.waiting.pop(0)
        line.reply(link, frame)
        line.responses[method] = silent
        line.run()
        assert len(line.waiting) == min(10, left)
        assert len(line.requests) - sent == (1 if left >= 10 else 0)
    assert sorted(rtm.texts) == [f"missed in {name}" for name in names]
    [back] = rtm.got(Reconnected)
    assert (back.recovered, back.requests) == (26, 27)


def test_calls_of_the_user_take_turns_with_reading_back():
    names = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    rtm = started(chats=names)
    line = rtm.line
    line.responses |= {"get_chat": silent, "list_chats": silent}
    line.responses["list_routing_statuses"] = lambda _: []
    line.cut()
    for name in names:
        line.chats.say(name, "missed")
    line.wait(2)
    call = rtm.ask(ListRoutingStatuses())
    assert line.times("list_routing_statuses") == []
    line.responses |= {"get_chat": line.chats.get_chat}
    line.respond(2)
    assert line.times("list_routing_statuses") == [2.0]
    assert call.error is None


# By hand.


def test_recover_reads_what_was_missed_when_it_is_called():
    rtm = started(recover=False)
    line = rtm.line
    away(line, "missed")
    line.wait(1)
    say(line, "A", "live")
    line.wait(600)
    assert (rtm.texts, line.times("get_chat"), line.times("list_chats")) == (["live"], [], [])
    [back] = rtm.got(Reconnected)
    assert back == Reconnected(seconds=1.0, complete=False)
    [(recovered, error)] = rtm.recover()
    # A newer push of the chat was given already, so that the order is lost, and the chat named.
    assert recovered == Recovered(recovered=1, requests=2, complete=False, chats=("A",))
    assert error is None
    assert rtm.texts == ["live", "missed"]
    assert rtm.got(Recovered) == [recovered]


def test_recover_with_nothing_missing_costs_nothing():
    rtm = started(recover=False)
    assert rtm.recover() == [(Recovered(), None)]
    rtm.line.cut()
    rtm.line.wait(1)
    [(recovered, _)] = rtm.recover()
    assert recovered == Recovered(requests=1)
    assert rtm.recover() == [(Recovered(), None)]


@pytest.mark.parametrize("automatic", [True, False])
def test_recover_without_a_connection_waits_for_one(automatic: bool):
    rtm = started(recover=automatic)
    line = rtm.line
    away(line, "missed")
    outcome = rtm.recover()
    assert outcome == []
    line.wait(1)
    assert outcome == [(Recovered(recovered=1, requests=2), None)]
    assert rtm.texts == ["missed"]


def test_recover_that_fails_raises_and_keeps_what_is_missing():
    rtm = started(recover=False)
    line = rtm.line
    well, line.responses["list_chats"] = line.responses["list_chats"], refusing("authorization")
    away(line, "missed")
    line.wait(1)
    [(recovered, error)] = rtm.recover()
    assert recovered is None
    assert isinstance(error, AuthorizationError)
    line.responses["list_chats"] = well
    line.chats.open("B")
    line.chats.say("B", "begun and ended meanwhile")
    line.chats.close("B")
    [(recovered, error)] = rtm.recover()
    assert (recovered is not None, error) == (True, None)
    assert rtm.texts == ["missed", "begun and ended meanwhile"]


def test_recover_that_fails_for_now_raises_at_once_and_goes_on_by_itself():
    rtm = started(recover=False)
    line = rtm.line
    line.responses["get_chat"] = refusing("internal")
    away(line, "missed")
    line.wait(1)
    [(recovered, error)] = rtm.recover()
    assert recovered is None
    assert isinstance(error, InternalError)
    line.responses["get_chat"] = line.chats.get_chat
    line.wait(1)
    assert rtm.texts == ["missed"]
    [done] = rtm.got(Recovered)
    assert (done.recovered, done.complete) == (1, True)


def test_recover_during_the_pause_does_not_wait_for_its_end():
    rtm = started()
    line = rtm.line
    line.responses["get_chat"] = refusing("internal")
    away(line, "missed")
    line.wait(9)
    line.responses["get_chat"] = line.chats.get_chat
    [(recovered, error)] = rtm.recover()
    assert line.time == 1009.0
    assert (recovered is not None, error) == (True, None)
    assert rtm.texts == ["missed"]


def test_recover_of_several_callers_reads_once():
    rtm = started(recover=False)
    line = rtm.line
    away(line, "missed")
    line.wait(1)
    line.responses["get_chat"] = silent
    outcomes = [rtm.recover() for _ in range(3)]
    assert outcomes == [[], [], []]
    line.responses["get_chat"] = line.chats.get_chat
    line.respond()
    assert outcomes == [[(Recovered(recovered=1, requests=2), None)]] * 3


@pytest.mark.parametrize("how", ["closed", "evicted"])
def test_recover_ends_with_the_session(how: str):
    rtm = started(recover=False)
    line = rtm.line
    away(line, "missed")
    line.wait(1)
    line.responses["get_chat"] = silent
    outcome = rtm.recover()
    if how == "evicted":
        line.push("agent_disconnected", {"reason": "connection_evicted"})
    else:
        line.live_session().close()
        line.settle()
        line.wait(10)
    [(recovered, error)] = outcome
    assert recovered is None
    assert isinstance(error, Disconnected if how == "evicted" else FrontdeskError)
    with pytest.raises(ClientClosed):
        rtm.recover()


# An interruption while it is read.


def test_what_was_asked_on_a_lost_connection_counts_no_more():
    rtm = started()
    line = rtm.line
    line.responses["get_chat"] = silent
    away(line, "one")
    line.wait(1)
    run, recovering = line.recovering._run, line.recovering
    assert recovering._pending == 1
    line.responses["get_chat"] = line.chats.get_chat
    away(line, "two")
    assert (recovering._pending, recovering._reading, recovering._run) == (0, None, run + 1)
    assert recovering.wakeup == float("inf")
    line.wait(5)
    assert rtm.texts == ["one", "two"]


def test_pause_of_a_failed_reading_ends_with_the_connection():
    rtm = started()
    line = rtm.line
    line.responses["get_chat"] = refusing("internal")
    away(line, "one")
    line.wait(9)
    assert line.recovering.wakeup < float("inf")
    line.responses["login"] = silent
    line.cut()
    assert line.recovering.wakeup == float("inf")
    asked = len(line.times("get_chat"))
    line.wait(20)
    assert len(line.times("get_chat")) == asked


# What it cost.


def test_cost_of_a_reading_that_was_interrupted_is_reported_with_the_next():
    rtm = started()
    line = rtm.line
    line.responses["get_chat"] = silent
    away(line, "one")
    line.wait(1)
    assert len(line.times("get_chat")) == len(line.times("list_chats")) == 1
    line.responses["get_chat"] = line.chats.get_chat
    away(line, "two")
    line.wait(5)
    [back] = rtm.got(Reconnected)
    assert (back.recovered, back.requests) == (2, 4)
    assert (rtm.stats.recovered, rtm.stats.recovery_requests) == (2, 4)


def test_statistics_count_what_was_read_back_and_what_it_cost():
    rtm = started(chats="AB")
    line = rtm.line
    pushes = rtm.stats.pushes
    assert (rtm.stats.recovered, rtm.stats.recovery_requests) == (0, 0)
    line.responses["list_chats"] = refusing("internal")
    line.cut()
    line.chats.say("A", "one")
    line.chats.say("B", "two")
    line.wait(2.5)
    assert (rtm.stats.recovered, rtm.stats.recovery_requests) == (2, 4)
    line.responses["list_chats"] = line.chats.list_chats
    line.wait(5)
    assert (rtm.stats.recovered, rtm.stats.recovery_requests) == (2, 5)
    assert rtm.stats.recovery_requests == sum(
        len(line.times(method)) for method in ("get_chat", "list_chats")
    )
    assert rtm.stats.pushes == pushes
