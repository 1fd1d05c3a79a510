"""What a handler can do: replies, questions, hand-overs, and being in the chat or not."""

import pytest

from frontdesk.bots import Bot, Context, MemoryStateStore
from frontdesk.bots.testing import BotChat
from frontdesk.bots.work.replies import split_text
from frontdesk.errors import ChatInactive, InvalidArgument, NotInChat
from frontdesk.models import Message
from frontdesk.sandbox import Sandbox

from ._claims import Story, run


def echo_bot(**options) -> Bot:
    bot = Bot(**options)

    @bot.message
    async def echo(ctx: Context) -> None:
        await ctx.reply(f"Echo: {ctx.text}")

    return bot


def methods(chat: BotChat) -> list[str]:
    """What the bot has asked the API for."""
    bot_id = chat.sandbox.bot_id
    return [call.action for call in chat.sandbox.calls() if call.requester_id == bot_id]


def test_the_bot_joins_once_and_tolerates_that_it_is_there_already():
    with BotChat(echo_bot()) as chat:
        chat.say("a")
        chat.say("b")
        assert methods(chat).count("add_user_to_chat") == 1
    with BotChat(echo_bot()) as chat:
        chat.customer.start_chat()
        chat.sandbox.client("bot").add_user_to_chat(
            chat_id=chat.customer.chat_id,
            user_id=chat.sandbox.bot_id,
            user_type="agent",
            visibility="all",
            ignore_requester_presence=True,
        )
        chat._effects.clear()  # the bot was not running then, and does not know of it
        assert chat.say("a") == ["Echo: a"]


def test_a_bot_that_does_not_join_replies_where_it_was_put_only():
    with BotChat(echo_bot(joins=False)) as chat:
        assert chat.say("a") == []
        chat.sandbox.client().add_user_to_chat(
            chat_id=chat.customer.chat_id,
            user_id=chat.sandbox.bot_id,
            user_type="agent",
            visibility="all",
            ignore_requester_presence=True,
        )
        assert chat.say("b") == ["Echo: b"]


def test_a_chat_that_the_bot_was_taken_out_of_is_ignored_until_it_comes_back():
    with BotChat(echo_bot()) as chat:
        chat.say("a")
        owner = chat.sandbox.client()
        owner.remove_user_from_chat(
            chat_id=chat.customer.chat_id,
            user_id=chat.sandbox.bot_id,
            user_type="agent",
            ignore_requester_presence=True,
        )
        assert chat.say("b") == []
        owner.add_user_to_chat(
            chat_id=chat.customer.chat_id,
            user_id=chat.sandbox.bot_id,
            user_type="agent",
            visibility="all",
            ignore_requester_presence=True,
        )
        assert chat.say("c") == ["Echo: c"]
        owner.remove_user_from_chat(
            chat_id=chat.customer.chat_id,
            user_id=chat.sandbox.bot_id,
            user_type="agent",
            ignore_requester_presence=True,
        )
        chat.customer.close_chat()
        chat.settle()
        # Another thread is another conversation.
        assert chat.say("d") == ["Echo: d"]


def test_a_removal_that_nobody_told_the_bot_of_is_noticed():
    bot = echo_bot()

    async def test() -> None:
        story = Story(bot)
        story.customer.say("a")
        await story.handle()
        story.sandbox.client().remove_user_from_chat(
            chat_id=story.customer.chat_id,
            user_id=story.sandbox.bot_id,
            user_type="agent",
            ignore_requester_presence=True,
        )
        story.webhooks()  # is not registered for
        story.customer.say("b")
        settled = await story.work(story.claims())
        assert {outcome for outcome, _ in settled} == {"ack"}
        story.customer.say("c")
        await story.handle()
        assert story.texts() == ["Echo: a"]
        assert story.requests().count("send_event") == 2

    run(test)


def test_replies_have_ids_made_of_what_they_reply_to():
    bot = Bot()

    @bot.message
    async def twice(ctx: Context) -> None:
        expected = ctx.custom_id
        await ctx.reply("one")
        assert ctx.custom_id != expected
        await ctx.reply(Message("two", custom_id="mine"))
        await ctx.reply("three")

    with BotChat(bot) as chat:
        chat.say("a")
        ids = [
            event.custom_id
            for event in chat.customer.transcript()
            if getattr(event, "author_id", "") == chat.sandbox.bot_id
        ]
    assert ids[1] == "mine"
    assert ids[0].startswith("frontdesk-")
    assert ids[0][:-1] == ids[2][:-1]
    assert (ids[0][-2:], ids[2][-2:]) == ("-1", "-3")


def test_texts_that_are_too_long_are_refused_or_split():
    bot = Bot()
    text = "\n\n".join("word " * 200 for _ in range(50))

    @bot.message(contains="split")
    async def split(ctx: Context) -> None:
        await ctx.reply(text, long="split")

    @bot.message
    async def refuse(ctx: Context) -> None:
        await ctx.reply(text)

    with BotChat(bot) as chat:
        replies = chat.say("split")
        assert len(replies) == 4
        assert " ".join(" ".join(replies).split()) == " ".join(text.split())
        with pytest.raises(InvalidArgument, match='reply with `long="split"`'):
            chat.say("refuse")


@pytest.mark.parametrize(
    "text", ["word " * 50, "x" * 100, "ä" * 100, "😀" * 30, "\n" * 5 + "a" * 50]
)
@pytest.mark.parametrize("limit", [4, 7, 16, 64])
def test_nothing_is_lost_where_a_text_is_split(text, limit):
    parts = split_text(text, limit)
    assert "".join("".join(parts).split()) == "".join(text.split())
    assert all(len(part.encode()) <= limit for part in parts)
    assert all(part.strip() for part in parts)


@pytest.mark.parametrize("content", ["", "  ", 5, None, {"type": "message", "text": "a"}])
def test_what_is_no_reply(content):
    bot = Bot()

    @bot.message
    async def reply(ctx: Context) -> None:
        await ctx.reply(content)

    with BotChat(bot) as chat, pytest.raises(InvalidArgument, match=r"`(text|content)`"):
        chat.say("a")


def test_a_closed_chat_takes_no_reply():
    bot = Bot()

    @bot.message
    async def close(ctx: Context) -> None:
        await ctx.close()
        await ctx.close()
        await ctx.reply("too late")

    with BotChat(bot) as chat, pytest.raises(ChatInactive):
        chat.say("a")


def test_a_question_ends_its_handler_and_the_answer_goes_to_the_step():
    bot = Bot()

    @bot.message(contains="refund")
    async def refund(ctx: Context) -> None:
        await ctx.ask("Which order?", then=order)

    @bot.step
    async def order(ctx: Context) -> None:
        if not ctx.text.isdigit():
            await ctx.ask("A number, please", then=order)
            return
        await ctx.reply(f"Order {ctx.text}")

    @bot.message
    async def other(ctx: Context) -> None:
        await ctx.reply("other")

    with BotChat(bot) as chat:
        assert chat.say("a refund, please") == ["Which order?"]
        assert chat.say("the refund one") == ["A number, please"]
        assert chat.say("12") == ["Order 12"]
        assert chat.say("13") == ["other"]
        chat.say("refund")
        chat.customer.close_chat()
        chat.settle()
        assert chat.say("14") == ["other"]


def test_a_question_outlives_the_process():
    def make() -> Bot:
        bot = Bot()

        @bot.message(contains="refund")
        async def refund(ctx: Context) -> None:
            await ctx.ask("Which order?", then=order, timeout=60)

        @bot.step
        async def order(ctx: Context) -> None:
            await ctx.reply(f"Order {ctx.text}")

        @bot.fallback
        async def other(ctx: Context) -> None:
            await ctx.reply("other")

        return bot

    sandbox, store = Sandbox("quiet"), MemoryStateStore()
    with sandbox:
        with BotChat(make(), sandbox=sandbox, store=store) as chat:
            assert chat.say("refund") == ["Which order?"]
        with BotChat(make(), sandbox=sandbox, store=store) as chat:
            assert chat.say("12") == ["Order 12"]
            assert chat.say("13") == ["other"]


def test_a_step_whose_time_is_over_does_not_get_the_message():
    bot = Bot()

    @bot.message
    async def ask(ctx: Context) -> None:
        await ctx.ask("Which order?", then=order, timeout=0)

    @bot.step
    async def order(ctx: Context) -> None:
        await ctx.reply("too late")

    with BotChat(bot) as chat:
        assert chat.say("a") == ["Which order?"]
        assert chat.say("b") == ["Which order?"]


def test_a_function_that_is_no_handler_cannot_be_asked_for():
    bot = Bot()

    async def stranger(ctx: Context) -> None: ...

    @bot.message
    async def ask(ctx: Context) -> None:
        await ctx.ask("Which order?", then=stranger)

    with BotChat(bot) as chat:
        with pytest.raises(InvalidArgument, match=r"must be declared with `@bot.step`"):
            chat.say("a")
        assert chat.replies == []


def hand_over_bot(**options) -> Bot:
    bot = Bot()

    @bot.message
    async def hand_over(ctx: Context) -> None:
        result = await ctx.hand_over("wants a person", **options)
        if not result.is_done:
            await ctx.reply("Nobody is there")

    return bot


def test_a_chat_is_handed_over_to_a_person_with_a_note():
    with BotChat(hand_over_bot()) as chat:
        assert chat.say("a") == []
        chat_seen = chat.sandbox.client().get_chat(chat_id=chat.customer.chat_id)
        notes = [
            event.text
            for event in chat_seen.thread.events or ()
            if getattr(event, "visibility", "") == "agents" and hasattr(event, "text")
        ]
        assert notes == ["wants a person"]
        assert (
            not chat_seen.agents.get(chat.sandbox.bot_id, None)
            or not chat_seen.agents[chat.sandbox.bot_id].present
        )
        assert chat.say("b") == []


@pytest.mark.parametrize(("if_nobody", "replies"), [("stay", ["Nobody is there"]), ("queue", [])])
def test_a_hand_over_says_when_nobody_is_there(if_nobody, replies):
    bot = hand_over_bot(if_nobody=if_nobody)
    with BotChat(bot) as chat:
        chat.customer.start_chat()
        chat.settle()
        for agent in chat.sandbox.client().list_routing_statuses():
            if agent.agent_id != chat.sandbox.bot_id and agent.status == "accepting_chats":
                chat.sandbox.client().set_routing_status(
                    agent_id=agent.agent_id, status="not_accepting_chats"
                )
        assert chat.say("a") == replies
        assert chat.say("b") == replies


@pytest.mark.parametrize(
    ("work", "message"),
    [
        (lambda ctx: ctx.hand_over(if_nobody="wait"), "`if_nobody` must be"),
        (lambda ctx: ctx.transfer(group=1, agent="a@b.c"), "`agent` cannot be given beside"),
        (lambda ctx: ctx.reply("a", long="cut"), "`long` must be"),
        (lambda ctx: ctx.ask("a", then=5), "`then` must be declared"),
    ],
)
def test_arguments(work, message):
    bot = Bot()

    @bot.message
    async def handler(ctx: Context) -> None:
        await work(ctx)

    with BotChat(bot) as chat, pytest.raises(InvalidArgument) as caught:
        chat.say("a")
    assert message in str(caught.value)


def test_the_rest_that_a_context_does():
    bot = Bot()

    @bot.message(contains="transfer")
    async def transfer(ctx: Context) -> None:
        await ctx.transfer(group=2)
        with pytest.raises(NotInChat):
            await ctx.reply("gone")

    @bot.message
    async def work(ctx: Context) -> None:
        await ctx.typing()
        await ctx.typing(False)
        await ctx.thinking("Looking it up", "one moment")
        await ctx.tag("support")
        await ctx.tag("support")
        await ctx.note("for agents")
        assert (await ctx.chat()).id == ctx.chat_id
        assert (await ctx.customer()).name == "Ann"
        assert ctx.attempt == 1
        assert "message in" in repr(ctx)

    with BotChat(bot) as chat:
        chat.say("a")
        assert set(methods(chat)) >= {
            "send_typing_indicator",
            "send_thinking_indicator",
            "tag_thread",
        }
        assert methods(chat).count("get_chat") == 0  # it came with the chat
        chat.say("transfer")
        seen = chat.sandbox.client().get_chat(chat_id=chat.customer.chat_id)
        assert seen.access is not None
        assert seen.access.group_ids == [2]


def test_what_is_about_no_chat_has_none_to_reply_to():
    from frontdesk.webhooks import RoutingStatusSet

    bot = Bot()

    @bot.on(RoutingStatusSet)
    async def status(ctx: Context) -> None:
        await ctx.reply("hello")

    with BotChat(bot) as chat:
        owner = chat.sandbox.client()
        agent = next(a for a in owner.list_routing_statuses() if a.status == "accepting_chats")
        owner.set_routing_status(agent_id=agent.agent_id, status="not_accepting_chats")
        with pytest.raises(InvalidArgument, match="RoutingStatusSet is about none"):
            chat.settle()
