"""The controls of the accounts server: in Python and over HTTP."""

import asyncio
import json
from typing import Any
from urllib.parse import urlencode

import pytest

from frontdesk.errors import ClientClosed, InvalidArgument, NotFound
from frontdesk.sandbox import Sandbox
from frontdesk.sandbox.control.dispatch import Control
from frontdesk.sandbox.world.staff.roles import NORMAL_SCOPES

from ..._log_in import APP, JONES, LogIn


def control(sandbox: Sandbox, verb: str, path: str, content: Any = None) -> tuple[int, Any]:
    body = b"" if content is None else json.dumps(content).encode()
    response = Control(sandbox.backend).handle(verb, f"/__sandbox__/{path}", "", body)
    return response.status, json.loads(response.body)


def test_a_client_has_what_is_given_and_the_rest_is_made(sandbox: Sandbox) -> None:
    client = sandbox.accounts.register_client(APP)
    assert client.redirect_uris == (APP,)
    assert client.type == "public"
    assert client.client_secret == ""
    assert client.name == client.client_id
    assert client.scopes == NORMAL_SCOPES
    assert client.access_token_seconds == 28800
    assert not client.accounts_sdk_challenge
    server_side = sandbox.accounts.register_client([APP], type="server_side")
    assert len(server_side.client_secret) == 32
    given = sandbox.accounts.register_client(
        [APP], type="server_side", client_id="mine", client_secret="s3cret", name="Mine"
    )
    assert (given.client_id, given.client_secret, given.name) == ("mine", "s3cret", "Mine")
    assert sandbox.accounts.clients == [client, server_side, given]


def test_a_client_can_be_changed(sandbox: Sandbox) -> None:
    sandbox.accounts.register_client([APP], client_id="mine", name="Old")
    changed = sandbox.accounts.register_client([f"{APP}/new"], client_id="mine", name="New")
    assert sandbox.accounts.clients == [changed]


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"redirect_uris": ["javascript:alert(1)"]}, "redirect_uris"),
        ({"redirect_uris": 5}, "redirect_uris"),
        ({"type": "secret"}, "type"),
        ({"client_id": "with space"}, "client_id"),
        ({"client_id": "x" * 129}, "client_id"),
        ({"client_secret": "x"}, "client_secret"),
        ({"type": "server_side", "client_secret": "with space"}, "client_secret"),
        ({"scopes": ["chats--everything:rw"]}, "scopes"),
        ({"scopes": "chats--all:rw"}, "scopes"),
        ({"access_token_seconds": 0}, "access_token_seconds"),
        ({"access_token_seconds": 10**12}, "access_token_seconds"),
        ({"accounts_sdk_challenge": "yes"}, "accounts_sdk_challenge"),
    ],
)
def test_what_does_not_fit_is_refused(sandbox: Sandbox, options: Any, field: str) -> None:
    content = {"redirect_uris": [APP], **options}
    with pytest.raises(InvalidArgument) as caught:
        sandbox.accounts.register_client(**content)
    assert caught.value.field == field
    status, shown = control(sandbox, "POST", "clients", content)
    assert status == 400
    assert field in shown["error"]["message"]
    assert sandbox.accounts.clients == []


def test_secrets_are_in_no_repr(sandbox: Sandbox) -> None:
    client = sandbox.accounts.register_client([APP], type="server_side")
    assert client.client_secret not in repr((client, sandbox.accounts.clients, sandbox.accounts))


def test_a_client_that_is_removed_takes_its_tokens_along(log_in: LogIn) -> None:
    client, other = log_in.public(), log_in.public()
    tokens, others, code = log_in.tokens(client), log_in.tokens(other), log_in.code(client)
    log_in.sandbox.accounts.remove_client(client.client_id)
    assert not log_in.works(tokens["access_token"])
    assert log_in.works(others["access_token"])
    assert log_in.refreshed(client, tokens["refresh_token"]).error == (401, "invalid_client")
    # Who registers the id again has nothing of the old one.
    log_in.public(client_id=client.client_id)
    assert log_in.refreshed(client, tokens["refresh_token"]).error == (403, "invalid_grant")
    assert log_in.exchanged(client, code).error == (403, "invalid_grant")
    with pytest.raises(NotFound):
        log_in.sandbox.accounts.remove_client("another")


def test_clients_over_http(sandbox: Sandbox) -> None:
    status, client = control(
        sandbox, "POST", "clients", {"redirect_uris": [APP], "type": "server_side"}
    )
    assert status == 200
    assert client["client_secret"]
    assert [client["client_id"]] == [each.client_id for each in sandbox.accounts.clients]
    status, listed = control(sandbox, "GET", "clients")
    assert (status, len(listed["clients"])) == (200, 1)
    assert client["client_secret"] not in json.dumps(listed)
    assert control(sandbox, "DELETE", "clients")[0] == 400
    assert control(sandbox, "DELETE", "clients/another")[0] == 404
    assert control(sandbox, "DELETE", f"clients/{client['client_id']}") == (200, {})
    assert sandbox.accounts.clients == []
    assert control(sandbox, "POST", "clients", {"redirect_uri": [APP]})[0] == 400
    assert control(sandbox, "POST", "clients/mine", {"redirect_uris": [APP]})[0] == 400


def test_organizations(sandbox: Sandbox) -> None:
    (own,) = sandbox.accounts.organizations
    assert own.id == sandbox.organization_id
    assert own.name == "Example Furniture"
    added = sandbox.accounts.add_organization("Branch", agent_ids=[JONES])
    named = sandbox.accounts.add_organization("Other", organization_id="my-organization")
    assert list(added.accounts) == [JONES]
    assert list(named.accounts) == list(own.accounts)
    assert not set(named.accounts.values()) & {*own.accounts.values(), *added.accounts.values()}
    assert sandbox.accounts.organizations == [own, added, named]
    for organization_id in (own.id, "my-organization", "with space"):
        with pytest.raises(InvalidArgument, match="organization_id"):
            sandbox.accounts.add_organization(organization_id=organization_id)
    with pytest.raises(NotFound):
        sandbox.accounts.add_organization(agent_ids=["nobody@example.com"])


def test_organizations_over_http(sandbox: Sandbox) -> None:
    status, added = control(sandbox, "POST", "organizations", {"name": "Branch"})
    assert (status, added["name"]) == (200, "Branch")
    status, listed = control(sandbox, "GET", "organizations")
    assert [each["id"] for each in listed["organizations"]] == [
        sandbox.organization_id,
        added["id"],
    ]
    status, _ = control(sandbox, "POST", "organizations", {"agent_ids": ["nobody@example.com"]})
    assert status == 404


def test_a_log_in_needs_no_browser(log_in: LogIn) -> None:
    client = log_in.public()
    sandbox = log_in.sandbox
    url = f"{sandbox.accounts_url}/?{urlencode(log_in.asked(client))}"
    location = sandbox.accounts.authorize(url, JONES)
    assert location.startswith(f"{APP}?code=")
    assert location.endswith("&state=the+state")
    status, shown = control(sandbox, "POST", "authorize", {"url": url, "agent_id": JONES})
    assert status == 200
    assert shown["location"].startswith(f"{APP}?code=")


def test_a_log_in_without_a_browser_ends_where_a_browser_would(log_in: LogIn) -> None:
    client = log_in.public()
    accounts = log_in.sandbox.accounts
    query = urlencode(log_in.asked(client, scope="chats--all:rw"))
    location = accounts.authorize(f"{accounts.url}/?{query}", JONES)
    assert location.startswith(f"{accounts.url}/ooops?oauth_exception=invalid_scope")
    url = f"{accounts.url}/?{urlencode(log_in.asked(client))}"
    with pytest.raises(NotFound):
        accounts.authorize(url, "nobody@example.com")
    with pytest.raises(InvalidArgument, match="url"):
        accounts.authorize(accounts.url, JONES)
    added = accounts.add_organization("Branch")
    code = accounts.authorize(url, JONES, organization_id=added.id).partition("code=")[2][:32]
    assert log_in.exchanged(client, code).json["organization_id"] == added.id


def test_over_http_the_page_of_an_error_has_its_whole_address(log_in: LogIn) -> None:
    client, sandbox = log_in.public(), log_in.sandbox
    query = urlencode(log_in.asked(client, redirect_uri="https://evil.example/steal"))
    order = {"url": f"{sandbox.accounts_url}/?{query}", "agent_id": JONES}
    status, shown = control(sandbox, "POST", "authorize", order)
    assert status == 200
    assert shown["location"].startswith(
        f"{sandbox.accounts_url}/ooops?oauth_exception=invalid_request"
    )


def test_a_log_in_is_made_in_one_line(sandbox: Sandbox) -> None:
    for kind in ("public", "server_side"):
        oauth = sandbox.oauth("https://app.example/cb", type=kind, scopes=["chats--access:ro"])
        attempt = oauth.start_login()
        callback = sandbox.accounts.authorize(attempt.url, JONES)
        grant = oauth.refresh(oauth.exchange(callback, attempt))
        assert grant.scopes == ("chats--access:ro",)
        assert sandbox.client(oauth.token_source(grant)).list_chats().found_chats > 0


def test_a_log_in_of_an_async_program_too(sandbox: Sandbox) -> None:
    async def story() -> int:
        oauth = sandbox.async_oauth()
        attempt = oauth.start_login()
        callback = sandbox.accounts.authorize(attempt.url, JONES)
        grant = await oauth.exchange(callback, attempt)
        client = sandbox.async_client(oauth.token_source(grant))
        return (await client.list_chats()).found_chats

    assert asyncio.run(story()) > 0


def test_a_served_sandbox_with_a_certificate_of_its_own_has_log_ins() -> None:
    with Sandbox.serve("empty", tls=True) as sandbox:
        oauth = sandbox.oauth()
        attempt = oauth.start_login()
        assert attempt.url.startswith("https://")
        agent_id = next(iter(sandbox.accounts.organizations[0].accounts))
        callback = sandbox.accounts.authorize(attempt.url, agent_id)
        assert oauth.exchange(callback, attempt).refresh_token
    with pytest.raises(ClientClosed):
        oauth.exchange(callback, attempt)


def test_the_address_is_that_of_the_sandbox(log_in: LogIn) -> None:
    assert log_in.sandbox.accounts_url == f"{log_in.sandbox.url}/accounts"


def test_a_closed_sandbox_has_no_accounts() -> None:
    sandbox = Sandbox("empty")
    accounts = sandbox.accounts
    sandbox.close()
    for call in (
        lambda: accounts.clients,
        lambda: accounts.organizations,
        lambda: accounts.register_client(APP),
        lambda: accounts.add_organization("Branch"),
    ):
        with pytest.raises(ClientClosed):
            call()
