"""Which handler is called for what happens, and what it gets."""

import re

import pytest
from msgspec import Struct

from frontdesk.bots import Bot, Context, Router, SyncContext
from frontdesk.bots.testing import BotChat
from frontdesk.errors import InvalidArgument
from frontdesk.models import (
    Chat,
    Customer,
    FilledForm,
    FilledFormEvent,
    MessageEvent,
    RichMessage,
    RichMessagePostback,
)
from frontdesk.pushes import IncomingChat, IncomingEvent
from frontdesk.webhooks import ChatTransferred, ThreadTagged, Webhook

MENU = RichMessage(
    template_id="quick_replies",
    elements=[
        {
            "title": "Refund?",
            "buttons": [
                {"type": "message", "text": "Yes", "value": "yes", "postback_id": "yes"},
                {"type": "message", "text": "No", "value": "no", "postback_id": "no"},
            ],
        }
    ],
)


def test_the_first_match_in_order_of_declaration_wins():
    bot = Bot()

    @bot.message(contains="refund")
    async def refund(ctx: Context) -> None:
        await ctx.reply("refund")

    @bot.message(matches=r"order (\d+)")
    async def order(ctx: Context, match: re.Match[str]) -> None:
        await ctx.reply(f"order {match[1]}")

    @bot.message(when=lambda ctx: len(ctx.text) > 20)
    async def long(ctx: Context) -> None:
        await ctx.reply("long")

    @bot.fallback
    async def other(ctx: Context) -> None:
        await ctx.reply("other")

    with BotChat(bot) as chat:
        assert chat.say("a REFUND of order 12, please") == ["refund"]
        assert chat.say("order 12") == ["order 12"]
        assert chat.say("something rather longer than that") == ["long"]
        assert chat.say("hm") == ["other"]


def test_a_chat_starts_once_and_what_it_began_with_is_a_message():
    bot = Bot()
    happened: list[str] = []

    @bot.chat_started
    async def hello(ctx: Context, payload: IncomingChat) -> None:
        happened.append(f"started {payload.chat.id == ctx.chat_id}")

    @bot.message
    async def message(ctx: Context) -> None:
        happened.append(ctx.text)

    with BotChat(bot) as chat:
        chat.say("one")
        chat.say("two")
        chat.customer.close_chat()
        chat.settle()
        chat.say("three")
    assert happened == ["started True", "one", "two", "started True", "three"]


def test_buttons_come_by_their_ids():
    bot = Bot()

    @bot.message(contains="menu")
    async def menu(ctx: Context) -> None:
        await ctx.reply(MENU)

    @bot.postback("yes")
    async def yes(ctx: Context, postback: RichMessagePostback) -> None:
        await ctx.reply(f"pressed {postback.id}")

    @bot.postback
    async def other(ctx: Context) -> None:
        await ctx.reply("pressed another one")

    with BotChat(bot) as chat:
        assert chat.say("menu") == ["Refund?"]
        assert chat.press("yes") == ["pressed yes"]
        assert chat.press("no") == ["pressed another one"]
        with pytest.raises(InvalidArgument, match="no rich message"):
            chat.press("maybe")


def test_forms_and_files_have_handlers_of_their_own():
    bot = Bot()

    @bot.form
    async def form(ctx: Context, event: FilledFormEvent) -> None:
        await ctx.reply(f"form {event.fields[0].label}")

    with BotChat(bot) as chat:
        chat.say("hello")
        form_event = FilledForm(
            form_id="f1",
            fields=[{"type": "name", "id": "n", "label": "Name", "answer": "Ann"}],
        )
        assert chat.send(form_event) == ["form Name"]


def test_payloads_have_handlers_also_in_chats_that_the_bot_is_not_in():
    bot = Bot()
    seen: list[object] = []

    @bot.on(ThreadTagged, ChatTransferred)
    async def noted(payload: ThreadTagged | ChatTransferred, webhook: Webhook) -> None:
        seen.append((type(payload), webhook.action))

    with BotChat(bot) as chat:
        chat.say("hello")
        chat_id, thread_id = chat.customer.chat_id, chat.customer.thread_id
        tag = next(
            tag.name
            for tag in chat.sandbox.configuration_client().list_tags()
            if 0 in tag.group_ids
        )
        chat.sandbox.client().tag_thread(chat_id=chat_id, thread_id=thread_id, tag=tag)
        chat.settle()
    assert seen == [(ThreadTagged, "thread_tagged")]


def test_agents_and_the_bot_itself_are_not_heard():
    bot = Bot()
    heard: list[str] = []
    events: list[str] = []

    @bot.message
    async def message(ctx: Context) -> None:
        heard.append(ctx.text)
        await ctx.reply(f"Echo: {ctx.text}")

    @bot.on(IncomingEvent)
    async def event(payload: IncomingEvent) -> None:
        events.append(getattr(payload.event, "text", ""))

    with BotChat(bot) as chat:
        chat.say("hello")
        client = chat.sandbox.client()
        client.add_user_to_chat(
            chat_id=chat.customer.chat_id,
            user_id=client.configuration().list_agents()[0].id,
            user_type="agent",
            visibility="all",
            ignore_requester_presence=True,
        )
        client.send_event(
            chat_id=chat.customer.chat_id, event={"type": "message", "text": "I am a person"}
        )
        chat.settle()
    assert heard == ["hello"]
    assert "I am a person" in events
    assert "Echo: hello" not in events


def test_a_handler_gets_what_its_annotations_name():
    bot = Bot()
    got: dict[str, object] = {}

    @bot.message
    async def message(
        event: MessageEvent,
        payload: IncomingEvent,
        customer: Customer,
        ctx: Context,
        *,
        chat: Chat,
        webhook: Webhook[IncomingEvent],
        extra: int = 5,
    ) -> None:
        got.update(
            event=event.text,
            payload=payload.chat_id == ctx.chat_id,
            customer=customer.name,
            chat=chat.id == ctx.chat_id,
            webhook=webhook.action,
            extra=extra,
        )

    with BotChat(bot, customer="Zoe") as chat:
        chat.say("hello")
        chat.say("again")
    assert got == {
        "event": "again",
        "payload": True,
        "customer": "Zoe",
        "chat": True,
        "webhook": "incoming_event",
        "extra": 5,
    }


def test_handlers_that_are_not_async_run_in_threads():
    bot = Bot()

    @bot.message(contains="who")
    def who(ctx: SyncContext, customer: Customer) -> None:
        same = ctx.client.get_chat(chat_id=ctx.chat_id).id == ctx.chat_id
        ctx.reply(f"{ctx.customer().name} is {customer.name}, {same}")

    @bot.message
    def ask(ctx: SyncContext) -> None:
        ctx.typing()
        ctx.ask("Name?", then=name)

    @bot.step
    def name(ctx: SyncContext) -> None:
        ctx.reply(f"Hello {ctx.text}")

    with BotChat(bot) as chat:
        assert chat.say("who am I") == ["Ann is Ann, True"]
        assert chat.say("hello") == ["Name?"]
        assert chat.say("Bea") == ["Hello Bea"]


def test_routers_and_middlewares_compose():
    bot, shop = Bot(), Router()
    order: list[str] = []

    @bot.middleware
    async def outer(ctx, call_next):
        order.append("outer in")
        await call_next()
        order.append("outer out")

    @shop.middleware
    async def inner(ctx, call_next):
        order.append("inner")
        if "stop" not in ctx.text:
            await call_next()

    @shop.message(contains="buy")
    async def buy(ctx: Context) -> None:
        order.append("buy")

    bot.include(shop)

    @bot.message
    async def other(ctx: Context) -> None:
        order.append("other")

    # Declared on an included router, and still in its place.
    @shop.message(contains="sell")
    async def sell(ctx: Context) -> None:
        order.append("sell")

    with BotChat(bot) as chat:
        for text in ("buy", "sell", "stop buy", "hm"):
            chat.say(text)
            order.append("|")
    assert " ".join(order) == (
        "outer in inner buy outer out | outer in inner sell outer out | "
        "outer in inner outer out | outer in other outer out |"
    )


class Basket(Struct):
    items: list[str] = []
    total: float = 0.0


def test_the_state_of_a_chat_is_kept_and_typed():
    bot = Bot(state=Basket)

    @bot.message(contains="total")
    async def total(ctx: Context[Basket]) -> None:
        await ctx.reply(f"{ctx.state.total:g}")

    @bot.message
    async def add(ctx: Context, basket: Basket) -> None:
        basket.items.append(ctx.text)
        basket.total += 1

    with BotChat(bot) as chat:
        chat.say("a")
        chat.say("b")
        assert chat.say("total") == ["2"]
        assert chat.state == Basket(["a", "b"], 2.0)
    with BotChat(bot, customer="Somebody else") as chat:
        assert chat.say("total") == ["0"]


def test_an_error_of_a_handler_leaves_the_state_as_it_was():
    bot = Bot(state=Basket)

    @bot.message
    async def add(ctx: Context, basket: Basket) -> None:
        basket.items.append(ctx.text)
        if ctx.text == "bad":
            raise ValueError("no such item")

    with BotChat(bot) as chat:
        chat.say("a")
        with pytest.raises(ValueError, match="no such item"):
            chat.say("bad")
        assert chat.state.items == ["a"]
        chat.say("b")
        assert chat.state.items == ["a", "b"]
