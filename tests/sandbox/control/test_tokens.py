"""The control of tokens: those of customers."""

import http.client
import json
from typing import Any
from urllib.parse import urlsplit

import pytest

from frontdesk.sandbox import Sandbox


def post(sandbox: Sandbox, path: str, body: Any) -> Any:
    """What a control responds."""
    connection = http.client.HTTPConnection(urlsplit(sandbox.url).netloc, timeout=20)
    try:
        connection.request("POST", f"/__sandbox__/{path}", json.dumps(body))
        return json.loads(connection.getresponse().read())
    finally:
        connection.close()


@pytest.fixture
def ann(served: Sandbox) -> str:
    return served.customer("Ann").id


def test_a_token_of_a_customer(served: Sandbox, ann: str) -> None:
    given = post(served, "tokens/customer", {"customer_id": ann, "seconds": 60})
    assert given["customer_id"] == ann
    client = served.customer_client(token=given["token"])
    assert client.get_customer().name == "Ann"
    post(served, "tokens/revoke", {"token": given["token"]})
    assert post(served, "tokens/expire", {"token": given["token"]})["error"]["type"] == "not_found"


@pytest.mark.parametrize("body", [{}, {"customer_id": None}])
def test_a_token_of_a_new_customer(served: Sandbox, body: Any) -> None:
    given = post(served, "tokens/customer", body)
    assert served.customer_client(token=given["token"]).get_customer().id == given["customer_id"]


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"customer_id": "nobody"}, "not_found"),
        ({"customer_id": 1}, "validation"),
        ({"seconds": 0}, "validation"),
        ({"seconds": 1e12}, "validation"),
        ({"agent_id": "smith@example.com"}, "validation"),
    ],
)
def test_what_does_not_fit(served: Sandbox, body: Any, error: str) -> None:
    assert post(served, "tokens/customer", body)["error"]["type"] == error
