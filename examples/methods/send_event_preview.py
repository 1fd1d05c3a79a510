from frontdesk import AgentClient
from frontdesk.models import Message

with AgentClient() as client:
    chat_id = client.start_chat(continuous=True).chat_id
    client.send_event_preview(chat_id=chat_id, event=Message("Hello, I am just ty"))
