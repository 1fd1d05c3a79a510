"""Which rules were compared with the service, and how that ended: the data beside this module.

A rule is known by what it stands under and by its text, so that one whose text changes has to be
verified anew. ``frontdesk parity --save`` writes the data.
"""

import hashlib
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

import msgspec
from msgspec import Struct

from frontdesk.actions import Action
from frontdesk.sandbox.apis import HANDLERS
from frontdesk.sandbox.apis.rules import Rule
from frontdesk.sandbox.describe.general_rules import GENERAL_RULES

__all__ = [
    "DATA",
    "Verdict",
    "all_rules",
    "owner_of",
    "read_verdicts",
    "rule_id",
    "rule_id_of",
    "write_verdicts",
]

DATA: Final = Path(__file__).with_name("verified.json")
DIGITS: Final = 8


class Verdict(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a comparison with the service has shown of a rule."""

    state: Literal["verified", "differs"]
    on: date
    note: str = ""
    """What differs."""


_decoder: Final = msgspec.json.Decoder(dict[str, Verdict])


def rule_id(owner: str, rule: Rule) -> str:
    """Return the id of a rule, which changes with its text and with nothing else.

    Args:
        owner: The method or the subject that the rule stands under.
        rule: The rule.
    """
    text = " ".join(rule.text.split())
    name = "-".join(owner.lower().replace(",", "").split())
    return f"{name}-{hashlib.sha256(text.encode()).hexdigest()[:DIGITS]}"


def owner_of(action: type[Action[Any]]) -> str:
    """Return what the rules of a method stand under."""
    spec = action.spec
    # The APIs of agents and of customers have methods of the same names.
    return f"customer {spec.name}" if spec.api == "customer" else spec.name


@cache
def all_rules() -> dict[str, tuple[str, Rule]]:
    """Return every rule with what it stands under, by its id."""
    rules: dict[str, tuple[str, Rule]] = {}
    for action, handler in HANDLERS.items():
        owner = owner_of(action)
        for rule in handler.rules:
            rules[rule_id(owner, rule)] = owner, rule
    for subject, of_subject in GENERAL_RULES.items():
        for rule in of_subject:
            rules[rule_id(subject, rule)] = subject, rule
    return rules


def rule_id_of(owner: str, beginning: str) -> str:
    """Return the id of the rule under a method or subject whose text begins so.

    Raises:
        LookupError: There is none, or more than one.
    """
    ids = [
        known
        for known, (of, rule) in all_rules().items()
        if of == owner and " ".join(rule.text.split()).startswith(beginning)
    ]
    if len(ids) != 1:
        raise LookupError(f"{len(ids)} rules of {owner} begin with {beginning!r}")
    return ids[0]


def read_verdicts(path: Path = DATA) -> dict[str, Verdict]:
    """Return the verdicts of a data file by the ids of the rules."""
    return _decoder.decode(path.read_bytes())


def write_verdicts(path: Path, verdicts: dict[str, Verdict]) -> None:
    """Write a data file, a rule a line, so that changes of it can be read and merged."""
    lines = [
        f"  {msgspec.json.encode(known).decode()}: {msgspec.json.encode(verdict).decode()}"
        for known, verdict in sorted(verdicts.items())
    ]
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n" if lines else "{}\n", encoding="utf-8")
