from frontdesk import AgentRTM
from frontdesk.pushes import ThreadSummarySet

with AgentRTM() as rtm:
    # The summary is pushed to the agents of the chat's groups.
    archived = rtm.list_archives(filters={"group_ids": [1]}, limit=1).chats[0]
    summaries = rtm.pushes(ThreadSummarySet)
    rtm.request_thread_summary(chat_id=archived.id, thread_id=archived.thread.id)
    print(summaries.get(timeout=30))
