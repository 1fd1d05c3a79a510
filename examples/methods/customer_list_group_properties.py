from frontdesk import CustomerClient

# No token is needed; only properties that customers may read are there.
with CustomerClient() as customer:
    for namespace, values in customer.list_group_properties(id=0).items():
        print(namespace, sorted(values))
