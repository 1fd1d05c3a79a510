from frontdesk import AgentClient
from frontdesk.models import RichMessage, RichMessageButton, RichMessageElement, RichMessagePostback

with AgentClient() as client:
    chat = client.start_chat(continuous=True)
    button = RichMessageButton(
        type="message", text="Yes", postback_id="yes", user_ids=[], value="yes"
    )
    question = RichMessage(
        "quick_replies",
        elements=[RichMessageElement(title="Did that help?", buttons=[button])],
    )
    sent = client.send_event(chat_id=chat.chat_id, event=question)
    client.send_rich_message_postback(
        chat_id=chat.chat_id,
        thread_id=chat.thread_id,
        event_id=sent.event_id,
        postback=RichMessagePostback(id="yes", toggled=True),
    )
