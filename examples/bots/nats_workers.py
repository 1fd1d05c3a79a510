"""A bot on several machines: receivers store webhooks in NATS, workers handle them.

Run ``uvicorn nats_workers:app`` on each machine that LiveChat reaches, ``python nats_workers.py``
on as many others as you like. ``frontdesk bot queue nats_workers.py`` shows what waits.
"""

import asyncio
import os
import signal

import msgspec

from frontdesk.bots import Bot, Context, NatsEngine, NatsStateStore

NATS = os.environ.get("NATS_URL", "nats://127.0.0.1:4222")


class Count(msgspec.Struct):
    messages: int = 0


bot = Bot(name="Counter", state=Count, store=NatsStateStore(NATS))
engine = NatsEngine(NATS)


@bot.message
async def count(ctx: Context[Count]) -> None:
    # Changes once, also if a worker is killed in the middle of it.
    ctx.state.messages += 1
    await ctx.reply(f"{ctx.state.messages}: {ctx.text}")


async def work() -> None:
    """Work until the system ends it, and then finish what is under way."""
    working = asyncio.ensure_future(bot.worker(engine))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, working.cancel)
    print("ready", flush=True)
    await asyncio.wait([working])


if __name__ == "__main__":
    asyncio.run(work())
elif os.environ.get("FRONTDESK_WEBHOOK_SECRET"):
    # What uvicorn serves; it handles nothing itself.
    app = bot.asgi_app(engine=engine, works=False)
