from datetime import UTC, datetime

from frontdesk import CustomerClient

with CustomerClient() as customer:
    chat_id = customer.start_chat(continuous=True).chat_id
    customer.mark_events_as_seen(chat_id=chat_id, seen_up_to=datetime.now(UTC))
