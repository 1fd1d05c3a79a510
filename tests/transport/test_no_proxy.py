"""``NO_PROXY`` as ``requests`` reads it, and networks of IPv6 beyond that."""

import pytest
import requests.utils

from frontdesk.transport.tls import proxy_for, without_account

PROXY = "http://proxy.example:3128"

CASES = [
    # host, NO_PROXY, called directly
    ("api.example", "api.example", True),
    ("api.example", "example", True),
    ("api.example", ".example", True),
    ("api.example", "..example", True),
    ("api.example", ".api.example", True),
    ("example", "api.example", False),
    ("api.example:81", "example:81", True),
    ("api.example", "ample", False),
    ("api.example", "other.example", False),
    ("api.example", "API.EXAMPLE", True),
    ("api.example", "a, api.example ,b", True),
    ("api.example", "*", True),
    ("api.example", ",", False),
    ("api.example:8443", "api.example:8443", True),
    ("api.example:8443", "api.example:1", False),
    ("api.example:8443", "api.example", True),
    ("127.0.0.1", "127.0.0.1", True),
    ("127.0.0.1:81", "127.0.0.1", True),
    ("10.1.2.3", "10.0.0.0/8", True),
    ("11.1.2.3", "10.0.0.0/8", False),
    ("10.1.2.3", "10.1.2.3/32", True),
    ("10.1.2.3", "1.2.3", True),
    ("192.168.0.1", "192.168.0.0/24,10.0.0.0/8", True),
    ("192.168.1.1", "192.168.0.0/24", False),
    ("[::1]", "::1", True),
    ("[::1]:81", "::1", True),
    ("[fd00::1]", "fd00::2", False),
]
BEYOND = [
    ("[::1]", "[::1]", True),
    ("[::1]:81", "[::1]:81", True),
    ("[::1]:81", "[::1]:82", False),
    ("[0:0:0:0:0:0:0:1]", "::1", True),
    ("[fd00::1]", "fd00::/8", True),
    ("[fe00::1]", "fd00::/8", False),
    ("[2001:db8::5]", "2001:db8::/32,10.0.0.0/8", True),
    ("[::ffff:10.1.2.3]", "10.0.0.0/8", True),
    ("10.1.2.3:81", "10.1.2.3:81", True),
    ("10.1.2.3", "fd00::/8", False),
    ("10.1.2.3", "10.1.2.3/99", False),
    ("api.example", "api.example:443", True),
    ("api.example", "api.example:80", False),
    ("[::1]", "[::1]:443", True),
    ("api.example", "*.example", True),
    ("api.example", "*.other", False),
    ("api.example", "*ample", False),
]


@pytest.fixture(autouse=True)
def _behind_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", PROXY)


@pytest.mark.parametrize("name", ["no_proxy", "NO_PROXY"])
@pytest.mark.parametrize(("host", "exceptions", "direct"), [*CASES, *BEYOND])
def test_exceptions_are_called_directly(
    monkeypatch: pytest.MonkeyPatch, name: str, host: str, exceptions: str, direct: bool
) -> None:
    monkeypatch.setenv(name, exceptions)
    assert (proxy_for(f"https://{host}", None) is None) is direct


@pytest.mark.parametrize(
    ("host", "exceptions", "direct"),
    # requests compares names as they are written.
    [case for case in CASES if case[1] == case[1].lower()],
)
def test_requests_reads_them_alike(
    monkeypatch: pytest.MonkeyPatch, host: str, exceptions: str, direct: bool
) -> None:
    monkeypatch.setenv("no_proxy", exceptions)
    assert requests.utils.should_bypass_proxies(f"https://{host}/", None) is direct


def test_the_lower_case_name_wins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "other.example")
    monkeypatch.setenv("NO_PROXY", "api.example")
    assert proxy_for("https://api.example", None) == PROXY


def test_a_given_proxy_has_no_exceptions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")
    assert proxy_for("https://api.example", PROXY) == PROXY


@pytest.mark.parametrize(
    ("account", "header"),
    [
        ("ann:geheim", "Basic YW5uOmdlaGVpbQ=="),
        ("ann", "Basic YW5uOg=="),
        ("a%40b:p%3Aw", "Basic YUBiOnA6dw=="),
        ("ann:geh%C3%A9im", "Basic YW5uOmdlaOlpbQ=="),
        ("ann:geh%E2%82%ACim", "Basic YW5uOmdlaOKCrGlt"),
    ],
)
def test_the_account_goes_into_a_header(account: str, header: str) -> None:
    address, headers = without_account(f"http://{account}@proxy.example:3128")
    assert address == PROXY
    assert headers == {"Proxy-Authorization": header}
    assert "Basic" not in repr(headers)


def test_a_proxy_without_an_account_needs_no_header() -> None:
    assert without_account(PROXY) == (PROXY, {})
