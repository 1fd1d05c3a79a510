"""The published table of what the sandbox emulates."""

import pytest

from frontdesk.actions import ACTIONS, CONFIGURATION_ACTIONS
from frontdesk.sandbox.apis import HANDLERS
from frontdesk.sandbox.describe.fidelity import fidelity_markdown

EVERY = {**ACTIONS, **CONFIGURATION_ACTIONS}


@pytest.fixture(scope="module")
def rows():
    lines = [line for line in fidelity_markdown().splitlines() if line.startswith("| [`")]
    return {line.split("`")[1]: line for line in lines}


def test_every_method_has_a_row(rows):
    assert sorted(rows) == sorted(EVERY)


def test_rows_say_what_the_handlers_say(rows):
    for name, action in EVERY.items():
        _, _, fidelity, note = (cell.strip() for cell in rows[name][1:-1].split(" | ", 3))
        assert fidelity == HANDLERS[action].fidelity
        assert bool(note) or fidelity == "documented"


def test_every_method_is_answered(rows):
    assert set(EVERY.values()) <= set(HANDLERS)
