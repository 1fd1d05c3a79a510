from frontdesk import CustomerRTM
from frontdesk.pushes import IncomingWelcomeMessage

with CustomerRTM() as rtm, rtm.pushes(IncomingWelcomeMessage) as messages:
    requested = rtm.request_welcome_message()
    print(requested.predicted_agent.name)
    push = messages.get(timeout=10)
    assert push
    assert push.id == requested.id
    print(push.event.text)
    # The message stands at the top of the chat.
    rtm.start_chat(continuous=True, welcome_message_id=requested.id)
