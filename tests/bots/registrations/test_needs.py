"""Which webhooks the handlers of a bot need."""

import pytest

from frontdesk.bots import Bot, Context, Router
from frontdesk.bots.registrations import webhooks_of
from frontdesk.pushes import AgentCreated, IncomingEvent, IncomingTypingIndicator, ThreadTagged

PRESENCE = ["user_added_to_chat", "user_removed_from_chat", "chat_transferred", "chat_deactivated"]


async def handle(ctx: Context) -> None:
    raise NotImplementedError


def names(bot: Router) -> list[str]:
    return [str(webhook) for webhook in webhooks_of(bot).webhooks]


@pytest.mark.parametrize("kind", ["message", "form"])
def test_what_customers_write_comes_with_chats_and_as_events_of_customers(kind):
    bot = Bot()
    getattr(bot, kind)(handle)
    assert names(bot) == ["incoming_chat", "incoming_event of customers", *PRESENCE]


@pytest.mark.parametrize("kind", ["postback", "fallback"])
def test_pressed_buttons_have_a_webhook_of_their_own(kind):
    bot = Bot()
    getattr(bot, kind)(handle)
    assert "incoming_rich_message_postback" in names(bot)


def test_a_bot_that_only_greets_needs_no_events():
    bot = Bot()
    bot.chat_started(handle)
    assert names(bot) == ["incoming_chat", *PRESENCE]


def test_a_handler_of_events_hears_everybody():
    bot = Bot()
    bot.message(handle)
    bot.on(IncomingEvent)(handle)
    assert "incoming_event" in names(bot)
    assert "incoming_event of customers" not in names(bot)


def test_the_payloads_of_handlers_are_needed_and_those_of_included_routers():
    bot, router = Bot(), Router()
    router.on(ThreadTagged)(handle)
    bot.on(AgentCreated)(handle)
    bot.include(router)
    assert names(bot) == ["agent_created", "thread_tagged"]


def test_pushes_without_a_webhook_are_named():
    bot = Bot()
    bot.on(IncomingTypingIndicator)(handle)
    needs = webhooks_of(bot)
    assert needs.webhooks == ()
    assert needs.rtm_only == ("IncomingTypingIndicator",)


def test_a_bot_without_handlers_needs_nothing():
    assert names(Bot()) == []
