"""Authorizations: what a client asks a browser for, and where the browser is sent with it.

Source: https://platform.text.com/docs/authorization
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final, Literal

from msgspec import Struct

from frontdesk.sandbox.store.records import (
    CodeRecord,
    ConsentRecord,
    LoginRecord,
    OAuthClientRecord,
)
from frontdesk.sandbox.world.accounts import pkce, redirect_uris, scopes
from frontdesk.sandbox.world.accounts.errors import AuthorizeError, IdentityError
from frontdesk.sandbox.world.accounts.grants import give_access
from frontdesk.sandbox.world.accounts.organizations import (
    Account,
    all_ids,
    find_account,
    may_log_in,
)
from frontdesk.sandbox.world.world import World

__all__ = [
    "CODE_SECONDS",
    "MOST_REDIRECTS",
    "REDIRECT_SECONDS",
    "Authorization",
    "authorize",
    "log_in",
    "read_authorization",
    "remembered",
]

CODE_SECONDS: Final = 300
"""How long a code lives."""
MOST_REDIRECTS: Final = 3
"""Redirects of a client and an account in so many seconds:"""
REDIRECT_SECONDS: Final = 30
_KEPT: Final = timedelta(hours=1)
"""How long it is remembered that a code was used."""
MOST_LOGINS: Final = 1000


class Authorization(Struct, frozen=True, kw_only=True):
    """What a client asks for, after it has been checked.

    ``email`` is whose account it is likely to be. ``asks_again``: the account is to be chosen on
    the page although the browser has logged in.
    """

    client: OAuthClientRecord
    response_type: Literal["code", "token"]
    redirect_uri: str
    state: str
    scopes: list[str]
    organization_id: str
    email: str
    code_challenge: str
    code_challenge_method: str
    asks_again: bool

    def __repr__(self) -> str:
        # A plain challenge is a secret.
        return f"Authorization({self.client!r}, {self.response_type!r})"


def read_authorization(world: World, parameters: Mapping[str, str]) -> Authorization:
    """Return what the parameters of an authorization ask for.

    Raises:
        AuthorizeError: They do not fit.
    """
    get = parameters.get
    client = _client(world, get("client_id", ""))
    redirect_uri = get("redirect_uri", "")
    if not client.redirect_uris:
        raise AuthorizeError(
            "invalid_request", "the client has no redirect URI", "redirect_uri_not_set"
        )
    if not redirect_uris.allowed(redirect_uri, client.redirect_uris):
        raise AuthorizeError(
            "invalid_request",
            "`redirect_uri` is none of those of the client",
            "invalid_redirect_uri",
        )
    response_type = _response_type(client, get("response_type", ""))
    challenge, method = "", ""
    if response_type == "code":
        challenge, method = pkce.check_challenge(
            get("code_challenge", ""), get("code_challenge_method", "")
        )
        if not challenge and client.type == "public":
            raise AuthorizeError("invalid_request", "a public client needs `code_challenge`")
    organization_id = get("organization_id", "")
    if organization_id and organization_id not in all_ids(world):
        raise AuthorizeError("access_denied", "`organization_id`: there is no such organization")
    return Authorization(
        client=client,
        response_type=response_type,
        redirect_uri=redirect_uri,
        state=get("state", ""),
        scopes=scopes.requested(get("scope", ""), client.scopes),
        organization_id=organization_id,
        email=get("email", ""),
        code_challenge=challenge,
        code_challenge_method=method,
        asks_again=get("prompt", "") == "consent",
    )


def authorize(world: World, asked: Authorization, account: Account) -> str:
    """Let an account log in; returns where its browser goes, with a code or a token.

    Raises:
        IdentityError: The account cannot log in.
        AuthorizeError: Its role allows less than the client asks for, or the browser came back too
            often.
    """
    if not may_log_in(account):
        raise IdentityError("access_denied")
    if asked.organization_id not in ("", account.organization_id):
        raise AuthorizeError("access_denied", "the account is of another organization")
    above = scopes.above_role(account.agent.role, asked.scopes)
    if above:
        raise AuthorizeError(
            "invalid_scope", f"the role `{account.agent.role}` does not allow `{above[0]}`"
        )
    _count_redirect(world, asked, account)
    if asked.response_type == "token":
        token = give_access(world, asked.client, account, asked.scopes, world.ids.hex32())
        fields = {
            "access_token": token.id,
            "token_type": "Bearer",
            "expires_in": str(asked.client.access_token_seconds),
        }
        return redirect_uris.with_fragment(asked.redirect_uri, _with_state(asked, fields))
    return redirect_uris.with_query(
        asked.redirect_uri, _with_state(asked, {"code": _give_code(world, asked, account)})
    )


def log_in(world: World, account: Account) -> str:
    """Remember the account of a browser; returns what its cookie is to hold."""
    logins = world.store.accounts.logins
    others = sorted(logins, key=lambda record: record.number)
    for old in others[: max(0, len(others) - MOST_LOGINS + 1)]:
        logins.remove(old.id)
    login = LoginRecord(
        id=world.ids.secret(),
        user_id=account.agent.id,
        organization_id=account.organization_id,
        number=others[-1].number + 1 if others else 1,
    )
    logins.save(login)
    return login.id


def remembered(world: World, asked: Authorization, login_id: str) -> Account | None:
    """Return the account of a browser that has agreed to what is asked for already."""
    login = world.store.accounts.logins.get(login_id)
    if login is None or asked.asks_again:
        return None
    if asked.organization_id not in ("", login.organization_id):
        return None
    try:
        account = find_account(world, login.user_id, login.organization_id)
    except IdentityError:
        return None
    consent = world.store.accounts.consents.get(_consent_id(asked, account))
    if consent is None or asked.email not in ("", account.agent.id) or not may_log_in(account):
        return None
    return account if set(asked.scopes) <= set(consent.scopes) else None


def _client(world: World, client_id: str) -> OAuthClientRecord:
    if not client_id:
        raise AuthorizeError("invalid_request", "`client_id` is required")
    client = world.store.accounts.clients.get(client_id)
    if client is None:
        raise AuthorizeError(
            "unauthorized_client", "`client_id`: there is no such client", "client_id_not_found"
        )
    return client


def _response_type(client: OAuthClientRecord, text: str) -> Literal["code", "token"]:
    if not text:
        raise AuthorizeError("invalid_request", "`response_type` is required")
    if text == "code":
        return "code"
    if text == "token" and client.type == "public":
        return "token"
    raise AuthorizeError(
        "unsupported_response_type",
        "`response_type` must be `code`, or for a public client `token`",
    )


def _consent_id(asked: Authorization, account: Account) -> str:
    return f"{asked.client.id} {account.id}"


def _count_redirect(world: World, asked: Authorization, account: Account) -> None:
    """Take note of a redirect and of the consent; raises ``AuthorizeError`` for one too many."""
    consents, now = world.store.accounts.consents, world.clock.peek()
    consent_id = _consent_id(asked, account)
    consent = consents.get(consent_id) or ConsentRecord(id=consent_id)
    since = now - REDIRECT_SECONDS * 1_000_000
    latest = [at for at in consent.redirected_at if at > since]
    if len(latest) >= MOST_REDIRECTS:
        raise AuthorizeError(
            "temporarily_unavailable",
            f"the browser was sent back {MOST_REDIRECTS} times in {REDIRECT_SECONDS} seconds",
            "too_many_redirects",
        )
    granted = sorted({*consent.scopes, *asked.scopes})
    consents.save(ConsentRecord(id=consent_id, scopes=granted, redirected_at=[*latest, now]))


def _give_code(world: World, asked: Authorization, account: Account) -> str:
    codes, now = world.store.accounts.codes, world.clock.now()
    for old in codes:
        if old.expires_at + _KEPT <= now:
            codes.remove(old.id)
    code = CodeRecord(
        id=world.ids.secret(),
        client_id=asked.client.id,
        user_id=account.agent.id,
        account_id=account.id,
        organization_id=account.organization_id,
        redirect_uri=asked.redirect_uri,
        scopes=asked.scopes,
        expires_at=now + timedelta(seconds=CODE_SECONDS),
        grant_id=world.ids.hex32(),
        code_challenge=asked.code_challenge,
        code_challenge_method=asked.code_challenge_method,
    )
    codes.save(code)
    return code.id


def _with_state(asked: Authorization, fields: dict[str, str]) -> dict[str, str]:
    return {**fields, "state": asked.state} if asked.state else fields
