"""A small accounts server for tests, made of the documented shapes.

It checks what it is sent as strictly as it can, and counts what it did.
"""

import asyncio
import base64
import hashlib
import inspect
import json
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from frontdesk.auth import AsyncOAuth, OAuth
from frontdesk.core.http_messages import Reply, Request

from ..loopback import Connection, Got, Loopback, reply

REDIRECT = "http://127.0.0.1:8765/callback"
SECRET = "client-secret-5d1f0c"
LIFE = 28_800
ONLY_FAKE = pytest.mark.parametrize("accounts", ["fake"], indirect=True)
"""For tests that change what no real accounts server lets anybody change."""


@dataclass
class App:
    id: str
    secret: str | None = SECRET
    redirect_uri: str = REDIRECT
    scopes: tuple[str, ...] = ("chats--all:ro", "chats--all:rw")


@dataclass
class Pair:
    app: App
    access: str
    refresh: str
    scopes: tuple[str, ...]
    ends: datetime
    alive: bool = True
    spent: bool = False


class Refusal(Exception):
    def __init__(self, status: int, error: str, description: str = "", sub_error: str = "") -> None:
        super().__init__(error)
        self.status = status
        self.body = {"error": error, "error_description": description, "request_id": "req-17"}
        if sub_error:
            self.body["sub_error"] = sub_error


@dataclass
class FakeAccounts:
    ahead: timedelta = timedelta(0)
    """By how much its clock is ahead of ours."""
    life: int = LIFE
    apps: dict[str, App] = field(default_factory=dict)
    pairs: list[Pair] = field(default_factory=list)
    codes: dict[str, tuple[App, str, tuple[str, ...], str, str]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    """Grant types of the requests that were granted, and verbs of others."""
    script: list[Any] = field(default_factory=list)
    """What comes in place of the next responses: a Reply, an error to raise, or a function."""
    before_response: Callable[[str], None] | None = None
    """Called when a token request has been carried out."""

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self.add(App("app-secret"))
        self.add(App("app-public", secret=None))

    def add(self, app: App) -> None:
        self.apps[app.id] = app

    @property
    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    @property
    def refreshes(self) -> int:
        return self.calls.count("refresh_token")

    def agree(self, url: str) -> str:
        """Log the user in at an authorization URL; returns where the browser is sent back to."""
        parts = urlsplit(url)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        assert parts.path.endswith("/")
        assert query["response_type"] == "code"
        app = self.apps[query["client_id"]]
        assert query["redirect_uri"] == app.redirect_uri
        scopes = tuple(query["scope"].split(",")) if "scope" in query else app.scopes
        code = secrets.token_urlsafe(24)
        challenge = query.get("code_challenge", "")
        method = query.get("code_challenge_method", "plain")
        self.codes[code] = (app, query["redirect_uri"], scopes, challenge, method)
        parameters = {"code": code} | ({"state": query["state"]} if "state" in query else {})
        return f"{query['redirect_uri']}?{urlencode(parameters)}"

    def issue(self, app: App, scopes: tuple[str, ...] | None = None) -> Pair:
        pair = Pair(
            app,
            f"dal:access-{secrets.token_urlsafe(18)}",
            f"refresh-{secrets.token_urlsafe(18)}",
            scopes or app.scopes,
            self.now + timedelta(seconds=self.life),
        )
        self.pairs.append(pair)
        return pair

    url = "https://accounts.test"
    account_id = "b7eff798-f8df-4364-8059-649c35c9ed0c"
    organization_id = "390e44e6-f1e6-0368c-z6ddb-74g14508c2ex"

    def end_access_tokens(self) -> None:
        for pair in self.pairs:
            pair.ends = self.now

    def transport(self, kind: str) -> Any:
        """A transport of a kind of program."""
        return (AsyncWay if kind == "async" else SyncWay)(self)

    def accepts(self, authorization: str | None) -> bool:
        """Whether an API would take this header."""
        return any(
            pair.alive and pair.ends > self.now and authorization == f"Bearer {pair.access}"
            for pair in self.pairs
        )

    # Requests

    def respond(
        self, verb: str, target: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        with self._lock:
            sent = {"content-type": "application/json", "date": format_datetime(self.now, True)}
            try:
                done = self._carry_out(verb, target, headers, body)
                status, payload = 200, done
            except Refusal as refusal:
                status, payload = refusal.status, refusal.body
            if verb == "POST" and self.before_response is not None:
                self.before_response(str(status))
            return status, sent, json.dumps(payload).encode()

    def _carry_out(self, verb: str, target: str, headers: dict[str, str], body: bytes) -> Any:
        path = urlsplit(target).path
        match verb, path.removeprefix("/accounts"):
            case "POST", "/v2/token":
                assert headers["content-type"] == "application/x-www-form-urlencoded"
                form = parse_qs(body.decode(), strict_parsing=True)
                assert all(len(values) == 1 for values in form.values())
                return self._token({name: values[0] for name, values in form.items()})
            case "DELETE", "/v2/token":
                assert not body
                pair = self._pair(headers)
                if pair is None or not pair.alive:
                    raise Refusal(404, "not_found", "token not found")
                pair.alive = False
                self.calls.append("DELETE")
                return {}
            case "GET", "/v2/info":
                assert not body
                pair = self._pair(headers)
                if pair is None or not pair.alive or pair.ends <= self.now:
                    raise Refusal(401, "invalid_token", "no such token")
                self.calls.append("GET")
                return self._said_of(pair) | {"client_id": pair.app.id}
        raise Refusal(404, "not_found", f"{verb} {path}")

    def _pair(self, headers: dict[str, str]) -> Pair | None:
        scheme, _, token = headers["authorization"].partition(" ")
        assert scheme == "Bearer"
        return next((pair for pair in self.pairs if token in (pair.access, pair.refresh)), None)

    def _token(self, form: dict[str, str]) -> Any:
        app = self.apps.get(form.get("client_id", ""))
        if app is None or form.get("client_secret") != app.secret:
            raise Refusal(401, "invalid_client", "client authentication failed")
        match form.get("grant_type"):
            case "authorization_code":
                pair = self._exchanged(app, form)
            case "refresh_token":
                pair = self._refreshed(app, form)
            case other:
                raise Refusal(401, "unsupported_grant_type", f"{other}")
        self.calls.append(form["grant_type"])
        return self._said_of(pair)

    def _exchanged(self, app: App, form: dict[str, str]) -> Pair:
        entry = self.codes.pop(form["code"], None)
        if entry is None:
            raise Refusal(403, "invalid_grant", f"code {form['code']} not found")
        owner, redirect_uri, scopes, challenge, method = entry
        if owner is not app:
            raise Refusal(403, "invalid_grant", "code of another client")
        if form["redirect_uri"] != redirect_uri:
            raise Refusal(401, "invalid_request", "redirect", "redirect_uri_mismatch")
        verifier = form.get("code_verifier", "")
        if method == "S256":
            digest = hashlib.sha256(verifier.encode()).digest()
            verifier = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if verifier != challenge:
            raise Refusal(403, "invalid_grant", "code verifier does not match")
        return self.issue(app, scopes)

    def _refreshed(self, app: App, form: dict[str, str]) -> Pair:
        old = next((pair for pair in self.pairs if pair.refresh == form["refresh_token"]), None)
        if old is None or old.spent or not old.alive or old.app is not app:
            raise Refusal(403, "invalid_grant", "refresh token not found")
        pair = self.issue(app, old.scopes)
        if app.secret is None:
            old.spent = True
        else:
            pair.refresh, old.refresh = old.refresh, f"gone-{old.refresh}"
        return pair

    def _said_of(self, pair: Pair) -> dict[str, Any]:
        return {
            "access_token": pair.access,
            "account_id": self.account_id,
            "expires_in": self.life,
            "organization_id": self.organization_id,
            "refresh_token": pair.refresh,
            "scope": ",".join(pair.scopes),
            "token_type": "Bearer",
        }

    # Ways to reach it

    def send(self, request: Request) -> Reply:
        """Carry out a request of a transport."""
        if self.script:
            step = self.script.pop(0)
            if isinstance(step, BaseException):
                raise step
            if isinstance(step, Reply):
                return step
            step()
        assert isinstance(request.body, bytes)
        headers = {name.lower(): value for name, value in request.headers.items()}
        target = request.url.partition("/")[2].partition("/")[2].partition("/")[2]
        return Reply(*self.respond(request.verb, f"/{target}", headers, request.body))

    async def responder(self, connection: Connection, got: Got) -> bool:
        """Respond to a request of a real socket."""
        status, headers, body = self.respond(got.method, got.target, got.headers, got.body)
        return await reply(body, status, headers)(connection, got)

    @contextmanager
    def served(self) -> Iterator[str]:
        """Serve it; gives the address."""
        with Loopback() as loopback:
            loopback.default = self.responder
            yield f"{loopback.url}/accounts"


class SyncWay:
    """A transport that calls the fake."""

    def __init__(self, accounts: FakeAccounts) -> None:
        self.accounts = accounts

    def send(self, request: Request) -> Reply:
        return self.accounts.send(request)

    def close(self) -> None:
        pass


class AsyncWay(SyncWay):
    async def send(self, request: Request) -> Reply:  # type: ignore[override]
        await asyncio.sleep(0)
        return self.accounts.send(request)

    async def close(self) -> None:  # type: ignore[override]
        pass


class Desk:
    """Logs in with either kind of ``OAuth``, blocking."""

    def __init__(self, kind: str, accounts: Any) -> None:
        self.kind = kind
        self.accounts = accounts
        self.runner = asyncio.Runner()
        self._made: list[Any] = []

    def oauth(self, client_id: str = "app-public", **options: Any) -> Any:
        app = self.accounts.apps.get(client_id)
        options.setdefault("client_secret", app.secret if app else None)
        options.setdefault("redirect_uri", REDIRECT)
        options.setdefault("accounts_url", self.accounts.url)
        if "transport" not in options:
            options["transport"] = self.accounts.transport(self.kind)
            self._made.append(options["transport"])
        return (AsyncOAuth if self.kind == "async" else OAuth)(client_id, **options)

    def run(self, result: Any) -> Any:
        return self.runner.run(_awaited(result)) if inspect.isawaitable(result) else result

    def log_in(self, oauth: Any, **options: Any) -> Any:
        attempt = oauth.start_login()
        return self.run(oauth.exchange(self.accounts.agree(attempt.url), attempt, **options))

    def token(self, source: Any, refused: Any = None) -> Any:
        if self.kind == "async":
            return self.runner.run(source.token_async(refused))
        return source.token(refused)

    def close(self) -> None:
        for transport in self._made:
            self.run(transport.close())
        self.runner.close()


async def _awaited(result: Any) -> Any:
    return await result
