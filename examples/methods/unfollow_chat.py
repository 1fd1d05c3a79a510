from frontdesk import AgentClient

with AgentClient() as owner, AgentClient("dal:sandbox-agent") as colleague:
    chat = owner.start_chat(continuous=True)
    colleague.follow_chat(id=chat.chat_id)
    colleague.unfollow_chat(id=chat.chat_id)
