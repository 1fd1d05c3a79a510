"""Batches do what their single methods do, request by request."""

import json
from typing import Any

import pytest

from frontdesk.actions import CONFIGURATION_ACTIONS, DeleteAgent
from frontdesk.codec.decoding import encode
from frontdesk.errors import LimitReached, NotFound, ValidationError
from frontdesk.sandbox.apis import batches, handler
from frontdesk.sandbox.apis.rules import assumed
from frontdesk.sandbox.calls.decoding import decode_requests
from frontdesk.sandbox.world import Requester, World


@pytest.fixture
def world(desk):
    return desk.world


@handler.handles(DeleteAgent, rules=(assumed("Changes something before it fails."),))
def delete_agent(world: World, _: Requester, action: DeleteAgent) -> None:
    agent = world.store.company.agents.get(action.id)
    if agent is None:
        raise NotFound(f"`id`: there is no agent `{action.id}`")
    agent.name = "gone"
    world.store.company.save_agent(agent)
    if agent.role == "owner":
        raise LimitReached("too many", data={"limit": 1})


def done(world: World, *requests: Any) -> list[dict[str, Any]]:
    (batch,) = batches.batches_of((delete_agent,))
    decoded = decode_requests(DeleteAgent, json.dumps({"requests": requests}).encode())
    response = batch.perform(world, Requester(id="x"), batches.Requests(decoded))
    responses: list[dict[str, Any]] = json.loads(encode(response))["responses"]
    return responses


def agents(world: World) -> dict[str, str]:
    return {agent.id: agent.name for agent in world.store.company.agents.values()}


def test_each_request_has_its_place_and_one_that_fails_changes_nothing(world):
    names = agents(world)
    owner, other = (
        next(id for id, agent in world.store.company.agents.items() if agent.role == role)
        for role in ("owner", "normal")
    )
    assert done(world, {"id": owner}, {"id": "nobody@example.com"}, {}, {"id": other}, 3) == [
        {"error": {"type": "limit_reached", "message": "too many", "data": {"limit": 1}}},
        {
            "error": {
                "type": "not_found",
                "message": "`id`: there is no agent `nobody@example.com`",
            }
        },
        {"error": {"type": "validation", "message": "`id` is required"}},
        {},
        {
            "error": {
                "type": "validation",
                "message": "the request must be an object, not an integer",
            }
        },
    ]
    assert agents(world) == names | {other: "gone"}


def test_an_empty_batch_does_nothing(world):
    assert done(world) == []


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "`requests` is required"),
        (b"{}", "`requests` is required"),
        (b'{"requests": null}', "`requests` is required"),
        (b'{"requests": {}}', "`requests` must be an array, not an object"),
        (b'[{"id": "x"}]', "the request must be an object, not an array"),
    ],
)
def test_a_batch_without_a_list_of_requests_is_refused(body, message):
    with pytest.raises(ValidationError) as caught:
        decode_requests(DeleteAgent, body)
    assert caught.value.message == message


def test_only_batches_of_methods_that_are_there_have_a_handler():
    assert [batch.action.spec.name for batch in batches.batches_of((delete_agent,))] == [
        "batch_delete_agents"
    ]


def test_every_batch_is_of_the_method_it_is_named_after():
    for batch in CONFIGURATION_ACTIONS.values():
        if batch.spec.group == "batch":
            single = batches.single_of(batch).spec.name
            assert batch.spec.name in (f"batch_{single}", f"batch_{single}s")
