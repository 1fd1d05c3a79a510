from datetime import UTC, datetime

from frontdesk import AgentClient
from frontdesk.models import Message

with AgentClient() as client:
    chat_id = client.start_chat(continuous=True).chat_id
    client.send_event(chat_id=chat_id, event=Message("Hello!"))
    client.mark_events_as_seen(chat_id=chat_id, seen_up_to=datetime.now(UTC))
