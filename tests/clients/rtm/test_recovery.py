"""What both clients do when connections end, and that they keep secrets."""

import itertools
import logging
import os
import queue
from datetime import UTC, datetime, timedelta

import pytest

import frontdesk
from frontdesk import AgentRTM, ConnectionLost, PushesLost, Reconnected, Recovered
from frontdesk.auth import BearerToken
from frontdesk.core.rtm.session import State
from frontdesk.errors import (
    AuthenticationError,
    AuthorizationError,
    ClientClosed,
    ConnectionClosed,
    Disconnected,
)
from frontdesk.models import Message
from frontdesk.pushes import IncomingEvent, SubscribedCustomersTotalsUpdated

from ._clients import Kit, in_thread
from ._server import FakeRTM, refusing, silent

# Interruptions


@pytest.mark.parametrize("ending", ["close", "reset", "internal_error", "huge frame"])
def test_session_survives_and_no_event_is_lost(server: FakeRTM, kit: Kit, ending: str):
    server.chats.open("A")
    with kit.connected(max_frame=100_000) as rtm:
        events, notices = rtm.pushes(IncomingEvent), rtm.pushes(ConnectionLost, Reconnected)
        server.say("A", "before")
        assert events.get().event.text == "before"
        server.chats.say("A", "missed")
        match ending:
            case "close":
                server.close_connections()
            case "reset":
                server.reset_connections()
            case "huge frame":
                server.send_raw("x" * 200_000)
            case reason:
                server.push("agent_disconnected", {"reason": reason})
        missed = events.get()
        assert (missed.event.text, missed.recovered) == ("missed", True)
        assert isinstance(notices.get(), ConnectionLost)
        back = notices.get()
        assert (back.recovered, back.requests, back.complete) == (1, 2, True)
        server.say("A", "after")
        after = events.get()
        assert (after.event.text, after.recovered) == ("after", False)
        assert rtm.meter.reading().by_action == {
            "login": 2, "list_chats": 1, "get_chat": 1,
        }  # fmt: skip
    assert server.asked("login")[1]["payload"]["reconnect"] is True


def test_silent_connection_is_replaced(server: FakeRTM, kit: Kit):
    server.responses["ping"] = silent
    with kit.connected(ping_interval=0.05, ping_timeout=0.05) as rtm:
        notices = rtm.pushes(ConnectionLost, Reconnected)
        assert "no sign of life" in str(notices.get().error)
        server.responses["ping"] = lambda _: {}
        while not isinstance(notices.get(), Reconnected):
            pass
        assert rtm.list_chats().found_chats == 0


@pytest.mark.parametrize("ping", ["message", "frame"])
def test_pings_keep_the_connection(server: FakeRTM, kit: Kit, ping: str):
    with kit.connected(ping=ping, ping_interval=0.03, ping_timeout=5.0) as rtm:
        if ping == "message":
            server.wait_for(lambda: len(server.asked("ping")) >= 3)
        else:
            silence = rtm.pushes(ConnectionLost)
            with pytest.raises(TimeoutError):
                silence.get(timeout=0.3)
        assert rtm.state is State.READY
    assert server.logged_in == 1


def test_recovery_can_be_switched_off_and_losses_are_told(server: FakeRTM, kit: Kit):
    server.chats.open("A")
    with kit.connected(recover=False) as rtm:
        events, back = rtm.pushes(IncomingEvent, PushesLost), rtm.pushes(Reconnected)
        server.chats.say("A", "missed")
        server.reset_connections()
        assert events.get() == PushesLost(interruption=True)
        assert not back.get().complete
        server.say("A", "after")
        assert events.get().event.text == "after"
        assert rtm.meter.reading().by_action == {"login": 2}


def test_recovery_that_fails_is_told(server: FakeRTM, kit: Kit, caplog: pytest.LogCaptureFixture):
    server.chats.open("A")
    server.responses["list_chats"] = refusing("authorization", "scope missing")
    with kit.connected() as rtm:
        events, back = rtm.pushes(IncomingEvent, PushesLost), rtm.pushes(Reconnected)
        server.reset_connections()
        assert events.get() == PushesLost(interruption=True)
        assert not back.get().complete
    assert "scope missing" in caplog.text


def test_recover_reads_back_by_hand(server: FakeRTM, kit: Kit):
    server.chats.open("A")
    with kit.connected(recover=False) as rtm:
        events, back = rtm.pushes(IncomingEvent), rtm.pushes(Reconnected)
        server.say("A", "heard")
        assert events.get().event.text == "heard"
        server.chats.say("A", "missed")
        server.reset_connections()
        assert not back.get().complete
        assert rtm.recover() == Recovered(recovered=1, requests=2)
        assert events.get().event.text == "missed"
        assert rtm.recover() == Recovered()
        assert (rtm.stats.recovered, rtm.stats.recovery_requests) == (1, 2)


def test_recover_by_hand_that_fails_raises_and_the_next_one_reads_it(server: FakeRTM, kit: Kit):
    server.chats.open("A")
    with kit.connected(recover=False) as rtm:
        events, back = rtm.pushes(IncomingEvent), rtm.pushes(Reconnected)
        server.say("A", "heard")
        assert events.get().event.text == "heard"
        server.responses["list_chats"] = refusing("authorization", "scope missing")
        server.reset_connections()
        assert not back.get().complete
        with pytest.raises(AuthorizationError, match="scope missing"):
            rtm.recover()
        server.chats.say("A", "missed")
        server.responses["list_chats"] = server.chats.list_chats
        server.reset_connections()
        assert not back.get().complete
        assert rtm.recover().recovered == 1
        assert events.get().event.text == "missed"


def test_recover_by_hand_waits_for_the_connection(server: FakeRTM, kit: Kit):
    server.chats.open("A")
    with kit.connected(recover=False) as rtm:
        events, lost = rtm.pushes(IncomingEvent), rtm.pushes(ConnectionLost)
        server.say("A", "heard")
        assert events.get().event.text == "heard"
        server.chats.say("A", "missed")
        server.responses["login"] = silent
        server.reset_connections()
        assert lost.get()
        outcome = in_thread(rtm.recover)
        server.wait_for(lambda: len(server.asked("login")) == 2)
        server.responses["login"] = server.login
        server.reset_connections()
        assert outcome.get().recovered == 1
        assert events.get().event.text == "missed"


def test_recover_of_a_session_that_is_closed_raises(server: FakeRTM, kit: Kit):
    rtm = kit.client(recover=False)
    with pytest.raises(ClientClosed):
        rtm.recover()
    rtm.connect()
    rtm.close()
    with pytest.raises(ClientClosed):
        rtm.recover()


def test_recover_of_a_blocking_client_waits_no_longer_than_it_is_let(server: FakeRTM):
    server.chats.open("A")
    with AgentRTM("dal:x", organization_id="o", base_url=server.url, recover=False) as rtm:
        back = rtm.pushes(Reconnected)
        server.responses["list_chats"] = silent
        server.reset_connections()
        assert back.get()
        with pytest.raises(TimeoutError):
            rtm.recover(timeout=0.01)


def test_subscriptions_of_customers_go_on_after_an_interruption(server: FakeRTM, kit: Kit):
    ids = iter(("first", "second", "third"))
    server.responses["subscribe_customers"] = lambda _: {
        "subscription_id": next(ids), "customers": [],
    }  # fmt: skip
    with kit.connected() as rtm:
        totals, back = rtm.pushes(SubscribedCustomersTotalsUpdated), rtm.pushes(Reconnected)
        subscription = rtm.subscribe_customers(limit=2)
        assert subscription.subscription_id == "first"
        for number, now in enumerate(("second", "third"), start=2):
            server.reset_connections()
            assert back.get()
            server.wait_for(lambda n=number: len(server.asked("subscribe_customers")) == n)
            server.push("subscribed_customers_totals_updated", {now: number})
            assert totals.get().totals == {"first": number}
        rtm.unsubscribe_customers(subscription_id="first")
        assert server.asked("unsubscribe_customers")[0]["payload"] == {"subscription_id": "third"}
        server.reset_connections()
        assert back.get()
    payloads = [request["payload"] for request in server.asked("subscribe_customers")]
    assert payloads == [{"limit": 2}] * 3


def test_interruption_during_the_recovery(server: FakeRTM, kit: Kit):
    server.chats.open("A")
    server.responses["list_chats"] = silent
    with kit.connected() as rtm:
        events = rtm.pushes(IncomingEvent)
        server.say("A", "1")
        assert events.get().event.text == "1"
        server.chats.say("A", "2")
        server.reset_connections()
        server.wait_for(lambda: len(server.asked("list_chats")) == 1)
        server.say("A", "3")
        server.responses["list_chats"] = server.chats.list_chats
        server.reset_connections()
        server.chats.say("A", "4")
        assert [events.get().event.text for _ in range(3)] == ["2", "3", "4"]


def test_session_that_the_server_ended_goes_on_where_it_was_when_it_is_connected_again(
    server: FakeRTM, kit: Kit
):
    server.chats.open("A")
    rtm = kit.client()
    rtm.connect()
    events = rtm.pushes(IncomingEvent)
    server.say("A", "before")
    assert events.get().event.text == "before"
    server.push("agent_disconnected", {"reason": "connection_evicted"})
    with pytest.raises(Disconnected):
        events.get()
    server.chats.say("A", "missed")
    handled = queue.SimpleQueue[str]()
    rtm.on(IncomingEvent)(lambda push: handled.put(push.event.text))
    rtm.connect()
    assert handled.get(timeout=10) == "missed"
    rtm.close()
    assert server.asked("login")[1]["payload"]["reconnect"] is True


def test_session_that_the_user_ended_begins_anew(server: FakeRTM, kit: Kit):
    server.chats.open("A")
    with kit.connected() as rtm:
        server.say("A", "before")
    server.chats.say("A", "while nobody was there")
    rtm.connect()
    events = rtm.pushes(IncomingEvent)
    server.say("A", "after")
    assert events.get().event.text == "after"
    rtm.close()
    assert "reconnect" not in server.asked("login")[1]["payload"]


def test_lost_call_that_may_be_repeated_gets_a_response_over_the_new_connection(
    server: FakeRTM, kit: Kit
):
    server.chats.open("A")
    server.responses["get_chat"] = silent
    with kit.connected(recover=False) as rtm:
        call = in_thread(lambda: rtm.get_chat(chat_id="A"))
        server.wait_for(lambda: len(server.asked("get_chat")) == 1)
        server.responses["get_chat"] = server.chats.get_chat
        server.reset_connections()
        assert call.get().id == "A"


def test_lost_call_that_may_not_be_repeated_fails(server: FakeRTM, kit: Kit):
    server.responses["send_event"] = silent
    with kit.connected(recover=False) as rtm:
        call = in_thread(lambda: rtm.send_event(chat_id="A", event=Message(text="hi")))
        server.wait_for(lambda: len(server.asked("send_event")) == 1)
        server.reset_connections()
        with pytest.raises(ConnectionClosed) as caught:
            call.get()
        assert caught.value.maybe_sent
    assert len(server.asked("send_event")) == 1


def test_token_is_swapped_before_it_ends(
    server: FakeRTM, kit: Kit, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("frontdesk.core.rtm.tokens.LEAST_PAUSE", 0.01)
    tokens = itertools.count(1)

    def getter() -> BearerToken:
        ends = datetime.now(UTC) + timedelta(seconds=0.2)
        return BearerToken(f"dal:{next(tokens)}", expires_at=ends)

    with kit.connected(getter):
        server.wait_for(lambda: len(server.asked("update_session")) >= 1)
    assert server.asked("update_session")[0]["payload"] == {"token": "Bearer dal:2"}


def test_expired_token_is_replaced(server: FakeRTM, kit: Kit):
    tokens = iter(["dal:one", "dal:two"])
    with kit.connected(lambda: next(tokens)) as rtm:
        back = rtm.pushes(Reconnected)
        server.push("agent_disconnected", {"reason": "access_token_expired"})
        assert back.get()
    assert [r["payload"]["token"] for r in server.asked("login")] == [
        "Bearer dal:one", "Bearer dal:two",
    ]  # fmt: skip


def test_session_can_be_closed_while_it_reconnects(server: FakeRTM, kit: Kit):
    rtm = kit.client(backoff=frontdesk.Backoff(first_pause=100, longest_pause=100))
    rtm.connect()
    lost = rtm.pushes(ConnectionLost)
    server.reset_connections()
    assert lost.get()
    call = in_thread(rtm.list_chats)
    rtm.close()
    with pytest.raises(ClientClosed):
        call.get()
    assert rtm.state is State.CLOSED


def test_server_that_does_not_respond_to_the_goodbye_is_left_all_the_same(
    server: FakeRTM, kit: Kit
):
    server.responses["logout"] = silent
    with kit.connected(close_timeout=0.2) as rtm:
        pass
    assert rtm.state is State.CLOSED


# Secrets


def test_token_is_never_shown(server: FakeRTM, kit: Kit, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    caplog.handler.addFilter(lambda record: not record.name.startswith("websockets.server"))
    rtm = kit.client("dal:s3cr3t-t0ken", logger=logging.getLogger("frontdesk.test"))
    rtm.connect()
    rtm.list_chats()
    server.reset_connections()
    rtm.pushes(Reconnected).get()
    assert "s3cr3t" not in repr(rtm)
    rtm.close()
    server.responses["login"] = refusing("authentication", "Invalid access token")
    with pytest.raises(AuthenticationError) as caught:
        rtm.connect()
    assert "s3cr3t" not in repr(caught.value) + str(caught.value)
    assert "s3cr3t" not in caplog.text


def test_importing_the_package_loads_no_network_library():
    import subprocess
    import sys

    code = (
        "import sys, frontdesk\n"
        "assert not {'websockets', 'aiohttp', 'asyncio'} & set(sys.modules)\n"
        "frontdesk.AsyncAgentRTM('dal:x', organization_id='o')\n"
        "assert 'websockets' not in sys.modules, 'loaded before it is needed'\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_child_of_a_fork_is_told_that_the_session_is_not_its_own(server: FakeRTM):
    with AgentRTM("dal:x", organization_id="o", base_url=server.url) as rtm:
        subscription = rtm.pushes(IncomingEvent)
        reported = 0
        read_end, write_end = os.pipe()
        if (child := os.fork()) == 0:
            for use in (rtm.list_chats, lambda: next(subscription), rtm.connect):
                try:
                    use()
                except ClientClosed:
                    reported += 1
            rtm.close()
            subscription.close()
            os.write(write_end, b"%d" % reported)
            os._exit(0)
        os.waitpid(child, 0)
        assert os.read(read_end, 1) == b"3"
        assert rtm.list_chats().found_chats == 0
        os.close(read_end)
        os.close(write_end)


def test_the_error_of_a_token_function_is_shown_without_secrets(
    server: FakeRTM, kit: Kit, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    tokens = iter(["dal:the-first-token", None, "dal:the-second-token"])

    def getter() -> str:
        token = next(tokens)
        if token is None:
            raise RuntimeError("cannot renew dal:the-first-token")
        return token

    with kit.connected(getter) as rtm:
        notices = rtm.pushes(ConnectionLost, Reconnected)
        server.push("agent_disconnected", {"reason": "access_token_expired"})
        seen = []
        while not any(isinstance(notice, Reconnected) for notice in seen):
            seen.append(notices.get())
    assert any("cannot renew" in repr(notice) for notice in seen)
    for shown in (caplog.text, repr(seen)):
        assert "the-first-token" not in shown
    assert "cannot renew" in caplog.text
