from frontdesk import AgentClient

with AgentClient() as client:
    page = client.list_archives(limit=1)
    customer_id = next(iter(page.chats[0].customers))

    customer = client.get_customer(id=customer_id)
    print(customer.name, customer.email, customer.chat_ids)
