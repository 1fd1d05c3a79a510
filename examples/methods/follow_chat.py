from frontdesk import AgentClient, AgentRTM
from frontdesk.models import Message
from frontdesk.pushes import IncomingEvent

with AgentClient() as owner, AgentRTM("dal:sandbox-agent") as rtm:
    chat = owner.start_chat(continuous=True)
    rtm.follow_chat(id=chat.chat_id)
    pushes = rtm.pushes(IncomingEvent, chat_id=chat.chat_id)
    owner.send_event(chat_id=chat.chat_id, event=Message("Who is reading along?"))
    print(next(pushes).event)
