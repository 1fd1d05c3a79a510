"""The suite for customers: every way in which their clients reach the API.

Each test gets a ``window``: the client of a customer, Ann, over one of ``TRANSPORTS``, called like
a sync one. ``window.desk`` is an agent's client of the same sandbox. A test that makes sense over
the Web API only says so with ``@pytest.mark.web_only``, one about pushes with ``rtm_only``.
"""

import asyncio
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from frontdesk.sandbox import Sandbox

from ..conftest import Desk

OWNER = "smith@example.com"


class Transport(NamedTuple):
    """How a client is made; ``served``: it needs a socket."""

    served: bool
    connect: Callable[..., Any]


TRANSPORTS = {
    "sync-embedded": Transport(False, Sandbox.customer_client),
    "sync-socket": Transport(True, Sandbox.customer_client),
    "async-embedded": Transport(False, Sandbox.async_customer_client),
    "async-socket": Transport(True, Sandbox.async_customer_client),
    "sync-rtm": Transport(True, Sandbox.customer_rtm),
    "async-rtm": Transport(True, Sandbox.async_customer_rtm),
}


def _with_token(connect: Callable[..., Any]) -> Callable[..., Any]:
    return lambda sandbox, token, **options: connect(sandbox, token=token, **options)


class Window(Desk):
    """The client of Ann, over some transport; ``customer`` is she herself."""

    def __init__(self, sandbox: Sandbox, connect: Callable[..., Any], runner: asyncio.Runner):
        self.customer = sandbox.customer("Ann")
        super().__init__(sandbox, _with_token(connect), runner)
        self.desk = sandbox.client()

    def of(self, name: str, **options: Any) -> "Window":
        """The same window of another customer."""
        other = self.as_(self.token(name), **options)
        other.customer = self.sandbox.customer(name)
        return other

    def token(self, name: str = "Ann") -> str:
        return self.sandbox.customer_token(self.sandbox.customer(name).id)

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
