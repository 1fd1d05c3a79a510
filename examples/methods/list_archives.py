from datetime import UTC, datetime, timedelta

from frontdesk import AgentClient
from frontdesk.models import ArchivesFilters

last_week = datetime.now(UTC) - timedelta(days=7)

with AgentClient() as client:
    page = client.list_archives(filters=ArchivesFilters(from_=last_week), limit=5)
    print(f"about {page.found_chats} threads")
    for chat in page.chats:
        print(chat.id, chat.thread.created_at, chat.thread.tags)

    threads = [chat.thread.id for chat in client.iter_archives(filters={"from": last_week})]
    print(len(threads))
