from frontdesk import AgentClient, ConfigurationClient
from frontdesk.models import Ban

with AgentClient() as client, ConfigurationClient() as configuration:
    page = client.list_archives(limit=1)
    customer_id = next(iter(page.chats[0].customers))
    client.ban_customer(id=customer_id, ban=Ban(days=3))

    configuration.unban_customer(customer_id=customer_id)
