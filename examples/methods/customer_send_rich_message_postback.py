from frontdesk import AgentClient, CustomerClient
from frontdesk.models import (
    InitialChat,
    InitialUser,
    RichMessage,
    RichMessageButton,
    RichMessageElement,
    RichMessagePostback,
)

with CustomerClient() as customer, AgentClient() as agent:
    ann = InitialUser(id=customer.get_customer().id, type="customer")
    chat = agent.start_chat(chat=InitialChat(users=[ann]), continuous=True)
    button = RichMessageButton(
        type="message", text="Yes", postback_id="yes", user_ids=[], value="yes"
    )
    question = RichMessage(
        "quick_replies",
        elements=[RichMessageElement(title="Did that help?", buttons=[button])],
    )
    sent = agent.send_event(chat_id=chat.chat_id, event=question)

    # The customer presses the button.
    customer.send_rich_message_postback(
        chat_id=chat.chat_id,
        thread_id=chat.thread_id,
        event_id=sent.event_id,
        postback=RichMessagePostback(id="yes", toggled=True),
    )
