from frontdesk import CustomerRTM

with CustomerRTM() as rtm:
    # Agents see where the customer is; greetings with a rule for the page come from now on.
    rtm.update_customer_page(url="https://shop.example.com/chairs", title="Chairs")
