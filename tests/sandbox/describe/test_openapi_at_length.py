"""The OpenAPI document says what the sandbox does: many cases of each operation.

Their making takes seconds when this is collected, so ``conftest.py`` has it collected for a soak
alone.
"""

import pytest
from hypothesis import settings

from ._documented import QUICKLY, schema


@pytest.mark.soak
@schema.parametrize()
@settings(QUICKLY, max_examples=200)
def test_nothing_fails_in_the_long_run(case, known):
    known.call(case)
