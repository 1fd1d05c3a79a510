"""Redirect URIs: which ones a client may have, and what they allow."""

import pytest

from frontdesk.errors import InvalidArgument
from frontdesk.sandbox.world.accounts.redirect_uris import allowed, check_redirect_uri

OWN = "https://app.example.com/oauth/back"


@pytest.mark.parametrize(
    "requested",
    [
        OWN,
        f"{OWN}/",
        f"{OWN}/deeper",
        f"{OWN}end",
        "https://APP.example.com/oauth/back",
        "HTTPS://app.example.com/oauth/back",
        "https://app.example.com:443/oauth/back",
    ],
)
def test_scheme_host_and_port_are_equal_and_the_path_begins_so(requested: str) -> None:
    assert allowed(requested, [OWN])


@pytest.mark.parametrize(
    "requested",
    [
        "",
        "http://app.example.com/oauth/back",
        "https://app.example.com:8443/oauth/back",
        "https://app.example.com/",
        "https://app.example.com/oauth",
        "https://app.example.com/OAUTH/back",
        "https://app.example.com.evil.example/oauth/back",
        "https://evil.example/oauth/back",
        "https://app.example.com@evil.example/oauth/back",
        "https://evil.example\\@app.example.com/oauth/back",
        "https://app.example.com\\.evil.example/oauth/back",
        f"{OWN}?x=1",
        f"{OWN}?",
        f"{OWN}#x",
        f"{OWN}#",
        f"{OWN}/..",
        f"{OWN}/../../elsewhere",
        f"{OWN}/%2e%2e/elsewhere",
        f"{OWN}/.%2E/elsewhere",
        f" {OWN}",
        f"{OWN}\n",
        f"{OWN}/\r\nSet-Cookie: a=b",
        f"{OWN}/é",
        "//app.example.com/oauth/back",
        "https:app.example.com/oauth/back",
        "https:///oauth/back",
        "https://app.example.com:x/oauth/back",
        "https://[/oauth/back",
        f"{OWN}/{'x' * 3000}",
    ],
)
def test_nothing_else_fits(requested: str) -> None:
    assert not allowed(requested, [OWN])


def test_a_bare_host_allows_all_paths_of_it() -> None:
    assert allowed("http://localhost:3000/anything", ["http://localhost:3000"])
    assert allowed("http://localhost:3000", ["http://localhost:3000/"])
    assert not allowed("http://localhost:3001/anything", ["http://localhost:3000"])


@pytest.mark.parametrize(
    "uri",
    ["http://127.0.0.1:8765/", "https://app.example.com", "com.example.app:/back", "http://[::1]/"],
)
def test_clients_may_have_these(uri: str) -> None:
    check_redirect_uri(uri)
    assert allowed(uri, [uri])


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "localhost:3000/back",
        "/back",
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "https://app.example.com/?x=1",
        "https://app.example.com/#x",
        "https://app.example.com/../x",
        "https://user@app.example.com/",
        "https:///back",
    ],
)
def test_clients_may_not_have_others(uri: str) -> None:
    with pytest.raises(InvalidArgument, match="redirect_uris"):
        check_redirect_uri(uri)
