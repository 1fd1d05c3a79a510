from frontdesk import AgentRTM

with AgentRTM() as rtm:
    subscription = rtm.subscribe_customers(group_ids=[1], limit=10)
    print(subscription)
