"""Fixtures for tests of integrations; pytest finds them wherever frontdesk is installed.

=================================== ===========================================================
``frontdesk_sandbox``               a fresh world for each test, in this process
``frontdesk_client``                an ``AgentClient`` of it, with the owner's token
``frontdesk_async_client``          an ``AsyncAgentClient`` of it
``frontdesk_customer``              a customer of it, Ann, to speak as
``frontdesk_customer_client``       a ``CustomerClient`` of Ann
``frontdesk_async_customer_client`` an ``AsyncCustomerClient`` of Ann
``frontdesk_replay``                a server on this machine that replays a recording
``frontdesk_refuse_network``        real network calls fail while the test runs;
                                    ``refuse_network`` for short
=================================== ===========================================================

``@pytest.mark.frontdesk_replay("traffic.jsonl")`` says which recording: a file of ``frontdesk
record``, as seen from the folder of the test. Other arguments are those of ``ReplayServer``.

The first six exist once for a module and once for a session too: ``frontdesk_module_sandbox``,
``frontdesk_session_sandbox``, ``frontdesk_module_client`` and so on.

``@pytest.mark.frontdesk(seed="empty")`` gives a test's sandbox other arguments; as ``pytestmark``,
that of a module. In the settings of pytest, ``frontdesk_seed`` and ``frontdesk_random_seed`` are
for all sandboxes, and ``frontdesk_refuse_network = true`` refuses real network calls in all tests
but those marked ``@pytest.mark.frontdesk_network``.

Nothing of the sandbox is loaded until a test asks for it.
"""

import re
from collections.abc import Generator, Iterable, Iterator
from contextlib import ExitStack, nullcontext
from inspect import signature
from typing import TYPE_CHECKING, Any, Final, Literal, cast

import pytest

from frontdesk.testing.network_guard import RealNetworkRefused, allow_network, refuse_network

if TYPE_CHECKING:
    from frontdesk.recordings import ReplayServer
    from frontdesk.rendered.agent import AgentClient
    from frontdesk.rendered.async_agent import AsyncAgentClient
    from frontdesk.rendered.async_customer import AsyncCustomerClient
    from frontdesk.rendered.customer import CustomerClient
    from frontdesk.sandbox import Sandbox, SandboxCustomer

__all__ = ["RealNetworkRefused"]

_MARK: Final = "frontdesk"
_NETWORK_MARK: Final = "frontdesk_network"
_REPLAY_MARK: Final = "frontdesk_replay"
_SETTINGS: Final = ("frontdesk_seed", "frontdesk_random_seed", "frontdesk_refuse_network")

Scope = Literal["function", "module", "session"]


def _sandbox_fixture(scope: Scope) -> Any:
    @pytest.fixture(scope=scope)
    def sandbox(request: pytest.FixtureRequest) -> "Iterator[Sandbox]":
        """A fresh sandbox, embedded in this process."""
        with _make_sandbox(request) as made:
            yield made

    return sandbox


def _client_fixture(scope: Scope, sandbox: str) -> Any:
    @pytest.fixture(scope=scope)
    def client(request: pytest.FixtureRequest) -> "AgentClient":
        """A client of the sandbox, with the owner's token."""
        made: Sandbox = request.getfixturevalue(sandbox)
        return made.client()

    return client


def _async_client_fixture(scope: Scope, sandbox: str) -> Any:
    @pytest.fixture(scope=scope)
    def async_client(request: pytest.FixtureRequest) -> "AsyncAgentClient":
        """An async client of the sandbox, with the owner's token."""
        made: Sandbox = request.getfixturevalue(sandbox)
        return made.async_client()

    return async_client


def _customer_fixture(scope: Scope, sandbox: str) -> Any:
    @pytest.fixture(scope=scope)
    def customer(request: pytest.FixtureRequest) -> "SandboxCustomer":
        """A customer of the sandbox, Ann, to speak as."""
        made: Sandbox = request.getfixturevalue(sandbox)
        return made.customer("Ann")

    return customer


def _customer_client_fixture(scope: Scope, sandbox: str, customer: str) -> Any:
    @pytest.fixture(scope=scope)
    def customer_client(request: pytest.FixtureRequest) -> "CustomerClient":
        """A client of the customer Ann, who is the one of the fixture ``frontdesk_customer``."""
        made: Sandbox = request.getfixturevalue(sandbox)
        ann: SandboxCustomer = request.getfixturevalue(customer)
        return made.customer_client(ann.id)

    return customer_client


def _async_customer_client_fixture(scope: Scope, sandbox: str, customer: str) -> Any:
    @pytest.fixture(scope=scope)
    def async_customer_client(request: pytest.FixtureRequest) -> "AsyncCustomerClient":
        """An async client of the customer Ann."""
        made: Sandbox = request.getfixturevalue(sandbox)
        ann: SandboxCustomer = request.getfixturevalue(customer)
        return made.async_customer_client(ann.id)

    return async_customer_client


frontdesk_sandbox: Any = _sandbox_fixture("function")
frontdesk_client: Any = _client_fixture("function", "frontdesk_sandbox")
frontdesk_async_client: Any = _async_client_fixture("function", "frontdesk_sandbox")
frontdesk_customer: Any = _customer_fixture("function", "frontdesk_sandbox")
frontdesk_customer_client: Any = _customer_client_fixture(
    "function", "frontdesk_sandbox", "frontdesk_customer"
)
frontdesk_async_customer_client: Any = _async_customer_client_fixture(
    "function", "frontdesk_sandbox", "frontdesk_customer"
)

frontdesk_module_sandbox: Any = _sandbox_fixture("module")
frontdesk_module_client: Any = _client_fixture("module", "frontdesk_module_sandbox")
frontdesk_module_async_client: Any = _async_client_fixture("module", "frontdesk_module_sandbox")
frontdesk_module_customer: Any = _customer_fixture("module", "frontdesk_module_sandbox")
frontdesk_module_customer_client: Any = _customer_client_fixture(
    "module", "frontdesk_module_sandbox", "frontdesk_module_customer"
)
frontdesk_module_async_customer_client: Any = _async_customer_client_fixture(
    "module", "frontdesk_module_sandbox", "frontdesk_module_customer"
)

frontdesk_session_sandbox: Any = _sandbox_fixture("session")
frontdesk_session_client: Any = _client_fixture("session", "frontdesk_session_sandbox")
frontdesk_session_async_client: Any = _async_client_fixture("session", "frontdesk_session_sandbox")
frontdesk_session_customer: Any = _customer_fixture("session", "frontdesk_session_sandbox")
frontdesk_session_customer_client: Any = _customer_client_fixture(
    "session", "frontdesk_session_sandbox", "frontdesk_session_customer"
)
frontdesk_session_async_customer_client: Any = _async_customer_client_fixture(
    "session", "frontdesk_session_sandbox", "frontdesk_session_customer"
)


@pytest.fixture
def frontdesk_replay(request: pytest.FixtureRequest) -> "Iterator[ReplayServer]":
    """A server that replays the recording that ``@pytest.mark.frontdesk_replay`` names."""
    from frontdesk.errors import FrontdeskError
    from frontdesk.recordings import ReplayServer

    mark = request.node.get_closest_marker(_REPLAY_MARK)
    if mark is None:
        message = f"name the recording: @pytest.mark.{_REPLAY_MARK}('traffic.jsonl')"
        raise pytest.fail.Exception(message, pytrace=False)
    file = request.path.parent / mark.args[0]
    try:
        server = ReplayServer(file, **mark.kwargs)
    except (FrontdeskError, TypeError) as error:
        message = f"@pytest.mark.{_REPLAY_MARK}: {error}"
        raise pytest.fail.Exception(message, pytrace=False) from None
    with server:
        yield server


@pytest.fixture
def frontdesk_refuse_network() -> Iterator[None]:
    """Refuse real network calls while the test runs; loopback is allowed."""
    with refuse_network():
        yield


def _refuse_network(frontdesk_refuse_network: Iterator[None]) -> None:
    """Refuse real network calls while the test runs; loopback is allowed."""


_refuse_network = pytest.fixture(name="refuse_network")(_refuse_network)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the settings."""
    parser.addini(
        "frontdesk_seed",
        "what the sandboxes begin with: demo, quiet, empty or bulk:N",
        default="demo",
    )
    parser.addini(
        "frontdesk_random_seed", "the random seed of the sandboxes, a whole number", default="0"
    )
    parser.addini(
        "frontdesk_refuse_network",
        "refuse real network calls in tests: true or false",
        type="bool",
        default=False,
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the marks, check the settings, and begin to refuse if that is set."""
    config.addinivalue_line(
        "markers", f"{_MARK}(seed, random_seed, …): arguments of this test's sandbox"
    )
    config.addinivalue_line(
        "markers", f"{_REPLAY_MARK}(file, webhooks, …): the recording that a test replays"
    )
    config.addinivalue_line("markers", f"{_NETWORK_MARK}: real network calls are allowed")
    _check_settings(config)
    if config.getini("frontdesk_refuse_network"):
        config.pluginmanager.register(_RefuseInTests(config), "frontdesk-refuse-network")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Check the marks, so that a misspelt one is no silent default."""
    for item in items:
        for mark in item.iter_markers():
            problem = _problem_of(mark)
            if problem:
                raise pytest.UsageError(f"{item.nodeid}: {problem}")


class _RefuseInTests:
    """Refuses real network calls from now on, except in tests that are marked."""

    def __init__(self, config: pytest.Config) -> None:
        refusing = ExitStack()
        refusing.enter_context(refuse_network())
        config.add_cleanup(refusing.close)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        with allow_network() if item.get_closest_marker(_NETWORK_MARK) else nullcontext():
            return (yield)


def _make_sandbox(request: pytest.FixtureRequest) -> "Sandbox":
    from frontdesk.errors import InvalidArgument, MissingDependency

    try:
        from frontdesk.sandbox import Sandbox
    except MissingDependency as error:
        message = f"the fixtures of frontdesk: {error}"
        # Not a chain of two errors, which pytest would show in full.
        raise pytest.fail.Exception(message, pytrace=False) from None
    config = request.config
    options: dict[str, Any] = {
        "seed": config.getini("frontdesk_seed"),
        "random_seed": int(config.getini("frontdesk_random_seed")),
    }
    # The closest mark comes first, and has the last word.
    marks = list(request.node.iter_markers(_MARK))
    for mark in reversed(marks):
        options.update(mark.kwargs)
    parameters = list(signature(Sandbox).parameters)
    for name in options:
        if name not in parameters:
            pytest.fail(
                f"@pytest.mark.{_MARK} has no argument `{name}`{_hint(name, parameters)}",
                pytrace=False,
            )
    try:
        return Sandbox(**options)
    except (InvalidArgument, AttributeError, OSError, TypeError, ValueError) as error:
        source = f"@pytest.mark.{_MARK}" if marks else "the frontdesk settings of pytest"
        return pytest.fail(f"{source}: {error}", pytrace=False)


def _problem_of(mark: pytest.Mark) -> str | None:
    """Say what is wrong with a mark, if it is one of frontdesk's."""
    name = mark.name
    if name == _MARK and mark.args:
        return f"@pytest.mark.{_MARK} takes named arguments only, such as seed='empty'"
    if name == _NETWORK_MARK and (mark.args or mark.kwargs):
        return f"@pytest.mark.{_NETWORK_MARK} takes no arguments"
    if name == _REPLAY_MARK and len(mark.args) != 1:
        return f"@pytest.mark.{_REPLAY_MARK} takes the file of a recording"
    names = (_MARK, _NETWORK_MARK, _REPLAY_MARK)
    if name.startswith(_MARK) and name not in names:
        return f"there is no mark `{name}`{_hint(name, names)}"
    return None


def _check_settings(config: pytest.Config) -> None:
    written = _written_settings(config)
    for name in written:
        if name.startswith("frontdesk_") and name not in _SETTINGS:
            raise pytest.UsageError(f"there is no setting `{name}`{_hint(name, _SETTINGS)}")
    random_seed = config.getini("frontdesk_random_seed")
    if not re.fullmatch(r"[+-]?[0-9]+", random_seed.strip()):
        raise pytest.UsageError(
            f"the setting `frontdesk_random_seed` must be a whole number, not {random_seed!r}"
        )
    seed = config.getini("frontdesk_seed")
    if not re.fullmatch("demo|quiet|empty|bulk:[0-9]+", seed):
        raise pytest.UsageError(
            f"the setting `frontdesk_seed` must be demo, quiet, empty or bulk:N, not {seed!r}"
        )
    try:
        config.getini("frontdesk_refuse_network")
    except (ValueError, pytest.UsageError):
        value = written["frontdesk_refuse_network"]
        value = getattr(value, "value", value)
        raise pytest.UsageError(
            f"the setting `frontdesk_refuse_network` must be true or false, not {value!r}"
        ) from None


def _written_settings(config: pytest.Config) -> dict[str, Any]:
    """Return what is written in pytest's configuration file; pytest has no public way since 9."""
    written: Any = getattr(config, "_inicfg", None)
    return cast("dict[str, Any]", config.inicfg if written is None else written)  # pyright: ignore[reportDeprecated]


def _hint(name: str, names: Iterable[str]) -> str:
    from frontdesk.suggestions import did_you_mean

    names = list(names)
    return did_you_mean(name, names) or f"; there are {', '.join(names)}"
