"""Both clients over real connections to a small server."""

import inspect
import json
import logging
import os
import socket
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import frontdesk
from frontdesk import AgentClient, AgentRTM, AsyncAgentRTM, ConnectionLost, PushesLost, Reconnected
from frontdesk.actions import ACTIONS, GetChat, UploadFile
from frontdesk.auth import BearerToken
from frontdesk.clients._rtm_async import AsyncRTMDriver
from frontdesk.core.rtm.session import State
from frontdesk.errors import (
    APIError,
    AuthenticationError,
    BudgetExceeded,
    ClientClosed,
    ConnectError,
    ConnectionClosed,
    Disconnected,
    InvalidArgument,
    MissingToken,
    NotFound,
    NotTheAPI,
    RequesterSuspended,
    RequestTimeout,
    ValidationError,
)
from frontdesk.models import Message
from frontdesk.pushes import ChatDeactivated, ChatDeleted, IncomingEvent, UnknownPush

from ._clients import Kit, in_thread
from ._server import FakeRTM, Refuse, Silent


def silent(_: Any) -> Any:
    raise Silent


def refusing(*args: Any) -> Any:
    def refuse(_: Any) -> Any:
        raise Refuse(*args)

    return refuse


# ---------------------------------------------------------------- connecting


def test_logs_in_calls_and_leaves(server: FakeRTM, kit: Kit):
    with kit.connected() as rtm:
        assert rtm.state is State.READY
        assert rtm.login_response.my_profile.id == "smith@example.com"
        assert rtm.send_event(chat_id="A", event=Message(text="hi")).event_id == "K600PKZON8_1"
    assert rtm.state is State.CLOSED
    assert [request["action"] for request in server.requests] == ["login", "send_event", "logout"]
    assert server.requests[1]["payload"] == {
        "chat_id": "A",
        "event": {"type": "message", "text": "hi"},
    }


def test_address_holds_the_organization_and_the_handshake_no_token(server: FakeRTM, kit: Kit):
    with kit.connected("fra:secret", organization_id="a b/c", client_id="app1"):
        pass
    path, headers = server.handshakes[0]
    assert path == "/v3.6/agent/rtm/ws?organization_id=a%20b%2Fc"
    assert "Authorization" not in headers
    assert "secret" not in str(headers)
    assert headers["X-Region"] == "fra"
    assert "Application app1" in headers["User-Agent"]


def test_version_is_part_of_the_address(server: FakeRTM, kit: Kit):
    with kit.connected(version="3.7"):
        pass
    assert server.handshakes[0][0].startswith("/v3.7/agent/rtm/ws?")


def test_login_says_what_the_user_wants(server: FakeRTM, kit: Kit):
    with kit.connected(
        pushes=[IncomingEvent, "chat_deactivated"],
        customer_monitoring_level="my",
        away=True,
        timezone="Europe/Warsaw",
    ):
        pass
    assert server.asked("login")[0]["payload"] == {
        "token": "Bearer dal:secret",
        "timezone": "Europe/Warsaw",
        "away": True,
        "customer_monitoring_level": "my",
        "pushes": {"3.6": ["incoming_event", "chat_deactivated"]},
    }


def test_pushes_may_be_wanted_by_version(server: FakeRTM, kit: Kit):
    with kit.connected(pushes={"3.6": [ChatDeleted], "v3.7": ["all"]}):
        pass
    payload = server.asked("login")[0]["payload"]
    assert payload["pushes"] == {"3.6": ["chat_deleted"], "3.7": ["all"]}


def test_organization_and_token_may_come_from_the_environment(
    server: FakeRTM, kit: Kit, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("FRONTDESK_ORGANIZATION_ID", "from-env")
    monkeypatch.setenv("FRONTDESK_TOKEN", "Bearer fra:env")
    with kit.connected(None, organization_id=None):
        pass
    assert "organization_id=from-env" in server.handshakes[0][0]
    assert server.asked("login")[0]["payload"]["token"] == "Bearer fra:env"


@pytest.mark.parametrize("how", ["function", "async function"])
def test_token_may_come_from_a_function(server: FakeRTM, kit: Kit, how: str):
    if how == "function":

        def getter() -> str:
            return "dal:given"

    else:

        async def getter() -> str:
            return "dal:given"

    if how == "async function" and kit.kind == "sync":
        with pytest.raises(InvalidArgument, match="AsyncAgentRTM"):
            kit.client(getter).connect()
    else:
        with kit.connected(getter):
            pass
        assert server.asked("login")[0]["payload"]["token"] == "Bearer dal:given"


def test_error_of_the_token_function_comes_out_of_connect(kit: Kit):
    def getter() -> str:
        raise LookupError("no token today")

    with pytest.raises(LookupError, match="no token today"):
        kit.client(getter).connect()


def test_what_the_token_function_returns_is_checked(kit: Kit):
    with pytest.raises(InvalidArgument, match="token"):
        kit.client(lambda: 17).connect()


@pytest.mark.parametrize(
    ("error", "type"),
    [
        (AuthenticationError, "authentication"),
        (RequesterSuspended, "requester_suspended"),
        (ValidationError, "validation"),
    ],
)
def test_refused_login_is_the_servers_error(
    server: FakeRTM, kit: Kit, error: type[APIError], type: str
):
    server.answers["login"] = refusing(type, "No.")
    with pytest.raises(error) as caught:
        kit.client().connect()
    assert caught.value.action == "login"
    assert "secret" not in str(caught.value)


def test_login_without_an_answer_times_out(server: FakeRTM, kit: Kit):
    server.answers["login"] = silent
    with pytest.raises(RequestTimeout):
        kit.client(timeout=0.2, retry=None).connect()


def test_nobody_there(kit: Kit):
    with pytest.raises(ConnectError, match=r"127\.0\.0\.1:1"):
        kit.client(base_url="http://127.0.0.1:1", retry=None).connect()


def test_host_that_cannot_be_resolved(kit: Kit, monkeypatch: pytest.MonkeyPatch):
    def unknown(*args: Any, **options: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(ConnectError, match="resolved"):
        kit.client(base_url="http://host.invalid", retry=None).connect()


def test_wrong_region_is_followed_once(server: FakeRTM, kit: Kit):
    answers = [Refuse("misdirected_request", "Wrong region", {"region": "fra"}), None]

    def login(payload: dict[str, Any]) -> Any:
        if answer := answers.pop(0):
            raise answer
        return server.login(payload)

    server.answers["login"] = login
    with kit.connected():
        pass
    assert [headers["X-Region"] for _, headers in server.handshakes] == ["dal", "fra"]


def test_connect_twice_is_refused(kit: Kit):
    with kit.connected() as rtm, pytest.raises(ClientClosed, match="already"):
        rtm.connect()


def test_client_can_connect_again_after_it_was_closed(server: FakeRTM, kit: Kit):
    rtm = kit.client()
    for _ in range(3):
        rtm.connect()
        assert rtm.send_event(chat_id="A", event=Message(text="hi"))
        rtm.close()
    assert server.logged_in == 3


def test_every_session_of_a_client_keeps_its_own_time(server: FakeRTM, kit: Kit):
    rtm = kit.client(ping_interval=0.05)
    for session in (1, 2):
        rtm.connect()
        pings = len(server.asked("ping"))
        server.wait_for(lambda pings=pings: len(server.asked("ping")) >= pings + 2)
        rtm.close()
        assert server.logged_in == session


@pytest.mark.parametrize("use", ["call", "profile", "wait"])
def test_not_connected_is_a_clear_error(kit: Kit, use: str):
    rtm = kit.client()
    with pytest.raises(ClientClosed):
        match use:
            case "call":
                rtm.list_chats()
            case "profile":
                rtm.login_response  # noqa: B018
            case _:
                rtm.wait_closed()


def test_closing_what_was_never_connected_does_nothing(kit: Kit):
    kit.client().close()


def test_call_after_the_end_is_a_clear_error(kit: Kit):
    with kit.connected() as rtm:
        pass
    with pytest.raises(ClientClosed, match="closed"):
        rtm.list_chats()


# ---------------------------------------------------------------- arguments


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"organization_id": None}, "organization_id"),
        ({"organization_id": ""}, "organization_id"),
        ({"timeout": 0}, "timeout"),
        ({"ping": "shout"}, "ping"),
        ({"ping_interval": 0}, "ping_interval"),
        ({"customer_monitoring_level": "everything"}, "customer_monitoring_level"),
        ({"pushes": "incoming_event"}, "pushes"),
        ({"pushes": [int]}, "pushes"),
        ({"pushes": [UnknownPush]}, "pushes"),
        ({"base_url": "ftp://x"}, "base_url"),
        ({"region": "mars"}, "region"),
        ({"version": "latest"}, "version"),
    ],
)
def test_bad_argument_names_itself(options: dict[str, Any], field: str, monkeypatch: Any):
    monkeypatch.delenv("FRONTDESK_ORGANIZATION_ID", raising=False)
    with pytest.raises(InvalidArgument) as caught:
        AgentRTM(**{"token": "dal:x", "organization_id": "o", **options})
    assert field in caught.value.field


def test_missing_token(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("FRONTDESK_TOKEN", raising=False)
    with pytest.raises(MissingToken):
        AgentRTM(organization_id="o")


def test_action_that_is_web_only_is_refused(kit: Kit):
    with kit.connected() as rtm, pytest.raises(InvalidArgument, match="AgentClient"):
        rtm(UploadFile(file=b"x"))


def test_action_that_the_version_does_not_have_is_refused(server: FakeRTM, kit: Kit):
    with kit.connected() as rtm, pytest.raises(InvalidArgument, match=r"3\.5"):
        rtm.create_customer(name="Ann")
    assert server.asked("create_customer") == []


def test_both_clients_have_every_method_of_rtm_with_the_same_arguments():
    for name, action in ACTIONS.items():
        if "rtm" not in action.spec.transports:
            assert not hasattr(AgentRTM, name)
            continue
        sync, asyncio_ = getattr(AgentRTM, name), getattr(AsyncAgentRTM, name)
        assert inspect.signature(sync) == inspect.signature(asyncio_)
        assert inspect.iscoroutinefunction(asyncio_)
        if "web" in action.spec.transports:
            assert inspect.signature(sync) == inspect.signature(getattr(AgentClient, name))


# ---------------------------------------------------------------- calls


def test_action_can_be_sent_as_an_object(server: FakeRTM, kit: Kit):
    server.chats.open("A")
    with kit.connected() as rtm:
        assert rtm(GetChat(chat_id="A")).id == "A"


def test_refused_call_is_the_servers_error(server: FakeRTM, kit: Kit):
    server.answers["get_chat"] = refusing("not_found", "Chat not found")
    with kit.connected() as rtm, pytest.raises(NotFound, match="Chat not found"):
        rtm.get_chat(chat_id="A")


def test_call_without_an_answer_times_out_and_the_session_goes_on(server: FakeRTM, kit: Kit):
    server.answers["send_event"] = silent
    with kit.connected() as rtm:
        with pytest.raises(RequestTimeout, match="send_event"):
            rtm.with_options(timeout=0.1).send_event(chat_id="A", event=Message(text="hi"))
        assert rtm.list_chats().found_chats == 0


def test_at_most_ten_at_a_time_reach_the_server(server: FakeRTM, kit: Kit):
    server.answers["send_event"] = silent
    with kit.connected(timeout=60) as rtm:
        work = [
            in_thread(lambda: rtm.send_event(chat_id="A", event=Message(text="hi")))
            for _ in range(25)
        ]
        server.wait_for(lambda: len(server.asked("send_event")) == 10)
        server.answers["list_chats"] = server.chats.list_chats
        for count in range(25):
            request = server.asked("send_event")[count]
            answer = {"request_id": request["request_id"], "action": "send_event"}
            server.send_raw(
                json.dumps(
                    {**answer, "type": "response", "success": True, "payload": {"event_id": "1"}}
                )
            )
            wanted = min(25, 11 + count)
            server.wait_for(lambda wanted=wanted: len(server.asked("send_event")) == wanted)
        assert [result.get().event_id for result in work] == ["1"] * 25


def test_pages_are_walked_as_over_web(server: FakeRTM, kit: Kit):
    for number in range(230):
        server.chats.open(f"C{number}")
    with kit.connected(recover=False) as rtm:
        pages = rtm.iter_chats()
        if kit.loop is None:
            chats = list(pages)
        else:

            async def collect() -> list[Any]:
                return [chat async for chat in pages]

            chats = kit.loop.run(collect())
    assert len({chat.id for chat in chats}) == 230
    assert [request["payload"].get("limit") for request in server.asked("list_chats")] == [
        100, None, None,
    ]  # fmt: skip


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
        server.answers["get_chat"] = refusing("not_found")
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


# ---------------------------------------------------------------- pushes


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
        assert len(line.hub._boxes) <= 1


def test_slow_subscriber_is_told_what_it_lost(server: FakeRTM, kit: Kit):
    with kit.connected() as rtm:
        slow, marker = rtm.pushes(ChatDeleted, queue=2), rtm.pushes(ChatDeactivated)
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


def test_handler_may_be_async_with_the_async_client(server: FakeRTM):
    kit = Kit("async", server.url)
    got: list[str] = []
    done = threading.Event()
    with kit.connected() as rtm:

        async def handler(push: ChatDeleted) -> None:
            await rtm.inner.list_chats()
            got.append(push.chat_id)
            done.set()

        rtm.on(ChatDeleted)(handler)
        server.push("chat_deleted", {"chat_id": "A"})
        assert done.wait(10)
    assert got == ["A"]
    kit.stop()


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


# ---------------------------------------------------------------- interruptions


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
        assert (back.recovered, back.requests, back.complete) == (1, 3, True)
        server.say("A", "after")
        after = events.get()
        assert (after.event.text, after.recovered) == ("after", False)
        assert rtm.meter.reading().by_action == {
            "login": 2, "list_chats": 2, "list_threads": 1,
        }  # fmt: skip
    assert server.asked("login")[1]["payload"]["reconnect"] is True


def test_silent_connection_is_replaced(server: FakeRTM, kit: Kit):
    server.answers["ping"] = silent
    with kit.connected(ping_interval=0.05, ping_timeout=0.05) as rtm:
        notices = rtm.pushes(ConnectionLost, Reconnected)
        assert "no sign of life" in str(notices.get().error)
        server.answers["ping"] = lambda _: {}
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
        events, back = rtm.pushes(IncomingEvent), rtm.pushes(Reconnected)
        server.chats.say("A", "missed")
        server.reset_connections()
        assert events.get() == PushesLost(interruption=True)
        assert not back.get().complete
        server.say("A", "after")
        assert events.get().event.text == "after"
        assert rtm.meter.reading().by_action == {"login": 2}


def test_recovery_that_fails_is_told(server: FakeRTM, kit: Kit, caplog: pytest.LogCaptureFixture):
    server.chats.open("A")
    server.answers["list_chats"] = refusing("authorization", "scope missing")
    with kit.connected() as rtm:
        events, back = rtm.pushes(IncomingEvent), rtm.pushes(Reconnected)
        server.reset_connections()
        assert events.get() == PushesLost(interruption=True)
        assert not back.get().complete
    assert "scope missing" in caplog.text


def test_interruption_during_the_recovery(server: FakeRTM, kit: Kit):
    server.chats.open("A")
    server.answers["list_chats"] = silent
    with kit.connected() as rtm:
        events = rtm.pushes(IncomingEvent)
        server.say("A", "1")
        assert events.get().event.text == "1"
        server.chats.say("A", "2")
        server.reset_connections()
        server.wait_for(lambda: len(server.asked("list_chats")) == 1)
        server.say("A", "3")
        server.answers["list_chats"] = server.chats.list_chats
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
    events = rtm.pushes(IncomingEvent)
    rtm.connect()
    assert events.get().event.text == "missed"
    rtm.close()
    assert server.asked("login")[1]["payload"]["reconnect"] is True


def test_session_that_the_user_ended_begins_anew(server: FakeRTM, kit: Kit):
    server.chats.open("A")
    with kit.connected() as rtm:
        server.say("A", "before")
    server.chats.say("A", "while nobody was there")
    events = rtm.pushes(IncomingEvent)
    rtm.connect()
    server.say("A", "after")
    assert events.get().event.text == "after"
    rtm.close()
    assert "reconnect" not in server.asked("login")[1]["payload"]


def test_lost_call_that_may_be_repeated_is_answered_over_the_new_connection(
    server: FakeRTM, kit: Kit
):
    server.chats.open("A")
    server.answers["get_chat"] = silent
    with kit.connected(recover=False) as rtm:
        call = in_thread(lambda: rtm.get_chat(chat_id="A"))
        server.wait_for(lambda: len(server.asked("get_chat")) == 1)
        server.answers["get_chat"] = server.chats.get_chat
        server.reset_connections()
        assert call.get().id == "A"


def test_lost_call_that_may_not_be_repeated_fails(server: FakeRTM, kit: Kit):
    server.answers["send_event"] = silent
    with kit.connected(recover=False) as rtm:
        call = in_thread(lambda: rtm.send_event(chat_id="A", event=Message(text="hi")))
        server.wait_for(lambda: len(server.asked("send_event")) == 1)
        server.reset_connections()
        with pytest.raises(ConnectionClosed) as caught:
            call.get()
        assert caught.value.maybe_sent
    assert len(server.asked("send_event")) == 1


def test_token_is_swapped_before_it_ends(server: FakeRTM, kit: Kit):
    tokens = iter(["dal:one", "dal:two", "dal:three"])

    def getter() -> BearerToken:
        ends = datetime.now(UTC) + timedelta(seconds=60.2)
        return BearerToken(next(tokens), expires_at=ends)

    with kit.connected(getter):
        server.wait_for(lambda: len(server.asked("update_session")) >= 1)
    assert server.asked("update_session")[0]["payload"] == {"token": "Bearer dal:two"}


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


def test_server_that_does_not_answer_the_goodbye_is_left_all_the_same(server: FakeRTM, kit: Kit):
    server.answers["logout"] = silent
    with kit.connected(close_timeout=0.2) as rtm:
        pass
    assert rtm.state is State.CLOSED


# ---------------------------------------------------------------- secrets


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
    server.answers["login"] = refusing("authentication", "Invalid access token")
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
        told = 0
        read_end, write_end = os.pipe()
        if (child := os.fork()) == 0:
            for use in (rtm.list_chats, lambda: next(subscription), rtm.connect):
                try:
                    use()
                except ClientClosed:
                    told += 1
            rtm.close()
            subscription.close()
            os.write(write_end, b"%d" % told)
            os._exit(0)
        os.waitpid(child, 0)
        assert os.read(read_end, 1) == b"3"
        assert rtm.list_chats().found_chats == 0
        os.close(read_end)
        os.close(write_end)


# ---------------------------------------------------------------- the async client alone


def test_cancelled_call_leaves_the_session_usable(server: FakeRTM):
    import asyncio

    server.answers["send_event"] = silent

    async def story() -> None:
        async with AsyncAgentRTM("dal:x", organization_id="o", base_url=server.url) as rtm:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05):
                    await rtm.send_event(chat_id="A", event=Message(text="hi"))
            assert (await rtm.list_chats()).found_chats == 0

    asyncio.run(story())


def test_cancelled_connect_leaves_nothing_behind(server: FakeRTM):
    import asyncio

    server.answers["login"] = silent

    async def story() -> None:
        rtm: AsyncRTMDriver = AsyncAgentRTM("dal:x", organization_id="o", base_url=server.url)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await rtm.connect()
        assert rtm.state is State.CLOSED
        assert len(asyncio.all_tasks()) == 1

    asyncio.run(story())


def test_not_the_api(server: FakeRTM, kit: Kit):
    from websockets.datastructures import Headers
    from websockets.http11 import Response

    server.refuse_handshake = lambda _: Response(
        404, "Not Found", Headers({"Content-Type": "text/html"}), b"<html>nothing here</html>"
    )
    with pytest.raises(NotTheAPI) as caught:
        kit.client(retry=None).connect()
    assert caught.value.status == 404
