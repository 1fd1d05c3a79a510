from frontdesk import AgentClient

with AgentClient() as client:
    chat = client.start_chat(continuous=True)
    client.update_thread_properties(
        chat_id=chat.chat_id,
        thread_id=chat.thread_id,
        properties={"test": {"int_property": 1024}},
    )
    client.delete_thread_properties(
        chat_id=chat.chat_id, thread_id=chat.thread_id, properties={"test": ["int_property"]}
    )
