from frontdesk import AgentClient

with AgentClient() as client:
    chat_id = client.start_chat(continuous=True).chat_id
    client.deactivate_chat(id=chat_id)
    assert not client.get_chat(chat_id=chat_id).thread.active
