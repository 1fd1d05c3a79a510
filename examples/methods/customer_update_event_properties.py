from frontdesk import CustomerClient
from frontdesk.models import Message

with CustomerClient() as customer:
    chat = customer.start_chat(continuous=True)
    sent = customer.send_event(chat_id=chat.chat_id, event=Message("Hello!"))
    customer.update_event_properties(
        chat_id=chat.chat_id,
        thread_id=chat.thread_id,
        event_id=sent.event_id,
        properties={"test": {"string_property": "greeting"}},
    )
