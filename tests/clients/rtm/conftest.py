"""A fake server, and both kinds of clients for it."""

from collections.abc import Iterator

import pytest

from ._clients import Kit
from ._server import FakeRTM, fake_rtm


@pytest.fixture
def server() -> Iterator[FakeRTM]:
    with fake_rtm() as server:
        yield server


@pytest.fixture(params=["sync", "async"])
def kit(request: pytest.FixtureRequest, server: FakeRTM) -> Iterator[Kit]:
    kit = Kit(request.param, server.url)
    yield kit
    kit.stop()
