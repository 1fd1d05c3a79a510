"""A name that nobody knows, and the one that may be meant."""

import re
from collections.abc import Iterable
from typing import Final

__all__ = ["did_you_mean", "snake_case"]

LONGEST: Final = 64
"""Characters of a name that are compared: comparing takes time that grows with its square."""


def did_you_mean(name: str, candidates: Iterable[str]) -> str:
    """Return ``; did you mean `x`?`` for the candidate most like a name, else an empty text."""
    from difflib import get_close_matches

    # The dashes of options would make any two of them alike.
    names = {candidate.lstrip("-"): candidate for candidate in candidates}
    close = get_close_matches(name.lstrip("-")[:LONGEST], list(names), n=1)
    return f"; did you mean `{names[close[0]]}`?" if close else ""


def snake_case(name: str) -> str:
    """Return ``send_event`` for ``SendEvent`` and ``sendEvent``."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
