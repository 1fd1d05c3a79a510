from frontdesk import CustomerClient

with CustomerClient() as customer:
    chat_id = customer.start_chat(continuous=True).chat_id
    chat = customer.get_chat(chat_id=chat_id)
    assert chat.thread
    print([user.name for user in chat.users], chat.thread.active)
