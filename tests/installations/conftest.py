"""An app at an embedded sandbox, sync and async."""

from collections.abc import Iterator

import pytest

from frontdesk.sandbox import Sandbox

from ..auth.conftest import redis_url
from ._app import App, MakeApp

__all__ = ["redis_url"]


@pytest.fixture
def world() -> Iterator[Sandbox]:
    with Sandbox("demo", webhook_hosts=["*"], random_seed=0) as sandbox:
        yield sandbox


@pytest.fixture
def make_app(request: pytest.FixtureRequest, world: Sandbox) -> Iterator[MakeApp]:
    apps: list[App] = []

    def make(kind: str = "sync", **options: object) -> App:
        apps.append(App(kind, world, **options))  # type: ignore[arg-type]
        return apps[-1]

    yield make
    for app in apps:
        app.close()


@pytest.fixture(params=["sync", "async"])
def app(request: pytest.FixtureRequest, make_app: MakeApp) -> App:
    return make_app(request.param)
