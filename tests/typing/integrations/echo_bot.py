"""A bot that replies over webhooks: it repeats what customers write, and hands over on request."""

from frontdesk import AsyncAgentClient, ChatInactive
from frontdesk.models import Message, MessageEvent, RichMessage, Target
from frontdesk.webhooks import IncomingEvent, IncomingRichMessagePostback, Receiver, Webhook

MENU = RichMessage(
    "quick_replies",
    elements=[
        {
            "title": "Anything else?",
            "buttons": [
                {"type": "message", "text": "A human", "value": "human", "postback_id": "h"}
            ],
        }
    ],
)


def make_bot(client: AsyncAgentClient, secret: str, *, humans: int) -> Receiver:
    """Return the receiver of the bot; ``humans`` is the group that takes over."""
    bot = Receiver(secret)

    @bot.on(IncomingEvent)
    async def echo(webhook: Webhook[IncomingEvent]) -> None:
        event = webhook.payload.event
        if not isinstance(event, MessageEvent):
            return
        chat_id = webhook.payload.chat_id
        try:
            await client.send_event(chat_id=chat_id, event=Message(f"Echo: {event.text}"))
            await client.send_event(chat_id=chat_id, event=MENU)
        except ChatInactive:
            pass  # the customer is gone

    @bot.on(IncomingRichMessagePostback)
    async def hand_over(webhook: Webhook[IncomingRichMessagePostback]) -> None:
        if webhook.payload.postback.id == "h":
            await client.transfer_chat(
                id=webhook.payload.chat_id,
                target=Target(type="group", ids=(humans,)),
                ignore_agents_availability=True,
            )

    return bot
