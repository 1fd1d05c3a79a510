"""``frontdesk whoami`` and ``profiles``: whose tokens there are, as far as that can be known."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from msgspec import Struct

from frontdesk.cli.accounts.profiles import Profiles
from frontdesk.cli.accounts.token_texts import account_of, findings_of
from frontdesk.cli.advice import NOTHING_GIVEN
from frontdesk.cli.arguments.command_calls import call_of
from frontdesk.cli.arguments.help import PlainCommand
from frontdesk.cli.arguments.options import (
    AccountsUrl,
    BaseUrl,
    Token,
    accounts_url_of,
)
from frontdesk.cli.output.tables import fits, print_details, print_table, shortened
from frontdesk.cli.output.terminal import print_json, print_line, printable, say
from frontdesk.codec.decoding import encode
from frontdesk.errors import InvalidArgument, MissingToken, TokenRejected

if TYPE_CHECKING:
    from frontdesk.auth import Token as AnyToken

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
    base_url: str | None
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
    source = call_of(context).token.name
    identity = identity_of(token, source, accounts_url_of(accounts_url, base_url))
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
        app = profile.app()
        rows.append(
            ProfileRow(
                profile=name,
                account=grant.account_id,
                organization=grant.organization_id,
                client_id=grant.client_id,
                region=app.region or grant.region,
                expires=grant.expires_at,
                scopes=grant.scopes,
                accounts_url=app.accounts_url,
                base_url=app.api_url,
                keyring=profile.in_keyring,
            )
        )
    if as_json:
        print_json(encode(rows))
    elif rows:
        _print_profiles(rows)
    else:
        say("frontdesk: there is no log-in yet; `frontdesk login` makes one")


COLUMNS: Final = ("profile", "account", "organization", "region", "accounts_url")
SHORT: Final = 17
"""Characters of an id in a table that is too wide."""


def _print_profiles(rows: list[ProfileRow]) -> None:
    """Print log-ins in such a way that each can be told from the others, however narrow it is.

    As a table if that can be: with short ids if need be, and without what is the same for all;
    else below each other.
    """
    table = [[getattr(row, name) for name in COLUMNS] for row in rows]
    columns = list(COLUMNS)
    if not fits(columns, table):
        short = {
            name: shortened([getattr(row, name) for row in rows], SHORT)
            for name in ("account", "organization")
        }
        same = [
            name
            for name in COLUMNS[1:]
            if len(rows) > 1 and len({getattr(row, name) for row in rows}) == 1
        ]
        columns = [name for name in COLUMNS if name not in same]
        table = [
            [short[name][number] if name in short else getattr(row, name) for name in columns]
            for number, row in enumerate(rows)
        ]
        if fits(columns, table):
            for name in same:
                if getattr(rows[0], name) is not None:
                    say(f"frontdesk: {name} of all: {printable(getattr(rows[0], name))}")
    if fits(columns, table):
        print_table(columns, table)
        return
    for number, row in enumerate(rows):
        if number:
            print_line("")
        print_details(row)


def identity_of(token: Token, source: str, accounts_url: str) -> Identity:
    """Find out whose token it is. What is asked and renewed for that is not billed.

    Raises:
        MissingToken: There is none.
        InvalidArgument: It is no token.
        TokenRejected: The accounts server does not know it.
        LoginRequired: It has ended, and cannot be renewed.
        TransportError: There is no response.
    """
    from frontdesk.auth import OAuth, TokenProvider, as_token

    if token is None:
        raise MissingToken(NOTHING_GIVEN)
    present = token.token() if isinstance(token, TokenProvider) else _checked(as_token(token))
    scheme, _, secret = present.authorization.partition(" ")
    if scheme.lower() == "basic":
        return Identity(
            source=source,
            kind="personal access token",
            account=account_of(secret),
            region=present.region,
        )
    with OAuth("frontdesk", accounts_url=accounts_url) as oauth:
        asked_at = datetime.now(UTC)
        try:
            info = oauth.introspect(present)
        except TokenRejected:
            if not isinstance(token, TokenProvider):
                raise
            # As clients do: a server may end a token before its time.
            present = token.token(present)
            say("frontdesk: the server had ended the access token early; it was renewed")
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


def _checked(token: "AnyToken") -> "AnyToken":
    """Refuse a personal access token that cannot be one; raises ``InvalidArgument``."""
    scheme, _, _ = token.authorization.partition(" ")
    if scheme.lower() == "basic":
        for finding in findings_of(token.authorization):
            if finding.verdict == "failed":
                raise InvalidArgument("token", f"is no personal access token: {finding.text}")
    return token


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
    if identity.scopes is not None:
        values["scopes"] = list(identity.scopes)  # of which a table makes one text
    return _Spelled(**{name: UNKNOWN if value is None else value for name, value in values.items()})
