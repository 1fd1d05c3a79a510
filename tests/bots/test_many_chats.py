"""Many chats at once, each in order."""

import asyncio
import json
from random import Random

from frontdesk.bots import Bot, Context
from frontdesk.codec.decoding import encode
from frontdesk.webhooks import WebhookResponse

from ._claims import run

SECRET = "a-secret-of-the-registration"


class Nobody:
    """Acts as a bot that asks nothing of the API."""

    async def of(self, organization_id: str):
        from frontdesk.bots import Identity

        return Identity("5c9871d5372c824cbf22d860a707a578", None, None)  # type: ignore[arg-type]

    async def close(self) -> None: ...


def message(chat: int, number: int) -> bytes:
    event = {
        "id": f"T{chat}_{number}",
        "type": "message",
        "author_id": "3d6f0a52-8c1e-4b7d-9f4a-5a3f1c2b7e90",
        "created_at": "2026-03-02T09:15:27.104233Z",
        "text": json.dumps(number),
        "visibility": "all",
    }
    payload = {"chat_id": f"C{chat}", "thread_id": f"T{chat}", "event": event}
    return encode(
        {
            "webhook_id": "w",
            "secret_key": SECRET,
            "action": "incoming_event",
            "organization_id": "o",
            "payload": payload,
        }
    )


def test_a_thousand_chats_at_once_keep_their_order():
    chats, messages = 1000, 5
    bot = Bot(identities=Nobody)
    handled: dict[str, list[int]] = {}
    under_way: dict[str, int] = {}
    most_at_once = 0
    random = Random(7)

    @bot.message
    async def slow(ctx: Context) -> None:
        nonlocal most_at_once
        under_way[ctx.chat_id] = under_way.get(ctx.chat_id, 0) + 1
        most_at_once = max(most_at_once, sum(under_way.values()))
        assert under_way[ctx.chat_id] == 1
        for _ in range(random.randrange(4)):
            await asyncio.sleep(0)
        handled.setdefault(ctx.chat_id, []).append(int(ctx.text))
        under_way[ctx.chat_id] -= 1

    async def test() -> None:
        receiver = bot.receiver(SECRET)
        todo = [(chat, number) for number in range(messages) for chat in range(chats)]
        responses: list[WebhookResponse] = await asyncio.gather(
            *(receiver.handle(message(*one)) for one in todo)
        )
        assert {response.status for response in responses} == {200}
        assert await receiver.close() == 0

    run(test)
    assert len(handled) == chats
    assert all(numbers == list(range(messages)) for numbers in handled.values())
    assert most_at_once > 50
