from frontdesk import AgentRTM

with AgentRTM() as rtm:
    rtm.set_away_status(away=True)
    rtm.set_away_status(away=False)
