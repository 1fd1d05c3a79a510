from frontdesk import CustomerClient

with CustomerClient() as customer:
    chat_id = customer.start_chat(continuous=True).chat_id
    customer.update_chat_properties(id=chat_id, properties={"test": {"string_property": "gold"}})
    customer.delete_chat_properties(id=chat_id, properties={"test": ["string_property"]})
