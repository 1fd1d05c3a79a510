"""An echo bot: it says what the customer says.

``frontdesk bot chat examples/bots/echo.py`` talks to it, ``frontdesk bot run …`` runs it.
"""

from frontdesk.bots import Bot, Context

bot = Bot(name="Echo")


@bot.message
async def echo(ctx: Context[None]) -> None:
    await ctx.reply(f"Echo: {ctx.text}")
