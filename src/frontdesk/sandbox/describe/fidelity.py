"""The page of the rules that the sandbox follows, and what each of them rests on."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from frontdesk.actions import ACTIONS, CONFIGURATION_ACTIONS, Action
from frontdesk.actions.customer import CUSTOMER_ACTIONS
from frontdesk.sandbox.apis import HANDLERS
from frontdesk.sandbox.apis.rules import Rule
from frontdesk.sandbox.describe.general_rules import GENERAL_RULES

__all__ = ["fidelity_markdown"]

_HEAD = """\
<!-- Rendered by `make render`; not to be edited by hand. -->

# How close the sandbox is to LiveChat

**Nothing in the sandbox was compared with a live account of LiveChat yet.** Each rule that it
follows is listed below, with what it rests on:

- **documented**: LiveChat's docs state it, on the page of the method unless another is named.
- **seen**: somebody saw the service, or software of LiveChat, behave like that.
- **assumed**: the docs are silent; this seemed likely.

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


def fidelity_markdown() -> str:
    """The page ``docs/sandbox/fidelity.md``."""
    return (
        _HEAD.format(counts=_counts())
        + _methods("Agent Chat API", ACTIONS.values())
        + _methods("Configuration API", CONFIGURATION_ACTIONS.values())
        + _methods("Customer Chat API", CUSTOMER_ACTIONS.values())
        + "".join(_subject(title, rules) for title, rules in GENERAL_RULES.items())
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


def _methods(title: str, actions: Iterable[type[Action[Any]]]) -> str:
    rows = [
        _method(action, rule)
        for action in sorted(actions, key=lambda action: action.spec.name)
        for rule in HANDLERS[action].rules
    ]
    return _METHODS.format(title=title) + "".join(rows)


def _method(action: type[Action[Any]], rule: Rule) -> str:
    spec = action.spec
    over = " and ".join("RTM" if name == "rtm" else "Web" for name in spec.transports)
    page = f"[{over}]({spec.url})" if rule.basis == "documented" else ""
    return f"| `{spec.name}` | {_cell(rule.text)} | {rule.basis} | {rule.source or page} |\n"


def _subject(title: str, rules: Iterable[Rule]) -> str:
    rows = [f"| {_cell(rule.text)} | {rule.basis} | {rule.source} |\n" for rule in rules]
    return _SUBJECT.format(title=title) + "".join(rows)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
