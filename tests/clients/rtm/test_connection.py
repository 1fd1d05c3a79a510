"""How both clients connect, with which arguments; over real connections to a small server."""

import inspect
import socket
from typing import Any

import pytest

from frontdesk import AgentClient, AgentRTM, AsyncAgentRTM
from frontdesk.actions import ACTIONS, UploadFile
from frontdesk.core.rtm.session import State
from frontdesk.errors import (
    APIError,
    AuthenticationError,
    ClientClosed,
    ConnectError,
    InvalidArgument,
    MissingToken,
    RequesterSuspended,
    RequestTimeout,
    ValidationError,
)
from frontdesk.models import Message
from frontdesk.pushes import ChatDeleted, IncomingEvent

from ...canary import TOKEN
from ._clients import Kit
from ._server import FakeRTM, Refuse, refusing, silent


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
        "token": f"Bearer {TOKEN}",
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
    server.responses["login"] = refusing(type, "No.")
    with pytest.raises(error) as caught:
        kit.client().connect()
    assert caught.value.action == "login"
    assert "secret" not in str(caught.value)


def test_login_without_a_response_times_out(server: FakeRTM, kit: Kit):
    server.responses["login"] = silent
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
    responses = [Refuse("misdirected_request", "Wrong region", {"region": "fra"}), None]

    def login(payload: dict[str, Any]) -> Any:
        if response := responses.pop(0):
            raise response
        return server.login(payload)

    server.responses["login"] = login
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
