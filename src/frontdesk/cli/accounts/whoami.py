"""``frontdesk whoami`` and ``profiles``: whose tokens there are, as far as that can be known."""

import base64
import binascii
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final

import typer
from msgspec import Struct

from frontdesk.cli.accounts.profiles import Profiles
from frontdesk.cli.arguments.help import PlainCommand
from frontdesk.cli.arguments.options import (
    AccountsUrl,
    BaseUrl,
    Token,
    accounts_url_of,
    source_of,
)
from frontdesk.cli.output.tables import print_details, print_table
from frontdesk.cli.output.terminal import print_json, say
from frontdesk.codec.decoding import encode
from frontdesk.errors import MissingToken

__all__ = ["identity_of", "register_commands"]

UNKNOWN: Final = "unknown"
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


def register_commands(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("whoami", cls=PlainCommand)(whoami)
    app.command("profiles", cls=PlainCommand)(list_profiles)


class Identity(Struct, frozen=True, kw_only=True):
    """What is known of a token; ``None`` for what nobody tells."""

    source: str
    kind: str
    account: str | None = None
    organization: str | None = None
    client_id: str | None = None
    region: str | None = None
    expires: datetime | None = None
    scopes: tuple[str, ...] | None = None


class ProfileRow(Struct, frozen=True, kw_only=True):
    """What is stored of a log-in."""

    profile: str
    account: str | None
    organization: str | None
    client_id: str | None
    region: str | None
    expires: datetime | None
    scopes: tuple[str, ...]
    accounts_url: str
    keyring: bool


def whoami(
    context: typer.Context,
    as_json: AsJson = False,
    base_url: BaseUrl = None,
    accounts_url: AccountsUrl = None,
    token: Token = None,
) -> None:
    """Show whose token commands use, and what it may do.

    Shows the account, organization, app, region, scopes and end of the token. Asks the accounts
    server, which costs no billed request. The organization, scopes and end of a personal access
    token are not told by the API: they are unknown.
    """
    identity = identity_of(token, source_of(context), accounts_url_of(accounts_url, base_url))
    if as_json:
        print_json(encode(identity))
    else:
        print_details(_spelled(identity))


def list_profiles(as_json: AsJson = False) -> None:
    """List the log-ins that are stored. Nothing is asked of any server."""
    rows: list[ProfileRow] = []
    profiles = Profiles()
    for name in profiles.names():
        profile = profiles.get(name)
        grant = None if profile is None else profile.grant()
        if profile is None or grant is None:
            continue
        rows.append(
            ProfileRow(
                profile=name,
                account=grant.account_id,
                organization=grant.organization_id,
                client_id=grant.client_id,
                region=grant.region,
                expires=grant.expires_at,
                scopes=grant.scopes,
                accounts_url=profile.app().accounts_url,
                keyring=profile.in_keyring,
            )
        )
    if as_json:
        print_json(encode(rows))
    elif rows:
        columns = ("profile", "account", "organization", "region", "accounts_url")
        print_table(columns, [[getattr(row, name) for name in columns] for row in rows])
    else:
        say("frontdesk: there is no log-in yet; `frontdesk login` makes one")


def identity_of(token: Token, source: str, accounts_url: str) -> Identity:
    """Find out whose token it is, with one request at most, which is not billed.

    Raises:
        MissingToken: There is none.
        InvalidArgument: It is no token.
        TokenRejected: The accounts server does not know it.
        TransportError: There is no response.
    """
    from frontdesk.auth import OAuth, TokenProvider, as_token

    if token is None:
        raise MissingToken("there is no token")
    present = token.token() if isinstance(token, TokenProvider) else as_token(token)
    scheme, _, secret = present.authorization.partition(" ")
    if scheme.lower() == "basic":
        return Identity(
            source=source,
            kind="personal access token",
            account=_account_of(secret),
            region=present.region,
        )
    with OAuth("frontdesk", accounts_url=accounts_url) as oauth:
        asked_at = datetime.now(UTC)
        info = oauth.introspect(present)
    left = info.expires_in
    return Identity(
        source=source,
        kind="access token",
        account=info.account_id,
        organization=info.organization_id,
        client_id=info.client_id,
        region=present.region,
        expires=None if left is None else asked_at + timedelta(seconds=round(left)),
        scopes=info.scopes,
    )


def _account_of(pair: str) -> str | None:
    """Return the account of a Basic header."""
    try:
        account, colon, _ = base64.b64decode(pair, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return None
    return account if colon and account else None


class _Spelled(Struct, frozen=True, kw_only=True):
    """An identity for people: what is not known says so."""

    source: str
    kind: str
    account: str
    organization: str
    client_id: str
    region: str
    expires: Any
    scopes: Any


def _spelled(identity: Identity) -> Struct:
    values = {name: getattr(identity, name) for name in identity.__struct_fields__}
    return _Spelled(**{name: UNKNOWN if value is None else value for name, value in values.items()})
