"""Requests of customers over HTTP: the organization, the token, GET requests."""

from typing import Any

import msgspec
import pytest

from frontdesk.sandbox.backend import Backend
from frontdesk.sandbox.world import World
from frontdesk.sandbox.world.accounts import customer_tokens, organizations
from frontdesk.sandbox.world.people import bans, customers

CHATS = "/v3.6/customer/action/list_chats"
STATUSES = "/v3.6/customer/action/get_dynamic_configuration"
UNKNOWN_ORGANIZATION = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def backend() -> Any:
    backend = Backend(seed="quiet")
    yield backend
    backend.close()


def new_customer(backend: Backend) -> str:
    details = customers.CustomerDetails(name="Ann")
    return backend.work(lambda world: customers.create(world, details).id)


def bearer(backend: Backend, customer_id: str, **options: Any) -> dict[str, str]:
    token = backend.work(lambda world: customer_tokens.issue(world, customer_id, **options).id)
    return {"authorization": f"Bearer {token}", "content-type": "application/json"}


def organization_of(backend: Backend) -> str:
    return backend.world.store.company.license.organization_id


def call(
    backend: Backend,
    headers: dict[str, str],
    *,
    path: str = CHATS,
    organization_id: str | None = None,
    verb: str = "POST",
    body: bytes = b"{}",
) -> tuple[int, Any]:
    if organization_id is None:
        organization_id = organization_of(backend)
    response = backend.respond(verb, f"{path}?organization_id={organization_id}", headers, body)
    return response.status, msgspec.json.decode(response.body)


def error_type(result: tuple[int, Any]) -> tuple[int, str]:
    return result[0], result[1]["error"]["type"]


def test_a_customer_lists_the_own_chats(backend: Backend) -> None:
    status, body = call(backend, bearer(backend, new_customer(backend)))
    assert (status, body["chats_summary"]) == (200, [])


def test_the_token_of_an_agent_is_none_of_a_customer(backend: Backend) -> None:
    headers = {"authorization": next(iter(backend.tokens().values()))}
    assert error_type(call(backend, headers)) == (401, "authentication")


def test_the_token_of_a_customer_is_none_of_an_agent(backend: Backend) -> None:
    headers = bearer(backend, new_customer(backend))
    response = backend.respond("POST", "/v3.6/agent/action/list_chats", headers, b"{}")
    assert response.status == 401


def test_without_a_token(backend: Backend) -> None:
    assert error_type(call(backend, {})) == (401, "authentication")


def test_without_an_organization(backend: Backend) -> None:
    headers = bearer(backend, new_customer(backend))
    status, body = call(backend, headers, organization_id="")
    assert (status, body["error"]["type"]) == (400, "validation")
    assert "organization_id" in body["error"]["message"]


def test_an_organization_that_is_not_there(backend: Backend) -> None:
    headers = bearer(backend, new_customer(backend))
    result = call(backend, headers, organization_id=UNKNOWN_ORGANIZATION)
    assert error_type(result)[1] == "license_not_found"


def test_the_token_of_another_organization(backend: Backend) -> None:
    headers = bearer(backend, new_customer(backend))
    other = backend.work(lambda world: organizations.add(world, "Other").id)
    assert error_type(call(backend, headers, organization_id=other)) == (403, "authorization")


def test_a_token_of_a_further_organization(backend: Backend) -> None:
    other = backend.work(lambda world: organizations.add(world, "Other").id)
    headers = bearer(backend, new_customer(backend), organization_id=other)
    assert call(backend, headers, organization_id=other)[0] == 200


def test_an_expired_token(backend: Backend) -> None:
    headers = bearer(backend, new_customer(backend), expires_in=60)
    backend.advance(61)
    assert error_type(call(backend, headers)) == (401, "authentication")


def test_a_banned_customer(backend: Backend) -> None:
    customer_id = new_customer(backend)
    headers = bearer(backend, customer_id)

    def ban(world: World) -> None:
        record = customers.find(world, customer_id)
        bans.ban(world, record, 1, None)

    backend.work(ban)
    assert error_type(call(backend, headers)) == (403, "customer_banned")


def test_the_wrong_region(backend: Backend) -> None:
    headers = {**bearer(backend, new_customer(backend)), "x-region": "fra"}
    status, body = call(backend, headers)
    assert (status, body["error"]["data"]) == (421, {"region": "dal"})


def test_a_get_request_needs_no_token_and_reads_the_query(backend: Backend) -> None:
    status, body = call(backend, {}, path=STATUSES, verb="GET", body=b"")
    assert status == 200, body


def test_a_get_request_may_name_the_license_instead(backend: Backend) -> None:
    license_id = backend.world.store.company.license.id
    response = backend.respond("GET", f"{STATUSES}?license_id={license_id}", {}, b"")
    assert response.status == 200


def test_a_get_request_reads_numbers_from_the_query(backend: Backend) -> None:
    path = f"{STATUSES}?group_id=nine&organization_id={organization_of(backend)}"
    response = backend.respond("GET", path, {}, b"")
    error = msgspec.json.decode(response.body)["error"]
    assert error["type"] == "validation"
    assert "`group_id` must be an integer" in error["message"]


@pytest.mark.parametrize(
    ("path", "verb", "right"), [(CHATS, "GET", "POST"), (STATUSES, "POST", "GET")]
)
def test_another_verb(backend: Backend, path: str, verb: str, right: str) -> None:
    headers = bearer(backend, new_customer(backend))
    target = f"{path}?organization_id={organization_of(backend)}"
    response = backend.respond(verb, target, headers, b"{}")
    assert response.status == 405
    assert ("Allow", right) in response.headers


def test_calls_are_recorded_with_a_prefix_and_without_the_token(backend: Backend) -> None:
    customer_id = new_customer(backend)
    headers = bearer(backend, customer_id)
    call(backend, headers)
    (recorded,) = backend.recorder.calls("customer.list_chats")
    assert recorded.requester_id == customer_id
    assert headers["authorization"] not in repr(recorded)
    assert not backend.recorder.calls("list_chats")


def test_an_unknown_method(backend: Backend) -> None:
    headers = bearer(backend, new_customer(backend))
    status, body = call(backend, headers, path="/v3.6/customer/action/list_chat")
    assert status == 404
    assert "list_chats" in body["error"]["message"]
