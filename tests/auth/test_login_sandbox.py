"""Logging in at the sandbox: what only a real accounts server does."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from frontdesk import errors
from frontdesk.sandbox import Sandbox

from ._accounts import SECRET, Desk
from ._sandbox_accounts import AGENT, LIFE, SandboxAccounts, recorded


def query(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


@pytest.fixture
def real(sandbox: Any) -> SandboxAccounts:
    return SandboxAccounts(sandbox, is_served=False)


def test_what_the_server_says_in_the_browser_becomes_an_error(real: SandboxAccounts) -> None:
    desk = Desk("sync", real)
    oauth = desk.oauth("app-secret")
    foreign = oauth.start_login("http://127.0.0.1:8766/other")
    unknown = desk.oauth("nobody", client_secret=None).start_login()
    too_much = oauth.start_login(scopes=["agents--all:rw"])
    for attempt, error in (
        (foreign, errors.RedirectMismatch),
        (too_much, errors.InvalidScope),
    ):
        with pytest.raises(error):
            oauth.exchange(real.agree(attempt.url), attempt)
    with pytest.raises(errors.InvalidClient):
        desk.oauth("nobody").exchange(real.agree(unknown.url), unknown)
    desk.close()


def test_three_redirects_in_half_a_minute_are_the_most(real: SandboxAccounts) -> None:
    desk = Desk("sync", real)
    oauth = desk.oauth()
    for number in range(4):
        attempt = oauth.start_login()
        callback = real.sandbox.accounts.authorize(attempt.url, AGENT)
        if number < 3:
            oauth.exchange(callback, attempt)
    with pytest.raises(errors.TooManyRedirects, match="Wait 30 s"):
        oauth.exchange(callback, attempt)
    desk.close()


def test_a_code_that_is_used_again_ends_the_log_in(real: SandboxAccounts) -> None:
    desk = Desk("sync", real)
    oauth = desk.oauth()
    attempt = oauth.start_login()
    callback = real.agree(attempt.url)
    grant = oauth.exchange(callback, attempt)
    with pytest.raises(errors.InvalidGrant):
        oauth.exchange(callback, attempt)
    with pytest.raises(errors.TokenRejected):
        oauth.introspect(grant)
    with pytest.raises(errors.LoginRequired):
        oauth.refresh(grant)
    desk.close()


def test_a_code_lives_for_minutes(real: SandboxAccounts) -> None:
    desk = Desk("sync", real)
    oauth = desk.oauth()
    attempt = oauth.start_login()
    callback = real.agree(attempt.url)
    real.sandbox.advance(3600)
    with pytest.raises(errors.InvalidGrant, match="expired"):
        oauth.exchange(callback, attempt)
    desk.close()


def test_recorded_calls_show_no_secret(real: SandboxAccounts) -> None:
    desk = Desk("sync", real)
    oauth = desk.oauth("app-secret")
    attempt = oauth.start_login()
    callback = real.agree(attempt.url)
    grant = oauth.exchange(callback, attempt)
    fresh = oauth.refresh(grant)
    oauth.revoke(fresh)
    shown = recorded(real.sandbox)
    secrets = [
        SECRET, query(callback)["code"], attempt.code_verifier,
        grant.access_token.removeprefix("dal:"), grant.refresh_token,
    ]  # fmt: skip
    assert [secret for secret in secrets if secret in shown] == []
    desk.close()


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_an_rtm_session_goes_on_with_the_next_token(served: Sandbox, kind: str) -> None:
    real = SandboxAccounts(served, is_served=True)
    desk = Desk(kind, real)
    oauth = desk.oauth()
    source = oauth.token_source(desk.log_in(oauth))
    if kind == "sync":
        with served.rtm_client(source) as rtm:
            rtm.list_chats()
            served.advance(LIFE + 1)
            rtm.list_chats()
    else:

        async def main() -> None:
            async with served.async_rtm_client(source) as rtm:
                await rtm.list_chats()
                served.advance(LIFE + 1)
                await rtm.list_chats()

        desk.run(main())
    assert real.refreshes == 1
    desk.close()
