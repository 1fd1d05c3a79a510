from frontdesk import AgentRTM

with AgentRTM() as rtm:
    subscription = rtm.subscribe_customers(group_ids=[1], limit=10)
    rtm.unsubscribe_customers(subscription_id=subscription.subscription_id)
