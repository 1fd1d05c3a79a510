"""What every store of states refuses."""

from typing import Final

from frontdesk.errors import InvalidArgument

__all__ = ["LARGEST", "check_size"]

LARGEST: Final = 1_000_000
"""Bytes that a state may have: with what goes along, it fits into a message of NATS."""


def check_size(data: bytes) -> None:
    """Refuse a state of more than 1 MB. Raises ``InvalidArgument``."""
    if len(data) > LARGEST:
        raise InvalidArgument(
            "state",
            f"has {len(data)} bytes; a chat's state may have {LARGEST} (keep long texts elsewhere)",
        )
