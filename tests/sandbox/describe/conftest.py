"""Which tests are collected, and the sandbox that documented operations are called in."""

from pathlib import Path

import pytest

from frontdesk.sandbox import Sandbox

from ._documented import Known, KnownToCustomer


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    if collection_path.name == "test_openapi_at_length.py":
        return config.option.markexpr == "not soak" or None
    return None


@pytest.fixture(scope="module")
def known():
    with Sandbox("demo") as sandbox:
        yield Known(sandbox)


@pytest.fixture(scope="module")
def known_to_customer():
    with Sandbox("quiet") as sandbox:
        yield KnownToCustomer(sandbox)
