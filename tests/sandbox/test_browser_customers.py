"""Customers in a real browser: what Chromium makes of the cookies and of the CORS headers."""

import http.server
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from tools import site_check

from frontdesk.sandbox import Sandbox

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


class Site:
    """A web site with one empty page."""

    def __init__(self) -> None:
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = b"<!doctype html><title>shop</title>"
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()
        self.url = f"http://localhost:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture(scope="module")
def sites() -> Iterator[tuple[Site, Site]]:
    sites = Site(), Site()
    yield sites
    for site in sites:
        site.close()


@pytest.fixture(scope="module")
def desk(sites: tuple[Site, Site]) -> Iterator[Sandbox]:
    with Sandbox("empty", served=True, allow_origins=[sites[0].url]) as desk:
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
    tab: site_check.Browser, desk: Sandbox, sites: tuple[Site, Site]
) -> None:
    shop, evil = sites
    tab.open(shop.url)
    status, first = ask(tab, desk, shop.url)
    assert status == 200
    tab.open(f"{shop.url}/another/page")
    status, again = ask(tab, desk, shop.url)
    assert (status, again["entity_id"]) == (200, first["entity_id"])
    assert again["access_token"] != first["access_token"]
    # No script reads the cookies, and no other page gets anything.
    assert tab.evaluate("document.cookie") == ""
    tab.open(evil.url)
    assert ask(tab, desk, shop.url) == (0, {})
    # Cookies go nowhere but to the accounts of customers.
    cookies = tab.call("Network.getAllCookies")["cookies"]
    assert {cookie["name"] for cookie in cookies} == {"__lc_cid", "__lc_cst"}
    for cookie in cookies:
        assert cookie["path"] == "/accounts/v2/customer"
        assert (cookie["httpOnly"], cookie["secure"], cookie["sameSite"]) == (True, True, "None")
