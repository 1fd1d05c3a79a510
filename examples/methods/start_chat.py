from frontdesk import AgentClient
from frontdesk.models import InitialChat, InitialUser, Message

with AgentClient() as client:
    started = client.start_chat(
        chat=InitialChat(users=[InitialUser(id="jones@example.com", type="agent")]),
        continuous=True,
    )
    client.send_event(chat_id=started.chat_id, event=Message("Hello!"))
    print(started.chat_id, started.thread_id)
