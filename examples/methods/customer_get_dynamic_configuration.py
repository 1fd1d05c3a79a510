from frontdesk import CustomerClient

# No token is needed: a page asks for this before there is a customer.
with CustomerClient() as customer:
    window = customer.get_dynamic_configuration(group_id=0, url="https://shop.example.com/")
    if window.livechat:
        print(window.livechat.domain_allowed, window.livechat.online_group_ids)
