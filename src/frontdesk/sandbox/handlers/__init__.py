"""One function per API method; importing this package fills ``HANDLERS``."""

from frontdesk.sandbox.handlers import (
    chat_access,
    chat_users,
    chats,
    configuration,
    customer_listing,
    customers,
    events,
    listing,
    other,
    properties,
    session,
    status,
    thread_tags,
)
from frontdesk.sandbox.world.handling import HANDLERS

__all__ = [
    "HANDLERS",
    "chat_access",
    "chat_users",
    "chats",
    "configuration",
    "customer_listing",
    "customers",
    "events",
    "listing",
    "other",
    "properties",
    "session",
    "status",
    "thread_tags",
]
