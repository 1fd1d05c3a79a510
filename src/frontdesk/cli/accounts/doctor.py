"""``frontdesk doctor``: what is wrong with a token, and with the way to the API."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from frontdesk.cli.accounts.findings import Finding
from frontdesk.cli.arguments.help import PlainCommand
from frontdesk.cli.arguments.options import (
    AccountsUrl,
    BaseUrl,
    Token,
    accounts_url_of,
    source_of,
)
from frontdesk.cli.output.terminal import check_names, print_json, print_line, printable, say
from frontdesk.clients.options import DEFAULT_BASE_URL
from frontdesk.codec.decoding import encode
from frontdesk.errors import FrontdeskError, InvalidArgument
from frontdesk.grammar import counted
from frontdesk.redaction import redacted

if TYPE_CHECKING:
    from frontdesk.actions import Action

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
        bool,
        typer.Option(
            "--billed/--no-billed",
            help="Whether to make the one request that is billed: only the API itself can say "
            "whether it accepts a token, and in which region.",
        ),
    ] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was found as JSON.")] = False,
    base_url: BaseUrl = None,
    accounts_url: AccountsUrl = None,
    token: Token = None,
) -> None:
    """Say what is wrong with a token, and with the way to the API.

    Looks at the token's text, at the accounts server, the clock, proxy and certificate, and makes
    one billed request at most, none if the token is wrong anyway. Shows no secret. Ends with 0 if
    all is well, with 1 if something is wrong.
    """
    action = _method(method)
    visit = _Visit(
        base_url=(base_url or DEFAULT_BASE_URL).rstrip("/"),
        accounts_url=accounts_url_of(accounts_url, base_url),
        billed=billed,
        source=source_of(context),
        as_json=as_json,
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
        self, *, base_url: str, accounts_url: str, billed: bool, source: str, as_json: bool
    ) -> None:
        self.base_url = base_url
        self._accounts_url = accounts_url
        self._billed = billed
        self._source = source
        self._as_json = as_json
        self._findings: list[Finding] = []

    def add(self, *findings: Finding) -> None:
        """Keep what was found, and print it at once."""
        for finding in findings:
            self._findings.append(finding)
            if not self._as_json:
                print_line(_line(finding))

    def end(self) -> None:
        """Say what it cost and how it ended; raises ``typer.Exit`` if something is wrong."""
        requests = sum(finding.requests for finding in self._findings)
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

    def examine(self, token: Token, method: "type[Action[Any]] | None") -> None:
        """Look at everything but webhooks."""
        from frontdesk.cli.accounts import checks

        wrong_address = checks.address_finding(self.base_url)
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
                scopes, called = self._ask(present, method, api, accounts)
            self.add(checks.clock_finding([api, accounts]))
        finally:
            api.close()
            accounts.close()
        if method is not None:
            self.add(checks.scope_finding(method, scopes, called))

    def _present(self, token: Token) -> Any:
        """Return the token if its text is in order, else ``None``."""
        from frontdesk.auth import TokenProvider, as_token
        from frontdesk.cli.accounts.token_texts import findings_of

        if token is None:
            text = "there is none: set FRONTDESK_TOKEN, or run `frontdesk login`"
            self.add(Finding(check="token", verdict="failed", text=text))
            return None
        if isinstance(token, TokenProvider):
            try:
                token = token.token()
            except FrontdeskError as error:
                text = f"{self._source} has no token any more: {error}"
                self.add(Finding(check="token", verdict="failed", text=text, requests=1))
                return None
        text = token if isinstance(token, str) else token.authorization  # type: ignore[union-attr]
        findings = findings_of(text)
        source = Finding(check="source", verdict="ok", text=f"the token is that of {self._source}")
        self.add(source, *findings)
        if any(finding.verdict == "failed" for finding in findings):
            return None
        try:
            return as_token(token)
        except InvalidArgument:
            return None

    def _ask(
        self, token: Any, method: "type[Action[Any]] | None", api: Any, accounts: Any
    ) -> tuple[tuple[str, ...] | None, Finding | None]:
        """Ask servers about a token that looks right; returns its scopes, and how a call went."""
        from frontdesk.cli.accounts import checks

        personal = token.authorization.startswith("Basic ")
        scopes: tuple[str, ...] | None = None
        rejected: Finding | None = None
        if not personal:
            finding, info, is_open = accounts.introspected(token)
            refused = info is None and finding.check == "accounts server"
            if refused and finding.verdict == "failed" and self._billed and is_open:
                # A bot token is none of the accounts server's: the API has the last word.
                rejected = finding
            else:
                self.add(finding)
            if not is_open:
                return None, None
            scopes = None if info is None else info.scopes
        elif not self._billed:
            self.add(accounts.reach())
        if not self._billed:
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
