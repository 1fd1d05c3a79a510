"""The suite for customers: every way in which their clients reach the API.

Each test gets a ``window``: the client of a customer, Ann, over one of ``TRANSPORTS``, called like
a sync one. ``window.desk`` is an agent's client of the same sandbox. A test that makes sense over
the Web API only says so with ``@pytest.mark.web_only``, one about pushes with ``rtm_only``.
"""

import asyncio
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from frontdesk import AsyncCustomerClient, AsyncCustomerRTM, CustomerClient, CustomerRTM
from frontdesk.sandbox import Sandbox
from frontdesk.sandbox.world.accounts import customer_tokens

from ..conftest import Desk

OWNER = "smith@example.com"


class Transport(NamedTuple):
    """How a client is made; ``served``: it needs a socket."""

    served: bool
    connect: Callable[..., Any]


def _web(kind: Any, *, sync: bool) -> Callable[..., Any]:
    def connect(sandbox: Sandbox, token: Any, **options: Any) -> Any:
        options.setdefault("organization_id", sandbox.organization_id)
        organization_id = options.pop("organization_id")
        connection = sandbox._connection(options, sync=sync)
        return kind(token, organization_id=organization_id, base_url=sandbox.url, **connection)

    return connect


def _rtm(kind: Any) -> Callable[..., Any]:
    def connect(sandbox: Sandbox, token: Any, **options: Any) -> Any:
        options.setdefault("organization_id", sandbox.organization_id)
        return kind(token, base_url=sandbox.url, **options)

    return connect


TRANSPORTS = {
    "sync-embedded": Transport(False, _web(CustomerClient, sync=True)),
    "sync-socket": Transport(True, _web(CustomerClient, sync=True)),
    "async-embedded": Transport(False, _web(AsyncCustomerClient, sync=False)),
    "async-socket": Transport(True, _web(AsyncCustomerClient, sync=False)),
    "sync-rtm": Transport(True, _rtm(CustomerRTM)),
    "async-rtm": Transport(True, _rtm(AsyncCustomerRTM)),
}


class Window(Desk):
    """The client of Ann, over some transport; ``customer`` is she herself."""

    def __init__(self, sandbox: Sandbox, connect: Callable[..., Any], runner: asyncio.Runner):
        self.customer = sandbox.customer("Ann")
        super().__init__(sandbox, connect, runner)
        self.desk = sandbox.client()

    def of(self, name: str, **options: Any) -> "Window":
        """The same window of another customer."""
        other = self.as_(self.token(name), **options)
        other.customer = self.sandbox.customer(name)
        return other

    def token(self, name: str = "Ann") -> str:
        customer_id = self.sandbox.customer(name).id
        return self.sandbox.backend.work(lambda world: customer_tokens.issue(world, customer_id).id)

    @property
    def is_rtm(self) -> bool:
        return hasattr(self.client, "pushes")

    def stream(self, *kinds: type[Any]) -> Callable[[], Any] | None:
        """Subscribe to pushes; the function returns the next one. Over Web there are none."""
        if not self.is_rtm:
            return None
        box = self.client.pushes(*kinds)
        return lambda: self._waited(box.get(10.0))

    def _made(self, token: Any, **options: Any) -> Any:
        return super()._made(self.token() if token == "owner" else token, **options)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each test over every transport that it is about."""
    if "window" not in metafunc.fixturenames:
        return
    names = list(TRANSPORTS)
    if metafunc.definition.get_closest_marker("web_only"):
        names = [name for name in names if not name.endswith("rtm")]
    if metafunc.definition.get_closest_marker("rtm_only"):
        names = [name for name in names if name.endswith("rtm")]
    metafunc.parametrize("window", names, indirect=True)


@pytest.fixture
def window(request: pytest.FixtureRequest, runner: asyncio.Runner):
    transport = TRANSPORTS[request.param]
    sandbox = request.getfixturevalue("served" if transport.served else "sandbox")
    window = Window(sandbox, transport.connect, runner)
    yield window
    window.close()


@pytest.fixture
def chat(window: Window):
    """Ann's chat, active and empty, with an agent in it."""
    started = window.start_chat(continuous=True)
    present = window.desk.get_chat(chat_id=started.chat_id).agents
    if not (OWNER in present and present[OWNER].present):
        window.desk.add_user_to_chat(
            chat_id=started.chat_id, user_id=OWNER, user_type="agent", visibility="all",
            ignore_requester_presence=True,
        )  # fmt: skip
    return started


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "rtm_only: about what only a connection brings")
