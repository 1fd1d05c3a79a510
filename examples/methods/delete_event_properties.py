from frontdesk import AgentClient
from frontdesk.models import Message

with AgentClient() as client:
    chat = client.start_chat(continuous=True)
    sent = client.send_event(chat_id=chat.chat_id, event=Message("Hello!"))
    client.delete_event_properties(
        chat_id=chat.chat_id,
        thread_id=chat.thread_id,
        event_id=sent.event_id,
        properties={"translation": ["target_message"]},
    )
