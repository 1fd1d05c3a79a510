"""The page of the rules that the sandbox follows, and what each of them rests on."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from frontdesk.actions import ACTIONS, CONFIGURATION_ACTIONS, Action
from frontdesk.actions.customer import CUSTOMER_ACTIONS
from frontdesk.sandbox.apis import HANDLERS
from frontdesk.sandbox.apis.rules import Rule
from frontdesk.sandbox.describe.general_rules import GENERAL_RULES
from frontdesk.sandbox.describe.verified import (
    Verdict,
    all_rules,
    owner_of,
    read_verdicts,
    rule_id,
)

__all__ = ["fidelity_markdown"]

_HEAD = """\
<!-- Rendered by `make render`; not to be edited by hand. -->

# How close the sandbox is to LiveChat

**{compared}** Each rule that it
follows is listed below, with what it rests on:

- **documented**: LiveChat's docs state it, on the page of the method unless another is named.
- **seen**: somebody saw the service, or software of LiveChat, behave like that.
- **assumed**: the docs are silent; this seemed likely.

A rule that `frontdesk parity` has compared with a licence says so: **verified** with the day, or
**differs**. [Compare the sandbox with your licence](../guide/parity.md) shows how to add to it.

{counts}. Where a rule matters to you, check it against your own account.
"""

_METHODS = """
## {title}

| Method | Rule | Basis | Source |
| -- | -- | -- | -- |
"""

_SUBJECT = """
## {title}

| Rule | Basis | Source |
| -- | -- | -- |
"""

_PUSHES = """
The sandbox causes every push, by a method or by a control. Any can be sent by hand too, with
`sandbox.rtm.push` or `POST /__sandbox__/rtm/push`, and goes to whom the API would send it.
"""


def fidelity_markdown(verdicts: Mapping[str, Verdict] | None = None) -> str:
    """The page ``docs/sandbox/fidelity.md``.

    Args:
        verdicts: What comparisons have shown, by the ids of the rules; defaults to the data file.
    """
    verdicts = read_verdicts() if verdicts is None else verdicts
    return (
        _HEAD.format(counts=_counts(), compared=_compared(verdicts))
        + _methods("Agent Chat API", ACTIONS.values(), verdicts)
        + _methods("Configuration API", CONFIGURATION_ACTIONS.values(), verdicts)
        + _methods("Customer Chat API", CUSTOMER_ACTIONS.values(), verdicts)
        + "".join(_subject(title, rules, verdicts) for title, rules in GENERAL_RULES.items())
        + _PUSHES
    )


def _counts() -> str:
    rules = [rule for handler in HANDLERS.values() for rule in handler.rules]
    rules += [rule for of_subject in GENERAL_RULES.values() for rule in of_subject]
    counts = Counter(rule.basis for rule in rules)
    return (
        f"Of {len(rules)} rules {counts['documented']} are documented, {counts['seen']} were seen, "
        f"and {counts['assumed']} are assumed"
    )


def _compared(verdicts: Mapping[str, Verdict]) -> str:
    """Return what was compared with the service so far; verdicts of rules that are gone are not."""
    states = Counter(verdicts[known].state for known in all_rules() if known in verdicts)
    if not states:
        return "Nothing in the sandbox was compared with a live account of LiveChat yet."
    return (
        f"{states['verified']} rules of the sandbox were verified with LiveChat itself, and "
        f"{states['differs']} differ from it."
    )


def _basis(owner: str, rule: Rule, verdicts: Mapping[str, Verdict]) -> str:
    """Return what a rule rests on, and what a comparison has shown of it."""
    verdict = verdicts.get(rule_id(owner, rule))
    if verdict is None:
        return rule.basis
    if verdict.state == "verified":
        return f"{rule.basis}, **verified** on {verdict.on}"
    return f"{rule.basis}, **differs** (seen on {verdict.on}): {_cell(verdict.note)}"


def _methods(
    title: str, actions: Iterable[type[Action[Any]]], verdicts: Mapping[str, Verdict]
) -> str:
    rows = [
        _method(action, rule, verdicts)
        for action in sorted(actions, key=lambda action: action.spec.name)
        for rule in HANDLERS[action].rules
    ]
    return _METHODS.format(title=title) + "".join(rows)


def _method(action: type[Action[Any]], rule: Rule, verdicts: Mapping[str, Verdict]) -> str:
    spec = action.spec
    basis = _basis(owner_of(action), rule, verdicts)
    over = " and ".join("RTM" if name == "rtm" else "Web" for name in spec.transports)
    page = f"[{over}]({spec.url})" if rule.basis == "documented" else ""
    return f"| `{spec.name}` | {_cell(rule.text)} | {basis} | {rule.source or page} |\n"


def _subject(title: str, rules: Iterable[Rule], verdicts: Mapping[str, Verdict]) -> str:
    rows = [
        f"| {_cell(rule.text)} | {_basis(title, rule, verdicts)} | {rule.source} |\n"
        for rule in rules
    ]
    return _SUBJECT.format(title=title) + "".join(rows)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
