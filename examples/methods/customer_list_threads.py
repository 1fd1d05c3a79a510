from frontdesk import CustomerClient

with CustomerClient() as customer:
    chat_id = customer.start_chat(continuous=True).chat_id
    # The newest thread comes first; it is the one that a rating belongs to.
    newest = customer.list_threads(chat_id=chat_id, limit=1).threads[0]
    print(newest.id, newest.active)

    for thread in customer.iter_threads(chat_id=chat_id, sort_order="asc"):
        print(thread.created_at, len(thread.events or ()))
