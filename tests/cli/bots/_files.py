"""Bots as their users write them."""

from pathlib import Path

ECHO = """\
from frontdesk.bots import Bot, Context

bot = Bot(name="Echo")


@bot.message(contains="fail")
async def fail(ctx: Context) -> None:
    raise KeyError("no such order")


@bot.message
async def echo(ctx: Context) -> None:
    await ctx.reply(f"Echo: {ctx.text}")
"""


def write(folder: Path, text: str = ECHO, name: str = "bot.py") -> str:
    path = folder / name
    path.write_text(text)
    return str(path)
