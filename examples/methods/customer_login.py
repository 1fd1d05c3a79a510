from frontdesk import CustomerRTM

# Entering the block connects and logs in; nobody calls `login` by hand.
with CustomerRTM(
    customer={"name": "Ann"}, customer_page={"url": "https://shop.example.com/"}
) as rtm:
    print(rtm.login_response.has_active_thread)
