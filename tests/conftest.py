"""Fixtures that several parts share, among them short names for those of frontdesk's plugin."""

import gc
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
import pytest
from hypothesis import settings

from frontdesk import AgentClient, AsyncAgentClient, redaction
from frontdesk.sandbox import Sandbox, SandboxCustomer
from frontdesk.sandbox.calls.responses import HTTPResponse

from .canary import Canary

# How long an example takes depends on what else the machine does.
settings.register_profile("frontdesk", deadline=None)
settings.load_profile("frontdesk")

CANARY = pytest.StashKey[Canary]()


def pytest_configure(config: pytest.Config) -> None:
    canary = config.stash[CANARY] = Canary()
    config.pluginmanager.register(canary, "canary")
    # Collecting makes millions of objects, and no garbage worth looking for.
    gc.disable()


def pytest_collection_finish(session: pytest.Session) -> None:
    """Spare each later search for garbage the objects that the collected tests consist of."""
    _freeze(session.config)
    gc.enable()


def _freeze(config: pytest.Config) -> None:
    # What is frozen is not found any more.
    config.stash[CANARY].search_held_errors()
    gc.freeze()


@pytest.fixture(scope="module")
def small_heap(request: pytest.FixtureRequest) -> None:
    """For modules that call ``gc.collect``: it looks at what their own tests have made alone, which
    takes a hundredth of the third of a second that it takes late in a run.
    """
    gc.collect()
    _freeze(request.config)


@pytest.fixture(autouse=True)
def _secrets_of_its_own() -> Iterator[None]:
    """Forget after each test the secrets it registered, for one may be a word: Hypothesis makes
    tokens of the words of the code, and later errors would show `….a` in place of `properties.a`.
    """
    before = redaction._secrets
    if before._starts is None:
        # Once, not in each test: what a run has in hand may be a thousand secrets.
        before._index()
    secrets = redaction._Secrets()
    secrets._spellings = before._spellings.copy()
    secrets._starts, secrets._short = before._starts, before._short
    secrets.longest = before.longest
    # A test that undoes its own patches is not to undo this one.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(redaction, "_secrets", secrets)
        yield


class Http:
    """Sends raw requests to an embedded sandbox, as a client in any language would."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox

    def __call__(
        self,
        name: str,
        body: Any = None,
        *,
        token: str | None = "owner",
        version: str = "3.6",
        verb: str = "POST",
        headers: Mapping[str, str] | None = None,
    ) -> HTTPResponse:
        sent = {"content-type": "application/json"}
        if token is not None:
            sent["authorization"] = self.sandbox.tokens.get(token, token)
        sent.update(headers or {})
        content = body if isinstance(body, bytes) else msgspec.json.encode(body or {})
        path = f"/v{version}/agent/action/{name}"
        return self.sandbox.backend.respond(verb, path, sent, content)

    def ok(self, name: str, body: Any = None, **options: Any) -> Any:
        response = self(name, body, **options)
        assert response.status == 200, response.body
        return msgspec.json.decode(response.body)

    def error(self, name: str, body: Any = None, **options: Any) -> tuple[int, str, str]:
        """Status, type and message of an error."""
        response = self(name, body, **options)
        envelope = msgspec.json.decode(response.body)
        assert list(envelope) == ["error"], response.body
        return response.status, envelope["error"]["type"], envelope["error"]["message"]


@pytest.fixture
def sandbox(frontdesk_sandbox: Sandbox) -> Sandbox:
    return frontdesk_sandbox


@pytest.fixture
def agent_client(frontdesk_client: AgentClient) -> AgentClient:
    return frontdesk_client


@pytest.fixture
def async_agent_client(frontdesk_async_client: AsyncAgentClient) -> AsyncAgentClient:
    return frontdesk_async_client


@pytest.fixture
def customer(frontdesk_customer: SandboxCustomer) -> SandboxCustomer:
    return frontdesk_customer


@pytest.fixture
def http(sandbox: Sandbox) -> Http:
    return Http(sandbox)


@pytest.fixture(scope="session")
def serving() -> Iterator[Sandbox]:
    """One served sandbox for all tests; ``served`` gives it a fresh world."""
    with Sandbox.serve("demo") as sandbox:
        yield sandbox


@pytest.fixture
def served(serving: Sandbox) -> Sandbox:
    """A sandbox behind a real socket, with a fresh world."""
    serving.reset("demo", random_seed=0)
    return serving
