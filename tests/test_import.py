"""What importing frontdesk loads, and what it must not."""

import subprocess
import sys

import pytest

HEAVY = {
    "aiohttp", "asyncio", "cryptography", "fastapi", "http.server", "httpx",
    "jinja2", "pytest", "requests", "rich", "sqlite3", "trustme", "typer", "unittest", "urllib3",
    "uvicorn", "uvloop", "websockets", "yaml", "frontdesk.cli", "frontdesk.testing.plugin",
    "frontdesk.sandbox",
}  # fmt: skip
BASE = "import frontdesk"
MODELS = "import frontdesk.models, frontdesk.actions, frontdesk.errors, frontdesk.codec.decoding"
CORE = "import frontdesk.core.call_cycle, frontdesk.core.pages, frontdesk.core.retry"


def loaded(code: str) -> set[str]:
    """Modules that a fresh interpreter has after the code, and had not before."""
    script = f"import sys; before = set(sys.modules); {code}; print(*set(sys.modules) - before)"
    done = subprocess.run(
        [sys.executable, "-I", "-W", "error", "-c", script],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stderr == ""
    return set(done.stdout.split())


@pytest.mark.parametrize(
    ("code", "needed"),
    [
        (BASE, set()),
        (MODELS, set()),
        ("import frontdesk.models.chats.filters, frontdesk.pushes", set()),
        (CORE, set()),
        ("from frontdesk import AgentClient", set()),
        ("from frontdesk import AgentClient; AgentClient('dal:x')", {"urllib3"}),
        ("from frontdesk import AsyncAgentClient", {"asyncio"}),
        ("from frontdesk import AsyncAgentClient; AsyncAgentClient('dal:x')",
         {"asyncio", "aiohttp"}),
        ("from frontdesk import ConfigurationClient", set()),
        ("from frontdesk import CustomerClient", set()),
        ("from frontdesk import CustomerToken", {"asyncio"}),
        ("from frontdesk.transport.asgi import AsgiTransport", {"asyncio"}),
        # sqlite3 comes with Python, and is one of the places where a bot keeps states.
        ("import frontdesk.bots.models", {"asyncio", "sqlite3"}),
        ("from frontdesk import AgentClient, Pages; p = AgentClient('dal:x').iter_chats()",
         {"urllib3"}),
    ],
)  # fmt: skip
def test_only_what_is_needed_is_loaded(code: str, needed: set[str]) -> None:
    assert loaded(code) & HEAVY == needed


def test_the_package_alone_loads_nothing_else_of_ours() -> None:
    assert {name for name in loaded(BASE) if name.startswith("frontdesk")} == {"frontdesk"}
    assert "msgspec" not in loaded(BASE)


def test_who_is_no_customer_loads_nothing_of_customers() -> None:
    code = "from frontdesk import AgentClient, AgentRTM, ConfigurationClient"
    own = {name for name in loaded(code) if "customer_chat" in name or "actions.customer" in name}
    assert own == set()
    assert not {name for name in loaded(code) if name.endswith("_customer")}


def test_every_public_name_can_be_imported() -> None:
    import frontdesk

    for name in frontdesk.__all__:
        assert getattr(frontdesk, name) is not None
    assert set(dir(frontdesk)) == set(frontdesk.__all__)
    assert len(set(frontdesk.__all__)) == len(frontdesk.__all__)


def test_a_name_that_is_not_there_is_told() -> None:
    import frontdesk

    with pytest.raises(AttributeError, match="module 'frontdesk' has no attribute 'AgentKlient'"):
        _ = frontdesk.AgentKlient


@pytest.mark.parametrize(
    "module",
    ["actions", "auth", "core.call_cycle", "core.pages", "core.retry", "errors", "models",
     "transport", "transport.aiohttp", "transport.asgi", "transport.urllib3", "codec.decoding"],
)  # fmt: skip
def test_what_a_module_promises_is_there(module: str) -> None:
    from importlib import import_module

    found = import_module(f"frontdesk.{module}")
    assert found.__all__
    for name in found.__all__:
        assert hasattr(found, name), name
    assert found.__doc__
