"""Export the archives of a period to CSV: one line a message."""

import csv
from datetime import datetime
from typing import TextIO

from frontdesk import AgentClient
from frontdesk.models import ArchivesFilters, MessageEvent

COLUMNS = ["chat_id", "thread_id", "written_at", "author", "text", "tags"]


def export(
    client: AgentClient,
    file: TextIO,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    tags: list[str] | None = None,
) -> int:
    """Write the messages of all threads of a period; return how many there were."""
    writer = csv.DictWriter(file, COLUMNS)
    writer.writeheader()
    filters = ArchivesFilters(
        from_=since,
        to=until,
        tags={"values": tags} if tags else None,
    )
    count = 0
    for chat in client.iter_archives(filters=filters, sort_order="asc"):
        names = {user.id: user.name or user.id for user in chat.customers.values()}
        names |= {user.id: user.name or user.id for user in chat.agents.values()}
        for event in chat.thread.events:
            if not isinstance(event, MessageEvent):
                continue
            writer.writerow(
                {
                    "chat_id": chat.id,
                    "thread_id": chat.thread.id,
                    "written_at": event.created_at.isoformat(),
                    "author": names.get(event.author_id or "", event.author_id),
                    "text": event.text,
                    "tags": " ".join(chat.thread.tags or ()),
                }
            )
            count += 1
    return count
