import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # for `archive`, which the tests import

from archive import Archive


@pytest.fixture
def archive():
    archive = Archive()
    yield archive
    archive.world.store.close()
