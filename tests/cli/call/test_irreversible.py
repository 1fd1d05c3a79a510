"""Which methods ask before they are called on the real service."""

import pytest

from frontdesk.actions import ACTIONS, CONFIGURATION_ACTIONS, CUSTOMER_ACTIONS
from frontdesk.cli import configuration
from frontdesk.cli.call.irreversible import is_irreversible, question
from frontdesk.cli.call.method_commands import MethodCommand

METHODS = (*ACTIONS.values(), *CONFIGURATION_ACTIONS.values(), *CUSTOMER_ACTIONS.values())
COMMANDS = (
    *configuration.AGENTS, *configuration.GROUPS, *configuration.TAGS, *configuration.PROPERTIES,
    *configuration.BOTS, *configuration.WEBHOOKS,
)  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS, ids=lambda each: each.action.spec.name)
def test_commands_ask_where_their_methods_do(command: MethodCommand) -> None:
    assert bool(command.asks) == is_irreversible(command.action)


def test_nothing_that_reads_or_can_be_called_again_asks() -> None:
    assert not [action for action in METHODS if is_irreversible(action) and action.spec.reads]


def test_whatever_removes_or_replaces_for_good_asks() -> None:
    asking = {action.spec.name for action in METHODS if is_irreversible(action)}
    gone = ("delete_", "batch_delete_", "unregister_", "reset_", "publish_")
    assert asking == {action.spec.name for action in METHODS if action.spec.name.startswith(gone)}


def test_a_question_does_nothing_to_the_terminal() -> None:
    text = question("delete_tag", {"name": "\x1b[2J" + "x" * 100, "ids": [1], "all": True})
    assert text.startswith("Call delete_tag with name [2Jxxx")
    assert "\x1b" not in text
    assert len(text) < 100
