from frontdesk import CustomerClient

with CustomerClient() as customer:
    chat_id = customer.start_chat(continuous=True).chat_id
    newest = customer.list_threads(chat_id=chat_id, limit=1).threads[0]
    # Customers rate a chat by the properties of its newest thread: 1 is good, 0 is bad.
    customer.update_thread_properties(
        chat_id=chat_id,
        thread_id=newest.id,
        properties={"rating": {"score": 1, "comment": "Quick and kind"}},
    )
