"""What the doctor asks servers, and what it makes of what they say."""

import base64
import os
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final, Literal, TypeAlias
from urllib.parse import urlsplit, urlunsplit

import msgspec

from frontdesk import AgentClient, ConfigurationClient
from frontdesk.actions import Action, ListChats
from frontdesk.actions.configuration.webhooks import check_url
from frontdesk.auth import OAuth, Token, TokenInfo
from frontdesk.auth.protocol import server_date
from frontdesk.cli.accounts.counting import CountedTransport
from frontdesk.cli.accounts.findings import Finding
from frontdesk.core.http_messages import Headers, Reply, Request
from frontdesk.core.responses import error_of
from frontdesk.errors import (
    AuthenticationError,
    AuthorizationError,
    CertificateError,
    ConnectError,
    FrontdeskError,
    InvalidArgument,
    MisdirectedRequest,
    NotTheAPI,
    RequestTimeout,
    TokenRejected,
    TooManyRequests,
    TransportError,
    UnknownHost,
)
from frontdesk.hosts import is_loopback
from frontdesk.redaction import redacted
from frontdesk.spec.addresses import checked_address
from frontdesk.spec.scopes import allows
from frontdesk.transport.tls import proxy_for, without_account

__all__ = [
    "BOT_SCOPES",
    "Server",
    "address_finding",
    "clock_finding",
    "is_no_access_token",
    "may_be_of_bot",
    "probe_of",
    "proxy_finding",
    "scope_finding",
    "webhook_url",
]

BOT_SCOPES: Final = ("chats--access:rw", "agents-bot--my:rw", "customers:rw")
"""What every bot token has, whatever bot it is of."""
SKEW: Final = 60.0
"""Seconds by which a clock may differ. A token is good for hours, a code for minutes."""
TIMEOUT: Final = 10.0
LONGEST_URL: Final = 500
JWT_PARTS: Final = 3
NOT_FOUND: Final = 404
REDIRECTS: Final = range(300, 400)
REFUSALS: Final = (401, 403, 407)
SERVER_ERRORS: Final = range(500, 600)


Standing: TypeAlias = Literal["accepted", "refused", "unknown"]
ONLY_THE_API: Final = "If it is of a bot, only the API knows it: give --billed to ask that"
SANDBOX_BOT: Final = "dal:sandbox-bot"
"""The bot token of every sandbox, which is shorter than those of LiveChat."""


def may_be_of_bot(token: Token) -> bool:
    """Tell whether a token looks like that of a bot: a JWT, as ``issue_bot_token`` returns it."""
    text = token.authorization.removeprefix("Bearer ")
    if text == SANDBOX_BOT:
        return True
    parts = text.rpartition(":")[2].split(".")
    try:
        header = base64.urlsafe_b64decode(parts[0] + "=" * (-len(parts[0]) % 4))
        return len(parts) == JWT_PARTS and "alg" in msgspec.json.decode(header, type=dict[str, Any])
    except (ValueError, msgspec.MsgspecError):
        return False


def is_no_access_token(finding: Finding) -> bool:
    """Tell whether the server never had a token, by its words: one that expired is no bot's."""
    return ONLY_THE_API in finding.text


class Server:
    """A server that is asked, and what it said.

    Args:
        url: its address.
        now: the time of day here.
    """

    def __init__(self, url: str, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.url = url
        self.host: str = urlsplit(url).hostname or ""
        self.first: Reply | None = None
        """The first response; a client may send a second request because of it."""
        self.skew: float | None = None
        """By how many seconds the clock here is ahead of the server's."""
        self._now = now
        self._transport = CountedTransport(url)

    @property
    def requests(self) -> int:
        """How many requests were sent."""
        return self._transport.requests

    def send(self, request: Request) -> Reply:
        """Send a request, and keep what the doctor wants to know of the response."""
        reply = self._transport.send(request)
        date = server_date(reply)
        if date is not None:
            self.skew = (self._now().astimezone(UTC) - date).total_seconds()
        if self.first is None:
            self.first = reply
        return reply

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def reach(self) -> Finding:
        """Ask for something that needs no token: whether there is a way to the server."""
        headers = Headers({"Accept": "application/json"})
        try:
            self.send(Request(f"{self.url}/v2/info", headers, b"", TIMEOUT, verb="GET"))
        except FrontdeskError as error:
            return self.connection(error)
        return msgspec.structs.replace(self.connection(None), requests=self.requests)

    def introspected(self, token: Token) -> tuple[Finding, TokenInfo | None, Standing]:
        """Ask the accounts server for a token.

        Returns:
            The finding, what is to know of the token, and what the server thinks of it.
        """
        oauth = OAuth("frontdesk", accounts_url=self.url, retry=None, transport=self)
        try:
            info = oauth.introspect(token)
        except TokenRejected as error:
            says = error.description or error.error or f"HTTP {error.status}"
            text = (
                f"the accounts server does not accept it ({redacted(says)}): it has expired, was "
                "revoked, or is none of its access tokens, such as a refresh token; log in again, "
                "or make another one"
            )
            if "expired" not in says:
                text += f". {ONLY_THE_API}"
            return _asked("failed", text), None, "refused"
        except (NotTheAPI, TransportError) as error:
            return self.connection(error), None, "unknown"
        except FrontdeskError as error:
            finding = Finding(
                check="accounts server", verdict="unknown", text=str(error), requests=1
            )
            return finding, None, "unknown"
        left = info.expires_in
        ends = "; the server does not say when it ends"
        if left is not None:
            ends = f", for another {_duration(left)}"
        text = f"the accounts server accepts it{ends}"
        return _asked("ok", text), info, "accepted"

    def probed(self, token: Token, action: Action[Any], *, is_own: bool) -> list[Finding]:
        """Make one call with a token, which only reads."""
        client = ConfigurationClient if action.spec.api == "configuration" else AgentClient
        failure: FrontdeskError | None = None
        try:
            # The connections are this object's, and closed with it.
            client(token, base_url=self.url, retry=None, budget=1, transport=self)(action)
        except FrontdeskError as error:
            failure = error
        # What came first says more than what a client made of it.
        if self.first is not None:
            failure = error_of(self.first, action.spec.name)
        region = _region_finding(token, failure)
        return [
            finding
            for finding in (
                self.connection(failure),
                _verdict(failure, action, is_own=is_own),
                region,
            )
            if finding is not None
        ]

    def connection(self, error: FrontdeskError | None) -> Finding:
        """Say how the way to the server is: name, proxy, certificate."""
        trusted = ", its certificate is trusted" if self.url.startswith("https:") else ""
        match error:
            case UnknownHost():
                text = f"the name {self.host} is not known: check the address, DNS and VPN"
            case CertificateError():
                text = (
                    f"the certificate of {self.host} is not trusted. If a company's proxy puts its "
                    "own in its place, name the company's authority in SSL_CERT_FILE or "
                    "REQUESTS_CA_BUNDLE. Do not turn the check off"
                )
            case RequestTimeout():
                text = f"no response from {self.host} within {TIMEOUT:g} s{self._by_proxy()}"
            case ConnectError():
                text = f"{error}{self._by_proxy()}"
            case NotTheAPI() | TransportError():
                text = f"{error}{self._by_proxy()}"
            case _:
                text = f"{self.host} responds{trusted}"
                return Finding(check="connection", verdict="ok", text=text)
        return Finding(check="connection", verdict="failed", text=text, requests=self.requests)

    def _by_proxy(self) -> str:
        try:
            proxy = proxy_for(self.url, None)
        except InvalidArgument:
            return ""
        return "" if proxy is None else f", through the proxy {without_account(proxy)[0]}"


def proxy_finding(*urls: str) -> Finding:
    """Say which proxy the environment has for some addresses; nothing is asked."""
    try:
        proxies = dict.fromkeys(proxy_for(url, None) for url in urls)
    except InvalidArgument as error:
        return Finding(check="proxy", verdict="failed", text=str(error))
    used = [without_account(proxy)[0] for proxy in proxies if proxy is not None]
    if not used:
        return Finding(check="proxy", verdict="ok", text="none is used")
    names = " and ".join(used)
    note = "; NO_PROXY names hosts that are reached without" if os.environ.get("NO_PROXY") else ""
    return Finding(
        check="proxy", verdict="ok", text=f"the environment sends requests through {names}{note}"
    )


def address_finding(base_url: str, name: str) -> Finding | None:
    """Say what is wrong with the address of the API; ``None`` if nothing is.

    Args:
        base_url: the address.
        name: where it was given.
    """
    try:
        checked_address("base_url", base_url)
    except InvalidArgument as error:
        return Finding(check="address", verdict="failed", text=f"{name or 'it'} {error.rule}")
    parts = urlsplit(base_url)
    if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
        text = "it begins with http://, so that everybody on the way can read the token: use https"
        return Finding(check="address", verdict="failed", text=text)
    return None


def clock_finding(servers: list[Server]) -> Finding:
    """Compare the clock here with those of the servers that were asked."""
    skews = [server.skew for server in servers if server.skew is not None]
    if not skews:
        return Finding(check="clock", verdict="unknown", text="no server said what time it is")
    skew = max(skews, key=abs)
    if abs(skew) <= SKEW:
        return Finding(check="clock", verdict="ok", text="right, by the date of the server")
    side = "ahead of" if skew > 0 else "behind"
    return Finding(
        check="clock",
        verdict="failed",
        text=f"the clock here is {_duration(abs(skew))} {side} the server's: set it, such as with "
        "NTP; tokens seem to have ended too early or too late otherwise",
    )


def probe_of(method: type[Action[Any]] | None) -> Action[Any]:
    """Return a call that costs little and changes nothing: of the method itself if it is one."""
    if method is not None and method.spec.name.startswith(("list_", "get_")):
        # Never one that changes something, whatever it needs.
        limit = {"limit": 1} if "limit" in method.__struct_fields__ else {}
        for arguments in (limit, {}):
            try:
                return method(**arguments)
            except (TypeError, InvalidArgument):
                continue
    return ListChats(limit=1)


def scope_finding(
    method: type[Action[Any]],
    scopes: tuple[str, ...] | None,
    called: Finding | None,
    unknown: str,
) -> Finding:
    """Say which scopes a method needs, and whether the token has them.

    Args:
        method: the declaration of the method.
        scopes: those of the token; ``None`` if nobody tells them.
        called: what a call of this very method ended with, if it was made.
        unknown: why nobody tells them.
    """
    spec = method.spec
    extra = "".join(f"; {each}" for each in spec.extra_scopes)
    needs = f"`{spec.name}` needs {spec.scopes}{extra}"
    if not spec.scopes.names:
        needs = f"`{spec.name}` needs no scope{extra}"
    if not spec.needs_token:
        return Finding(check="scope", verdict="ok", text=f"`{spec.name}` needs no token")
    if scopes is not None:
        if not allows(scopes, spec.scopes):
            text = f"{needs}, and the token does not have it: add it to the app, and log in again"
            return Finding(check="scope", verdict="failed", text=text)
        return Finding(check="scope", verdict="ok", text=f"{needs}; the token has it")
    if not spec.scopes.names:
        return Finding(check="scope", verdict="ok", text=needs)
    if called is not None and called.verdict == "ok":
        return Finding(check="scope", verdict="ok", text=f"{needs}; the call worked")
    if called is not None and called.verdict == "failed":
        text = (
            f"{needs}, and the call was refused: the token lacks it, or the role of its agent is "
            "too low"
        )
        return Finding(check="scope", verdict="failed", text=text)
    text = f"{needs}; whether the token has it is unknown: {unknown}"
    return Finding(check="scope", verdict="unknown", text=text)


def webhook_url(url: str, *, base_url: str) -> list[Finding]:
    """Look at an address for webhooks, and ask it for something with a GET, without any token."""
    problem = _address_problem(url, base_url)
    if problem:
        return [Finding(check="webhook URL", verdict="failed", text=problem)]
    parts = urlsplit(url)
    server = Server(urlunsplit((parts.scheme, parts.netloc, "", "", "")))
    try:
        reply = server.send(Request(url, Headers({"Accept": "*/*"}), b"", TIMEOUT, verb="GET"))
    except FrontdeskError as error:
        finding = server.connection(error)
        return [Finding(check="webhook URL", verdict="failed", text=finding.text, requests=1)]
    finally:
        server.close()
    status = reply.status
    if status in REDIRECTS:
        text = f"it redirects (HTTP {status}): register the address that it leads to"
    elif status in REFUSALS:
        text = f"it asks for a password (HTTP {status}), which LiveChat does not have"
    elif status in SERVER_ERRORS:
        text = f"the server behind it fails (HTTP {status}): see its log"
    elif status == NOT_FOUND:
        text = "there is nothing (HTTP 404) for a GET; make sure that the path is that of the POST"
        return [Finding(check="webhook URL", verdict="warning", text=text, requests=1)]
    else:
        text = "it can be reached from here, and its certificate is trusted"
        if parts.scheme != "https":
            text = "it can be reached from here"
        return [Finding(check="webhook URL", verdict="ok", text=text, requests=1)]
    return [Finding(check="webhook URL", verdict="failed", text=text, requests=1)]


def _address_problem(url: str, base_url: str) -> str:
    """Return why LiveChat could send nothing to an address; a sandbox sends to this machine."""
    try:
        check_url(url)
    except InvalidArgument as error:
        return f"it {error.rule}"
    if len(url) > LONGEST_URL:
        return f"it has {len(url)} characters, and LiveChat takes {LONGEST_URL} at most"
    parts = urlsplit(url)
    if parts.username or parts.password:
        return "it holds an account: LiveChat would show it, so put a secret into the webhook"
    if is_loopback(urlsplit(base_url).hostname or ""):
        return ""
    host = parts.hostname or ""
    if is_loopback(host) or _is_private(host):
        return (
            "only this machine or network knows it: give an address that the internet can reach, "
            "such as that of a tunnel"
        )
    if parts.scheme != "https":
        return "it begins with http://, so that everybody on the way can read chats: use https"
    return ""


def _is_private(host: str) -> bool:
    import ipaddress

    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return "." not in host or host.endswith((".local", ".internal", ".lan", ".test"))


def _verdict(
    failure: FrontdeskError | None, action: Action[Any], *, is_own: bool
) -> Finding | None:
    """Say what the API thinks of a token; ``None`` if it did not get to it.

    ``is_own`` says that the method is the one that somebody asked about.
    """
    name = action.spec.name
    billed = {"requests": 1, "billed": 1}
    match failure:
        case None:
            text = f"the API accepts it (`{name}`)"
            return Finding(check="API", verdict="ok", text=text, **billed)
        case AuthenticationError():
            text = (
                "the API does not accept it: it has expired, was revoked, is misspelt, or does "
                "not begin with its own region. Make another one, or log in"
            )
            return Finding(check="API", verdict="failed", text=text, **billed)
        case AuthorizationError() if not is_own:
            text = f"the API accepts it; it may not call `{name}`, which was only a trial"
            return Finding(check="API", verdict="ok", text=text, **billed)
        case AuthorizationError():
            text = f"the API accepts it, and refuses `{name}`: {redacted(failure.message)}"
            return Finding(check="API", verdict="warning", text=text, **billed)
        case MisdirectedRequest():
            text = "the API did not look at it: it went to the wrong region"
            return Finding(check="API", verdict="unknown", text=text, **billed)
        case TooManyRequests():
            text = "the API takes no more requests of this token at present; try again later"
            return Finding(check="API", verdict="unknown", text=text, **billed)
        case TransportError() | NotTheAPI():
            return None
        case _:
            return Finding(check="API", verdict="unknown", text=str(failure), **billed)


def _region_finding(token: Token, failure: FrontdeskError | None) -> Finding | None:
    if isinstance(failure, MisdirectedRequest):
        region = failure.region or "another one"
        here = f"begins with `{token.region}:`" if token.region else "begins with no region"
        text = (
            f"the organization is in {region}, while the token {here}: copy the token again, with "
            "what is before the colon"
        )
        return Finding(check="region", verdict="failed", text=text)
    if token.region is None or not isinstance(failure, AuthorizationError | None):
        return None
    return Finding(check="region", verdict="ok", text=token.region)


def _asked(verdict: Any, text: str) -> Finding:
    return Finding(check="accounts server", verdict=verdict, text=text, requests=1)


def _duration(seconds: float) -> str:
    """Return a time span in the largest unit that fits."""
    for unit, size in (("days", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"
