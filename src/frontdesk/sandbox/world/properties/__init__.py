"""Properties: definitions, rights, values."""

from frontdesk.sandbox.world.properties.rules import (
    check_delete,
    check_update,
    definition,
    hidden,
    is_readable,
    is_tokenized,
    license_value,
    merge,
    readable,
    remove,
)

__all__ = [
    "check_delete",
    "check_update",
    "definition",
    "hidden",
    "is_readable",
    "is_tokenized",
    "license_value",
    "merge",
    "readable",
    "remove",
]
