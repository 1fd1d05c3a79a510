"""What an error says on the command line: with options, variables and commands that are there.

The library's errors name arguments of functions. Here these are replaced in the whole text, so that
a message that a command has made of another error gets the same words.
"""

import os
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from frontdesk import errors
from frontdesk.cli.arguments.command_calls import CommandCall, Given
from frontdesk.errors import FrontdeskError, InvalidArgument
from frontdesk.hosts import is_loopback

__all__ = ["NOTHING_GIVEN", "Advice"]

LOGIN: Final = "login"
NOTHING_GIVEN: Final = (
    "give the client a token, or set FRONTDESK_TOKEN (`Bearer dal:…`, `Basic …` or a bare access "
    "token)"
)
"""How the error of a client without a token begins."""
SHOWN: Final = str(errors.MissingToken(NOTHING_GIVEN))
"""The same after redaction, which takes what follows a scheme for a token."""
BUDGET: Final = "Raise the client's `budget` to go on"
ADDRESS: Final = re.compile(
    r"check `(base_url|accounts_url)`(?:,? (?:and )?the (?:network|proxy))*"
)


class Advice:
    """Says what a user of a command can do about an error.

    Args:
        command: the command that failed.
        words: what it was called with.
        call: what is known of where its token and its addresses come from.
    """

    def __init__(self, command: Any, words: Sequence[str], call: CommandCall) -> None:
        self._parameters: list[Any] = list(command.params)
        self._name: str = command.name or ""
        self._words = words
        self._call = call

    def text_of(self, error: FrontdeskError) -> str:
        """Return the text of an error, with the options of the command."""
        if isinstance(error, InvalidArgument):
            return self.in_its_words(self._argument(error), error)
        text = self.in_its_words(str(error), error)
        if isinstance(error, errors.APIError):
            for parameter in self._parameters:
                text = text.replace(f"`{parameter.name}`:", f"`{_name(parameter)}`:")
        if type(error) is errors.DecodeError and self._call.base_url.value is not None:
            text += f"; if that is another service, {self._check(self._call.base_url)}"
        return text + self._about_connection(error, text)

    def in_its_words(self, text: str, error: FrontdeskError | None = None) -> str:
        """Return a text of the library with what the command line has in place of arguments."""
        text = text.replace(SHOWN, self._no_token())
        text = text.replace(BUDGET, self._budget())
        text = ADDRESS.sub(self._address, text)
        for kind, step in STEPS.items():
            if kind.next_step in text:
                text = text.replace(kind.next_step, step(self, error))
        return text

    # What steps are made of

    @property
    def logs_in(self) -> bool:
        """Whether the command is the log-in itself."""
        return self._name == LOGIN and self.has("client_id")

    @property
    def call(self) -> CommandCall:
        """Where the token and the addresses of the command come from."""
        return self._call

    def has(self, name: str) -> bool:
        """Tell whether the command has an option."""
        return any(
            parameter.name == name or f"--{name}" in parameter.opts
            for parameter in self._parameters
        )

    def given(self, name: str) -> str:
        """Return what gave an argument of the command its value."""
        for parameter in self._parameters:
            if parameter.name == name:
                return _quoted(self._given_as(parameter))
        return f"`{name}`"

    def log_in(self) -> str:
        """Return the command that logs in again."""
        name = self._call.profile
        if name in (None, "default"):
            return "`frontdesk login`"
        return f"`frontdesk login --profile {name}`"

    def doctor(self, method: str = "") -> str:
        """Return the command that examines the token of this one."""
        words = ["frontdesk", "doctor", *([method] if method else [])]
        if self._call.profile not in (None, "default"):
            words += ["--profile", str(self._call.profile)]
        return f"`{' '.join(words)}`"

    def again(self) -> str:
        """Say that somebody has to log in again."""
        if self.logs_in:
            return "Run the command again"
        if self._call.profile is None:
            return f"Run {self.log_in()}"
        return (
            f"The log-in of the profile {self._call.profile!r} is over. Run {self.log_in()} for "
            "this profile"
        )

    # How arguments are called

    def _argument(self, error: InvalidArgument) -> str:
        """Return the text of an error with what was given for the argument."""
        name = error.field.replace(" ", "_").replace("-", "_")
        rule = self._with_options(error.rule)
        base = self._call.base_url.name
        if name == "accounts_url" and base and not self._call.accounts_url.name:
            # It is made of the other address.
            return f"{_quoted(base)} {rule}"
        for parameter in self._parameters:
            # An option that is given several times has the plural in Python.
            if name in (parameter.name, f"{parameter.name}s"):
                return f"{_quoted(self._given_as(parameter))} {rule}"
        return f"{_quoted(error.field)} {rule}" if error.field else rule

    def _with_options(self, text: str) -> str:
        """Return a text that names arguments with the options that stand for them."""
        for parameter in self._parameters:
            option = _name(parameter)
            text = text.replace(f'{parameter.name}="', f'{option} "')
            if option.startswith("--"):
                text = text.replace(f"`{parameter.name}`", f"`{option}`")
        return text

    def _given_as(self, parameter: Any) -> str:
        """Return the option, or the variable if that is what gave the value."""
        for option in parameter.opts:
            if any(word == option or word.startswith(f"{option}=") for word in self._words):
                return _name(parameter)
        variables = parameter.envvar or ()
        for variable in [variables] if isinstance(variables, str) else variables:
            if os.environ.get(variable):
                return str(variable)
        if parameter.name == "base_url" and self._call.base_url.name:
            return self._call.base_url.name
        return _name(parameter)

    def _no_token(self) -> str:
        options = ", or give `--token`" if self.has("token") else ""
        return f"a token is required; set FRONTDESK_TOKEN{options}; `frontdesk login` stores one"

    def _budget(self) -> str:
        return "Raise `--budget` to go on" if self.has("budget") else "Make fewer calls at once"

    def _address(self, match: "re.Match[str]") -> str:
        accounts = urlsplit(self._call.accounts_url.value or "").netloc
        base = urlsplit(self._call.base_url.value or "").netloc
        # Connections know no more than their host, and call any address `base_url`.
        if accounts and accounts != base and accounts in match.string:
            return self._check(self._call.accounts_url)
        return self._check(self._given(match[1]))

    def _given(self, name: str) -> Given:
        if name == "accounts_url" and self._call.accounts_url.value is not None:
            return self._call.accounts_url
        return self._call.base_url

    def _check(self, given: Given) -> str:
        if given.value is None:
            return "check the network and the proxy"
        if given.name.startswith("the profile"):
            return f"check the proxy, and that {given.value} still is where {given.name} logged in"
        return f"check {_quoted(given.name)} ({_shown(given.value)}) and the proxy"

    def _about_connection(self, error: FrontdeskError, text: str) -> str:
        """Return what to check where no connection was made; empty for other errors."""
        if "check the network" in text or "and the proxy" in text:
            return ""
        cause = next(
            (each for each in _chain(error) if isinstance(each, errors.ConnectError)), None
        )
        if cause is None or isinstance(cause, errors.CertificateError):
            return ""
        for given in (self._call.accounts_url, self._call.base_url):
            host = urlsplit(given.value or "").hostname
            if host and host in text:
                return f"; {self._check(given)}"
        return "; check the network and the proxy"


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Iterate over an error and what it was made of."""
    each: BaseException | None = error
    while each is not None:
        yield each
        each = each.__cause__ or each.__context__


def _name(parameter: Any) -> str:
    """Return what errors call an argument or an option."""
    option: str = max(parameter.opts, key=len)
    return option if option.startswith("--") else str(parameter.metavar)


def _quoted(name: str) -> str:
    """Return a name as messages have it: a profile is no word of the command line."""
    return name if name.startswith(("`", "the profile")) else f"`{name}`"


def _shown(url: str) -> str:
    from frontdesk.cli.output.terminal import printable
    from frontdesk.redaction import redacted

    return redacted(printable(url))


SERVER_SIDE: Final = (
    "If it is a server-side app, give its secret with `--ask-secret` or in FRONTDESK_CLIENT_SECRET"
)
Step = Callable[[Advice, FrontdeskError | None], str]


def _authentication(advice: Advice, _: FrontdeskError | None) -> str:
    name = advice.call.token.name
    return f"{advice.doctor()} says what is wrong with {name or 'the token'}"


def _authorization(advice: Advice, error: FrontdeskError | None) -> str:
    failures = () if error is None else _chain(error)
    method = next((each.action for each in failures if isinstance(each, errors.APIError)), "")
    if not method:
        return "The token lacks a scope, or its owner a role: see the help of the command"
    return f"{advice.doctor(method)} says which scope it takes, and whether the token has it"


def _login(advice: Advice, _: FrontdeskError | None) -> str:
    return advice.again()


def _rejected(advice: Advice, _: FrontdeskError | None) -> str:
    return f"{advice.doctor()} says more"


def _client(advice: Advice, error: FrontdeskError | None) -> str:
    if getattr(error, "sub_error", "") == "client_id_not_found":
        url = advice.call.accounts_url.value or advice.call.base_url.value
        if advice.logs_in and url is not None and is_loopback(urlsplit(url).hostname or ""):
            return (
                f"Register {advice.given('client_id')} at the sandbox first: POST "
                f'/__sandbox__/clients with {{"client_id": …, "redirect_uris": '
                f'["{advice.call.redirect_uri}"]}}'
            )
        if advice.logs_in:
            return f"Check {advice.given('client_id')} in the Developer Console"
        return f"The app was removed: see the Developer Console. {advice.again()}"
    if not advice.logs_in:
        return (
            f"The app was removed, or has another secret now: see the Developer Console. "
            f"{advice.again()}"
        )
    if not advice.call.has_secret:
        return f"{SERVER_SIDE}; else check {advice.given('client_id')} in the Developer Console"
    return (
        "Check client id and secret in the Developer Console; an app of the kind JavaScript has no "
        "secret: give none"
    )


def _redirect(advice: Advice, _: FrontdeskError | None) -> str:
    if not advice.logs_in:
        return "Check the redirect URIs of the app in the Developer Console"
    return (
        f"Add the redirect URI {advice.call.redirect_uri} to the app in the Developer Console, or "
        "give the `--port` of one that it has"
    )


def _request(advice: Advice, _: FrontdeskError | None) -> str:
    if not advice.logs_in:
        return advice.again()
    # A server may call the secret that it misses a missing parameter.
    more = "" if advice.call.has_secret else f"{SERVER_SIDE}. "
    return f"{more}`frontdesk login --help` says what else there is"


def _scope(advice: Advice, _: FrontdeskError | None) -> str:
    if not advice.logs_in:
        return advice.again()
    return (
        "Ask with `--scope` for scopes that the app has and that your role allows, or log in with "
        "an account of a higher role"
    )


def _said(text: str) -> Step:
    return lambda _advice, _error: text


STEPS: Final[dict[Any, Step]] = {
    errors.AuthenticationError: _authentication,
    errors.AuthorizationError: _authorization,
    errors.MisdirectedRequest: _rejected,
    errors.UnsupportedVersion: _said("Install a newer frontdesk, or leave the version out"),
    errors.LoginRequired: _login,
    errors.TokenRejected: _rejected,
    errors.InvalidClient: _client,
    errors.RedirectMismatch: _redirect,
    errors.InvalidScope: _scope,
    errors.InvalidOAuthRequest: _request,
    errors.AccessDenied: _said("Run the command again if you agree after all"),
    errors.StateMismatch: _said(
        "Run the command again, and finish the log-in in the window that it opens"
    ),
    errors.TooManyRedirects: _said("Wait 30 s, and run the command again"),
}
"""What replaces the next step of an error; those that are not here are true on a command line."""
