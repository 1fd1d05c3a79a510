"""One queue of each kind."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ...nats_server import NatsServer
from ._queues import LocalQueue, NatsQueue


@pytest.fixture(scope="session")
def nats_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a NATS server of this test run."""
    server = NatsServer(tmp_path_factory.mktemp("nats")).start()
    yield server.url
    server.kill()


@pytest.fixture(params=["memory", "journal", "nats"])
def queue(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """A queue whose engines share what is in it."""
    if request.param == "nats":
        return NatsQueue(request.getfixturevalue("nats_url"))
    return LocalQueue(tmp_path, is_durable=request.param == "journal")
