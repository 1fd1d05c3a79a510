"""Customers in a real browser: what Chromium makes of the cookies and of the CORS headers."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from tools import site_check

from frontdesk.sandbox import Sandbox

from ..loopback import Loopback, html

pytestmark = pytest.mark.skipif(
    site_check.chromium() is None, reason="needs Chromium, to be a page in it"
)

ASK = """(async () => {{
    const response = await new Promise((done, fail) => {{
        // As LiveChat's own client does it: no type, and with cookies.
        const request = new XMLHttpRequest();
        request.open('POST', {url!r});
        request.withCredentials = true;
        request.onload = () => done({{status: request.status, body: request.responseText}});
        request.onerror = () => done({{status: 0, body: '{{}}'}});
        request.send({body!r});
    }});
    return response;
}})()"""


@pytest.fixture(scope="module")
def sites() -> Iterator[list[Loopback]]:
    """Two web sites with one empty page each."""
    with Loopback() as ours, Loopback() as other:
        ours.default = other.default = html("<!doctype html><title>shop</title>")
        yield [ours, other]


@pytest.fixture(scope="module")
def desk(sites: list[Loopback]) -> Iterator[Sandbox]:
    with Sandbox("empty", served=True, allow_origins=[sites[0].site]) as desk:
        yield desk


@pytest.fixture
def tab() -> Iterator[site_check.Browser]:
    path = site_check.chromium()
    assert path is not None
    with site_check.browser(path) as tab:
        yield tab


def ask(tab: site_check.Browser, desk: Sandbox, page: str) -> Any:
    """Have the page in the tab ask for a token; returns the response, and its JSON."""
    clients = desk.accounts.clients
    client = clients[0] if clients else desk.accounts.register_client(page)
    body = {
        "response_type": "token",
        "grant_type": "cookie",
        "client_id": client.client_id,
        "organization_id": desk.organization_id,
        "redirect_uri": page,
    }
    # Chromium's other name of the same machine makes it the same site as the page.
    url = f"{desk.accounts_url}/v2/customer/token".replace("127.0.0.1", "localhost")
    script = ASK.format(url=url, body=json.dumps(body))
    response = tab.evaluate(script)
    return response["status"], json.loads(response["body"])


def test_a_page_is_the_same_customer_over_plain_http(
    tab: site_check.Browser, desk: Sandbox, sites: list[Loopback]
) -> None:
    shop, evil = sites
    tab.open(shop.site)
    status, first = ask(tab, desk, shop.site)
    assert status == 200
    tab.open(f"{shop.site}/another/page")
    status, again = ask(tab, desk, shop.site)
    assert (status, again["entity_id"]) == (200, first["entity_id"])
    assert again["access_token"] != first["access_token"]
    # No script reads the cookies, and no other page gets anything.
    assert tab.evaluate("document.cookie") == ""
    tab.open(evil.site)
    assert ask(tab, desk, shop.site) == (0, {})
    # Cookies go nowhere but to the accounts of customers.
    cookies = tab.call("Network.getAllCookies")["cookies"]
    assert {cookie["name"] for cookie in cookies} == {"__lc_cid", "__lc_cst"}
    for cookie in cookies:
        assert cookie["path"] == "/accounts/v2/customer"
        assert (cookie["httpOnly"], cookie["secure"], cookie["sameSite"]) == (True, True, "None")
