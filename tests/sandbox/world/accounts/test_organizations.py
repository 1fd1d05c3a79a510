"""Tokens of further organizations: what they share with the license's own, and what is apart."""

from typing import Any

import pytest

from frontdesk.errors import AuthenticationError, LimitReached, NotFound
from frontdesk.sandbox import Sandbox
from frontdesk.sandbox.seeds.company import BOT_ID, BOT_SECRET, CLIENT_ID

from ..._log_in import SMITH, LogIn

EVENT = "incoming_event"


def token_of(sandbox: Sandbox, organization_id: str) -> str:
    log_in = LogIn(sandbox, served=False)
    client = log_in.public(scopes=["chats--all:rw", "webhooks.configuration:rw"])
    tokens = log_in.tokens(client, SMITH, organization_id=organization_id)
    return f"Bearer {tokens['access_token']}"


def register(sandbox: Sandbox, token: str, url: str) -> str:
    registered = sandbox.configuration_client(token).register_webhook(
        action=EVENT, url=url, secret_key="s", owner_client_id=CLIENT_ID, type="license"
    )
    return registered.id


def test_they_share_the_chats(sandbox: Sandbox) -> None:
    branch = sandbox.accounts.add_organization("Branch")
    own = sandbox.client().list_chats().found_chats
    assert sandbox.client(token_of(sandbox, branch.id)).list_chats().found_chats == own


def test_webhooks_are_of_the_organization_that_registered_them(sandbox: Sandbox) -> None:
    branch = sandbox.accounts.add_organization("Branch")
    token = token_of(sandbox, branch.id)
    own = [register(sandbox, "owner", f"http://127.0.0.1:9/own/{n}") for n in range(3)]
    theirs = [register(sandbox, token, f"http://127.0.0.1:9/branch/{n}") for n in range(3)]
    for each in ("owner", token):
        with pytest.raises(LimitReached):
            register(sandbox, each, "http://127.0.0.1:9/more")
    listed = {
        each: {
            webhook.id
            for webhook in sandbox.configuration_client(each).list_webhooks(
                owner_client_id=CLIENT_ID
            )
        }
        for each in ("owner", token)
    }
    assert listed == {"owner": set(own), token: set(theirs)}
    with pytest.raises(NotFound):
        sandbox.configuration_client(token).unregister_webhook(id=own[0], owner_client_id=CLIENT_ID)
    zoe = sandbox.customer("Zoe")
    zoe.say("hello")
    zoe.say("is anybody there?")
    sent: dict[str, set[Any]] = {}
    for delivery in sandbox.webhooks.all():
        organization = delivery.webhook["organization_id"]
        sent.setdefault(organization, set()).add(delivery.webhook_id)
    assert sent == {sandbox.organization_id: set(own), branch.id: set(theirs)}


def test_a_log_in_over_rtm_names_the_organization(served: Sandbox) -> None:
    branch = served.accounts.add_organization("Branch")
    token = token_of(served, branch.id)
    with served.rtm_client(token, organization_id=branch.id) as client:
        assert client.login_response.license.organization_id == branch.id


def test_bot_tokens_name_the_organization(sandbox: Sandbox) -> None:
    branch = sandbox.accounts.add_organization("Branch")

    def issue(organization_id: str) -> str:
        return (
            sandbox.configuration_client()
            .issue_bot_token(
                bot_id=BOT_ID,
                client_id=CLIENT_ID,
                bot_secret=BOT_SECRET,
                organization_id=organization_id,
            )
            .token
        )

    token = issue(branch.id)
    record = sandbox.backend.world.store.company.tokens[token]
    assert record.organization_id == branch.id
    with pytest.raises(AuthenticationError):
        issue("another")
