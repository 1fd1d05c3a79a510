"""A receiver that the tests kill: notes in a file what it handles.

Arguments: port, directory of the journal, file of the notes. A note is this life's process id, the
chat and the text.
"""

import asyncio
import os
import sys

import uvicorn

from frontdesk.webhooks import IncomingEvent, Receiver, Webhook
from frontdesk.webhooks.adapters.asgi import asgi_app

SECRET = "open-sesame"


def main(port: int, journal: str, notes: str) -> None:
    receiver = Receiver(SECRET, journal=journal, concurrency=200)
    file = os.open(notes, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    life = os.getpid()

    @receiver.on(IncomingEvent)
    async def note(webhook: Webhook[IncomingEvent]) -> None:
        payload = webhook.payload
        await asyncio.sleep(0.001)
        os.write(file, f"{life} {payload.chat_id} {payload.event.text}\n".encode())
        await asyncio.sleep(0.001)

    uvicorn.run(asgi_app(receiver), port=port, log_level="error", access_log=False)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3])
