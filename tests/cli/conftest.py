"""What the commands talk to: a small RTM server, and an address for webhooks."""

from collections.abc import Iterator

import pytest

from ..clients.rtm._server import FakeRTM, fake_rtm
from ..webhooks._target import Target


@pytest.fixture
def server() -> Iterator[FakeRTM]:
    with fake_rtm() as server:
        yield server


@pytest.fixture
def target() -> Iterator[Target]:
    target = Target()
    yield target
    target.close()
