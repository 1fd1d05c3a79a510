"""``frontdesk login`` and ``logout``."""

import io
import selectors
import sys
import webbrowser
from typing import TYPE_CHECKING, Annotated, Final

import typer

from frontdesk.cli.accounts.callback import HOST, PATH, CallbackListener, timed_out
from frontdesk.cli.accounts.login_page import check_login_page
from frontdesk.cli.accounts.profiles import DEFAULT_PROFILE, App, Profiles
from frontdesk.cli.arguments.command_calls import Given, call_of
from frontdesk.cli.arguments.help import PlainCommand
from frontdesk.cli.arguments.options import AccountsUrl, BaseUrl, accounts_url_of
from frontdesk.cli.output.terminal import printable, say
from frontdesk.errors import FrontdeskError, InvalidArgument
from frontdesk.grammar import counted
from frontdesk.redaction import SecretText, redacted, register
from frontdesk.spec.actions import Scopes
from frontdesk.spec.addresses import checked_address
from frontdesk.spec.scopes import allows

if TYPE_CHECKING:
    from frontdesk.auth import LoginAttempt, TokenGrant

__all__ = ["ProfileName", "register_commands"]

PORT: Final = 8765
SECONDS: Final = 300

ProfileName = Annotated[
    str,
    typer.Option("--profile", metavar="NAME", envvar="FRONTDESK_PROFILE", help="Which log-in."),
]


def register_commands(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("login", cls=PlainCommand)(login)
    app.command("logout", cls=PlainCommand)(logout)


def login(
    context: typer.Context,
    profile: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            envvar="FRONTDESK_PROFILE",
            help="What to call this log-in; there may be any number, such as work and test.",
        ),
    ] = DEFAULT_PROFILE,
    client_id: Annotated[
        str,
        typer.Option(
            metavar="ID",
            envvar="FRONTDESK_CLIENT_ID",
            help="Your app's, from the Developer Console; asked for if it is missing.",
        ),
    ] = "",
    client_secret: Annotated[
        str,
        typer.Option(
            metavar="SECRET",
            envvar="FRONTDESK_CLIENT_SECRET",
            help="Of a server-side app. Other users of this machine can see it here, so rather "
            "set the variable, or give --ask-secret.",
            show_default=False,
        ),
    ] = "",
    ask_secret: Annotated[
        bool,
        typer.Option(
            "--ask-secret",
            help="Ask for the secret without showing it; it is read from the standard input if "
            "that is no terminal.",
        ),
    ] = False,
    scopes: Annotated[
        list[str] | None,
        typer.Option(
            "--scope",
            metavar="SCOPE",
            help="Ask for this scope only, such as chats--all:ro; defaults to all of the app. Can "
            "be given several times.",
        ),
    ] = None,
    port: Annotated[
        int,
        typer.Option(
            min=1,
            max=65535,
            metavar="NUMBER",
            help="Port of the redirect URI, http://127.0.0.1:8765/callback, which the app must "
            "have.",
        ),
    ] = PORT,
    browser: Annotated[
        bool,
        typer.Option(
            "--browser/--no-browser",
            help="Open the browser here; without, the address is printed, and the one that the "
            "browser ends at is pasted.",
        ),
    ] = True,
    timeout: Annotated[
        int,
        typer.Option(
            min=1, max=86_400, metavar="SECONDS", help="How long to wait for you to log in."
        ),
    ] = SECONDS,
    keyring: Annotated[
        bool,
        typer.Option(
            "--keyring",
            help="Keep the token in the keyring of the system (extra keyring) instead of a file "
            "that only you can read.",
        ),
    ] = False,
    base_url: BaseUrl = None,
    accounts_url: AccountsUrl = None,
) -> None:
    """Log in with LiveChat in the browser, and keep the token.

    Every command uses it from then on, and renews it before it ends. It costs no billed request.
    The app needs the redirect URI http://127.0.0.1:8765/callback in the Developer Console, or that
    of your `--port`.
    """
    register(client_secret)
    source = context.get_parameter_source("client_secret")
    if client_secret and source is not None and source.name == "COMMANDLINE":
        say(
            "frontdesk: other users of this machine, and the history of your shell, can see "
            "`--client-secret`; rather set FRONTDESK_CLIENT_SECRET, or give `--ask-secret`"
        )
    if not client_id:
        client_id = _asked("Client id of your app")
        if not client_id:
            raise InvalidArgument("--client-id", "is required, here or as FRONTDESK_CLIENT_ID")
    if ask_secret:
        client_secret = _asked_secretly("Client secret")
    if base_url:
        base_url = checked_address("base_url", base_url)
    app = App(
        client_id=client_id,
        client_secret=client_secret or None,
        accounts_url=checked_address("accounts_url", accounts_url_of(accounts_url, base_url)),
        base_url=base_url or None,
    )
    call = call_of(context)
    call.profile, call.has_secret = profile, bool(client_secret)
    call.redirect_uri = f"http://{HOST}:{port}{PATH}"
    profiles = Profiles()
    place = profiles.new(profile, in_keyring=keyring)
    # What cannot be kept is noticed before anybody logs in.
    place.grant()
    with app.oauth(call.redirect_uri) as oauth:
        attempt = oauth.start_login(scopes=scopes or ())
        if browser:
            with CallbackListener(port) as listener:
                check_login_page(app.accounts_url, attempt.url)
                listener.expect(attempt.state)
                _open(attempt)
                callback = listener.wait(timeout)
                done = False
                try:
                    place.remember(app)
                    grant = oauth.exchange(callback, attempt, store=place.store, key=profile)
                    done = True
                finally:
                    listener.show(done=done)
        else:
            check_login_page(app.accounts_url, attempt.url)
            callback = _pasted(attempt, timeout)
            place.remember(app)
            grant = oauth.exchange(callback, attempt, store=place.store, key=profile)
    profiles.settle(place, client_id)
    _report(grant, profile, place.store.place(), scopes or ())


def logout(
    context: typer.Context,
    profile: ProfileName = DEFAULT_PROFILE,
    local: Annotated[
        bool,
        typer.Option(
            "--local", help="Only forget the token here; the server keeps it until it ends."
        ),
    ] = False,
) -> None:
    """Log out: revoke a token of `frontdesk login`, and forget it.

    It costs no billed request.
    """
    profiles = Profiles()
    stored = profiles.required(profile)
    call_of(context).profile = profile
    if local:
        profiles.remove(stored)
        say(f"frontdesk: forgot {profile!r}; its token is still valid until it ends")
        return
    app = stored.app()
    call_of(context).accounts_url = Given(app.accounts_url, f"the profile {profile!r}")
    with app.oauth() as oauth:
        try:
            revoked = oauth.token_source(stored.store, key=profile).revoke()
        except FrontdeskError as error:
            name = "" if profile == DEFAULT_PROFILE else f" --profile {profile}"
            raise FrontdeskError(
                f"{str(error).rstrip('.')}. The token is kept; `frontdesk logout{name} --local` "
                "forgets it all the same"
            ) from error
    profiles.remove(stored)
    if revoked:
        say(f"frontdesk: logged out of {profile!r}")
    else:
        say(f"frontdesk: forgot {profile!r}; the server did not have its token any more")


def _open(attempt: "LoginAttempt") -> None:
    try:
        opened = webbrowser.open(attempt.url)
    except webbrowser.Error:
        opened = False
    if opened:
        say("frontdesk: log in with the browser; if none opens, go to this address:")
    else:
        say("frontdesk: no browser could be opened; go to this address:")
    say(f"\n  {attempt.url}\n")
    say(f"It comes back to {attempt.redirect_uri}, which has to be a redirect URI of the app.")


def _pasted(attempt: "LoginAttempt", timeout: float) -> SecretText:
    say("frontdesk: go to this address with any browser, and log in:")
    say(f"\n  {attempt.url}\n")
    say(
        f"The browser then ends at {attempt.redirect_uri}?… and may say that it cannot connect. "
        "Paste that whole address here:"
    )
    text = SecretText(_line(timeout).strip())
    register(text)
    if not text:
        raise FrontdeskError("no address was pasted; run the command again")
    if not text.startswith(("http://", "https://")):
        # A code alone does not say which log-in it is of.
        raise FrontdeskError(
            "what was pasted is no address; copy all of it, from http:// on, and run the command "
            "again"
        )
    return text


def _line(timeout: float) -> str:
    """Read a line of the standard input, within a time where the system can tell."""
    stream = sys.stdin
    if stream is None:
        return ""
    try:
        with selectors.DefaultSelector() as selector:
            selector.register(stream, selectors.EVENT_READ)
            if not selector.select(timeout):
                raise timed_out(timeout, in_browser=False)
    except (OSError, ValueError, io.UnsupportedOperation):
        pass  # a file, or a text of a program: there is no waiting for it
    try:
        return stream.readline()
    except UnicodeError:
        return ""


def _asked(question: str) -> str:
    if sys.stdin is None or not sys.stdin.isatty():
        return ""
    sys.stderr.write(f"{question}: ")
    sys.stderr.flush()
    return sys.stdin.readline().strip()


def _asked_secretly(question: str) -> str:
    if sys.stdin is not None and sys.stdin.isatty():
        from getpass import getpass

        text = getpass(f"{question}: ")
    else:
        text = "" if sys.stdin is None else sys.stdin.readline()
    register(text.strip())
    if not text.strip():
        raise InvalidArgument("--ask-secret", "got no secret; leave it out for an app without one")
    return text.strip()


def _report(grant: "TokenGrant", profile: str, place: str, asked: "list[str] | tuple[()]") -> None:
    region = f", region {grant.region}" if grant.region else ""
    say(
        redacted(
            printable(
                f"frontdesk: logged in as the account {grant.account_id or 'unknown'} of the "
                f"organization {grant.organization_id or 'unknown'}{region}, with "
                f"{counted(len(grant.scopes), 'scope')}; kept as {profile!r} in {place}"
            )
        )
    )
    missing = [scope for scope in asked if not allows(grant.scopes, Scopes((scope,)))]
    if missing:
        say(f"frontdesk: the server did not grant {printable(', '.join(missing))}")
