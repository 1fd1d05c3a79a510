"""Calls and pushes of both clients, over real connections to a small server."""

import json
import threading
import traceback
from typing import Any

import pytest

from frontdesk import AgentRTM, Limiter, PushesLost
from frontdesk.actions import GetChat
from frontdesk.core.rtm.session import State
from frontdesk.errors import (
    BudgetExceeded,
    ConnectionClosed,
    Disconnected,
    NotFound,
    NotTheAPI,
    RequestTimeout,
    TooManyRequests,
)
from frontdesk.models import Message
from frontdesk.pushes import ChatDeactivated, ChatDeleted, IncomingEvent, UnknownPush

from ._clients import Kit, in_thread
from ._server import FakeRTM, refusing, silent

# Calls


def test_action_can_be_sent_as_an_object(server: FakeRTM, kit: Kit):
    server.chats.open("A")
    with kit.connected() as rtm:
        assert rtm(GetChat(chat_id="A")).id == "A"


def test_refused_call_is_the_servers_error(server: FakeRTM, kit: Kit):
    server.responses["get_chat"] = refusing("not_found", "Chat not found")
    with kit.connected() as rtm, pytest.raises(NotFound, match="Chat not found"):
        rtm.get_chat(chat_id="A")


def test_call_without_a_response_times_out_and_the_session_goes_on(server: FakeRTM, kit: Kit):
    server.responses["send_event"] = silent
    with kit.connected() as rtm:
        with pytest.raises(RequestTimeout, match="send_event"):
            rtm.with_options(timeout=0.1).send_event(chat_id="A", event=Message(text="hi"))
        assert rtm.list_chats().found_chats == 0


def test_at_most_ten_at_a_time_reach_the_server(server: FakeRTM, kit: Kit):
    server.responses["send_event"] = silent
    with kit.connected(timeout=60) as rtm:
        work = [
            in_thread(lambda: rtm.send_event(chat_id="A", event=Message(text="hi")))
            for _ in range(25)
        ]
        server.wait_for(lambda: len(server.asked("send_event")) == 10)
        server.responses["list_chats"] = server.chats.list_chats
        for count in range(25):
            request = server.asked("send_event")[count]
            response = {"request_id": request["request_id"], "action": "send_event"}
            server.send_raw(
                json.dumps(
                    {**response, "type": "response", "success": True, "payload": {"event_id": "1"}}
                )
            )
            wanted = min(25, 11 + count)
            server.wait_for(lambda wanted=wanted: len(server.asked("send_event")) == wanted)
        assert [result.get().event_id for result in work] == ["1"] * 25


def collected(kit: Kit, pages: Any) -> list[Any]:
    if kit.loop is None:
        return list(pages)

    async def collect() -> list[Any]:
        return [item async for item in pages]

    collected: list[Any] = kit.loop.run(collect())
    return collected


def test_pages_are_walked_as_over_web(server: FakeRTM, kit: Kit):
    for number in range(230):
        server.chats.open(f"C{number}")
    with kit.connected(recover=False) as rtm:
        pages = rtm.iter_chats()
        chats = collected(kit, pages)
    assert len({chat.id for chat in chats}) == 230
    assert [request["payload"].get("limit") for request in server.asked("list_chats")] == [
        100, None, None,
    ]  # fmt: skip


def test_iterators_wait_for_the_limiter_and_single_calls_only_if_asked(server: FakeRTM, kit: Kit):
    for number in range(230):
        server.chats.open(f"C{number}")
    with kit.connected(limiter=Limiter(min_rate=50, max_rate=50), recover=False) as rtm:
        single = rtm.with_options(limiter=None, budget=100)
        for _ in range(3):
            single.list_chats()
        assert single.meter.reading().waited == 0
        assert len(collected(kit, single.iter_chats())) == 230
        assert single.meter.reading().waited > 0
        assert single.meter.reading().rate == 50
        for _ in range(3):
            rtm.list_chats()
        assert rtm.meter.reading().waited > 0
    assert len(server.asked("list_chats")) == 9


def test_a_refusal_for_the_rate_slows_the_next_iterator_down(server: FakeRTM, kit: Kit):
    limiter = Limiter(min_rate=50)
    with kit.connected(retry=None, recover=False) as session:
        rtm = session.with_options(limiter=limiter).with_options(limiter=None)
        server.responses["list_chats"] = refusing("too_many_requests")
        with pytest.raises(TooManyRequests):
            rtm.list_chats()
        server.responses["list_chats"] = server.chats.list_chats
        assert limiter.rate == 50
        collected(kit, rtm.iter_chats())
        assert rtm.meter.reading().throttled == 1
        assert len(server.asked("list_chats")) == 2


def test_budget_counts_the_login_and_stops_before_it_is_exceeded(server: FakeRTM, kit: Kit):
    with kit.connected(budget=3, logout=False) as rtm:
        for _ in range(2):
            rtm.send_event(chat_id="A", event=Message(text="hi"))
        with pytest.raises(BudgetExceeded):
            rtm.send_event(chat_id="A", event=Message(text="hi"))
        assert rtm.meter.reading().by_action == {"login": 1, "send_event": 2}
    assert len(server.requests) == 3


def test_finished_calls_are_reported(server: FakeRTM, kit: Kit):
    records: list[Any] = []
    with kit.connected(on_call=records.append) as rtm:
        rtm.send_event(chat_id="A", event=Message(text="hi"))
        server.responses["get_chat"] = refusing("not_found")
        with pytest.raises(NotFound):
            rtm.get_chat(chat_id="A")
    first, second = records
    assert (first.action, first.attempts, first.error) == ("send_event", 1, None)
    assert first.bytes == len('{"event_id": "K600PKZON8_1"}')
    assert 0 < first.seconds < 10
    assert isinstance(second.error, NotFound)


def test_options_of_a_copy_leave_the_original_alone(server: FakeRTM, kit: Kit):
    records: list[Any] = []
    with kit.connected() as rtm:
        copy = rtm.with_options(on_call=records.append, budget=1)
        copy.list_chats()
        rtm.list_chats()
        assert len(records) == 1
        assert copy.meter.requests == 1
        assert rtm.meter.reading().by_action["list_chats"] == 1


# Pushes


def test_push_reaches_its_subscriber(server: FakeRTM, kit: Kit):
    server.chats.open("A")
    with kit.connected() as rtm:
        events, chats = rtm.pushes(IncomingEvent), rtm.pushes(ChatDeactivated, ChatDeleted)
        server.say("A", "hello")
        server.push("chat_deleted", {"chat_id": "A"})
        push = events.get()
        assert (push.event.text, push.chat_id, push.version) == ("hello", "A", "3.6")
        assert chats.get() == ChatDeleted(chat_id="A", version="3.6")


def test_subscription_made_before_the_connection_misses_nothing(server: FakeRTM, kit: Kit):
    server.after_login = lambda: server.push("brand_new", {"x": 1})
    rtm = kit.client()
    everything = rtm.pushes()
    rtm.connect()
    assert everything.get() == UnknownPush(action="brand_new", payload={"x": 1}, version="3.6")
    rtm.close()
    assert everything.get() is None


def test_subscription_ends_with_the_session(server: FakeRTM, kit: Kit):
    with kit.connected() as rtm:
        subscription = rtm.pushes()
        server.push("chat_deleted", {"chat_id": "A"})
        assert subscription.get()
    assert subscription.get() is None


def test_subscription_raises_what_ended_the_session(server: FakeRTM, kit: Kit):
    rtm = kit.client()
    rtm.connect()
    subscription = rtm.pushes(IncomingEvent)
    server.push("agent_disconnected", {"reason": "connection_evicted"})
    with pytest.raises(Disconnected) as caught:
        subscription.get()
    assert caught.value.reason == "connection_evicted"
    with pytest.raises(Disconnected):
        rtm.wait_closed()
    with pytest.raises(ConnectionClosed, match="connection_evicted"):
        rtm.list_chats()
    rtm.close()


def test_closed_subscription_gets_nothing_more(server: FakeRTM, kit: Kit):
    with kit.connected() as rtm:
        subscription = rtm.pushes()
        subscription.close()
        server.push("chat_deleted", {"chat_id": "A"})
        assert subscription.get() is None


def test_dropped_subscription_is_forgotten(server: FakeRTM, kit: Kit):
    with kit.connected() as rtm:
        line = rtm.inner._line if kit.loop else rtm._line
        for _ in range(50):
            rtm.pushes(IncomingEvent)
        assert len(line.hub._subscribers) <= 1


def test_subscription_is_dropped_without_a_lock(server: FakeRTM):
    """The garbage collector may do it in a thread that holds other locks."""
    with AgentRTM("dal:x", organization_id="o", base_url=server.url) as rtm:
        subscription = rtm.pushes(IncomingEvent)
        with rtm._line.lock:
            dropped = in_thread(subscription.__del__)
            dropped.get(timeout=5)
        assert rtm.list_chats().found_chats == 0


def test_error_that_is_raised_again_and_again_does_not_grow(server: FakeRTM, kit: Kit):
    rtm = kit.client()
    rtm.connect()
    subscription = rtm.pushes(IncomingEvent)
    server.push("agent_disconnected", {"reason": "connection_evicted"})
    depths = set()
    for _ in range(20):
        with pytest.raises(Disconnected) as caught:
            subscription.get()
        depths.add(len(traceback.extract_tb(caught.tb)))
    assert len(depths) == 1
    rtm.close()


def test_slow_subscriber_is_told_what_it_lost(server: FakeRTM, kit: Kit):
    with kit.connected() as rtm:
        slow, marker = rtm.pushes(ChatDeleted, PushesLost, queue=2), rtm.pushes(ChatDeactivated)
        for number in range(5):
            server.push("chat_deleted", {"chat_id": str(number)})
        server.push("chat_deactivated", {"chat_id": "A", "thread_id": "T"})
        assert marker.get()
        assert slow.get() == PushesLost(overflow=3)
        assert [slow.get().chat_id, slow.get().chat_id] == ["3", "4"]


def test_handlers_get_their_pushes_one_by_one(server: FakeRTM, kit: Kit):
    got: list[str] = []
    done = threading.Event()
    rtm = kit.client()

    @rtm.on(ChatDeleted)
    def early(push: ChatDeleted) -> None:
        got.append(push.chat_id)
        if push.chat_id == "5":
            done.set()

    rtm.connect()
    for number in range(6):
        server.push("chat_deleted", {"chat_id": str(number)})
    assert done.wait(10)
    assert got == list("012345")
    rtm.close()


def test_error_of_a_handler_is_logged_and_the_next_push_comes(
    server: FakeRTM, kit: Kit, caplog: pytest.LogCaptureFixture
):
    done = threading.Event()
    with kit.connected() as rtm:

        def handler(push: ChatDeleted) -> None:
            if push.chat_id == "bad":
                raise LookupError("oops")
            done.set()

        rtm.on(ChatDeleted)(handler)
        server.push("chat_deleted", {"chat_id": "bad"})
        server.push("chat_deleted", {"chat_id": "good"})
        assert done.wait(10)
    assert "oops" in caplog.text


def test_losses_of_a_handler_are_logged_or_given_to_it(
    server: FakeRTM, kit: Kit, caplog: pytest.LogCaptureFixture
):
    gate, complete = threading.Event(), threading.Event()
    got: list[Any] = []

    def waiting(push: Any) -> None:
        gate.wait(10)

    def counting(push: Any) -> None:
        gate.wait(10)
        got.append(push)
        if sum(item.overflow if isinstance(item, PushesLost) else 1 for item in got) == 5:
            complete.set()

    rtm = kit.client()
    rtm.on(ChatDeleted, queue=1)(kit.handler(waiting))
    rtm.on(ChatDeleted, PushesLost, queue=1)(kit.handler(counting))
    rtm.connect()
    seen = rtm.pushes(ChatDeactivated)
    for number in range(5):
        server.push("chat_deleted", {"chat_id": str(number)})
    server.push("chat_deactivated", {"chat_id": "A", "thread_id": "T"})
    assert seen.get()
    gate.set()
    assert complete.wait(10)
    rtm.close()
    assert any(isinstance(item, PushesLost) for item in got)
    assert "PushesLost" in caplog.text


def test_handler_may_close_the_session(server: FakeRTM, kit: Kit):
    rtm = kit.client()
    rtm.connect()
    inner = rtm.inner if kit.loop else rtm

    if kit.loop:

        async def handler(push: Any) -> None:
            await inner.close()

    else:

        def handler(push: Any) -> None:
            inner.close()

    rtm.on(ChatDeleted)(handler)
    server.push("chat_deleted", {"chat_id": "A"})
    rtm.wait_closed()
    assert rtm.state is State.CLOSED


# The async client alone


def test_not_the_api(server: FakeRTM, kit: Kit):
    from websockets.datastructures import Headers
    from websockets.http11 import Response

    server.refuse_handshake = lambda _: Response(
        404, "Not Found", Headers({"Content-Type": "text/html"}), b"<html>nothing here</html>"
    )
    with pytest.raises(NotTheAPI) as caught:
        kit.client(retry=None).connect()
    assert caught.value.status == 404
