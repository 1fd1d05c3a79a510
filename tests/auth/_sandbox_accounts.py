"""The accounts server of a sandbox, with the interface of the fake one as far as tests need it."""

import json
from dataclasses import dataclass
from typing import Any

from frontdesk.auth import OAuth
from frontdesk.core.http_messages import Reply, Request
from frontdesk.sandbox import Sandbox
from frontdesk.sandbox.serve.embedded import AsyncDirectTransport, DirectTransport
from frontdesk.transport.aiohttp import AiohttpTransport
from frontdesk.transport.urllib3 import Urllib3Transport

from ._accounts import REDIRECT, App

AGENT = "smith@example.com"
LIFE = 28_800


@dataclass
class Issued:
    access: str
    refresh: str


class SandboxAccounts:
    """Logs an agent of the demo company in, embedded or over a socket."""

    def __init__(self, sandbox: Sandbox, *, is_served: bool) -> None:
        self.sandbox = sandbox
        self.is_served = is_served
        self.apps: dict[str, App] = {}
        self.script: list[Any] = []
        self.add(App("app-secret"))
        self.add(App("app-public", secret=None))
        self.organization_id = sandbox.organization_id
        first = sandbox.accounts.organizations[0]
        self.account_id = first.accounts[AGENT]
        self.url = sandbox.accounts_url

    def add(self, app: App) -> None:
        self.apps[app.id] = app
        self.sandbox.accounts.register_client(
            app.redirect_uri,
            client_id=app.id,
            type="public" if app.secret is None else "server_side",
            client_secret=app.secret,
            scopes=app.scopes,
        )

    def agree(self, url: str) -> str:
        # Three times in 30 s are the most.
        self.sandbox.advance(31)
        return self.sandbox.accounts.authorize(url, AGENT)

    def accepts(self, authorization: str) -> bool:
        sent = {"authorization": authorization, "content-type": "application/json"}
        path = "/v3.6/agent/action/list_chats"
        return self.sandbox.backend.respond("POST", path, sent, b"{}").status == 200

    def issue(self, app: App) -> Issued:
        transport = DirectTransport(self.sandbox.backend, self.sandbox.url)
        oauth = OAuth(
            app.id, app.secret, redirect_uri=REDIRECT, accounts_url=self.url, transport=transport
        )
        attempt = oauth.start_login()
        grant = oauth.exchange(self.agree(attempt.url), attempt)
        self._before = len(self._done())
        assert grant.refresh_token
        return Issued(grant.access_token, grant.refresh_token)

    def end_access_tokens(self) -> None:
        self.sandbox.advance(LIFE + 1)

    _before = 0

    def _done(self) -> list[str]:
        names = {"accounts.revoke": "DELETE", "accounts.info": "GET"}
        done: list[str] = []
        for call in self.sandbox.calls():
            if call.error is None and call.action == "accounts.token":
                done.append(call.request["grant_type"])
            elif call.error is None and call.action in names:
                done.append(names[call.action])
        return done

    @property
    def calls(self) -> list[str]:
        return self._done()[self._before :]

    @property
    def refreshes(self) -> int:
        return self.calls.count("refresh_token")

    def transport(self, kind: str) -> Any:
        """A transport of a kind of program, which follows the script."""
        return (AsyncScripted if kind == "async" else Scripted)(self)

    def inner(self, kind: str) -> Any:
        if self.is_served:
            made = AiohttpTransport if kind == "async" else Urllib3Transport
            return made(self.sandbox.url, proxy="")
        direct = AsyncDirectTransport if kind == "async" else DirectTransport
        return direct(self.sandbox.backend, self.sandbox.url)

    def scripted(self) -> Reply | None:
        if not self.script:
            return None
        step = self.script.pop(0)
        if isinstance(step, BaseException):
            raise step
        if isinstance(step, Reply):
            return step
        step()
        return None


class Scripted:
    def __init__(self, accounts: SandboxAccounts) -> None:
        self.accounts = accounts
        self.inner = accounts.inner("sync")

    def send(self, request: Request) -> Reply:
        reply: Reply = self.accounts.scripted() or self.inner.send(request)
        return reply

    def close(self) -> None:
        self.inner.close()


class AsyncScripted:
    def __init__(self, accounts: SandboxAccounts) -> None:
        self.accounts = accounts
        self.inner = accounts.inner("async")

    async def send(self, request: Request) -> Reply:
        reply: Reply = self.accounts.scripted() or await self.inner.send(request)
        return reply

    async def close(self) -> None:
        await self.inner.close()


def recorded(sandbox: Sandbox) -> str:
    """All that the sandbox has recorded, as a text."""
    return json.dumps(
        [[call.request_body.decode(), call.response_body.decode()] for call in sandbox.calls()]
    )
