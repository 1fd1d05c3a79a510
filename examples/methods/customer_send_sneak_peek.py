from frontdesk import CustomerClient

with CustomerClient() as customer:
    chat_id = customer.start_chat(continuous=True).chat_id
    # Agents see what is being typed; nothing of it is kept.
    customer.send_sneak_peek(chat_id=chat_id, sneak_peek_text="Do you ha")
