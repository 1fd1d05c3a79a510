from frontdesk import AgentClient
from frontdesk.models import MulticastRecipients, MulticastRecipientsAgents

with AgentClient() as client:
    client.multicast(
        recipients=MulticastRecipients(agents=MulticastRecipientsAgents(groups=[1])),
        content={"build": 512, "status": "passed"},
        type="build_finished",
    )
