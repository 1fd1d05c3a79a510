"""A customer who talks to a bot, without a network."""

from frontdesk.bots import Bot, Context, Tick
from frontdesk.bots.testing import BotChat


def test_a_bot_is_tested_in_five_lines():
    bot = Bot()

    @bot.message
    async def echo(ctx: Context) -> None:
        await ctx.reply(f"Echo: {ctx.text}")

    with BotChat(bot) as chat:
        assert chat.say("hello") == ["Echo: hello"]
        assert chat.say("again") == ["Echo: again"]


def test_time_passes_for_questions_and_intervals():
    bot = Bot()
    ticks: list[float] = []

    @bot.message(contains="ask")
    async def ask(ctx: Context) -> None:
        await ctx.ask("Which?", then=answer, timeout=60)

    @bot.step
    async def answer(ctx: Context) -> None:
        await ctx.reply("in time")

    @bot.fallback
    async def other(ctx: Context) -> None:
        await ctx.reply("too late")

    @bot.every(hours=1)
    async def tidy(tick: Tick) -> None:
        ticks.append(tick.at.timestamp())

    with BotChat(bot) as chat:
        chat.say("ask")
        chat.advance(59)
        assert chat.say("a") == ["in time"]
        chat.say("ask")
        chat.advance(61)
        assert chat.say("a") == ["too late"]
        chat.advance(3600)
        assert len(ticks) in (1, 2)
        assert ticks[-1] % 3600 == 0


def test_handlers_that_are_declared_after_the_application_count():
    bot = Bot()
    service = bot.service()

    @bot.message
    async def late(ctx: Context) -> None: ...

    assert len(service.table().routes) == 1
