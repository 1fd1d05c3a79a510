from frontdesk import AgentClient

with AgentClient() as client:
    chat = client.start_chat(continuous=True)
    for agent in client.list_agents_for_transfer(chat_id=chat.chat_id):
        print(f"{agent.agent_id} has {agent.total_active_chats} chats")
