"""A customer who talks to a bot, without a network."""

from frontdesk.bots import Bot, Context
from frontdesk.bots.testing import BotChat


def test_a_bot_is_tested_in_five_lines():
    bot = Bot()

    @bot.message
    async def echo(ctx: Context) -> None:
        await ctx.reply(f"Echo: {ctx.text}")

    with BotChat(bot) as chat:
        assert chat.say("hello") == ["Echo: hello"]
        assert chat.say("again") == ["Echo: again"]
