"""Tokens of customers in the world: given, found, taken back, ended."""

from collections.abc import Iterator

import pytest

from frontdesk.errors import InvalidArgument, NotFound
from frontdesk.sandbox import Sandbox
from frontdesk.sandbox.seeds import new_world
from frontdesk.sandbox.world import World
from frontdesk.sandbox.world.accounts import customer_tokens
from frontdesk.sandbox.world.accounts.customer_tokens import MOST_TOKENS, SECONDS
from frontdesk.sandbox.world.people import customers
from frontdesk.sandbox.world.people.customers import CustomerDetails


@pytest.fixture
def world() -> Iterator[World]:
    world = new_world("empty")
    yield world
    world.store.close()


@pytest.fixture
def ann(world: World) -> str:
    return world.unit(lambda: customers.create(world, CustomerDetails(name="Ann")).id)


def test_a_token_is_found_as_it_was_given(world: World, ann: str) -> None:
    token = world.unit(lambda: customer_tokens.issue(world, ann, client_id="shop"))
    assert customer_tokens.find(world, token.id) == token
    assert (token.customer_id, token.client_id, token.organization_id) == (ann, "shop", "")
    assert token.id.startswith("dal:")
    assert token.expires_at > token.created_at


def test_a_token_that_nobody_gave_is_not_found(world: World) -> None:
    assert customer_tokens.find(world, "dal:none") is None


def test_a_token_lives_for_eight_hours(world: World, ann: str) -> None:
    token = world.unit(lambda: customer_tokens.issue(world, ann))
    life = (token.expires_at - token.created_at).total_seconds()
    assert life == pytest.approx(SECONDS, abs=1)


def test_a_token_that_was_taken_back_is_not_found(world: World, ann: str) -> None:
    token = world.unit(lambda: customer_tokens.issue(world, ann))
    assert world.unit(lambda: customer_tokens.revoke(world, token.id))
    assert customer_tokens.find(world, token.id) is None
    assert not world.unit(lambda: customer_tokens.revoke(world, token.id))


def test_there_is_no_token_without_a_customer(world: World) -> None:
    with pytest.raises(NotFound, match="customer_id"):
        world.unit(lambda: customer_tokens.issue(world, "nobody"))


@pytest.mark.parametrize("seconds", [0, -1, float("nan"), float("inf"), 1e12])
def test_a_life_is_some_time(world: World, ann: str, seconds: float) -> None:
    with pytest.raises(InvalidArgument, match="expires_in"):
        world.unit(lambda: customer_tokens.issue(world, ann, expires_in=seconds))


def test_the_oldest_of_too_many_ends(world: World, ann: str) -> None:
    tokens = [world.unit(lambda: customer_tokens.issue(world, ann)) for _ in range(MOST_TOKENS + 2)]
    alive = [token for token in tokens if customer_tokens.find(world, token.id)]
    assert alive == tokens[2:]


def test_each_client_has_its_own(world: World, ann: str) -> None:
    first = world.unit(lambda: customer_tokens.issue(world, ann, client_id="shop"))
    for _ in range(MOST_TOKENS):
        world.unit(lambda: customer_tokens.issue(world, ann, client_id="kiosk"))
    assert customer_tokens.find(world, first.id) == first


def test_a_token_that_has_ended_takes_no_place(world: World, ann: str) -> None:
    first = world.unit(lambda: customer_tokens.issue(world, ann))
    for _ in range(MOST_TOKENS - 1):
        world.unit(lambda: customer_tokens.issue(world, ann, expires_in=10))
    world.advance(60)
    world.unit(lambda: customer_tokens.issue(world, ann))
    assert customer_tokens.find(world, first.id) == first


def test_tokens_that_ended_long_ago_are_dropped(world: World, ann: str) -> None:
    for _ in range(3):
        world.unit(lambda: customer_tokens.issue(world, ann, expires_in=10))
    world.advance(7200)
    world.unit(lambda: customer_tokens.issue(world, ann))
    assert len(world.store.customer_credentials.tokens) == 1


def test_a_token_is_there_after_a_restore_and_gone_after_a_reset() -> None:
    with Sandbox("empty") as sandbox:
        ann = sandbox.backend.work(
            lambda world: customers.create(world, CustomerDetails(name="Ann")).id
        )
        before = sandbox.snapshot()
        token = sandbox.backend.work(lambda world: customer_tokens.issue(world, ann))
        after = sandbox.snapshot()
        sandbox.restore(before)
        assert customer_tokens.find(sandbox.backend.world, token.id) is None
        sandbox.restore(after)
        assert customer_tokens.find(sandbox.backend.world, token.id) == token
        sandbox.reset()
        assert customer_tokens.find(sandbox.backend.world, token.id) is None
