"""A bot that takes an order in several steps, and remembers them over restarts.

No handler waits for the customer: each ends with a question, and names what its answer goes to.
"""

import os

import msgspec

from frontdesk.bots import Bot, Context, SQLiteStateStore
from frontdesk.models import RichMessage, RichMessageButton, RichMessageElement

SIZES = ("small", "large")


class Order(msgspec.Struct):
    size: str = ""
    address: str = ""
    is_placed: bool = False


bot = Bot(
    name="Pizza",
    state=Order,
    store=SQLiteStateStore(os.environ.get("ORDERS", "orders.db")),
)


@bot.chat_started
async def greet(ctx: Context[Order]) -> None:
    buttons = [RichMessageButton(text=size, postback_id=size) for size in SIZES]
    menu = RichMessageElement(title="Which pizza would you like?", buttons=buttons)
    await ctx.reply(RichMessage(template_id="cards", elements=[menu]))


@bot.postback(*SIZES)
async def choose(ctx: Context[Order]) -> None:
    assert ctx.postback is not None
    ctx.state.size = ctx.postback.id
    await ctx.ask("Where to?", then=deliver, timeout=3600)


@bot.step
async def deliver(ctx: Context[Order]) -> None:
    if len(ctx.text) < 5:
        await ctx.ask("Please write the street and the number.", then=deliver)
        return
    ctx.state.address, ctx.state.is_placed = ctx.text, True
    await ctx.tag("sales")
    await ctx.reply(f"One {ctx.state.size} pizza to {ctx.state.address}. Thank you!")


@bot.message(contains="person")
async def call_a_person(ctx: Context[Order]) -> None:
    note = msgspec.json.encode(ctx.state).decode()
    if not (await ctx.hand_over(note=note)).is_done:
        await ctx.reply("Nobody is here at the moment; I will try to help.")


@bot.fallback
async def explain(ctx: Context[Order]) -> None:
    if ctx.state.is_placed:
        await ctx.reply("Your order is on its way. Write 'person' to talk to somebody.")
    else:
        await ctx.reply("Please choose a size above, or write 'person'.")


@bot.error
async def apologize(ctx: Context[Order]) -> None:
    await ctx.reply("Something went wrong here. Please try again.")
