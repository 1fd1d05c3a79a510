"""What customers see of themselves: less than agents do.

Visits, places, carts, tickets, groups and followers are for agents alone.
"""

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from frontdesk.models import Customer, CustomerStatistics
from frontdesk.pushes.customer_chat import CustomerDetailsUpdated
from frontdesk.sandbox.store.records import CustomerRecord
from frontdesk.sandbox.world.chats import customer_views

__all__ = ["SHOWN", "changes_for_customer", "own_profile"]

SHOWN = (
    "name",
    "email",
    "email_verified",
    "avatar",
    "phone_number",
    "session_fields",
    "omnichannel",
    "address",
)
"""The fields of the profile that customers see, besides ``id`` and ``statistics``."""


def own_profile(record: CustomerRecord) -> Customer:
    """Return a customer as the customer sees it: what is set, and the statistics."""
    counted = record.profile.statistics or CustomerStatistics()
    return replace(
        customer_views.show_customer(record.profile),
        statistics=CustomerStatistics(
            chats_count=counted.chats_count or 0,
            threads_count=counted.threads_count or 0,
            visits_count=counted.visits_count or 0,
            page_views_count=counted.page_views_count or 0,
            greetings_shown_count=counted.greetings_shown_count or 0,
            greetings_accepted_count=counted.greetings_accepted_count or 0,
        ),
    )


def changes_for_customer(
    record: CustomerRecord, changes: dict[str, object]
) -> CustomerDetailsUpdated | None:
    """Return the push of changed fields for the customer; ``None`` if there are none to see.

    What was removed is an empty text or list, as agents get it.
    """
    seen: dict[str, object | UnsetType] = {}
    for name in SHOWN:
        if name in changes:
            value = getattr(record.profile, name)
            seen[name] = changes[name] if value is None else value
    if not seen:
        return None
    push = CustomerDetailsUpdated(id=record.id, type="customer")
    for name, value in seen.items():
        setattr(push, name, UNSET if value is None else value)
    return push
