"""What the commands talk to: a small RTM server, and an address for webhooks."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from frontdesk.cli import main
from frontdesk.sandbox import Sandbox
from frontdesk.sandbox.seeds.company import CLIENT_ID

from ..clients.rtm._server import FakeRTM, fake_rtm
from ..webhooks._target import Target
from ._running import Run

VARIABLES = (
    "ACCOUNTS_URL",
    "BASE_URL",
    "BOT_SECRET",
    "CLIENT_ID",
    "CLIENT_SECRET",
    "CUSTOMER_TOKEN",
    "ORGANIZATION_ID",
    "PROFILE",
    "TOKEN",
    "WEBHOOK_SECRET",
)


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The user's folder for settings: an empty one, without the log-ins of who runs the tests."""
    folder = tmp_path / "settings"
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder))
    monkeypatch.delenv("FRONTDESK_PROFILE", raising=False)
    return folder


@pytest.fixture
def server() -> Iterator[FakeRTM]:
    with fake_rtm() as server:
        yield server


@pytest.fixture
def target() -> Iterator[Target]:
    target = Target()
    yield target
    target.close()


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> Run:
    """Run a command that talks to nobody; its exit code, its output and its errors."""
    for name in VARIABLES:
        monkeypatch.delenv(f"FRONTDESK_{name}", raising=False)
    # Nothing listens there.
    monkeypatch.setenv("FRONTDESK_BASE_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("FRONTDESK_TOKEN", "Bearer dal:of-nobody")
    monkeypatch.setenv("COLUMNS", "80")

    def run(*words: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(list(words))
        captured = capsys.readouterr()
        return ended.value.code, captured.out, captured.err  # type: ignore[return-value]

    return run


@pytest.fixture
def run(served: Sandbox, alone: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command against the sandbox; its exit code, its output and its errors."""
    monkeypatch.setenv("FRONTDESK_BASE_URL", served.url)
    monkeypatch.setenv("FRONTDESK_TOKEN", served.tokens["owner"])
    monkeypatch.setenv("FRONTDESK_CLIENT_ID", CLIENT_ID)
    monkeypatch.setenv("FRONTDESK_ORGANIZATION_ID", served.organization_id)
    monkeypatch.delenv("COLUMNS")
    return alone
