from frontdesk import AgentClient
from frontdesk.models import Message, RichMessage, RichMessageButton, RichMessageElement

with AgentClient() as client:
    chat_id = client.start_chat(continuous=True).chat_id
    client.send_event(chat_id=chat_id, event=Message("Hello!"))
    client.send_event(chat_id=chat_id, event=Message("A note for us", visibility="agents"))
    card = RichMessage(
        "cards",
        elements=[
            RichMessageElement(
                title="Oak table",
                buttons=[
                    RichMessageButton(
                        type="url",
                        text="Look at it",
                        value="https://shop.example.com/oak",
                        postback_id="oak",
                        user_ids=[],
                    )
                ],
            )
        ],
    )
    print(client.send_event(chat_id=chat_id, event=card).event_id)
