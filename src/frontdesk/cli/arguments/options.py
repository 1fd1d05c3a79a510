"""Options that several commands have."""

import os
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeAlias
from urllib.parse import urlsplit

import typer

from frontdesk.clients.options import DEFAULT_BASE_URL
from frontdesk.errors import InvalidArgument

if TYPE_CHECKING:
    from frontdesk.clients.options import TokenSource

__all__ = [
    "AccountsUrl",
    "BaseUrl",
    "Profile",
    "Token",
    "accounts_url_of",
    "profile_option",
    "source_of",
]

_CHOSEN: Final = "frontdesk.profile"
"""Where a call keeps the profile that was chosen, and whether an option did."""

_ADDRESS: Final = "frontdesk.address"
"""Where a call keeps the addresses of the API and of the accounts server, as they were given."""

_SOURCE: Final = "frontdesk.source"
"""Where a call keeps what its token comes from, in words."""


def source_of(context: typer.Context) -> str:
    """Return where the token of a command comes from, in words."""
    return str(context.meta.get(_SOURCE, ""))


def _choose(context: typer.Context, value: str | None) -> str | None:
    context.meta[_CHOSEN] = (value, _is_typed(context, "profile"))
    return value


def _keep_base_url(context: typer.Context, value: str | None) -> str | None:
    context.meta.setdefault(_ADDRESS, {})["base_url"] = value
    return value


def _keep_accounts_url(context: typer.Context, value: str | None) -> str | None:
    context.meta.setdefault(_ADDRESS, {})["accounts_url"] = value
    return value


def _check_address(context: typer.Context, name: str, accounts_url: str) -> None:
    """Refuse to send the token of a profile to another server than that of its log-in."""
    given: dict[str, str | None] = {
        "accounts_url": os.environ.get("FRONTDESK_ACCOUNTS_URL"),
        "base_url": None,
        **context.meta.get(_ADDRESS, {}),
    }
    meant = accounts_url_of(given["accounts_url"], given["base_url"])
    if meant != accounts_url.rstrip("/"):
        raise InvalidArgument(
            "--base-url",
            f"must be that of the profile {name!r}, which logged in at {accounts_url}, not one "
            f"that belongs to {meant}; give it or FRONTDESK_BASE_URL as at the log-in, or another "
            "`--profile`",
        )


def _resolve(context: typer.Context, value: str | None) -> Any:
    """Return the token of the option, else of the profile it names, else of the environment.

    Without any of them it is that of the default profile; ``None`` if there is none.
    """
    if context.resilient_parsing:
        return value
    name, is_typed = context.meta.get(_CHOSEN, (None, False))
    if value and is_typed and _is_typed(context, "token"):
        raise InvalidArgument("--profile", "cannot be given together with `--token`")
    if value and not is_typed:
        typed = _is_typed(context, "token")
        context.meta[_SOURCE] = "`--token`" if typed else "FRONTDESK_TOKEN"
        return value
    # Loaded for those who have no token.
    from frontdesk.cli.accounts.profiles import DEFAULT_PROFILE, Profiles

    profiles = Profiles()
    if name is None:
        profile = profiles.get(DEFAULT_PROFILE)
    else:
        profile = profiles.required(name, "--profile" if is_typed else "FRONTDESK_PROFILE")
    if profile is None:
        return None
    context.meta[_SOURCE] = f"the profile {profile.name!r}"
    app = profile.app()
    _check_address(context, profile.name, app.accounts_url)
    oauth = app.oauth()
    context.call_on_close(oauth.close)
    return oauth.token_source(profile.store, key=profile.name)


def _is_typed(context: typer.Context, name: str) -> bool:
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


BaseUrl = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        envvar="FRONTDESK_BASE_URL",
        help="Where the API is, such as a sandbox; defaults to LiveChat.",
        is_eager=True,  # known before the token is looked for
        callback=_keep_base_url,
    ),
]
AccountsUrl = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        envvar="FRONTDESK_ACCOUNTS_URL",
        help="Where the accounts server is; defaults to LiveChat's, or to /accounts at the "
        "FRONTDESK_BASE_URL of a sandbox.",
        is_eager=True,
        callback=_keep_accounts_url,
    ),
]
Profile = Annotated[
    str | None,
    typer.Option(
        "--profile",
        metavar="NAME",
        envvar="FRONTDESK_PROFILE",
        help="A log-in that `frontdesk login` stored; the option counts before FRONTDESK_TOKEN, "
        "the variable after it.",
        # Known before the token is looked for; every command with a token has it, and none needs
        # its name.
        is_eager=True,
        expose_value=False,
        callback=_choose,
    ),
]
TOKEN: Final = typer.Option(
    metavar="TOKEN",
    envvar="FRONTDESK_TOKEN",
    help="Token of an agent or a bot; defaults to that of the profile. Other users of this "
    "machine can see it here, so rather set the variable.",
    callback=_resolve,
)
if TYPE_CHECKING:
    Token: TypeAlias = TokenSource | None
    """What a command gets: a token as it was given, or one that renews itself in its profile."""
else:
    # What typer reads of it.
    Token = Annotated[str | None, TOKEN]


def profile_option() -> Any:
    """Return the option that every command with a token has."""
    app = typer.Typer(add_completion=False)

    @app.command()
    def command(profile: Profile = None) -> None:
        raise NotImplementedError(profile)

    params: list[Any] = typer.main.get_command(app).params
    return params[0]


def accounts_url_of(accounts_url: str | None, base_url: str | None) -> str:
    """Return where the accounts server is that belongs to an API."""
    from frontdesk.auth.oauth import DEFAULT_ACCOUNTS_URL

    if accounts_url:
        return accounts_url.rstrip("/")
    base_url = (base_url or DEFAULT_BASE_URL).rstrip("/")
    if urlsplit(base_url).hostname == urlsplit(DEFAULT_BASE_URL).hostname:
        return DEFAULT_ACCOUNTS_URL
    # A token of a sandbox must not go to LiveChat only because one variable is set and one is not.
    return f"{base_url}/accounts"
