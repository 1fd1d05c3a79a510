"""The clients that accounts log in to: applications with an id, redirect URIs and scopes."""

import hmac
import re
from collections.abc import Iterable
from typing import Final

from frontdesk.errors import InvalidArgument, NotFound
from frontdesk.sandbox.store.records import ClientType, OAuthClientRecord
from frontdesk.sandbox.world.accounts.errors import invalid_client, missing
from frontdesk.sandbox.world.accounts.redirect_uris import check_redirect_uri
from frontdesk.sandbox.world.accounts.scopes import check_scopes
from frontdesk.sandbox.world.staff.roles import NORMAL_SCOPES
from frontdesk.sandbox.world.world import World

__all__ = [
    "ACCESS_SECONDS",
    "ClientType",
    "OAuthClientRecord",
    "authenticate",
    "register",
    "remove",
]

ACCESS_SECONDS: Final = 28800
"""How long an access token lives, in seconds."""
_LONGEST: Final = 36500 * 86400
_ID: Final = re.compile(r"[A-Za-z0-9._~-]{1,128}")
_SECRET: Final = re.compile(r"[!-~]{1,256}")


def register(
    world: World,
    redirect_uris: Iterable[str],
    *,
    name: str = "",
    type: ClientType = "public",
    client_id: str | None = None,
    client_secret: str | None = None,
    scopes: Iterable[str] | None = None,
    access_token_seconds: int = ACCESS_SECONDS,
    accounts_sdk_challenge: bool = False,
) -> OAuthClientRecord:
    """Register a client, or change the one that has the id already.

    Args:
        world: Where it is registered.
        redirect_uris: Where browsers may be sent back to.
        name: What people read on the page where they log in; defaults to the id.
        type: ``server_side`` clients have a secret.
        client_id: Defaults to a new one.
        client_secret: Defaults to a new one, for clients that have one.
        scopes: What its tokens may grant; defaults to what every agent may have.
        access_token_seconds: How long its access tokens live, on the sandbox's clock.
        accounts_sdk_challenge: Accept the challenges of LiveChat's accounts SDK, too.

    Raises:
        InvalidArgument: Something does not fit.
    """
    uris = [uri.strip() for text in redirect_uris for uri in text.split(",") if uri.strip()]
    for uri in uris:
        check_redirect_uri(uri)
    if client_id is not None and not _ID.fullmatch(client_id):
        raise InvalidArgument("client_id", "must be 1 to 128 letters, digits, `-`, `.`, `_`, `~`")
    if client_secret is not None and type == "public":
        raise InvalidArgument("client_secret", "must not be given for a public client, it has none")
    if client_secret is not None and not _SECRET.fullmatch(client_secret):
        raise InvalidArgument("client_secret", "must be 1 to 256 characters without spaces")
    if not 1 <= access_token_seconds <= _LONGEST:
        raise InvalidArgument("access_token_seconds", "must be 1 to the seconds of a hundred years")
    client_id = client_id or world.ids.hex32()
    # Drawn whatever the type is, so that the ids after it are the same.
    secret = world.ids.secret()
    client = OAuthClientRecord(
        id=client_id,
        name=name or client_id,
        type=type,
        secret="" if type == "public" else client_secret or secret,
        redirect_uris=uris,
        scopes=check_scopes(NORMAL_SCOPES if scopes is None else scopes),
        access_token_seconds=access_token_seconds,
        accounts_sdk_challenge=accounts_sdk_challenge,
    )
    world.store.accounts.clients.save(client)
    return client


def remove(world: World, client_id: str) -> None:
    """Remove a client; its codes and tokens end, those of customers included.

    Raises:
        NotFound: There is no such client.
    """
    accounts, company = world.store.accounts, world.store.company
    if accounts.clients.get(client_id) is None:
        raise NotFound(f"there is no client `{client_id[:64]}`")
    accounts.clients.remove(client_id)
    for shelf in (accounts.codes, accounts.refresh_tokens):
        for record in shelf:
            if record.client_id == client_id:
                shelf.remove(record.id)
    for consent in accounts.consents:
        if consent.id.startswith(f"{client_id} "):
            accounts.consents.remove(consent.id)
    for token in list(company.tokens.values()):
        if token.client_id == client_id and token.grant_id:
            company.remove_token(token.id)
    world.store.customer_credentials.remove_client(client_id)


def authenticate(world: World, client_id: str, client_secret: str) -> OAuthClientRecord:
    """Return the client that asks for tokens.

    Raises:
        AccountsError: There is no such client, or it has another secret.
    """
    if not client_id:
        raise missing("client_id")
    client = world.store.accounts.clients.get(client_id)
    if client is None:
        raise invalid_client("`client_id`: there is no such client", "client_id_not_found")
    if client.type == "server_side":
        if not client_secret:
            raise missing("client_secret")
        if not hmac.compare_digest(client_secret.encode(), client.secret.encode()):
            raise invalid_client("`client_secret` is not the one of this client")
    return client
