from frontdesk import AgentClient
from frontdesk.models import Ban

with AgentClient() as client:
    page = client.list_archives(limit=1)
    customer_id = next(iter(page.chats[0].customers))

    client.ban_customer(id=customer_id, ban=Ban(days=3))
