from frontdesk import AgentClient

with AgentClient() as client:
    chat_id = client.start_chat(continuous=True).chat_id
    client.update_chat_properties(id=chat_id, properties={"routing": {"pinned": True}})
    client.delete_chat_properties(id=chat_id, properties={"routing": ["pinned"]})
