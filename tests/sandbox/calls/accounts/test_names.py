"""Which paths are the accounts server's, at which host names."""

import pytest

from frontdesk.sandbox.calls.accounts.names import base_path, is_for_customers, path_at_host


@pytest.mark.parametrize(
    "host",
    [
        "accounts.livechat.com",
        "accounts.livechatinc.com",
        "accounts.livechat.com:8443",
        "Accounts.LiveChat.COM",
        "accounts.livechat.com.",
    ],
)
def test_at_the_names_of_livechat_there_is_nothing_but_accounts(host: str) -> None:
    assert base_path(host) == ""
    for path in ("/", "/v2/token", "/v2/customer/token", "/__sandbox__/state", "/v3.6/agent"):
        assert path_at_host(host, path) == f"/accounts{path}"
    # Where the pages of the server lead to.
    assert path_at_host(host, "/accounts/ooops") == "/accounts/ooops"


@pytest.mark.parametrize(
    "host",
    [
        "",
        "localhost",
        "127.0.0.1:80",
        "[::1]:80",
        "api.livechatinc.com",
        "evil-accounts.livechat.com",
    ],
)
def test_elsewhere_they_have_a_path_of_their_own(host: str) -> None:
    assert base_path(host) == "/accounts"
    for path in ("/", "/v2/token", "/accounts/v2/token"):
        assert path_at_host(host, path) == path


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/accounts/v2/customer", True),
        ("/accounts/v2/customer/token", True),
        ("/accounts/v2/customer/info?code=x", True),
        ("/accounts/v2/customer?x", True),
        ("/accounts/v2/customers", False),
        ("/accounts/v2/token?/accounts/v2/customer/", False),
        ("/v2/customer/token", False),
    ],
)
def test_the_paths_of_customers(path: str, expected: bool) -> None:
    assert is_for_customers(path) is expected
