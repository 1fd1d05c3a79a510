from frontdesk import CustomerClient

with CustomerClient() as customer:
    # For customers who are not logged in over RTM; of others the server sees the pages itself.
    customer.check_goals(
        session_fields=[{"cart": "3 chairs"}],
        group_id=0,
        page_url="https://shop.example.com/thank-you",
    )
