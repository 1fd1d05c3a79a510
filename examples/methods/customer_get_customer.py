from frontdesk import CustomerClient

with CustomerClient() as customer:
    # The customer whose token the client has; there is no other.
    ann = customer.get_customer()
    print(ann.id, ann.name, ann.statistics)
