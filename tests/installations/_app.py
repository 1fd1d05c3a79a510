"""An app for many organizations at a sandbox's accounts server, sync or async, blocking."""

import asyncio
import inspect
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from frontdesk.actions import RegisterWebhook
from frontdesk.auth import AsyncOAuth, MemoryTokenStore, OAuth
from frontdesk.installations import (
    AsyncClients,
    AsyncInstaller,
    Clients,
    Installation,
    InstallationStore,
    Installer,
    InstallResponse,
)
from frontdesk.sandbox import Sandbox
from frontdesk.sandbox.serve.embedded import AsyncDirectTransport, DirectTransport
from frontdesk.transport import Reply, Request

REDIRECT = "https://app.example/livechat/install"
COOKIE_SECRET = "cookie-secret-3f5b1c9d"
WEBHOOK_SECRET = "webhook-secret-90ad"
CLIENT_SECRET = "client-secret-77c2e4"
AGENT = "smith@example.com"
SCOPES = ("chats--all:ro", "chats--all:rw", "webhooks.configuration:rw", "agents--all:ro")
LIFE = 28_800


class Browser:
    """Keeps cookies, as far as the installer uses them."""

    def __init__(self) -> None:
        self.cookies: dict[str, str] = {}

    def take(self, response: InstallResponse) -> InstallResponse:
        for name, value in response.headers:
            if name == "set-cookie":
                cookie, _, attributes = value.partition("; ")
                key, _, text = cookie.partition("=")
                if "Max-Age=0" in attributes:
                    self.cookies.pop(key, None)
                else:
                    self.cookies[key] = text
        return response

    @property
    def header(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())


class Watched:
    """Sends what is sent, and counts it; ``refuse`` raises an error instead."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner
        self.sent = 0
        self.error: BaseException | None = None

    def count(self) -> None:
        self.sent += 1
        if self.error is not None:
            raise self.error

    def send(self, request: Request) -> Any:
        self.count()
        return self.inner.send(request)

    def close(self) -> Any:
        return self.inner.close()


class AsyncWatched(Watched):
    async def send(self, request: Request) -> Reply:
        self.count()
        reply: Reply = await self.inner.send(request)
        return reply


class App:
    """The app, in one process: its store, clients and installer."""

    def __init__(
        self, kind: str, sandbox: Sandbox, store: InstallationStore | None = None, **options: Any
    ) -> None:
        self.kind = kind
        self.sandbox = sandbox
        self.runner = asyncio.Runner()
        sandbox.accounts.register_client(
            REDIRECT,
            client_id="the-app",
            type="server_side",
            client_secret=CLIENT_SECRET,
            scopes=SCOPES,
        )
        self.store = store or InstallationStore(MemoryTokenStore())
        self.accounts = self.transport()
        self.api = self.transport()
        self.oauth = (AsyncOAuth if self.is_async else OAuth)(
            "the-app",
            CLIENT_SECRET,
            redirect_uri=REDIRECT,
            accounts_url=sandbox.accounts_url,
            transport=self.accounts,
        )
        self.ended: list[Installation] = []
        self.clients: Any = (AsyncClients if self.is_async else Clients)(
            self.store,
            oauth=self.oauth,  # type: ignore[arg-type]
            base_url=sandbox.url,
            transport=self.api,
            on_ended=options.pop("on_ended", self.ended.append),
            **options,
        )

    @property
    def is_async(self) -> bool:
        return self.kind == "async"

    def transport(self) -> Any:
        if self.is_async:
            return AsyncWatched(AsyncDirectTransport(self.sandbox.backend, self.sandbox.url))
        return Watched(DirectTransport(self.sandbox.backend, self.sandbox.url))

    def installer(self, **options: Any) -> Any:
        options.setdefault("secret", COOKIE_SECRET)
        return (AsyncInstaller if self.is_async else Installer)(self.clients, **options)

    def run(self, result: Any) -> Any:
        return self.runner.run(_awaited(result)) if inspect.isawaitable(result) else result

    def of(self, organization_id: str) -> Any:
        return self.run(self.clients.of(organization_id))

    def call(self, organization_id: str) -> int:
        """Make a call for an organization."""
        chats = self.run(self.of(organization_id).list_chats())
        return int(chats.found_chats)

    def organization(self, name: str = "") -> str:
        return self.sandbox.accounts.add_organization(name).id

    def agree(self, url: str, organization_id: str = "") -> str:
        """Log the agent in; returns the query that the browser comes back with."""
        self.sandbox.advance(31)  # three redirects in 30 s are the most
        back = self.sandbox.accounts.authorize(url, AGENT, organization_id=organization_id)
        assert back.startswith(f"{REDIRECT}?")
        return urlsplit(back).query

    def respond(self, installer: Any, query: str, browser: Browser) -> InstallResponse:
        response: InstallResponse = self.run(installer.respond("GET", query, browser.header))
        return browser.take(response)

    def begin(self, installer: Any, browser: Browser) -> str:
        """Open the app's address in a browser; returns where it is sent."""
        response = self.respond(installer, "", browser)
        assert response.status == 302
        return dict(response.headers)["location"]

    def install(self, organization_id: str = "", installer: Any = None) -> Installation:
        """Install the app; by default for the organization that the sandbox has by itself."""
        installer = installer or self.installer()
        start = installer.begin()
        query = self.agree(start.url, organization_id)
        cookie = start.cookie.partition(";")[0]
        installation: Installation = self.run(installer.finish(query, cookie))
        return installation

    def end_access_tokens(self) -> None:
        self.sandbox.advance(LIFE + 1)

    def done(self, grant_type: str) -> int:
        """How many token requests of a type were granted."""
        return sum(
            call.error is None and call.request["grant_type"] == grant_type
            for call in self.sandbox.calls("accounts.token")
        )

    def close(self) -> None:
        self.run(self.clients.close())
        self.run(self.oauth.close())
        self.runner.close()


def webhook(url: str = "https://app.example/livechat/webhooks") -> RegisterWebhook:
    return RegisterWebhook(
        action="incoming_event",
        url=url,
        secret_key=WEBHOOK_SECRET,
        owner_client_id="the-app",
        type="license",
    )


async def _awaited(result: Any) -> Any:
    return await result


MakeApp = Callable[..., App]
