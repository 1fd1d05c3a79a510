from frontdesk import AgentRTM

with AgentRTM() as rtm:
    page = rtm.list_archives(limit=1)
    customer_id = next(iter(page.chats[0].customers))
    rtm.follow_customer(id=customer_id)
    rtm.unfollow_customer(id=customer_id)
