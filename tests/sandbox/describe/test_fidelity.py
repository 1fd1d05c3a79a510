"""The published page of the rules that the sandbox follows."""

import re

import pytest

from frontdesk.actions import ACTIONS, CONFIGURATION_ACTIONS
from frontdesk.sandbox.apis import HANDLERS
from frontdesk.sandbox.apis.handler import handles
from frontdesk.sandbox.apis.rules import documented
from frontdesk.sandbox.describe.fidelity import fidelity_markdown
from frontdesk.sandbox.describe.general_rules import GENERAL_RULES

DECLARED = [*ACTIONS.values(), *CONFIGURATION_ACTIONS.values()]
EVERY = [action for action in DECLARED if action in HANDLERS]
MISSING = {action.spec.name for action in DECLARED if action not in HANDLERS}
"""Methods that the clients have and the sandbox does not have yet; the page says so."""
BASES = {"documented", "seen", "assumed"}


@pytest.fixture(scope="module")
def rows():
    lines = [line for line in fidelity_markdown().splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]
    return [row for row in cells if row[0] not in ("Method", "Rule", "--")]


def test_every_method_has_rules(rows):
    assert {row[0].strip("`") for row in rows if len(row) == 4} == {
        action.spec.name for action in DECLARED
    }


def test_every_rule_says_what_it_rests_on(rows):
    of_methods = [rule for action in EVERY for rule in HANDLERS[action].rules]
    of_subjects = [rule for rules in GENERAL_RULES.values() for rule in rules]
    assert len(rows) == len(of_methods) + len(of_subjects) + len(MISSING)
    for row in rows:
        text, basis, source = row[-3:]
        assert text.endswith(".")
        assert basis in BASES
        assert bool(source) == (basis != "assumed"), row


def test_rows_say_what_the_handlers_say(rows):
    for action in EVERY:
        shown = [(row[1], row[2]) for row in rows if row[0] == f"`{action.spec.name}`"]
        of_handler = [(rule.text, rule.basis) for rule in HANDLERS[action].rules]
        # Both APIs have a `ban_customer`.
        assert [row for row in shown if row in of_handler] == of_handler


def test_it_says_that_nothing_was_compared_with_the_service():
    text = " ".join(fidelity_markdown().split())
    assert "Nothing in the sandbox was compared with a live account of LiveChat yet." in text


def test_a_handler_without_rules_is_refused():
    with pytest.raises(ValueError, match="ListChats: say what it does"):
        handles(ACTIONS["list_chats"], rules=())
    rules = (documented("It lists."),)
    assert handles(ACTIONS["list_chats"], rules=rules)(print).rules == rules


def test_every_method_of_the_agent_chat_api_is_responded_to():
    assert set(ACTIONS.values()) <= set(HANDLERS)


def test_what_the_sandbox_does_not_have_is_said(rows):
    shown = {row[0].strip("`") for row in rows if "does not have it" in row[1]}
    assert shown == MISSING
    assert all(action.spec.api == "configuration" for action in DECLARED if action not in HANDLERS)
