from frontdesk import CustomerClient

with CustomerClient() as customer:
    customer.update_customer(email="ann@example.com")
    customer.request_email_verification(callback_uri="https://shop.example.com/verified")
