"""The published page of the rules that the sandbox follows."""

import re

import pytest

from frontdesk.actions import ACTIONS, CONFIGURATION_ACTIONS
from frontdesk.actions.customer import CUSTOMER_ACTIONS
from frontdesk.sandbox.apis import HANDLERS
from frontdesk.sandbox.apis.handler import handles
from frontdesk.sandbox.apis.rules import documented
from frontdesk.sandbox.describe.fidelity import fidelity_markdown
from frontdesk.sandbox.describe.general_rules import GENERAL_RULES

DECLARED = [
    *ACTIONS.values(),
    *CONFIGURATION_ACTIONS.values(),
    *CUSTOMER_ACTIONS.values(),
]
BASES = {"documented", "seen", "assumed"}


TITLES = {
    "agent": "Agent Chat API",
    "configuration": "Configuration API",
    "customer": "Customer Chat API",
}


@pytest.fixture(scope="module")
def rows():
    return rows_of(fidelity_markdown())


def rows_of(text):
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]
    return [row for row in cells if row[0] not in ("Method", "Rule", "--")]


def test_every_method_has_rules(rows):
    assert {row[0].strip("`") for row in rows if len(row) == 4} == {
        action.spec.name for action in DECLARED
    }


def test_every_rule_says_what_it_rests_on(rows):
    of_methods = [rule for action in DECLARED for rule in HANDLERS[action].rules]
    of_subjects = [rule for rules in GENERAL_RULES.values() for rule in rules]
    assert len(rows) == len(of_methods) + len(of_subjects)
    for row in rows:
        text, basis, source = row[-3:]
        assert text.endswith(".")
        assert basis in BASES
        assert bool(source) == (basis != "assumed"), row


def test_rows_say_what_the_handlers_say():
    sections = dict(part.split("\n", 1) for part in fidelity_markdown().split("\n## ")[1:])
    for action in DECLARED:
        rows = rows_of(sections[TITLES[action.spec.api]])
        shown = [(row[1], row[2]) for row in rows if row[0] == f"`{action.spec.name}`"]
        assert shown == [(rule.text, rule.basis) for rule in HANDLERS[action].rules]


def test_it_says_that_nothing_was_compared_with_the_service():
    text = " ".join(fidelity_markdown().split())
    assert "Nothing in the sandbox was compared with a live account of LiveChat yet." in text


def test_a_handler_without_rules_is_refused():
    with pytest.raises(ValueError, match="ListChats: say what it does"):
        handles(ACTIONS["list_chats"], rules=())
    rules = (documented("It lists."),)
    assert handles(ACTIONS["list_chats"], rules=rules)(print).rules == rules


def test_every_method_is_responded_to():
    assert set(DECLARED) == set(HANDLERS)
