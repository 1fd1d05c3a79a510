from frontdesk import CustomerClient

with CustomerClient() as customer:
    chat_id = customer.start_chat(continuous=True).chat_id
    customer.deactivate_chat(id=chat_id)
    thread = customer.get_chat(chat_id=chat_id).thread
    assert thread
    assert not thread.active
