"""Options that several commands have."""

import os
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeAlias
from urllib.parse import urlsplit

import typer

from frontdesk.cli.arguments.command_calls import Given, call_of
from frontdesk.clients.options import DEFAULT_BASE_URL
from frontdesk.errors import FrontdeskError, InvalidArgument, MissingDependency, TokenStoreError
from frontdesk.spec.addresses import checked_address

if TYPE_CHECKING:
    from frontdesk.cli.accounts.profiles import App
    from frontdesk.cli.accounts.profiles import Profile as StoredProfile
    from frontdesk.clients.options import TokenSource

__all__ = [
    "CUSTOMER_VARIABLE",
    "AccountsUrl",
    "BaseUrl",
    "CustomerToken",
    "Host",
    "Port",
    "Profile",
    "Token",
    "TokenOrError",
    "accounts_url_of",
    "profile_option",
]

CUSTOMER_VARIABLE: Final = "FRONTDESK_CUSTOMER_TOKEN"
_CHOSEN: Final = "frontdesk.profile"
"""Where a call keeps the profile that was chosen, and whether an option did."""


def _choose(context: typer.Context, value: str | None) -> str | None:
    context.meta[_CHOSEN] = (value, _is_typed(context, "profile"))
    return value


def _keep_base_url(context: typer.Context, value: str | None) -> str | None:
    call_of(context).base_url = _given(context, "base_url", value)
    _check_filled(
        context, "base_url", value, "FRONTDESK_BASE_URL, or LiveChat, is meant without it"
    )
    if value and not context.resilient_parsing:
        # Before anything is said of a service of that name.
        checked_address("base_url", value)
    return value


def _check_filled(context: typer.Context, name: str, value: str | None, default: str) -> None:
    """Refuse an option without its value, such as that of a variable which is not set.

    The default, which would take its place, may be another account or another service.
    """
    if value is not None and not value.strip() and _is_typed(context, name):
        raise InvalidArgument(
            name, f"must not be empty: is a variable of your shell not set? {default}"
        )


def _keep_accounts_url(context: typer.Context, value: str | None) -> str | None:
    call_of(context).accounts_url = _given(context, "accounts_url", value)
    return value


def _given(context: typer.Context, name: str, value: str | None) -> Given:
    """Return a value with the option or the variable that it was given as."""
    if not value:
        return Given()
    if _is_typed(context, name):
        return Given(value, f"`--{name.replace('_', '-')}`")
    return Given(value, f"FRONTDESK_{name.upper()}")


def _settle_addresses(context: typer.Context, name: str, app: "App") -> None:
    """Let a command talk to the servers of a profile's log-in, unless others are given.

    Raises:
        ForeignAddress: Its token would go to another server than that of the log-in.
    """
    call, here = call_of(context), f"the profile {name!r}"
    if call.accounts_url.value is None:
        # Of commands without the option.
        variable = os.environ.get("FRONTDESK_ACCOUNTS_URL")
        call.accounts_url = Given(variable, "FRONTDESK_ACCOUNTS_URL") if variable else Given()
    base_url, accounts_url = call.base_url, call.accounts_url
    if accounts_url.value is not None and accounts_url.value.rstrip("/") != app.accounts_url:
        raise ForeignAddress(accounts_url.name.strip("`"), _rule(name, app))
    if base_url.value is None:
        if app.api_url is None:
            raise ForeignAddress(
                "--base-url",
                f"is required: {here} logged in at {app.accounts_url}, which does not tell where "
                "the API is",
            )
        call.base_url = Given(app.api_url, here)
        _replace(context, "base_url", app.api_url)
    elif (
        base_url.value.rstrip("/") != app.api_url
        and accounts_url_of(accounts_url.value, base_url.value) != app.accounts_url
    ):
        raise ForeignAddress(base_url.name.strip("`"), _rule(name, app))
    if accounts_url.value is None:
        call.accounts_url = Given(app.accounts_url, here)
        _replace(context, "accounts_url", app.accounts_url)


def _rule(name: str, app: "App") -> str:
    return (
        f"must be that of the profile {name!r}, which logged in at {app.accounts_url}: its token "
        "would go to another server. Without it the profile's own servers are used"
    )


def _replace(context: typer.Context, name: str, value: str) -> None:
    """Set a parameter that was handled before, since it is eager."""
    if name in context.params and value != DEFAULT_BASE_URL:
        context.params[name] = value


class ForeignAddress(InvalidArgument):
    """The token of a profile would go to a server that has nothing to do with its log-in."""


def _resolve(context: typer.Context, value: str | None) -> Any:
    """Return the token of the option, else of the profile it names, else of the environment.

    Without any of them it is that of the default profile; ``None`` if there is none.
    """
    if context.resilient_parsing:
        return value
    _check_filled(context, "token", value, "FRONTDESK_TOKEN, or the profile's, is used without it")
    call = call_of(context)
    _, is_typed = context.meta.get(_CHOSEN, (None, False))
    if value and is_typed and _is_typed(context, "token"):
        raise InvalidArgument("--profile", "cannot be given together with `--token`")
    if value and not is_typed:
        call.token = Given(None, _given(context, "token", value).name)
        return value
    profile = _profile(context)
    if profile is None:
        call.token = Given()
        return None
    from frontdesk.cli.accounts.profiles import ProfileToken

    call.profile = profile.name
    app = profile.app()
    _settle_addresses(context, profile.name, app)
    token = ProfileToken(profile, app)
    context.call_on_close(token.close)
    return token


def _profile(context: typer.Context) -> "StoredProfile | None":
    """Return the profile that was chosen, else the default one, if there is one."""
    # Loaded for those who have no token.
    from frontdesk.cli.accounts.profiles import DEFAULT_PROFILE, Profiles

    name, is_typed = context.meta.get(_CHOSEN, (None, False))
    call_of(context).token = Given(None, f"the profile {name or DEFAULT_PROFILE!r}")
    if name is None:
        return Profiles().get(DEFAULT_PROFILE)
    return Profiles().required(name, "--profile" if is_typed else "FRONTDESK_PROFILE")


def _take_profile(context: typer.Context, value: str | None) -> str | None:
    """Let a command of customers know the servers and the organization of a profile.

    Profiles are of agents: the token is no profile's, and where the call goes elsewhere, a profile
    that the user has not named for it has no say.
    """
    if context.resilient_parsing:
        return value
    call = call_of(context)
    _, is_typed = context.meta.get(_CHOSEN, (None, False))
    try:
        profile = _profile(context)
        if profile is not None:
            _settle_addresses(context, profile.name, profile.app())
            call.profile = profile.name
    except (ForeignAddress, MissingDependency, TokenStoreError):
        if is_typed:
            raise
    call.token = Given()
    return value


def _resolve_or_explain(context: typer.Context, value: str | None) -> Any:
    """Return the token as ``_resolve`` does, or the error of one that cannot be had."""
    try:
        return _resolve(context, value)
    except (ForeignAddress, MissingDependency, TokenStoreError) as error:
        if isinstance(error, ForeignAddress) and error.field.startswith("--"):
            raise  # a wrong call, and nothing that the doctor has to find out
        return error


def _is_typed(context: typer.Context, name: str) -> bool:
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


BaseUrl = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        envvar="FRONTDESK_BASE_URL",
        help="Where the API is, such as a sandbox; defaults to where the profile logged in, else "
        "to LiveChat.",
        is_eager=True,  # known before the token is looked for
        callback=_keep_base_url,
    ),
]
AccountsUrl = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        envvar="FRONTDESK_ACCOUNTS_URL",
        help="Where the accounts server is; defaults to where the profile logged in, else to "
        "LiveChat's, or to /accounts at the base URL of a sandbox.",
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
_HELP: Final = (
    "Token of an agent or a bot; defaults to that of the profile. Other users of this machine can "
    "see it here, so rather set the variable."
)
TOKEN: Final = typer.Option(
    metavar="TOKEN", envvar="FRONTDESK_TOKEN", help=_HELP, callback=_resolve
)
CUSTOMER_TOKEN: Final = typer.Option(
    "--token",
    metavar="TOKEN",
    envvar=CUSTOMER_VARIABLE,
    help="Token of a customer. Other users of this machine can see it here, so rather set the "
    "variable.",
    callback=_take_profile,
)
TOKEN_OR_ERROR: Final = typer.Option(
    metavar="TOKEN", envvar="FRONTDESK_TOKEN", help=_HELP, callback=_resolve_or_explain
)
if TYPE_CHECKING:
    Token: TypeAlias = TokenSource | None
    """What a command gets: a token as it was given, or one that renews itself in its profile."""
    TokenOrError: TypeAlias = TokenSource | FrontdeskError | None
    """The same, or why it cannot be had, for a command that goes on without."""
    CustomerToken: TypeAlias = str | None
else:
    # What typer reads of it.
    Token = Annotated[str | None, TOKEN]
    TokenOrError = Annotated[str | None, TOKEN_OR_ERROR]
    CustomerToken = Annotated[str | None, CUSTOMER_TOKEN]


Host = Annotated[str, typer.Option(metavar="ADDRESS", help="Address to listen at.")]
Port = Annotated[
    int,
    typer.Option(min=0, max=65535, metavar="NUMBER", help="Port to listen at; 0 picks a free one."),
]


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
