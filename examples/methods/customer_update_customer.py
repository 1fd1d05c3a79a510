from frontdesk import CustomerClient

with CustomerClient() as customer:
    customer.update_customer(
        name="Ann", email="ann@example.com", session_fields=[{"cart": "3 chairs"}]
    )
    print(customer.get_customer().name)
