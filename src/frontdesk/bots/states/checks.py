"""What every store of states refuses."""

from typing import Final

from frontdesk.errors import InvalidArgument

__all__ = ["LARGEST", "check_size"]

LARGEST: Final = 1024 * 1024
"""Bytes that a state may have."""


def check_size(data: bytes) -> None:
    """Refuse a state of more than 1 MiB. Raises ``InvalidArgument``."""
    if len(data) > LARGEST:
        raise InvalidArgument(
            "state",
            f"has {len(data)} bytes; a chat's state may have {LARGEST} (keep long texts elsewhere)",
        )
