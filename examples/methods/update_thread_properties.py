from frontdesk import AgentClient

with AgentClient() as client:
    # `test` is for trying out. Properties of your own are in the namespace of your client id.
    chat = client.start_chat(continuous=True)
    client.update_thread_properties(
        chat_id=chat.chat_id,
        thread_id=chat.thread_id,
        properties={"test": {"int_property": 1024}},
    )
