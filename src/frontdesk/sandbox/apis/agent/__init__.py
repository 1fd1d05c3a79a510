"""One function per method of the Agent Chat API."""

from frontdesk.sandbox.apis.agent import (
    chat_access,
    chat_users,
    chats,
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

__all__ = [
    "chat_access",
    "chat_users",
    "chats",
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
