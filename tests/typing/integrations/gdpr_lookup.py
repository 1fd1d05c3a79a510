"""Everything that is stored about the person behind an e-mail address, as one JSON document."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from frontdesk import AgentClient, NotFound, encode
from frontdesk.models import ArchivesFilters


def lookup(client: AgentClient, email: str) -> dict[str, Any]:
    """Collect customers and threads; the address is compared by the server."""
    filters = ArchivesFilters(customer_email=email)
    threads: dict[str, Any] = {}
    customers: dict[str, Any] = {}
    for chat in client.iter_archives(filters=filters):
        threads[chat.thread.id] = msgspec.json.decode(encode(chat.thread))
        for customer_id, customer in chat.customers.items():
            if customer.email and customer.email.casefold() == email.casefold():
                customers.setdefault(customer_id, None)
    for customer_id in customers:
        try:
            profile = client.get_customer(id=customer_id)
        except NotFound:
            continue
        customers[customer_id] = msgspec.json.decode(encode(profile))
    return {
        "email": email,
        "created_at": datetime.now(UTC).isoformat(),
        "customers": customers,
        "threads": threads,
        "requests": client.meter.reading().requests,
    }
