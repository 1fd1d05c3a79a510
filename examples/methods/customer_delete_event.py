from frontdesk import CustomerClient
from frontdesk.models import Message

with CustomerClient() as customer:
    chat = customer.start_chat(continuous=True)
    sent = customer.send_event(chat_id=chat.chat_id, event=Message("My password is …"))
    # Only events of one's own can be deleted.
    customer.delete_event(chat_id=chat.chat_id, thread_id=chat.thread_id, event_id=sent.event_id)
