from frontdesk import AgentClient

with AgentClient() as client:
    chat = client.list_chats(limit=1).chats_summary[0]
    for thread in client.list_threads(chat_id=chat.id, limit=3).threads:
        print(thread.id, thread.created_at, len(thread.events))
