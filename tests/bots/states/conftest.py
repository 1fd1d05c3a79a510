"""One place for states of each kind."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ...nats_server import NatsServer
from ...redis_server import RedisServer
from ._places import Place, memory_place, nats_place, redis_place, sqlite_place


@pytest.fixture(scope="session")
def nats_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NatsServer]:
    server = NatsServer(tmp_path_factory.mktemp("nats-states")).start()
    yield server
    server.kill()


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path_factory.mktemp("redis-states")).start()
    yield server
    server.kill()


@pytest.fixture(params=["memory", "sqlite", "sqlite-sync", "redis", "nats"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """A place for states; its stores share them."""
    match request.param:
        case "memory":
            return memory_place()
        case "redis":
            return redis_place(request.getfixturevalue("redis_server"))
        case "nats":
            return nats_place(request.getfixturevalue("nats_server"))
        case kind:
            return sqlite_place(tmp_path, sync=kind == "sqlite-sync")


@pytest.fixture(params=["sqlite", "redis", "nats"])
def shared_place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """A place that several processes share."""
    match request.param:
        case "redis":
            return redis_place(request.getfixturevalue("redis_server"))
        case "nats":
            return nats_place(request.getfixturevalue("nats_server"))
        case _:
            return sqlite_place(tmp_path)


@pytest.fixture(params=["redis", "nats"])
def mortal_place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """A place on a server of its own."""
    if request.param == "redis":
        place = redis_place(RedisServer(tmp_path / "redis").start())
    else:
        place = nats_place(NatsServer(tmp_path / "nats").start())
    yield place
    place.server.kill()
