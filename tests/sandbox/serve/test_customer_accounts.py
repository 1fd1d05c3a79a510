"""Customers' accounts over a socket: pages of allowed origins, host names, cookies, long bodies."""

from collections.abc import Iterator
from typing import Any

import pytest

from frontdesk.sandbox import Sandbox
from frontdesk.sandbox.serve.asgi import MAX_ACCOUNTS

from .._customers import CID, CST, CustomerAccounts, Response

EVIL = "https://evil.example"
SHOP = "http://localhost:3000"
NAMES = ["accounts.livechat.com", "accounts.livechatinc.com", "api.livechatinc.com"]
PATHS = [
    ("POST", "/accounts/v2/customer/token"),
    ("DELETE", "/accounts/v2/customer/token"),
    ("GET", "/accounts/v2/customer/info"),
    ("POST", "/accounts/v2/customer/identity_transfer"),
    ("POST", "/accounts/v2/customer/org/1/token"),
    ("GET", "/accounts/v2/customer/elsewhere"),
]


@pytest.fixture(scope="module")
def desk() -> Iterator[Sandbox]:
    with Sandbox("quiet", served=True, allow_origins=[SHOP], allow_hosts=NAMES) as desk:
        yield desk


@pytest.fixture
def accounts(desk: Sandbox) -> CustomerAccounts:
    desk.reset()
    accounts = CustomerAccounts(desk, served=True)
    accounts.app = desk.accounts.register_client(SHOP)
    return accounts


def ask(
    accounts: CustomerAccounts, target: str = "/accounts/v2/customer/token", **headers: str
) -> Response:
    """Ask for a token as the page of the shop does, with the body of LiveChat's own client."""
    body: dict[str, Any] = {
        "response_type": "token",
        "grant_type": "cookie",
        "client_id": accounts.app.client_id,
        "organization_id": accounts.sandbox.organization_id,
        "redirect_uri": f"{SHOP}/cart",
    }
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return accounts.send("POST", target, body, {"Content-Type": "text/plain;charset=UTF-8", **sent})


def is_open_to(response: Response, origin: str) -> bool:
    """Whether a page may read the response to a request with cookies."""
    return (
        response.headers.get("access-control-allow-origin") == origin
        and response.headers.get("access-control-allow-credentials") == "true"
        and "Origin" in response.headers.get("vary", "")
    )


def test_a_page_that_is_allowed_gets_a_token_and_stays_its_customer(
    accounts: CustomerAccounts,
) -> None:
    first = ask(accounts, Origin=SHOP)
    assert first.status == 200
    assert is_open_to(first, SHOP)
    assert len(first.set_cookies) == 2
    again = ask(accounts, Origin=SHOP, Cookie=first.cookies, Sec_Fetch_Site="same-site")
    assert again.json["entity_id"] == first.json["entity_id"]


@pytest.mark.parametrize(("verb", "path"), PATHS)
def test_a_page_that_is_allowed_reads_errors_too(
    accounts: CustomerAccounts, verb: str, path: str
) -> None:
    response = accounts.send(verb, path, {}, {"Origin": SHOP})
    assert response.status in (401, 404)
    assert set(response.json) == {"oauth_exception", "exception_description"}
    assert is_open_to(response, SHOP)


@pytest.mark.parametrize(("verb", "path"), PATHS)
@pytest.mark.parametrize("origin", [EVIL, "null", f"{SHOP}.evil.example", "http://localhost:3001"])
def test_no_other_page_gets_anything(
    accounts: CustomerAccounts, verb: str, path: str, origin: str
) -> None:
    response = accounts.send(verb, path, {}, {"Origin": origin})
    assert response.error == (403, "access_denied")
    assert not [name for name in response.headers if name.startswith("access-control")]


def test_no_other_page_uses_the_cookies(accounts: CustomerAccounts) -> None:
    first = ask(accounts)
    for headers in ({"Origin": EVIL}, {"Sec-Fetch-Site": "cross-site"}, {"Host": "evil.example"}):
        response = ask(accounts, Cookie=first.cookies, **headers)
        assert response.error == (403, "access_denied")
        assert not response.set_cookies


@pytest.mark.parametrize("verb", ["POST", "GET", "DELETE"])
@pytest.mark.parametrize("path", ["/token", "/info", "/identity_transfer", "/org/1/token"])
def test_a_browser_may_ask_first(accounts: CustomerAccounts, verb: str, path: str) -> None:
    question = {
        "Access-Control-Request-Method": verb,
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    target = f"/accounts/v2/customer{path}"
    response = accounts.send("OPTIONS", target, None, {"Origin": SHOP, **question})
    assert response.status == 200
    assert is_open_to(response, SHOP)
    assert verb in response.headers["access-control-allow-methods"]
    assert response.headers["access-control-allow-headers"] == "authorization,content-type"
    refused = accounts.send("OPTIONS", target, None, {"Origin": EVIL, **question})
    assert refused.error == (403, "access_denied")


def test_cookies_are_for_the_paths_of_customers_only(accounts: CustomerAccounts) -> None:
    response = accounts.send("POST", "/accounts/v2/token", {}, {"Origin": SHOP})
    assert response.headers["access-control-allow-origin"] == SHOP
    assert "access-control-allow-credentials" not in response.headers


@pytest.mark.parametrize("host", ["accounts.livechat.com", "accounts.livechatinc.com:8443"])
def test_the_names_of_livechat_serve_the_paths_of_livechat(
    accounts: CustomerAccounts, host: str
) -> None:
    first = ask(accounts, "/v2/customer/token", Host=host, Origin=SHOP)
    assert first.status == 200
    assert is_open_to(first, SHOP)
    assert all("; Path=/v2/customer; " in cookie for cookie in first.set_cookies)
    # The sandbox's own path stays, with the same customer.
    again = ask(accounts, Cookie=first.cookies)
    assert again.json["entity_id"] == first.json["entity_id"]
    assert all("; Path=/accounts/v2/customer; " in cookie for cookie in again.set_cookies)
    token = {"Host": host, "Authorization": f"Bearer {first.json['access_token']}"}
    assert accounts.send("GET", "/v2/customer/info", None, token).status == 200
    code = first.json["access_token"]
    assert (
        accounts.send("GET", f"/v2/customer/info?code={code}", None, {"Host": host}).status == 200
    )
    for verb in ("OPTIONS", "DELETE"):
        headers = {**token, "Origin": SHOP}
        assert accounts.send(verb, "/v2/customer/token", None, headers).status == 200


@pytest.mark.parametrize("host", ["accounts.livechat.com", "accounts.livechatinc.com"])
def test_at_the_names_of_livechat_there_are_no_controls(
    accounts: CustomerAccounts, host: str
) -> None:
    for path in ("/__sandbox__/tokens", "/v3.6/agent/action/list_chats", "/files/lc/att/1"):
        response = accounts.send("GET", path, None, {"Host": host})
        assert response.status == 404
        assert "sandbox-owner" not in response.body.decode()
    page = accounts.send("GET", "/", None, {"Host": host})
    assert page.status == 302
    location = page.headers["location"]
    assert b"could not be authorized" in accounts.send("GET", location, None, {"Host": host}).body


def test_the_name_of_the_api_serves_the_api(accounts: CustomerAccounts) -> None:
    headers = {
        "Host": "api.livechatinc.com",
        "Authorization": accounts.sandbox.tokens["owner"],
        "Content-Type": "application/json",
    }
    assert accounts.send("POST", "/v3.6/agent/action/list_chats", {}, headers).status == 200
    assert accounts.send("POST", "/v2/customer/token", {}, headers).status == 404


def test_the_names_of_livechat_have_to_be_allowed() -> None:
    with Sandbox("empty", served=True) as desk:
        response = ask(CustomerAccounts(desk, served=True), Host="accounts.livechat.com")
        assert response.error == (403, "access_denied")


def test_a_long_body_is_refused_in_the_envelope_of_customers(accounts: CustomerAccounts) -> None:
    path = "/accounts/v2/customer/token"
    headers = {"Origin": SHOP}
    response = accounts.send("POST", path, b'"' + b"x" * MAX_ACCOUNTS, headers)
    assert response.error == (413, "invalid_request")
    assert is_open_to(response, SHOP)
    assert accounts.send("POST", path, b'"' + b"x" * (MAX_ACCOUNTS - 1)).status == 401


def test_both_cookies_come_over_a_socket(accounts: CustomerAccounts) -> None:
    names = [cookie.partition("=")[0] for cookie in ask(accounts).set_cookies]
    assert names == [CID, CST]
