"""A worker of the storm: a bot that counts, on a queue and a state store that others share.

Arguments: the settings of the queue and of the store in JSON, and the file to note each call of the
handler in, which stands for a reply.
"""

import asyncio
import json
import os
import signal
import sys
import time
from typing import Any

import msgspec

from frontdesk.bots.bot import Bot
from frontdesk.bots.context import Context
from frontdesk.bots.engines.nats import NatsEngine
from frontdesk.bots.states.nats import NatsStateStore
from frontdesk.bots.states.sqlite import SQLiteStateStore


class Counted(msgspec.Struct):
    """What is kept of a chat."""

    last: int = 0
    """The number of the message that was handled last."""
    changes: int = 0
    """How often the state was changed."""


def store_of(settings: dict[str, Any]) -> Any:
    kind = settings.pop("kind")
    return NatsStateStore(**settings) if kind == "nats" else SQLiteStateStore(**settings)


def counting_bot(store: Any, log: int) -> Bot:
    bot = Bot(state=Counted, token="dal:storm-token-1", bot_id="storm-bot", store=store)

    @bot.message
    async def count(ctx: Context[Counted]) -> None:
        number = int(ctx.text)
        known = int(ctx._run.claim.is_redelivered)
        line = f"{ctx.chat_id} {number} {ctx.state.last} {known} {time.time()}\n"
        os.write(log, line.encode())
        # Most handlers wait for something; a worker is killed in the middle of it then.
        await asyncio.sleep(0.001)
        ctx.state.last = number
        ctx.state.changes += 1

    return bot


async def main() -> None:
    settings = json.loads(sys.argv[1])
    log = os.open(sys.argv[2], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    bot = counting_bot(store_of(settings["store"]), log)
    working = asyncio.ensure_future(bot.worker(NatsEngine(**settings["engine"])))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, working.cancel)
    await asyncio.wait([working])
    if not working.cancelled():
        working.result()


if __name__ == "__main__":
    asyncio.run(main())
