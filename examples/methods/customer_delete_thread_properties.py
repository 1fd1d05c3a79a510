from frontdesk import CustomerClient

with CustomerClient() as customer:
    chat = customer.start_chat(continuous=True)
    customer.update_thread_properties(
        chat_id=chat.chat_id,
        thread_id=chat.thread_id,
        properties={"rating": {"score": 0}},
    )
    # The customer takes the rating back.
    customer.delete_thread_properties(
        chat_id=chat.chat_id,
        thread_id=chat.thread_id,
        properties={"rating": ["score"]},
    )
