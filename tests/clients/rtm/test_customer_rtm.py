"""The RTM clients of customers: calls, pushes, reconnects, over a real connection."""

import inspect
from collections.abc import Iterator
from typing import Any

import pytest

from frontdesk import (
    AgentRTM,
    AsyncCustomerRTM,
    CustomerRTM,
    InvalidArgument,
    MissingToken,
    PushesLost,
    Reconnected,
    UsersLimitReached,
)
from frontdesk.actions import CUSTOMER_ACTIONS, GetChat, customer
from frontdesk.models import CustomerLoginResponse, Message
from frontdesk.pushes import (
    CUSTOMER_PUSHES,
    CustomerDetailsUpdated,
    IncomingEvent,
    IncomingGreeting,
    QueuePositionUpdated,
)

from ..._samples import load
from ...documented import samples
from ._clients import AT_ONCE, Blocking, Kit, until
from ._server import FakeRTM, refusing

RTM = [name for name, action in CUSTOMER_ACTIONS.items() if "rtm" in action.spec.transports]
TOKEN = "dal:customer_token"
PUSHES = {path.stem: load(path) for path in samples("customer/pushes")}
LOGIN = {"customer": {"id": "customer-1", "name": "Ann", "statistics": {"chats_count": 1}},
         "has_active_thread": True, "chats": [{"chat_id": "C", "has_unread_events": False}],
         "__priv_dynamic_config": {"customer_groups": {"monitoring": {"id": 1}}}}  # fmt: skip


class CustomerKit(Kit):
    def client(self, token: Any = TOKEN, **options: Any) -> Any:
        options = {"organization_id": "org-1", "base_url": self.url, "backoff": AT_ONCE} | options
        if self.loop is None:
            return CustomerRTM(token, **options)
        return Blocking(self.loop, AsyncCustomerRTM(token, **options))


@pytest.fixture(params=["sync", "async"])
def own(request: pytest.FixtureRequest, server: FakeRTM) -> Iterator[CustomerKit]:
    server.responses["login"] = lambda _: LOGIN
    kit = CustomerKit(request.param, server.url)
    yield kit
    kit.stop()


def test_a_customer_logs_in_calls_and_hears(own: CustomerKit, server: FakeRTM) -> None:
    with own.connected(TOKEN, group_id=3, customer={"name": "Ann"}, pushes=["all"]) as rtm:
        assert server.handshakes[0][0] == "/v3.6/customer/rtm/ws?organization_id=org-1"
        assert server.requests[0]["payload"] == {
            "token": f"Bearer {TOKEN}", "group_id": 3, "customer": {"name": "Ann"},
            "pushes": {"3.6": ["all"]},
        }  # fmt: skip
        assert type(rtm.login_response) is CustomerLoginResponse
        assert rtm.login_response.customer.statistics.chats_count == 1
        assert rtm.send_event(chat_id="C", event=Message("hi")).event_id
        server.responses["update_customer_page"] = lambda _: {"groups": [
            {"id": 1, "status": "online"}]}  # fmt: skip
        assert rtm.update_customer_page(url="https://a.b").groups[0].status == "online"
        box = rtm.pushes()
        names = [name for name in PUSHES if name != "customer_disconnected"]
        for name in names:
            server.push(name, PUSHES[name])
        for name in names:
            assert type(box.get()) is CUSTOMER_PUSHES[name]
        box.close()
    assert not server.asked("logout")


def test_handlers_take_what_only_customers_get(own: CustomerKit, server: FakeRTM) -> None:
    heard: list[Any] = []
    rtm = own.client()
    rtm.on(IncomingGreeting, QueuePositionUpdated, CustomerDetailsUpdated)(
        own.handler(heard.append)
    )
    rtm.connect()
    for name in ("incoming_greeting", "incoming_event", "queue_position_updated",
                 "customer_updated"):  # fmt: skip
        server.push(name, PUSHES[name])
    until(lambda: len(heard) == 3)
    rtm.close()
    assert {type(push) for push in heard} == {
        IncomingGreeting, QueuePositionUpdated, CustomerDetailsUpdated,
    }  # fmt: skip


def test_a_lost_connection_is_made_again_and_nothing_is_lost(
    own: CustomerKit, server: FakeRTM
) -> None:
    server.responses["list_chats"] = server.chats.list_chats_of_customer
    server.chats.open("A")
    with own.connected(group_id=3) as rtm:
        events, notices = rtm.pushes(IncomingEvent), rtm.pushes(Reconnected)
        server.say("A", "before")
        assert events.get().event.text == "before"
        server.chats.say("A", "missed")
        server.reset_connections()
        missed = events.get()
        assert (missed.event.text, missed.recovered) == ("missed", True)
        back = notices.get()
        assert isinstance(back, Reconnected)
        assert (back.recovered, back.requests) == (1, 2)
        server.say("A", "after")
        after = events.get()
        assert (after.event.text, after.recovered) == ("after", False)
        assert rtm.meter.reading().by_action == {"login": 2, "list_chats": 1, "get_chat": 1}
    assert server.requests[-1]["action"] != "logout"
    [_, again] = server.asked("login")
    assert again["payload"]["group_id"] == 3
    [listed] = server.asked("list_chats")
    assert listed["payload"] == {"limit": 25}


def test_nothing_is_read_back_if_it_is_not_asked_for(own: CustomerKit, server: FakeRTM) -> None:
    server.responses["list_chats"] = server.chats.list_chats_of_customer
    server.chats.open("A")
    with own.connected(group_id=3, recover=False) as rtm:
        box = rtm.pushes(Reconnected, PushesLost, IncomingEvent)
        server.say("A", "before")
        assert box.get().event.text == "before"
        server.chats.say("A", "missed")
        server.reset_connections()
        notices = [box.get(), box.get()]
        assert {type(notice) for notice in notices} == {Reconnected, PushesLost}
        [back] = [notice for notice in notices if isinstance(notice, Reconnected)]
        assert (back.complete, back.requests) == (False, 0)
        assert [request["action"] for request in server.requests] == ["login", "login"]
        assert rtm.recover().recovered == 1
        assert box.get().event.text == "missed"
        box.close()


def test_an_expired_token_is_replaced_with_a_new_connection(
    own: CustomerKit, server: FakeRTM
) -> None:
    tokens = iter(["dal:old_token", "dal:new_token"])
    with own.connected(lambda: next(tokens)) as rtm:
        server.push("customer_disconnected", {"reason": "access_token_expired"})
        server.wait_for(lambda: server.logged_in == 2)
        until(lambda: rtm.state.value == "ready")
    assert [r["payload"]["token"] for r in server.asked("login")] == [
        "Bearer dal:old_token", "Bearer dal:new_token",
    ]  # fmt: skip


def test_too_many_customers_are_an_error_of_its_own(own: CustomerKit, server: FakeRTM) -> None:
    server.responses["login"] = refusing("users_limit_reached")
    rtm = own.client()
    with pytest.raises(UsersLimitReached, match="users_limit_reached"):
        rtm.connect()


def test_each_side_has_its_own_methods(own: CustomerKit, server: FakeRTM) -> None:
    with own.connected() as rtm, pytest.raises(InvalidArgument, match="call AgentRTM"):
        rtm(GetChat(chat_id="C"))
    with own.connected() as rtm, pytest.raises(InvalidArgument, match="over Web only"):
        rtm(customer.CheckGoals(session_fields=[], group_id=0, page_url="https://a.b"))
    agent = AgentRTM("dal:x", base_url=server.url, organization_id="o")
    with pytest.raises(InvalidArgument, match="call CustomerRTM"):
        agent(customer.GetChat(chat_id="C"))


def test_arguments_are_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FRONTDESK_TOKEN", "FRONTDESK_CUSTOMER_TOKEN", "FRONTDESK_ORGANIZATION_ID"):
        monkeypatch.delenv(name, raising=False)
    for kind in (CustomerRTM, AsyncCustomerRTM):
        with pytest.raises(MissingToken, match="FRONTDESK_CUSTOMER_TOKEN"):
            kind(organization_id="o")
        with pytest.raises(InvalidArgument, match="organization_id"):
            kind(TOKEN)
        with pytest.raises(InvalidArgument, match="group_id"):
            kind(TOKEN, organization_id="o", group_id=-1)
        with pytest.raises(InvalidArgument, match="customer_page"):
            kind(TOKEN, organization_id="o", customer_page={"title": "no address"})
        with pytest.raises(InvalidArgument, match="groupid"):
            kind(TOKEN, organization_id="o", groupid=1)  # type: ignore[call-arg]
        with pytest.raises(InvalidArgument, match="personal access tokens"):
            kind("Basic YWNjOnNlY3JldF9wYXQ=", organization_id="o")


@pytest.mark.parametrize("kind", [CustomerRTM, AsyncCustomerRTM])
def test_every_method_of_rtm_is_there(kind: type) -> None:
    assert len(RTM) == 30
    for name in RTM:
        parameters = set(inspect.signature(getattr(kind, name)).parameters) - {"self"}
        assert parameters == set(CUSTOMER_ACTIONS[name].__struct_fields__)
    for name in ("check_goals", "upload_file", "get_configuration"):
        assert not hasattr(kind, name)
