from frontdesk import AgentClient

with AgentClient() as client:
    chat = client.start_chat(continuous=True)
    client.tag_thread(chat_id=chat.chat_id, thread_id=chat.thread_id, tag="support")
    print(client.get_chat(chat_id=chat.chat_id).thread.tags)
