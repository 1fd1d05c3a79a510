"""One suite for every way to reach the API.

Each test gets a ``desk``: a client over one of ``TRANSPORTS``, called like a sync one whatever it
is underneath. To run the whole suite over a further transport, add an entry. A test that makes
sense over the Web API only says so with ``@pytest.mark.web_only``.
"""

import asyncio
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from frontdesk.sandbox import Sandbox


class Transport(NamedTuple):
    """How a client is made; ``served``: it needs a socket."""

    served: bool
    connect: Callable[..., Any]


TRANSPORTS = {
    "sync-embedded": Transport(False, Sandbox.client),
    "sync-socket": Transport(True, Sandbox.client),
    "async-embedded": Transport(False, Sandbox.async_client),
    "async-socket": Transport(True, Sandbox.async_client),
    "sync-rtm": Transport(True, Sandbox.rtm_client),
    "async-rtm": Transport(True, Sandbox.async_rtm_client),
}


class Desk:
    """A client of a sandbox, over some transport.

    ``desk.send_event(…)`` and ``desk(action)`` are those of the client, and wait for the
    response of an async one; ``desk.list(desk.iter_chats())`` walks the pages. ``desk.sandbox``
    is the sandbox behind it, ``desk.as_("agent")`` the same desk with somebody else's token.
    """

    def __init__(self, sandbox: Sandbox, connect: Callable[..., Any], runner: asyncio.Runner):
        self.sandbox = sandbox
        self._connect = connect
        self._runner = runner
        self._clients: list[Any] = []
        self.client = self._made("owner")

    def as_(self, token: Any, **options: Any) -> "Desk":
        """The same desk with somebody else's token, or with other options."""
        other = object.__new__(Desk)
        other.__dict__.update(self.__dict__)
        other.client = self._made(token, **options)
        return other

    def __call__(self, action: Any) -> Any:
        return self._waited(self.client(action))

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.client, name)
        return lambda *args, **named: self._waited(method(*args, **named))

    def list(self, pages: Any) -> list[Any]:
        """All items of an iterator, sync or async."""
        if hasattr(pages, "__aiter__"):

            async def walk() -> list[Any]:
                return [item async for item in pages]

            return self._runner.run(walk())
        return list(pages)

    def close(self) -> None:
        for client in self._clients:
            self._waited(client.close())

    def _made(self, token: Any, **options: Any) -> Any:
        client = self._connect(self.sandbox, token, **options)
        self._clients.append(client)
        if hasattr(client, "connect"):
            self._waited(client.connect())
        return client

    def _waited(self, result: Any) -> Any:
        if not asyncio.iscoroutine(result):
            return result
        return self._runner.run(result)


@pytest.fixture(scope="session")
def runner():
    with asyncio.Runner() as runner:
        yield runner


def pytest_generate_tests(metafunc):
    """Run each test of the contract over every transport that it is about."""
    if "desk" not in metafunc.fixturenames:
        return
    names = list(TRANSPORTS)
    if metafunc.definition.get_closest_marker("web_only"):
        names = [name for name in names if not name.endswith("rtm")]
    metafunc.parametrize("desk", names, indirect=True)


@pytest.fixture
def desk(request, runner):
    transport = TRANSPORTS[request.param]
    sandbox = request.getfixturevalue("served" if transport.served else "sandbox")
    desk = Desk(sandbox, transport.connect, runner)
    yield desk
    desk.close()


@pytest.fixture
def chat(desk):
    """A chat of the requester, active and empty."""
    return desk.start_chat(continuous=True)


@pytest.fixture
def ann(desk):
    """A customer who has just said hello, in a chat that the requester is in."""
    customer = desk.sandbox.customer("Ann")
    customer.say("hello")
    chat = desk.get_chat(chat_id=customer.chat_id)
    if "smith@example.com" not in [agent.id for agent in chat.agents.values() if agent.present]:
        desk.add_user_to_chat(
            chat_id=customer.chat_id,
            user_id="smith@example.com",
            user_type="agent",
            visibility="all",
            ignore_requester_presence=True,
        )
    return customer


def pytest_configure(config):
    config.addinivalue_line("markers", "web_only: about what RTM does not have")
