from frontdesk import AgentRTM

with AgentRTM() as rtm:
    # A session whose token comes from a function does this by itself, before the token ends.
    rtm.update_session(token="Bearer dal:sandbox-owner")
