from frontdesk import AgentClient
from frontdesk.models import InitialChat

with AgentClient() as client:
    chat_id = client.start_chat(continuous=True).chat_id
    client.deactivate_chat(id=chat_id)
    resumed = client.resume_chat(chat=InitialChat(id=chat_id))
    print("a new thread:", resumed.thread_id)
