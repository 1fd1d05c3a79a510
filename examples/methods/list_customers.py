from frontdesk import AgentClient

with AgentClient(version="3.5") as client:
    page = client.list_customers(limit=10)
    print(f"{page.total_customers} customers")
    for customer in page.customers:
        print(customer.id, customer.name, customer.email)
