from frontdesk import AgentClient
from frontdesk.models import ChatsFilters

with AgentClient() as client:
    page = client.list_chats(filters=ChatsFilters(active=True, group_ids=[1]), limit=5)
    for chat in page.chats_summary:
        print(chat.id, [user.name for user in chat.users])

    every_chat = [chat.id for chat in client.iter_chats()]
    print(len(every_chat))
