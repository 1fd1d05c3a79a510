"""Which methods do what cannot be undone, and what is asked before."""

import re
from collections.abc import Mapping
from typing import Any, Final

from frontdesk.actions import Action
from frontdesk.cli.output.terminal import printable

__all__ = ["is_irreversible", "question"]

NAMES: Final = re.compile(
    r"(?:batch_)?delete_\w+ | unregister_\w+ | reset_\w+_secret | publish_property",
    re.VERBOSE,
)
"""What is deleted is gone, an old secret works no more, and a public property stays public."""
LONGEST: Final = 60
SHOWN: Final = 3


def is_irreversible(action: type[Action[Any]]) -> bool:
    """Tell whether a method does what no other method undoes."""
    return NAMES.fullmatch(action.spec.name) is not None


def question(name: str, values: Mapping[str, Any]) -> str:
    """Return what to ask before a call, with the fields that say what it is about."""
    fields = [
        f"{field} {printable(str(value))[:LONGEST]}"
        for field, value in values.items()
        if isinstance(value, (str, int)) and not isinstance(value, bool)
    ]
    about = f" with {', '.join(fields[:SHOWN])}" if fields else ""
    return f"Call {name}{about}?"
