from frontdesk import AgentClient

with AgentClient(version="3.5") as client:
    created = client.create_customer(name="Ann", email="ann@example.com")
    print(created.customer_id)
