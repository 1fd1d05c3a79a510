from frontdesk import AgentClient

with AgentClient() as client:
    chat_id = client.list_chats(limit=1).chats_summary[0].id
    chat = client.get_chat(chat_id=chat_id)
    for event in chat.thread.events:
        print(event.created_at, event.type)
