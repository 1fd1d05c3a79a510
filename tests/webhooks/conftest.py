"""Fixtures of the tests about webhooks."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from frontdesk.sandbox import Sandbox

from ._target import Target

OWNER = "c0ffee00c0ffee00c0ffee00c0ffee00"


@pytest.fixture
def target() -> Iterator[Target]:
    made = Target()
    yield made
    made.close()


@pytest.fixture
def register(sandbox: Sandbox, target: Target) -> Callable[..., str]:
    client = sandbox.configuration_client()

    def register(action: Any, **options: Any) -> str:
        arguments: dict[str, Any] = {
            "url": target.url,
            "secret_key": "open-sesame",
            "owner_client_id": OWNER,
            "type": "license",
            **options,
        }
        return client.register_webhook(action=action, **arguments).id

    return register


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The directory of a journal, which is not there yet."""
    return tmp_path / "journal"
