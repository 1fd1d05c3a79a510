"""Calls that wait for a place: lanes take turns."""

from frontdesk.actions import GetCustomer
from frontdesk.core.retry import Meter, Retry
from frontdesk.core.rtm.queue import FairQueue
from frontdesk.core.rtm.rtm_call import RTMCall

ACTION = GetCustomer(id="c")


def call(lane: str = "a") -> RTMCall:
    return RTMCall(
        action=ACTION,
        spec=ACTION.spec,
        payload=b"",
        started=0.0,
        timeout=1.0,
        deadline=1.0,
        retry=Retry(),
        meter=Meter(),
        lane=lane,
    )


def taken(queue: FairQueue) -> list[RTMCall]:
    return list(iter(queue.pop, None))


def test_lanes_take_turns_and_keep_their_order() -> None:
    queue = FairQueue()
    a1, a2, a3, b1 = call(), call(), call(), call("b")
    for each in (a1, a2, a3, b1):
        queue.add(each)
    assert queue.size == 4
    assert taken(queue) == [a1, b1, a2, a3]
    assert queue.size == 0


def test_the_sessions_own_requests_go_before_all() -> None:
    queue = FairQueue()
    first, second, waiting = call(), call("b"), call("c")
    queue.add(waiting)
    queue.add_first(first)
    queue.add_first(second)
    assert list(queue) == [first, second, waiting]
    assert taken(queue) == [first, second, waiting]


def test_calls_that_are_over_take_no_turn() -> None:
    queue = FairQueue()
    gone, stays, also_gone = call(), call(), call("b")
    queue.add(gone)
    queue.add(stays)
    queue.add_first(also_gone)
    gone.done = also_gone.done = True
    assert queue.size == 3
    queue.discard_done()
    assert (queue.size, list(queue)) == (1, [stays])
    queue.add(gone)
    assert taken(queue) == [stays]
    assert queue.size == 0
