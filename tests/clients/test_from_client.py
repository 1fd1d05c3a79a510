"""Clients of two APIs on the same connections, token and meter, and who closes them."""

import inspect
from collections.abc import Callable
from typing import Any

import pytest

import frontdesk
from frontdesk import (
    AgentClient,
    AsyncAgentClient,
    AsyncConfigurationClient,
    BudgetExceeded,
    ClientClosed,
    ConfigurationClient,
    InvalidArgument,
    Retry,
)
from frontdesk.models import Message

from ..loopback import Connection, Got, Loopback, Responder, error, reply
from ..web import TOKEN, Blocking, Kit

DERIVED = ("configuration", "from_client", "back again")


def blocking(kit: Kit, client: Any) -> Any:
    return Blocking(client, kit.runner) if kit.is_async else client


def plain(client: Any) -> Any:
    return client.client if isinstance(client, Blocking) else client


def classes(kit: Kit) -> tuple[Any, Any]:
    if kit.is_async:
        return AsyncAgentClient, AsyncConfigurationClient
    return AgentClient, ConfigurationClient


@pytest.fixture(params=DERIVED)
def derive(request: pytest.FixtureRequest, kit: Kit) -> Callable[[Any], Any]:
    """Make a Configuration client of an agent client, in each way that there is."""

    def derive(client: Any) -> Any:
        agent_class, configuration_class = classes(kit)
        if request.param == "configuration":
            made = plain(client).configuration()
        elif request.param == "from_client":
            made = configuration_class.from_client(plain(client))
        else:
            made = agent_class.from_client(plain(client).configuration()).configuration()
        assert type(made) is configuration_class
        return blocking(kit, made)

    return derive


def send(client: Any) -> Any:
    return client.send_event(chat_id="C1", event=Message(text="hi"))


def responder() -> Responder:
    """Responds to both APIs."""

    async def respond(connection: Connection, got: Got) -> bool:
        body = [] if got.name == "list_tags" else {"event_id": "E"}
        return await reply(body)(connection, got)

    return respond


@pytest.fixture
def server(server: Loopback) -> Loopback:
    server.default = responder()
    return server


def test_calls_of_both_go_over_one_connection_and_one_meter(
    kit: Kit, server: Loopback, derive: Callable[[Any], Any]
) -> None:
    client = kit.client(server, region="fra", headers={"X-Test": "1"})
    configuration = derive(client)
    send(client)
    assert configuration.list_tags() == []
    send(client)
    assert server.opened == 1
    assert [got.target for got in server.requests] == [
        "/v3.6/agent/action/send_event",
        "/v3.6/configuration/action/list_tags",
        "/v3.6/agent/action/send_event",
    ]
    first, second = (
        {name: value for name, value in got.headers.items() if name != "content-length"}
        for got in server.requests[:2]
    )
    assert first == second
    assert (first["x-region"], first["x-test"]) == ("fra", "1")
    assert client.meter is configuration.meter
    assert client.meter.requests == 3


def test_the_budget_and_the_retries_are_shared(
    kit: Kit, server: Loopback, derive: Callable[[Any], Any]
) -> None:
    calls: list[str] = []
    client = kit.client(
        server, budget=3, retry=Retry(attempts=2), on_call=lambda call: calls.append(call.action)
    )
    configuration = derive(client)
    server.respond(error("service_unavailable", status=503), reply([]))
    configuration.list_tags()
    send(client)
    with pytest.raises(BudgetExceeded):
        configuration.list_tags()
    with pytest.raises(BudgetExceeded):
        send(client)
    assert len(server.requests) == 3
    assert calls[:2] == ["list_tags", "send_event"]


def test_options_of_one_are_not_those_of_the_other(
    kit: Kit, server: Loopback, derive: Callable[[Any], Any]
) -> None:
    client = kit.client(server, budget=1)
    configuration = derive(client).with_options(budget=5)
    configuration.list_tags()
    configuration.list_tags()
    send(client)
    assert (client.meter.requests, configuration.meter.requests) == (1, 2)
    assert server.opened == 1


def test_the_token_is_fetched_and_renewed_once_for_both(
    kit: Kit, server: Loopback, derive: Callable[[Any], Any]
) -> None:
    tokens = iter(["Bearer dal:one-of-two", "Bearer dal:two-of-two"])
    valid = "Bearer dal:one-of-two"

    async def respond(connection: Connection, got: Got) -> bool:
        if got.headers["authorization"] != valid:
            refusal = error("authentication", "Invalid access token", status=401)
            return await refusal(connection, got)
        return await responder()(connection, got)

    server.default = respond
    client = kit.client(server, token=lambda: next(tokens))
    configuration = derive(client)
    configuration.list_tags()
    send(client)
    valid = "Bearer dal:two-of-two"
    configuration.list_tags()
    send(client)
    sent = [got.headers["authorization"].removeprefix("Bearer dal:") for got in server.requests]
    assert [token[:3] for token in sent] == ["one", "one", "one", "two", "two"]


def test_the_region_that_one_learns_is_known_to_the_other(
    kit: Kit, server: Loopback, derive: Callable[[Any], Any]
) -> None:
    client = kit.client(server)
    configuration = derive(client)
    server.respond(
        error("misdirected_request", "Wrong region", status=421, data={"region": "fra"}), reply([])
    )
    configuration.list_tags()
    send(client)
    assert server.last.headers["x-region"] == "fra"


def test_closing_the_derived_one_leaves_the_other(
    kit: Kit, server: Loopback, derive: Callable[[Any], Any]
) -> None:
    client = kit.client(server)
    configuration = derive(client)
    configuration.list_tags()
    copy = configuration.with_options(timeout=5)
    configuration.close()
    configuration.close()
    for closed in (configuration, copy):
        with pytest.raises(ClientClosed, match="the client is closed; make a new one"):
            closed.list_tags()
    send(client)
    assert derive(client).list_tags() == []
    assert server.opened == 1
    assert client.meter.requests == 3


def test_closing_the_first_one_ends_both(
    kit: Kit, server: Loopback, derive: Callable[[Any], Any]
) -> None:
    client = kit.client(server)
    configuration = derive(client)
    configuration.list_tags()
    client.close()
    with pytest.raises(ClientClosed, match="the client that this one has its connections of"):
        configuration.list_tags()
    with pytest.raises(ClientClosed, match="the client is closed"):
        send(client)
    server.wait_until(lambda: server.open == 0)
    assert client.meter.requests == 1


def test_one_in_between_can_be_closed(kit: Kit, server: Loopback) -> None:
    agent_class, configuration_class = classes(kit)
    first = kit.client(server)
    middle = blocking(kit, configuration_class.from_client(plain(first)))
    last = blocking(kit, agent_class.from_client(plain(middle)))
    middle.close()
    send(last)
    send(first)
    assert server.opened == 1


def test_the_other_way_round(kit: Kit, server: Loopback) -> None:
    agent_class, configuration_class = classes(kit)
    configuration = configuration_class(TOKEN, base_url=server.url)
    client = blocking(kit, agent_class.from_client(configuration))
    assert type(plain(client)) is agent_class
    send(client)
    assert blocking(kit, configuration).list_tags() == []
    assert server.opened == 1
    assert configuration.meter.requests == 2
    kit.run(configuration.close())


def test_a_context_manager_ends_the_derived_one_alone(kit: Kit, server: Loopback) -> None:
    client = kit.client(server)
    configuration = plain(client).configuration()

    async def in_async_context() -> None:
        async with configuration:
            await configuration.list_tags()

    if kit.is_async:
        kit.run(in_async_context())
    else:
        with configuration:
            configuration.list_tags()
    with pytest.raises(ClientClosed):
        blocking(kit, configuration).list_tags()
    send(client)


@pytest.mark.parametrize("kind", ["the other kind", "text", "RTM"])
def test_only_a_client_of_the_same_kind_will_do(kit: Kit, kind: str) -> None:
    agent_class, configuration_class = classes(kit)
    given: Any = "dal:token"
    if kind == "the other kind":
        given = (AgentClient if kit.is_async else AsyncAgentClient)(TOKEN)
    elif kind == "RTM":
        rtm = frontdesk.AsyncAgentRTM if kit.is_async else frontdesk.AgentRTM
        given = rtm(TOKEN, organization_id="o")
    for cls in (agent_class, configuration_class):
        with pytest.raises(InvalidArgument, match=r"`client` must be an? .*sync client") as caught:
            cls.from_client(given)
        assert TOKEN not in str(caught.value)
        assert "dal:token" not in str(caught.value)


def test_the_signatures_say_what_comes_back() -> None:
    for cls, made in (
        (AgentClient, "ConfigurationClient"),
        (AsyncAgentClient, "AsyncConfigurationClient"),
    ):
        assert inspect.signature(cls.configuration).return_annotation == made
        documented = inspect.getdoc(cls.configuration) or ""
        assert "closing this client ends both" in " ".join(documented.split())
