"""Numbers and lists as parts of a sentence."""

from collections.abc import Sequence

__all__ = ["counted", "listed"]


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: ``1 request``, ``2 requests``, ``0 requests``.

    The plural of the noun must end with ``s``, after a hiss such as that of ``push`` with ``es``,
    or with ``ies`` in the place of ``y``.
    """
    if number == 1:
        return f"1 {noun}"
    if noun.endswith("y") and noun[-2] not in "aeou":
        return f"{number:,} {noun[:-1]}ies"
    return f"{number:,} {noun}{'es' if noun.endswith(('s', 'sh', 'ch', 'x')) else 's'}"


def listed(names: Sequence[str], word: str = "and") -> str:
    """Return names as a list: ``a``, ``a and b``, ``a, b and c``; of choices, with ``or``."""
    return f" {word} ".join(part for part in (", ".join(names[:-1]), *names[-1:]) if part)
