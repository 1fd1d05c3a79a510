from frontdesk import AgentClient

with AgentClient() as client:
    chat = client.start_chat(continuous=True)
    client.add_user_to_chat(
        chat_id=chat.chat_id, user_id="jones@example.com", user_type="agent", visibility="all"
    )
    print(list(client.get_chat(chat_id=chat.chat_id).agents))
