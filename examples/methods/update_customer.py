from frontdesk import AgentClient

with AgentClient() as client:
    page = client.list_archives(limit=1)
    customer_id = next(iter(page.chats[0].customers))

    client.update_customer(id=customer_id, session_fields=[{"plan": "pro"}, {"crm_id": "C-1024"}])
    print(client.get_customer(id=customer_id).session_fields)
