from frontdesk import CustomerClient

with CustomerClient() as customer:
    # Each item has one key. Agents see the fields in this order.
    customer.set_customer_session_fields(session_fields=[{"plan": "gold"}, {"cart": "3 chairs"}])
    print(customer.get_customer().session_fields)
