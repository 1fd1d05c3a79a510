from frontdesk import AgentClient

with AgentClient() as client:
    chat_id = client.start_chat(continuous=True).chat_id
    client.send_thinking_indicator(chat_id=chat_id, title="Looking for your order")
