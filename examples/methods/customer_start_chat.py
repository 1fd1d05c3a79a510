from frontdesk import CustomerClient
from frontdesk.models import InitialChat, InitialThread, Message

with CustomerClient() as customer:
    started = customer.start_chat(
        chat=InitialChat(thread=InitialThread(events=[Message("Do you have these in red?")])),
        # Without it the chat fails with GroupsOffline while nobody accepts chats.
        continuous=True,
    )
    print(started.chat_id, started.event_ids)
