"""Both Web clients behind one blocking interface, so that a behaviour is written down once."""

import asyncio
import inspect
import time
from collections.abc import Iterable
from typing import Any

import pytest

from frontdesk import AgentClient, AsyncAgentClient, AsyncPages
from frontdesk.transport.aiohttp import AiohttpTransport
from frontdesk.transport.asgi import AsgiTransport, AsyncAsgiTransport
from frontdesk.transport.urllib3 import Urllib3Transport

from .canary import TOKEN

VARIABLES = (
    "FRONTDESK_TOKEN",
    "FRONTDESK_BASE_URL",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    *(f"{name}_proxy" for name in ("http", "https", "all", "no")),
    *(f"{name}_PROXY" for name in ("HTTP", "HTTPS", "ALL", "NO")),
)


class Blocking:
    """An async client whose methods wait for their responses."""

    def __init__(self, client: AsyncAgentClient, runner: asyncio.Runner) -> None:
        self.client = client
        self.runner = runner

    def __call__(self, action: Any) -> Any:
        return self.runner.run(self.client(action))

    def with_options(self, **options: Any) -> "Blocking":
        return Blocking(self.client.with_options(**options), self.runner)

    def __getattr__(self, name: str) -> Any:
        value = getattr(self.client, name)
        if not inspect.iscoroutinefunction(value):
            return value

        def blocking(*args: Any, **kwargs: Any) -> Any:
            return self.runner.run(value(*args, **kwargs))

        return blocking

    def __repr__(self) -> str:
        return repr(self.client)


class Kit:
    """Makes clients of one kind and closes them at the end."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.is_async = kind == "async"
        self.runner = asyncio.Runner()
        self.pauses: list[float] = []
        """The pauses between requests, which do not pass really."""
        self.slept = 0.0
        self._clients: list[Any] = []

    def client(self, server: Any = None, token: Any = TOKEN, **options: Any) -> Any:
        options.setdefault("base_url", server.url if server else "http://127.0.0.1:9")
        if self.is_async:
            client: Any = Blocking(AsyncAgentClient(token, **options), self.runner)
        else:
            client = AgentClient(token, **options)
        self._clients.append(client)
        return client

    def transport(self, base_url: str, **options: Any) -> Any:
        return (AiohttpTransport if self.is_async else Urllib3Transport)(base_url, **options)

    def asgi(self, app: Any) -> Any:
        return (AsyncAsgiTransport if self.is_async else AsgiTransport)(app)

    def run(self, result: Any) -> Any:
        """Wait for what an async method returned; that of a sync one is there."""
        return self.runner.run(result) if inspect.iscoroutine(result) else result

    def settle(self) -> None:
        """Let an async client see what its connections have to tell."""
        self.runner.run(asyncio.sleep(0))

    def next(self, pages: Any) -> Any:
        if not isinstance(pages, AsyncPages):
            return next(pages)
        try:
            return self.runner.run(anext(pages))
        except StopAsyncIteration:
            raise StopIteration from None

    def all(self, pages: Any) -> list[Any]:
        if isinstance(pages, Iterable):
            return list(pages)

        async def collect() -> list[Any]:
            return [item async for item in pages]

        return self.runner.run(collect())

    def close(self) -> None:
        for client in self._clients:
            client.close()
        self.runner.close()

    def fake_sleep(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Let pauses pass at once, for the drivers alone."""

        async def slept(seconds: float) -> None:
            self.pauses.append(seconds)

        if self.is_async:
            monkeypatch.setattr("frontdesk.clients.async_web.asyncio", Shim(asyncio, sleep=slept))
        else:
            shim = Shim(time, sleep=self.pauses.append)
            monkeypatch.setattr("frontdesk.clients.sync_web.time", shim)
        clock = Shim(time, monotonic=self.monotonic)
        monkeypatch.setattr("frontdesk.clients.options.time", clock)

    def monotonic(self) -> float:
        """The time, as if the pauses had passed."""
        return time.monotonic() + self.slept + sum(self.pauses)

    def forget_pauses(self) -> None:
        self.slept += sum(self.pauses)
        self.pauses.clear()


class Shim:
    """A module with a few functions replaced."""

    def __init__(self, module: Any, **replaced: Any) -> None:
        self.module = module
        self.__dict__.update(replaced)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.module, name)
