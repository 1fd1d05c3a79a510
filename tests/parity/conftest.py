"""The two sides of a comparison: a sandbox that plays LiveChat, and the one that stands for it."""

import pytest

from frontdesk.parity import NO_HOST
from frontdesk.sandbox import Sandbox


@pytest.fixture
def frontdesk_sandbox():
    with Sandbox("demo", webhook_hosts=[NO_HOST]) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def control():
    with Sandbox("quiet", webhook_hosts=[NO_HOST]) as sandbox:
        yield sandbox
