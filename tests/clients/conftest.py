"""A scripted server and both clients."""

from collections.abc import Iterator

import pytest

from ..loopback import Loopback
from ..web import VARIABLES, Kit


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def server() -> Iterator[Loopback]:
    with Loopback() as server:
        yield server


@pytest.fixture(params=["sync", "async"])
def kit(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kit]:
    kit = Kit(request.param)
    kit.fake_sleep(monkeypatch)
    yield kit
    kit.close()
