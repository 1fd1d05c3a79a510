"""What every store of states refuses, and for how long it keeps them."""

from typing import Final

from frontdesk.errors import InvalidArgument

__all__ = ["KEPT", "LARGEST", "check_keep_for", "check_size"]

LARGEST: Final = 1_000_000
"""Bytes that a state may have: with what goes along, it fits into a message of NATS."""
KEPT: Final = 90 * 86_400.0
"""Seconds for which a store keeps a state after it was saved last, unless it is told otherwise."""
SHORTEST: Final = 3600.0
"""A state tells what was handled already, and messages may come again for a while."""
LONGEST: Final = 100 * 365 * 86_400.0


def check_size(data: bytes) -> None:
    """Refuse a state of more than 1 MB. Raises ``InvalidArgument``."""
    if len(data) > LARGEST:
        raise InvalidArgument(
            "state",
            f"has {len(data)} bytes; a chat's state may have {LARGEST} (keep long texts elsewhere)",
        )


def check_keep_for(keep_for: float | None) -> float | None:
    """Return for how many seconds states are kept; ``None`` for ever.

    Raises ``InvalidArgument``.
    """
    if keep_for is None:
        return None
    if isinstance(keep_for, bool) or not isinstance(keep_for, (int, float)):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidArgument("keep_for", f"must be a number of seconds or None, not {keep_for!r}")
    if not SHORTEST <= keep_for <= LONGEST:
        raise InvalidArgument("keep_for", "must be an hour (3600 seconds) to a hundred years")
    return float(keep_for)
