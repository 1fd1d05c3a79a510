"""The page at ``/``: what it shows, and to whom."""

import http.client
import re
import urllib.request

import pytest

from frontdesk import AgentClient
from frontdesk.sandbox import Sandbox


def fetch(served: Sandbox, path: str = "/", **headers: str) -> tuple[int, dict[str, str], str]:
    host = served.url.removeprefix("http://")
    connection = http.client.HTTPConnection(host, timeout=10)
    try:
        connection.request(
            "GET", path, headers={key.replace("_", "-"): headers[key] for key in headers}
        )
        response = connection.getresponse()
        return response.status, dict(response.headers), response.read().decode()
    finally:
        connection.close()


def test_it_shows_how_to_connect(served: Sandbox) -> None:
    status, headers, page = fetch(served)
    assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8")
    for value in (
        f"{served.url}/v3.6/agent/action/",
        f"ws{served.url.removeprefix('http')}/v3.6/agent/rtm/ws",
        f"{served.url}/accounts",
        served.organization_id,
        "Bearer dal:sandbox-owner",
        "Bearer dal:sandbox-bot",
    ):
        assert value in page


def test_its_links_lead_somewhere(served: Sandbox) -> None:
    links = re.findall(r'href="([^"]+)"', fetch(served)[2])
    assert {
        "/openapi.json",
        "/asyncapi.json",
        "/accounts/openapi.json",
        "/__sandbox__/calls",
    } <= set(links)
    for link in links:
        with urllib.request.urlopen(served.url + link) as response:
            assert response.status == 200


def test_it_names_every_control(served: Sandbox) -> None:
    page = fetch(served)[2]
    for name in (
        "reset",
        "clock",
        "customers",
        "faults",
        "limits",
        "tokens",
        "rtm",
        "snapshot",
        "clients",
    ):
        assert f"<th>/__sandbox__/{name}<" in page


def test_it_counts_the_calls(served: Sandbox) -> None:
    before = re.search(r"Calls so far<td><code>(\d+)", fetch(served)[2])
    with AgentClient("Bearer dal:sandbox-owner", base_url=served.url, proxy="") as client:
        client.list_chats()
    after = re.search(r"Calls so far<td><code>(\d+)", fetch(served)[2])
    assert before is not None
    assert after is not None
    assert int(after[1]) == int(before[1]) + 1


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Host": "evil.example"},
        {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "no-cors"},
    ],
    ids=["page", "rebinding", "picture"],
)
def test_no_page_of_others_gets_the_tokens(served: Sandbox, headers: dict[str, str]) -> None:
    status, _, body = fetch(served, **headers)
    assert status == 403
    assert "sandbox-owner" not in body


def test_it_runs_nothing_and_loads_nothing(served: Sandbox) -> None:
    _, headers, page = fetch(served)
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["cache-control"] == "no-store"
    assert "<script" not in page
    assert "src=" not in page
