"""``frontdesk doctor``: what is wrong with a token, and with the way to the API."""

from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from frontdesk.cli.accounts.findings import Finding
from frontdesk.cli.advice import Advice
from frontdesk.cli.arguments.command_calls import call_of
from frontdesk.cli.arguments.help import PlainCommand
from frontdesk.cli.arguments.options import (
    AccountsUrl,
    BaseUrl,
    TokenOrError,
    accounts_url_of,
)
from frontdesk.cli.output.terminal import check_names, print_json, print_line, printable, say
from frontdesk.clients.options import DEFAULT_BASE_URL
from frontdesk.codec.decoding import encode
from frontdesk.errors import FrontdeskError, InvalidArgument
from frontdesk.grammar import counted
from frontdesk.redaction import redacted

if TYPE_CHECKING:
    from frontdesk.actions import Action
    from frontdesk.auth import Token
    from frontdesk.cli.accounts.checks import Server

__all__ = ["register_commands"]

FAILED = 1
MARKS = {"ok": "ok      ", "warning": "warning ", "failed": "WRONG   ", "unknown": "unknown "}


def register_commands(app: typer.Typer) -> None:
    """Add the command."""
    app.command("doctor", cls=PlainCommand)(doctor)


def doctor(
    context: typer.Context,
    method: Annotated[
        str,
        typer.Argument(
            metavar="METHOD",
            help="A method of the API, such as list_chats: which scopes it needs, and whether the "
            "token has them. It is called only if that changes nothing.",
        ),
    ] = "",
    webhook: Annotated[
        str,
        typer.Option(
            "--webhook-url",
            metavar="URL",
            help="Whether webhooks can be sent to this address; it is asked with one GET.",
        ),
    ] = "",
    billed: Annotated[
        bool | None,
        typer.Option(
            "--billed/--no-billed",
            help="Whether to make the one request that is billed: only the API itself can say "
            "whether it accepts a token, and in which region. By default it is made unless the "
            "token is known to be bad; --billed makes it for one that the accounts server does "
            "not know, too.",
            show_default=False,
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was found as JSON.")] = False,
    base_url: BaseUrl = None,
    accounts_url: AccountsUrl = None,
    token: TokenOrError = None,
) -> None:
    """Say what is wrong with a token, and with the way to the API.

    Looks at the token's text, at the accounts server, the clock, proxy and certificate, and makes
    one billed request at most, none if the token is wrong anyway. Shows no secret. Ends with 0 if
    all is well, with 1 if something is wrong.
    """
    action = _method(method)
    call = call_of(context)
    visit = _Visit(
        base_url=(base_url or DEFAULT_BASE_URL).rstrip("/"),
        address_name=call.base_url.name,
        accounts_url=accounts_url_of(accounts_url, base_url),
        billed=billed,
        source=call.token.name,
        as_json=as_json,
        advice=Advice(context.command, (), call),
    )
    visit.examine(token, action)
    if webhook:
        from frontdesk.cli.accounts.checks import webhook_url

        visit.add(*webhook_url(webhook, base_url=visit.base_url))
    visit.end()


def _method(name: str) -> "type[Action[Any]] | None":
    from frontdesk.actions import ACTIONS, CONFIGURATION_ACTIONS

    if not name:
        return None
    methods = {**CONFIGURATION_ACTIONS, **ACTIONS}
    check_names([name], methods, "method", "METHOD")
    return methods[name]


class _Visit:
    """What one call of the command does, and has found."""

    def __init__(
        self,
        *,
        base_url: str,
        address_name: str,
        accounts_url: str,
        billed: bool | None,
        source: str,
        as_json: bool,
        advice: Advice,
    ) -> None:
        self.base_url = base_url
        self._address_name = address_name
        self._accounts_url = accounts_url
        self._billed = billed
        self._source = source
        self._as_json = as_json
        self._advice = advice
        self._findings: list[Finding] = []
        self._requests = 0
        """How many were sent of which no finding says so."""
        self._unknown = (
            "the API tells no scopes of a personal access token: see the Developer Console"
        )
        """Why the scopes of the token are unknown, if they are."""

    def add(self, *findings: Finding) -> None:
        """Keep what was found, and print it at once."""
        for found in findings:
            text = self._advice.in_its_words(found.text)
            finding = msgspec.structs.replace(found, text=text)
            self._findings.append(finding)
            if not self._as_json:
                print_line(_line(finding))

    def end(self) -> None:
        """Say what it cost and how it ended; raises ``typer.Exit`` if something is wrong."""
        requests = self._requests + sum(finding.requests for finding in self._findings)
        billed = sum(finding.billed for finding in self._findings)
        if self._as_json:
            shown = {
                "ok": not self._wrong,
                "requests": requests,
                "billed": billed,
                "findings": [
                    {**_fields(finding), "text": _safe(finding.text)} for finding in self._findings
                ],
            }
            print_json(encode(shown))
        verdict = f"{counted(self._wrong, 'thing')} wrong" if self._wrong else "all is well"
        say(
            f"frontdesk: {verdict}; {counted(requests, 'request')} sent, {billed} of them billed "
            "on the real API"
        )
        if self._wrong:
            raise typer.Exit(FAILED)

    @property
    def _wrong(self) -> int:
        return sum(finding.verdict == "failed" for finding in self._findings)

    def examine(self, token: TokenOrError, method: "type[Action[Any]] | None") -> None:
        """Look at everything but webhooks."""
        from frontdesk.cli.accounts import checks

        wrong_address = checks.address_finding(self.base_url, self._address_name)
        if wrong_address is not None:
            self.add(wrong_address)
        self.add(checks.proxy_finding(self.base_url, self._accounts_url))
        present = self._present(token)
        api, accounts = checks.Server(self.base_url), checks.Server(self._accounts_url)
        try:
            scopes, called = None, None
            if present is None:
                self.add(accounts.reach())
            elif wrong_address is None:
                scopes, called = self._ask(token, present, method, api, accounts)
            else:
                self._unknown = "nothing was sent to the address of the API"
            self.add(checks.clock_finding([api, accounts]))
        finally:
            api.close()
            accounts.close()
        if method is not None:
            self.add(checks.scope_finding(method, scopes, called, self._unknown))

    def _present(self, token: TokenOrError) -> "Token | None":
        """Return the token if its text is in order, else ``None``."""
        from frontdesk.auth import TokenProvider, as_token
        from frontdesk.cli.accounts.token_texts import findings_of

        if token is None:
            self._unknown = "there is no token"
            self._is_bad("there is none: set FRONTDESK_TOKEN, or run `frontdesk login`")
            return None
        if isinstance(token, FrontdeskError):
            self._unknown = "the token cannot be had"
            self._is_bad(f"that of {self._source} cannot be had: {_text_of(token)}")
            return None
        if isinstance(token, TokenProvider):
            before = _requests_of(token)
            try:
                present = token.token()
            except FrontdeskError as error:
                self._requests += _requests_of(token) - before
                self._unknown = f"{self._source} has no token that can be used"
                self._is_bad(f"{self._source} has no token that can be used: {error}")
                return None
            renewals = _requests_of(token) - before
            text = f"the token is that of {self._source}"
            if renewals:
                text += "; it was renewed, for it had ended or was about to"
            self.add(Finding(check="source", verdict="ok", text=text, requests=renewals))
            self.add(*findings_of(present.authorization))
            return present
        assert isinstance(token, str)
        findings = findings_of(token)
        text = f"the token is that of {self._source}"
        self.add(Finding(check="source", verdict="ok", text=text), *findings)
        if not any(finding.verdict == "failed" for finding in findings):
            try:
                return as_token(token)
            except InvalidArgument:
                """Its text is wrong, too, as a finding says."""
        self._unknown = "the text of the token is wrong"
        return None

    def _is_bad(self, text: str) -> None:
        self.add(Finding(check="token", verdict="failed", text=text))

    def _ask(
        self,
        source: TokenOrError,
        token: "Token",
        method: "type[Action[Any]] | None",
        api: "Server",
        accounts: "Server",
    ) -> tuple[tuple[str, ...] | None, Finding | None]:
        """Ask servers about a token that looks right; returns its scopes, and how a call went."""
        from frontdesk.cli.accounts import checks

        scopes: tuple[str, ...] | None = None
        rejected: Finding | None = None
        if not token.authorization.startswith("Basic "):
            finding, info, standing = accounts.introspected(token)
            renewed = self._renewed(source, token) if standing == "refused" else None
            if renewed is not None:
                token = renewed
                finding, info, standing = accounts.introspected(token)
            scopes = None if info is None else info.scopes
            self._unknown = "the accounts server did not say which it has"
            if standing == "refused":
                self._unknown = "the accounts server does not accept the token"
            if standing != "refused":
                self.add(finding)
            elif self._is_worth_a_call(source, token, finding):
                rejected = finding  # of a bot's token the API has the last word
            else:
                return None, None
        elif self._billed is False:
            self.add(accounts.reach())
        if self._billed is False:
            return scopes, None
        probe = checks.probe_of(method if scopes is None else None)
        is_own = method is not None and type(probe) is method
        findings = api.probed(token, probe, is_own=is_own)
        verdict = next((finding for finding in findings if finding.check == "API"), None)
        if rejected is not None:
            if verdict is not None and verdict.verdict in ("ok", "warning"):
                scopes = checks.BOT_SCOPES
                text = "the accounts server does not know it, as it is with bot tokens"
                self.add(Finding(check="accounts server", verdict="ok", text=text, requests=1))
            else:
                self.add(rejected)
        self.add(*findings)
        return scopes, _as_call(verdict) if is_own else None

    def _is_worth_a_call(self, source: TokenOrError, token: "Token", refusal: Finding) -> bool:
        """Tell whether the API may accept what the accounts server does not; else say why not."""
        from frontdesk.auth import TokenProvider
        from frontdesk.cli.accounts import checks

        if isinstance(source, TokenProvider):
            return False  # why it could not be renewed is a finding already
        is_wished = self._billed or (self._billed is None and checks.may_be_of_bot(token))
        if is_wished and checks.is_no_access_token(refusal):
            return True
        self.add(refusal)
        return False

    def _renewed(self, source: TokenOrError, refused: "Token") -> "Token | None":
        """Renew a token that the server has ended, as clients do; ``None`` if that fails."""
        from frontdesk.auth import TokenProvider

        if not isinstance(source, TokenProvider):
            return None
        # Whatever comes of it, the look at the one before was a request, too.
        before = _requests_of(source) - 1
        try:
            token = source.token(refused)
        except FrontdeskError as error:
            text = f"the server does not accept the token of {self._source} any more: {error}"
            cost = _requests_of(source) - before
            self.add(Finding(check="accounts server", verdict="failed", text=text, requests=cost))
            return None
        text = "the server had ended the access token early; it was renewed"
        cost = _requests_of(source) - before
        self.add(Finding(check="token", verdict="ok", text=text, requests=cost))
        return token


def _requests_of(provider: Any) -> int:
    """Return how many requests a source of tokens has sent, if it counts them."""
    return int(getattr(provider, "requests", 0))


def _text_of(error: FrontdeskError) -> str:
    if isinstance(error, InvalidArgument):
        return f"{error.field} {error.rule}"
    return str(error)


def _as_call(verdict: Finding | None) -> Finding | None:
    """Return what the call of a method says of its scopes: refused is wrong, then."""
    if verdict is None or verdict.verdict == "unknown":
        return None
    if verdict.verdict == "ok":
        return verdict
    return Finding(check="scope", verdict="failed", text=verdict.text)


def _line(finding: Finding) -> str:
    cost = ""
    if finding.billed:
        cost = f" ({counted(finding.billed, 'billed request')})"
    elif finding.requests:
        cost = f" ({counted(finding.requests, 'request')}, not billed)"
    return f"{MARKS[finding.verdict]}{finding.check}: {_safe(finding.text)}{cost}"


def _safe(text: str) -> str:
    return redacted(printable(text))


def _fields(finding: Finding) -> dict[str, Any]:
    return {name: getattr(finding, name) for name in finding.__struct_fields__}
