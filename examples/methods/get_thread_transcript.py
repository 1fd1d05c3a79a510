from frontdesk import AgentClient

with AgentClient() as client:
    archived = client.list_archives(limit=1).chats[0]
    transcript = client.get_thread_transcript(chat_id=archived.id, thread_id=archived.thread.id)
    print(transcript.transcript)
