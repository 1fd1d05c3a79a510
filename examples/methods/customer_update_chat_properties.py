from frontdesk import CustomerClient

with CustomerClient() as customer:
    chat_id = customer.start_chat(continuous=True).chat_id
    # `test` is for trying out. Properties of your own are in the namespace of your client id,
    # and have to be registered as ones that customers may write.
    customer.update_chat_properties(id=chat_id, properties={"test": {"string_property": "gold"}})
    print(customer.get_chat(chat_id=chat_id).properties)
