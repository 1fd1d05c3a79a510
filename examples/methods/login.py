from frontdesk import AgentRTM

# Entering the block connects and logs in; nobody calls `login` by hand.
with AgentRTM() as rtm:
    print(rtm.stats)
