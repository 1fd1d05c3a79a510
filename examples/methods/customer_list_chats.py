from frontdesk import CustomerClient

with CustomerClient() as customer:
    customer.start_chat(continuous=True)
    page = customer.list_chats(limit=5)
    for chat in page.chats_summary:
        print(chat.id, chat.active, chat.last_thread_created_at)

    every_chat = [chat.id for chat in customer.iter_chats()]
    print(len(every_chat))
