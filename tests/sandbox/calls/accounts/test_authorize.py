"""The page where an account is chosen: what it asks for, whom it sends back, where errors end."""

import html
import re
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import pytest

from frontdesk.sandbox import Sandbox
from frontdesk.sandbox.world.accounts import pkce

from ..._log_in import (
    APP,
    CHALLENGE,
    FORM,
    JONES,
    SMITH,
    VERIFIER,
    LogIn,
    exception_of,
    query_of,
)

BROWN = "brown@example.com"
EVIL = '"><script>alert(1)</script><b title="'


def form_of(page: str) -> tuple[str, dict[str, str], list[str]]:
    """The action of the form of a page, its hidden fields, and the accounts that can be chosen."""
    (action,) = re.findall(r'<form method="post" action="([^"]+)">', page)
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page))
    accounts = re.findall(r'<button name="account" value="([^"]+)">', page)
    unescaped = {name: html.unescape(value) for name, value in hidden.items()}
    return html.unescape(action), unescaped, [html.unescape(account) for account in accounts]


def test_the_page_shows_the_agents_and_what_the_client_wants(log_in: LogIn) -> None:
    client = log_in.public(name="Café", scopes=["chats--access:ro"])
    page = log_in.page(client)
    assert (page.status, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    for text in ("Log in to Café", "Agent Jones", JONES, "Example Furniture", APP):
        assert text in page.text
    assert "<li><code>chats--access:ro</code></li>" in page.text
    assert "Helper Bot" not in page.text


def test_what_the_form_of_the_page_sends_logs_in(log_in: LogIn) -> None:
    client = log_in.public()
    action, fields, accounts = form_of(log_in.page(client, state='a&b "c"').text)
    (jones,) = [account for account in accounts if account.endswith(f" {JONES}")]
    body = urlencode({**fields, "account": jones}).encode()
    assert action.startswith("/accounts")
    response = log_in.send("POST", action[len("/accounts") :], body, {"Content-Type": FORM})
    assert response.status == 303
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["location"].startswith(f"{APP}?")
    sent = query_of(response)
    assert set(sent) == {"code", "state"}
    assert sent["state"] == 'a&b "c"'
    assert log_in.exchanged(client, sent["code"]).status == 200


def test_the_page_runs_nothing_loads_nothing_and_is_in_no_frame(log_in: LogIn) -> None:
    page = log_in.page(log_in.public())
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert page.headers["x-frame-options"] == "DENY"
    assert page.headers["cache-control"] == "no-store"
    for word in ("<script", "src=", "http-equiv", "javascript:"):
        assert word not in page.text


def test_the_page_escapes_what_others_say(log_in: LogIn) -> None:
    configuration = log_in.sandbox.configuration_client()
    configuration.create_agent(id="evil@example.com", name=EVIL)
    log_in.sandbox.accounts.add_organization(EVIL)
    client = log_in.public(name=EVIL)
    page = log_in.page(client, state=EVIL, email=EVIL, identity_exception=EVIL).text
    assert "<script" not in page
    assert page.count(html.escape(EVIL)) >= 4
    query = {"oauth_exception": EVIL, "exception_details": EVIL, "error_description": EVIL}
    errors = log_in.send("GET", f"/ooops?{urlencode(query)}")
    assert errors.status == 200
    assert "<script" not in errors.text
    assert html.escape(EVIL) in errors.text


def test_no_secret_is_on_the_page(log_in: LogIn) -> None:
    client = log_in.server_side()
    assert client.client_secret
    assert client.client_secret not in log_in.page(client).text


@pytest.mark.parametrize("path", ["", "/", "/signin", "/signup"])
def test_the_page_has_the_addresses_that_the_accounts_sdk_uses(log_in: LogIn, path: str) -> None:
    page = log_in.page(log_in.public(), path, utm_source="accounts.livechat.com", flow="button")
    assert page.status == 200
    assert "Agent Jones" in page.text


def test_without_a_state_none_comes_back(log_in: LogIn) -> None:
    client = log_in.public()
    assert set(query_of(log_in.choose(client, state=None))) == {"code"}
    assert set(query_of(log_in.choose(client, state=""))) == {"code"}


def test_implicit_logins_bring_a_token_in_the_fragment(log_in: LogIn) -> None:
    client = log_in.public(access_token_seconds=100)
    location = urlsplit(log_in.choose(client, response_type="token").headers["location"])
    assert f"{location.scheme}://{location.netloc}{location.path}" == APP
    assert not location.query
    sent = dict(parse_qsl(location.fragment))
    assert set(sent) == {"access_token", "token_type", "expires_in", "state"}
    assert (sent["token_type"], sent["expires_in"], sent["state"]) == ("Bearer", "100", "the state")
    assert log_in.works(sent["access_token"])
    assert "refresh_token" not in log_in.info(sent["access_token"]).json


@pytest.mark.parametrize(
    ("changed", "exception"),
    [
        ({"client_id": None}, ("invalid_request", None)),
        ({"client_id": "another"}, ("unauthorized_client", "client_id_not_found")),
        ({"redirect_uri": None}, ("invalid_request", "invalid_redirect_uri")),
        ({"redirect_uri": "http://evil.example/"}, ("invalid_request", "invalid_redirect_uri")),
        ({"response_type": None}, ("invalid_request", None)),
        ({"response_type": "id_token"}, ("unsupported_response_type", None)),
        ({"code_challenge": None}, ("invalid_request", None)),
        ({"code_challenge": None, "code_challenge_method": None}, ("invalid_request", None)),
        ({"code_challenge": "short"}, ("invalid_request", None)),
        ({"code_challenge": "x" * 129}, ("invalid_request", None)),
        ({"code_challenge": "x" * 42 + "="}, ("invalid_request", None)),
        ({"code_challenge_method": "S512"}, ("invalid_request", None)),
        ({"scope": "chats--all:ro"}, ("invalid_scope", None)),
        ({"scope": "chats--access:ro agents--my:ro"}, ("invalid_scope", None)),
        ({"organization_id": "another"}, ("access_denied", None)),
    ],
)
def test_what_does_not_fit_ends_at_the_page_of_errors(
    log_in: LogIn, changed: dict[str, str | None], exception: tuple[str, str | None]
) -> None:
    client = log_in.public(scopes=["chats--access:ro", "agents--my:ro"])
    response = log_in.page(client, **changed)
    assert response.status == 302
    assert exception_of(response) == exception
    assert exception_of(log_in.choose(client, **changed)) == exception
    target = response.headers["location"].removeprefix("/accounts")
    assert exception[0] in log_in.send("GET", target).text


def test_a_parameter_that_is_there_twice_is_refused(log_in: LogIn) -> None:
    query = urlencode(log_in.asked(log_in.public()))
    response = log_in.send("GET", f"/?{query}&state=other")
    assert exception_of(response) == ("invalid_request", None)


def test_implicit_logins_are_for_public_clients(log_in: LogIn) -> None:
    client = log_in.server_side()
    response = log_in.page(client, response_type="token")
    assert exception_of(response) == ("unsupported_response_type", None)


@pytest.mark.parametrize("method", ["S256", "s256"])
def test_both_spellings_of_the_method_work(log_in: LogIn, method: str) -> None:
    client = log_in.public()
    code = log_in.code(client, code_challenge_method=method)
    assert log_in.exchanged(client, code).status == 200


def test_a_client_without_redirect_uris_gets_nobody_back(log_in: LogIn) -> None:
    client = log_in.sandbox.accounts.register_client([])
    assert exception_of(log_in.page(client)) == ("invalid_request", "redirect_uri_not_set")


def test_one_of_several_redirect_uris_has_to_fit(log_in: LogIn) -> None:
    uris = ("https://one.example/a, https://two.example:8443/b", "com.example.app:/back")
    client = log_in.public(*uris)
    for uri in ("https://one.example/a", "https://two.example:8443/b", "com.example.app:/back"):
        location = log_in.choose(client, redirect_uri=uri).headers["location"]
        assert location.startswith(f"{uri}?code=")
        log_in.sandbox.advance(30)
    for uri in ("https://one.example/b", "https://two.example/b", "com.example.other:/back"):
        assert exception_of(log_in.page(client, redirect_uri=uri))[1] == "invalid_redirect_uri"


def test_a_client_asks_for_some_of_its_scopes(log_in: LogIn) -> None:
    client = log_in.public(scopes=["chats--access:rw", "agents--my:ro"])
    tokens = log_in.tokens(client, scope="chats--access:ro,agents--my:ro")
    assert tokens["scope"] == "chats--access:ro,agents--my:ro"
    assert log_in.tokens(client, scope="")["scope"] == "chats--access:rw,agents--my:ro"


@pytest.mark.parametrize(
    ("agent_id", "scope", "allowed"),
    [
        (JONES, "chats--access:rw", True),
        (JONES, "chats--all:ro", False),
        (BROWN, "chats--all:ro", True),
        (BROWN, "organization--my:rw", False),
        (SMITH, "organization--my:rw", True),
    ],
)
def test_scopes_are_never_above_the_role(
    log_in: LogIn, agent_id: str, scope: str, allowed: bool
) -> None:
    client = log_in.public(scopes=["chats--all:rw", "organization--my:rw"])
    response = log_in.choose(client, agent_id, scope=scope)
    if allowed:
        assert "code" in query_of(response)
    else:
        assert exception_of(response) == ("invalid_scope", None)


def test_a_browser_is_sent_back_three_times_in_half_a_minute(log_in: LogIn) -> None:
    client, other = log_in.public(), log_in.public()
    for _ in range(3):
        log_in.code(client)
    response = log_in.choose(client)
    assert exception_of(response) == ("temporarily_unavailable", "too_many_redirects")
    log_in.code(client, SMITH)
    log_in.code(other)
    log_in.sandbox.advance(30)
    log_in.code(client)


def test_an_account_can_disagree(log_in: LogIn) -> None:
    client = log_in.public()
    body = urlencode({**log_in.asked(client), "deny": "1"}).encode()
    response = log_in.send("POST", "/", body, {"Content-Type": FORM})
    assert exception_of(response) == ("access_denied", None)


@pytest.mark.parametrize("agent_id", ["nobody@example.com", "", "elsewhere jones@example.com"])
def test_who_has_no_account_is_asked_again(log_in: LogIn, agent_id: str) -> None:
    response = log_in.choose(log_in.public(), agent_id)
    location = urlsplit(response.headers["location"])
    assert location.path == "/accounts/signin"
    assert query_of(response)["identity_exception"] == "identity_lost"
    page = log_in.send("GET", f"/signin?{location.query}")
    assert "does not exist any more" in page.text


def test_a_bot_has_no_account(log_in: LogIn) -> None:
    bots = log_in.sandbox.configuration_client().list_bots(all=True)
    response = log_in.choose(log_in.public(), bots[0].id)
    assert query_of(response)["identity_exception"] == "identity_lost"


def test_who_is_suspended_cannot_log_in(log_in: LogIn) -> None:
    log_in.sandbox.configuration_client().suspend_agent(id=JONES)
    client = log_in.public()
    accounts = form_of(log_in.page(client).text)[2]
    assert not [account for account in accounts if JONES in account]
    assert "suspended" in log_in.page(client).text
    response = log_in.choose(client)
    assert query_of(response)["identity_exception"] == "access_denied"


def cookie_of(log_in: LogIn, client: object, agent_id: str = JONES) -> dict[str, str]:
    """The header of a browser that has logged in."""
    chosen = log_in.choose(client, agent_id)  # type: ignore[arg-type]
    cookie, _, attributes = chosen.headers["set-cookie"].partition(";")
    assert {part.strip() for part in attributes.split(";")} == {
        "Path=/accounts",
        "HttpOnly",
        "SameSite=Lax",
    }
    return {"Cookie": cookie}


def test_a_browser_that_has_logged_in_is_sent_back_at_once(log_in: LogIn) -> None:
    client = log_in.public()
    cookie = cookie_of(log_in, client)
    query = urlencode(log_in.asked(client))
    response = log_in.send("GET", f"/?{query}", headers=cookie)
    assert response.status == 302
    assert response.headers["referrer-policy"] == "no-referrer"
    tokens = log_in.exchanged(client, query_of(response)["code"]).json
    assert log_in.works(tokens["access_token"])


@pytest.mark.parametrize(
    ("path", "changed"),
    [
        ("/", {"prompt": "consent"}),
        ("/", {"email": SMITH}),
        ("/", {"scope": "agents--my:ro"}),
        ("/signin", {}),
    ],
    ids=["consent", "another person", "another scope", "sign in"],
)
def test_the_page_is_shown_again_where_that_is_asked_for(
    log_in: LogIn, path: str, changed: dict[str, str]
) -> None:
    client = log_in.public(scopes=["chats--access:ro", "agents--my:ro"])
    chosen = log_in.choose(client, scope="chats--access:ro")
    cookie = {"Cookie": chosen.headers["set-cookie"].partition(";")[0]}
    asked = log_in.asked(client, **{"scope": "chats--access:ro", **changed})
    assert log_in.send("GET", f"{path}?{urlencode(asked)}", headers=cookie).status == 200


def test_the_page_is_shown_to_other_browsers_for_other_clients_and_after_a_suspension(
    log_in: LogIn,
) -> None:
    client, other = log_in.public(), log_in.public()
    cookie = cookie_of(log_in, client)
    query = urlencode(log_in.asked(client))
    for wrong in ("frontdesk_login=another", "frontdesk_login=", "x=y", "=;;,\\"):
        assert log_in.send("GET", f"/?{query}", headers={"Cookie": wrong}).status == 200
    asked = urlencode(log_in.asked(other))
    assert log_in.send("GET", f"/?{asked}", headers=cookie).status == 200
    log_in.sandbox.configuration_client().suspend_agent(id=JONES)
    assert log_in.send("GET", f"/?{query}", headers=cookie).status == 200


def test_a_browser_in_a_loop_is_stopped(log_in: LogIn) -> None:
    client = log_in.public()
    cookie = cookie_of(log_in, client)
    query = urlencode(log_in.asked(client))
    for _ in range(2):
        assert "code" in query_of(log_in.send("GET", f"/?{query}", headers=cookie))
    response = log_in.send("GET", f"/?{query}", headers=cookie)
    assert exception_of(response)[1] == "too_many_redirects"


def test_whom_the_client_expects_comes_first(log_in: LogIn) -> None:
    accounts = form_of(log_in.page(log_in.public(), email="tanaka@example.com").text)[2]
    assert accounts[0].endswith(" tanaka@example.com")
    assert len(accounts) == 7


def test_organizations_have_accounts_of_their_own(log_in: LogIn) -> None:
    client = log_in.public()
    added = log_in.sandbox.accounts.add_organization("Branch", agent_ids=[JONES, SMITH])
    page = log_in.page(client).text
    assert "<h2>Branch</h2>" in page
    accounts = form_of(page)[2]
    assert f"{added.id} {JONES}" in accounts
    assert f"{added.id} {BROWN}" not in accounts
    code = query_of(log_in.choose(client, f"{added.id} {JONES}"))["code"]
    tokens = log_in.exchanged(client, code).json
    own = log_in.tokens(client)
    assert tokens["organization_id"] == added.id
    assert tokens["account_id"] == added.accounts[JONES]
    assert own["organization_id"] == log_in.sandbox.organization_id
    assert own["account_id"] != tokens["account_id"]
    assert log_in.works(tokens["access_token"])


def test_a_client_can_ask_for_an_organization(log_in: LogIn) -> None:
    client = log_in.public()
    added = log_in.sandbox.accounts.add_organization("Branch")
    accounts = form_of(log_in.page(client, organization_id=added.id).text)[2]
    assert {account.partition(" ")[0] for account in accounts} == {added.id}
    assert log_in.tokens(client, organization_id=added.id)["organization_id"] == added.id
    own = log_in.sandbox.organization_id
    response = log_in.choose(client, f"{own} {JONES}", organization_id=added.id)
    assert exception_of(response) == ("access_denied", None)


def test_limits_of_organizations_are_apart(log_in: LogIn) -> None:
    client = log_in.public()
    first = log_in.tokens(client)
    for number in range(30):
        added = log_in.sandbox.accounts.add_organization(f"Branch {number}", agent_ids=[JONES])
        assert log_in.works(log_in.tokens(client, organization_id=added.id)["access_token"])
    assert log_in.works(first["access_token"])


def test_challenges_of_the_accounts_sdk_are_an_option(log_in: LogIn) -> None:
    challenge = pkce.accounts_sdk_challenge(VERIFIER)
    assert challenge != CHALLENGE
    plain, lenient = log_in.public(), log_in.public(accounts_sdk_challenge=True)
    refused = log_in.exchanged(plain, log_in.code(plain, code_challenge=challenge))
    assert refused.error == (403, "invalid_grant")
    code = log_in.code(lenient, code_challenge=challenge)
    assert log_in.exchanged(lenient, code, code_verifier="x" * 43).status == 403
    assert log_in.exchanged(lenient, code).status == 200
    assert log_in.exchanged(lenient, log_in.code(lenient)).status == 200


def test_an_authorization_with_a_long_query_works(log_in: LogIn) -> None:
    state = "s" * 8000
    assert query_of(log_in.choose(log_in.public(), state=state))["state"] == state


def test_a_path_that_is_written_with_escapes_is_the_same(served: Sandbox) -> None:
    log_in = LogIn(served, served=True)
    query = urlencode(log_in.asked(log_in.public()), quote_via=quote)
    assert log_in.send("GET", f"%2F?{query}").status == 200


@pytest.mark.parametrize(
    "redirect_uri",
    [
        "https://evil.example/steal",
        "//evil.example/steal",
        "/\\evil.example",
        "javascript:alert(1)",
        "http://localhost:3000@evil.example/callback",
        "http://localhost:3000.evil.example/callback",
        "",
    ],
)
def test_an_error_sends_nobody_to_an_address_of_the_request(
    log_in: LogIn, redirect_uri: str
) -> None:
    client = log_in.public()
    for response in (
        log_in.page(client, redirect_uri=redirect_uri),
        log_in.choose(client, redirect_uri=redirect_uri),
    ):
        assert response.status in (302, 303)
        # A path of this server, which RFC 9110 lets every client join to the address before.
        assert response.headers["location"].startswith("/accounts/ooops?oauth_exception=")
        assert "evil" not in response.headers["location"]
