import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # for `desk`, which the tests import

from desk import Desk

from frontdesk.sandbox.seeds import new_world
from frontdesk.sandbox.world import Clock

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def desk():
    desk = Desk(new_world("demo", clock=Clock(START, running=False)))
    yield desk
    desk.world.store.close()
