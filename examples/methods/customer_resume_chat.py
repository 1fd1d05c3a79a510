from frontdesk import CustomerClient
from frontdesk.models import InitialChat, InitialThread, Message

with CustomerClient() as customer:
    chat_id = customer.start_chat(continuous=True).chat_id
    customer.deactivate_chat(id=chat_id)
    # A customer has one chat, which goes on with a new thread.
    again = InitialChat(id=chat_id, thread=InitialThread(events=[Message("One more thing")]))
    print(customer.resume_chat(chat=again, continuous=True).thread_id)
