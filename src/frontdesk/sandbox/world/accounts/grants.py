"""Tokens: given for a code or a refresh token, looked at, taken back.

A log-in is a *grant*. Its access token and its refresh token make a pair; a refresh gives another
access token, and for public clients another refresh token, too.

Source: https://platform.text.com/docs/authorization
"""

from http import HTTPStatus
from typing import Any, Final

from msgspec import Struct

from frontdesk.sandbox.store import from_micros, to_micros
from frontdesk.sandbox.store.records import (
    AgentRecord,
    CodeRecord,
    OAuthClientRecord,
    RefreshTokenRecord,
    TokenRecord,
)
from frontdesk.sandbox.world.accounts import pkce
from frontdesk.sandbox.world.accounts.errors import (
    AccountsError,
    ReplayError,
    invalid_grant,
    missing,
)
from frontdesk.sandbox.world.accounts.organizations import Account
from frontdesk.sandbox.world.accounts.scopes import above_role, within_role
from frontdesk.sandbox.world.world import World

__all__ = [
    "MOST_TOKENS",
    "TokenInfo",
    "end_grant",
    "exchange",
    "give_access",
    "info",
    "refresh",
    "revoke",
]

MOST_TOKENS: Final = 25
"""Access tokens of a client and an account, and refresh tokens as many."""


class TokenInfo(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is said of tokens, when they are given and when they are looked at."""

    access_token: str
    account_id: str
    client_id: str = ""
    expires_in: int
    organization_id: str
    refresh_token: str = ""
    scope: str
    token_type: str

    def __repr__(self) -> str:
        return f"TokenInfo(account_id={self.account_id!r}, scope={self.scope!r})"


def exchange(
    world: World, client: OAuthClientRecord, code: str, redirect_uri: str, verifier: str
) -> TokenInfo:
    """Give tokens for a code.

    Args:
        world: Where that happens.
        client: Who asks, after it has proved to be that.
        code: What the browser brought.
        redirect_uri: The one that the code was sent to.
        verifier: That of the challenge, empty if there was none.

    Raises:
        ReplayError: The code has been used already.
        AccountsError: It gives no tokens.
    """
    if not code:
        raise missing("code")
    if not redirect_uri:
        raise missing("redirect_uri")
    record = world.store.accounts.codes.get(code)
    if record is None or record.client_id != client.id:
        raise invalid_grant("`code`: this client has no such code")
    if record.used:
        raise ReplayError("`code` has been used already", record.grant_id)
    if record.expires_at <= world.clock.now():
        raise invalid_grant("`code` has expired")
    if record.redirect_uri != redirect_uri:
        raise invalid_grant("`redirect_uri` is not the one of the authorization")
    _check_verifier(client, record, verifier)
    agent = _working_agent(world, record.user_id)
    if above_role(agent.role, record.scopes):
        raise AccountsError(
            "invalid_scope",
            "the role of the account does not allow the scopes any more",
            HTTPStatus.FORBIDDEN,
        )
    record.used = True
    world.store.accounts.codes.save(record)
    account = Account(record.account_id, record.organization_id, agent)
    token = give_access(world, client, account, record.scopes, record.grant_id)
    return _describe(world, token, _give_refresh(world, token))


def refresh(world: World, client: OAuthClientRecord, refresh_token: str) -> TokenInfo:
    """Give another access token for a refresh token, which a public client gets another of, too.

    Raises:
        ReplayError: It has been replaced by another already.
        AccountsError: It gives no tokens.
    """
    if not refresh_token:
        raise missing("refresh_token")
    accounts, company = world.store.accounts, world.store.company
    record = accounts.refresh_tokens.get(refresh_token)
    if record is None or record.client_id != client.id:
        raise invalid_grant("`refresh_token`: this client has no such refresh token")
    if record.rotated:
        raise ReplayError("`refresh_token` has been used already", record.grant_id)
    agent = _working_agent(world, record.user_id)
    before = company.tokens.get(record.access_id)
    if before is not None:
        # It works until it expires, by itself.
        before.refresh_id = ""
        company.save_token(before)
    account = Account(record.account_id, record.organization_id, agent)
    scopes = within_role(agent.role, record.scopes)
    token = give_access(world, client, account, scopes, record.grant_id)
    if client.type == "public":
        record.rotated = True
        record.access_id = ""
        accounts.refresh_tokens.save(record)
        return _describe(world, token, _give_refresh(world, token, record.scopes))
    record.access_id = token.id
    accounts.refresh_tokens.save(record)
    token.refresh_id = record.id
    company.save_token(token)
    return _describe(world, token, record.id)


def give_access(
    world: World, client: OAuthClientRecord, account: Account, scopes: list[str], grant_id: str
) -> TokenRecord:
    """Give an access token; the oldest of too many ends."""
    company = world.store.company
    now = world.clock.now()
    others = sorted(
        (
            token
            for token in company.tokens.values()
            if token.grant_id and (token.client_id, token.account_id) == (client.id, account.id)
        ),
        key=lambda token: token.number,
    )
    number = others[-1].number + 1 if others else 1
    expired = [token for token in others if token.expires_at and token.expires_at <= now]
    lasting = [token for token in others if token not in expired]
    for token in (*expired, *lasting[: max(0, len(lasting) - MOST_TOKENS + 1)]):
        company.remove_token(token.id)
        paired = world.store.accounts.refresh_tokens.get(token.refresh_id)
        if paired is not None:
            paired.access_id = ""
            world.store.accounts.refresh_tokens.save(paired)
    region = company.license.region
    token = TokenRecord(
        id=f"{region}:{world.ids.secret()}",
        kind="bearer",
        user_id=account.agent.id,
        client_id=client.id,
        scopes=scopes,
        region=region,
        expires_at=from_micros(world.clock.after(client.access_token_seconds)),
        name="log-in",
        account_id=account.id,
        organization_id=account.organization_id,
        grant_id=grant_id,
        number=number,
    )
    company.save_token(token)
    return token


def _give_refresh(world: World, token: TokenRecord, scopes: list[str] | None = None) -> str:
    """Give a refresh token that makes a pair with an access token; the oldest of too many ends."""
    shelf = world.store.accounts.refresh_tokens
    others = sorted(
        (
            record
            for record in shelf
            if (record.client_id, record.account_id) == (token.client_id, token.account_id)
        ),
        key=lambda record: record.number,
    )
    for kept in ([r for r in others if r.rotated], [r for r in others if not r.rotated]):
        for record in kept[: max(0, len(kept) - MOST_TOKENS + 1)]:
            _remove_refresh(world, record)
    record = RefreshTokenRecord(
        id=world.ids.secret(),
        client_id=token.client_id,
        user_id=token.user_id,
        account_id=token.account_id,
        organization_id=token.organization_id,
        # What the role took away comes back with the role.
        scopes=token.scopes if scopes is None else scopes,
        grant_id=token.grant_id,
        access_id=token.id,
        number=others[-1].number + 1 if others else 1,
    )
    shelf.save(record)
    token.refresh_id = record.id
    world.store.company.save_token(token)
    return record.id


def _remove_refresh(world: World, record: RefreshTokenRecord) -> None:
    world.store.accounts.refresh_tokens.remove(record.id)
    paired = world.store.company.tokens.get(record.access_id)
    if paired is not None:
        paired.refresh_id = ""
        world.store.company.save_token(paired)


def info(world: World, token_id: str) -> TokenInfo:
    """Return what there is to know of an access token.

    Raises:
        AccountsError: It is none, or has expired.
    """
    token = world.store.company.tokens.get(token_id)
    # Bot tokens and personal access tokens come from elsewhere.
    if token is None or token.kind != "bearer":
        raise _unauthorized("the access token is not valid")
    if token.expires_at is None or token.expires_at <= world.clock.now():
        raise _unauthorized("the access token has expired")
    return _describe(world, token, token.refresh_id, client_id=token.client_id)


def revoke(world: World, token_id: str) -> None:
    """Take back an access token or a refresh token; those that make a pair end together.

    Raises:
        AccountsError: There is no such token.
    """
    company, shelf = world.store.company, world.store.accounts.refresh_tokens
    token = company.tokens.get(token_id)
    record = shelf.get(token_id)
    if token is not None and token.kind == "bearer":
        company.remove_token(token.id)
        shelf.remove(token.refresh_id)
    elif record is not None and not record.rotated:
        shelf.remove(record.id)
        company.remove_token(record.access_id)
    else:
        raise AccountsError("not_found", "there is no such token", HTTPStatus.NOT_FOUND)


def end_grant(world: World, grant_id: str) -> None:
    """Take back all tokens of a log-in, because one of them came into other hands."""
    for token in list(world.store.company.tokens.values()):
        if token.grant_id == grant_id:
            world.store.company.remove_token(token.id)
    for record in world.store.accounts.refresh_tokens:
        if record.grant_id == grant_id and not record.rotated:
            world.store.accounts.refresh_tokens.remove(record.id)


def _describe(world: World, token: TokenRecord, refresh_token: str, **more: Any) -> TokenInfo:
    agent = world.store.company.agents.get(token.user_id)
    assert token.expires_at is not None
    # Rounded up: a new token lives as long as its client says.
    left = -((world.clock.peek() - to_micros(token.expires_at)) // 1_000_000)
    return TokenInfo(
        access_token=token.id,
        account_id=token.account_id or (agent.account_id if agent else ""),
        expires_in=left,
        organization_id=token.organization_id or world.store.company.license.organization_id,
        refresh_token=refresh_token,
        scope=",".join(token.scopes),
        token_type="Bearer",  # noqa: S106 - the name of the scheme
        **more,
    )


def _check_verifier(client: OAuthClientRecord, record: CodeRecord, verifier: str) -> None:
    if not record.code_challenge:
        if verifier:
            raise invalid_grant("`code_verifier`: the authorization had no `code_challenge`")
        return
    if not verifier:
        raise missing("code_verifier")
    if not pkce.fits(
        verifier,
        record.code_challenge,
        record.code_challenge_method,
        accounts_sdk=client.accounts_sdk_challenge,
    ):
        raise invalid_grant("`code_verifier` is not the one of the `code_challenge`")


def _working_agent(world: World, agent_id: str) -> AgentRecord:
    agent = world.store.company.agents.get(agent_id)
    if agent is None or agent.suspended or agent.awaiting_approval:
        raise invalid_grant("the account cannot log in any more")
    return agent


def _unauthorized(description: str) -> AccountsError:
    return AccountsError("unauthorized", description, HTTPStatus.UNAUTHORIZED)
