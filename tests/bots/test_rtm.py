"""A bot that hears through an agent's RTM session, and replies over Web."""

import asyncio

import pytest

from frontdesk.bots import Bot, Context
from frontdesk.bots.testing import SandboxBot
from frontdesk.errors import FrontdeskError
from frontdesk.pushes import IncomingEvent
from frontdesk.sandbox import Sandbox

from ._claims import run


async def until(condition) -> None:
    while not condition():
        await asyncio.sleep(0.01)


def texts(customer) -> list[str]:
    return [getattr(event, "text", "") for event in customer.transcript()]


def test_a_bot_hears_as_an_agent_and_replies_as_itself():
    bot = Bot()
    events: list[str] = []

    @bot.message
    async def echo(ctx: Context) -> None:
        await ctx.reply(f"Echo: {ctx.text}")

    @bot.on(IncomingEvent)
    async def event(payload: IncomingEvent) -> None:
        events.append(getattr(payload.event, "text", ""))

    async def test() -> None:
        with Sandbox.serve("quiet") as sandbox:
            bot.acts_as(lambda: SandboxBot(sandbox))
            running = asyncio.create_task(
                bot.run_rtm(
                    sandbox.tokens["owner"],
                    base_url=sandbox.url,
                    organization_id=sandbox.organization_id,
                )
            )
            # A message from before the log-in would not be pushed.
            await until(
                lambda: running.done() or any(line.agent_id for line in sandbox.rtm.connections())
            )
            customer = sandbox.customer("Ann")
            customer.say("hello")
            await until(lambda: running.done() or "Echo: hello" in texts(customer))
            # What the agent that hears for the bot writes itself is not for the bot either.
            owner = sandbox.async_client("owner")
            await owner.send_event(
                chat_id=customer.chat_id, event={"type": "message", "text": "from the agent"}
            )
            customer.say("again")
            await until(lambda: running.done() or "Echo: again" in texts(customer))
            running.cancel()
            with pytest.raises(asyncio.CancelledError):
                await running
            assert sandbox.rtm.connections() == []
            authors = {
                event.author_id
                for event in customer.transcript()
                if getattr(event, "text", "").startswith("Echo")
            }
            assert authors == {sandbox.bot_id}
            assert "from the agent" not in events
            assert texts(customer).count("Echo: hello") == 1

    run(test)


def test_a_token_that_is_refused_is_said():
    bot = Bot()

    async def test() -> None:
        with Sandbox.serve("quiet") as sandbox:
            bot.acts_as(lambda: SandboxBot(sandbox))
            with pytest.raises(FrontdeskError):
                await bot.run_rtm(
                    "Bearer dal:unknown",
                    base_url=sandbox.url,
                    organization_id=sandbox.organization_id,
                )

    run(test)
