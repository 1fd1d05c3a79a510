from frontdesk import AgentClient
from frontdesk.models import Target

with AgentClient() as client:
    chat = client.start_chat(continuous=True)
    colleague = client.list_agents_for_transfer(chat_id=chat.chat_id)[0]
    client.transfer_chat(id=chat.chat_id, target=Target(type="agent", ids=[colleague.agent_id]))
    assert colleague.agent_id in client.get_chat(chat_id=chat.chat_id).agents
