from frontdesk import AgentClient
from frontdesk.models import File

with AgentClient() as client:
    upload = client.upload_file(b"day,chats\nmon,12\n", name="chats.csv")
    chat_id = client.start_chat(continuous=True).chat_id
    client.send_event(chat_id=chat_id, event=File(upload.url))
