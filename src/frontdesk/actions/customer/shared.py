"""What the declarations of the Customer Chat API have in common, and take from the agents' side."""

from typing import Any

from msgspec import UNSET
from msgspec.structs import replace

from frontdesk.errors import InvalidArgument
from frontdesk.spec.actions import Spec, no_scope

__all__ = ["check_event", "for_customers"]


def for_customers(spec: Spec, **changes: Any) -> Spec:
    """Return what the docs of the Customer Chat API say of a method that agents have, too.

    Customers have no scopes, and see no chats but their own.
    """
    errors = tuple(name for name in spec.errors if name != "MissingAccess")
    return replace(
        spec, api="customer", scopes=no_scope, extra_scopes=(), **{"errors": errors, **changes}
    )


def check_event(event: Any, path: str = "event") -> None:
    """Refuse what an event of a customer cannot have: all see it, and its author is the sender."""
    for name in ("visibility", "author_id"):
        if getattr(event, name, UNSET) is not UNSET:
            raise InvalidArgument(f"{path}.{name}", "cannot be sent by customers")
