"""One queue of each kind."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ._queues import LocalQueue


@pytest.fixture(params=["memory", "journal"])
def queue(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    """A queue whose engines share what is in it."""
    return LocalQueue(tmp_path, is_durable=request.param == "journal")
