"""The clients that a sandbox makes for its customers."""

import asyncio
from typing import Any

import pytest

from frontdesk.errors import (
    AuthenticationError,
    ClientClosed,
    ConnectionClosed,
    InvalidArgument,
    NotFound,
)
from frontdesk.sandbox import Sandbox


@pytest.fixture(params=["embedded", "served"])
def desk(request: pytest.FixtureRequest) -> Sandbox:
    desk: Sandbox = request.getfixturevalue("served" if request.param == "served" else "sandbox")
    return desk


def test_a_new_customer_is_one_line(desk: Sandbox) -> None:
    one, other = desk.customer_client(), desk.customer_client()
    assert one.get_customer().id != other.get_customer().id


def test_a_customer_is_found_by_its_id(desk: Sandbox) -> None:
    ann = desk.customer("Ann")
    assert desk.customer_client(ann.id).get_customer().name == "Ann"


def test_async_clients_are_customers_too(desk: Sandbox) -> None:
    ann = desk.customer("Ann")

    async def names() -> list[str | None]:
        async with desk.async_customer_client(ann.id) as client:
            named = (await client.get_customer()).name
        async with desk.async_customer_client() as client:
            return [named, (await client.get_customer()).name]

    assert asyncio.run(names()) == ["Ann", None]


def test_rtm_clients_are_customers_too(desk: Sandbox) -> None:
    ann = desk.customer("Ann")
    with desk.customer_rtm(ann.id) as rtm:
        assert rtm.get_customer().name == "Ann"

    async def name() -> str | None:
        async with desk.async_customer_rtm(ann.id) as rtm:
            return (await rtm.get_customer()).name

    assert asyncio.run(name()) == "Ann"


def test_their_tokens_renew_themselves(desk: Sandbox) -> None:
    client = desk.customer_client()
    customer_id = client.get_customer().id
    desk.advance(9 * 3600)
    assert client.get_customer().id == customer_id


def test_a_token_of_ones_own_takes_the_place(desk: Sandbox) -> None:
    ann = desk.customer("Ann")
    token = desk.customer_token(ann.id, seconds=60)
    client = desk.customer_client(token=token)
    assert client.get_customer().id == ann.id
    desk.advance(61)
    with pytest.raises(AuthenticationError):
        client.get_customer()


@pytest.mark.parametrize("end", ["expire_token", "revoke_token"])
def test_tokens_are_ended(desk: Sandbox, end: str) -> None:
    token = desk.customer_token()
    assert token.startswith("Bearer dal:")
    client = desk.customer_client(token=token)
    client.get_customer()
    getattr(desk, end)(token)
    with pytest.raises(AuthenticationError):
        client.get_customer()


def test_ending_a_token_ends_its_connections(served: Sandbox) -> None:
    token = served.customer_token()
    with served.customer_rtm(token=token) as rtm:
        rtm.get_customer()
        served.revoke_token(token)
        # By now or in a moment: the server may respond to the call before it ends the connection.
        with pytest.raises((AuthenticationError, ConnectionClosed)):
            rtm.get_customer()


@pytest.mark.parametrize("kind", ["customer_client", "async_customer_client", "customer_rtm"])
def test_a_customer_must_be_there(sandbox: Sandbox, kind: str) -> None:
    with pytest.raises(NotFound, match="nobody"):
        getattr(sandbox, kind)("nobody")
    with pytest.raises(InvalidArgument, match="customer_id"):
        getattr(sandbox, kind)(sandbox.customer("Ann").id, token="dal:x")


@pytest.mark.parametrize("seconds", [0, -1, float("nan"), "60", True, 1e12])
def test_a_life_is_some_time(sandbox: Sandbox, seconds: Any) -> None:
    with pytest.raises(InvalidArgument, match="seconds"):
        sandbox.customer_token(seconds=seconds)


def test_tokens_of_the_other_side_are_refused(desk: Sandbox) -> None:
    with pytest.raises(AuthenticationError):
        desk.customer_client(token=desk.tokens["owner"]).get_customer()
    with pytest.raises(AuthenticationError):
        desk.client(desk.customer_token()).list_chats()


def test_they_are_closed_with_the_sandbox() -> None:
    sandbox = Sandbox("empty")
    client = sandbox.customer_client()
    sandbox.close()
    with pytest.raises(ClientClosed):
        client.get_customer()
    for make in (sandbox.customer_client, sandbox.customer_token, sandbox.customer_rtm):
        with pytest.raises(ClientClosed):
            make()


def test_no_repr_shows_a_token(sandbox: Sandbox) -> None:
    client = sandbox.customer_client()
    client.get_customer()
    assert "dal:" not in repr(client)
