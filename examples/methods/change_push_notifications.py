import os

from frontdesk import AgentRTM

with AgentRTM(version="3.4") as rtm:
    rtm.change_push_notifications(
        firebase_token=os.environ.get("FIREBASE_TOKEN", "device-token"),
        platform="android",
        enabled=True,
    )
