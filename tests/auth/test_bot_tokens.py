"""The token of a bot: issued with the first call, and renewed before its day is over."""

import asyncio
from typing import Any

import pytest

from frontdesk import AgentClient, AsyncAgentClient, errors
from frontdesk.auth import BotToken
from frontdesk.core.http_messages import Reply, Request
from frontdesk.redaction import redacted
from frontdesk.sandbox import Sandbox
from frontdesk.sandbox.serve.embedded import DirectTransport

CLIENT_ID = "bot-owner-app"


class Bot:
    """A bot of a sandbox."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        with sandbox.configuration_client() as configuration:
            self.bot = configuration.create_bot(name="Robo", owner_client_id=CLIENT_ID)
        self.requests: list[Request] = []
        self.failures: list[Any] = []
        self.inner = DirectTransport(sandbox.backend, sandbox.url)

    def token(self, **options: Any) -> BotToken:
        options.setdefault("bot_secret", self.bot.secret)
        options.setdefault("transport", self)
        return BotToken(
            bot_id=self.bot.id, client_id=CLIENT_ID,
            organization_id=self.sandbox.organization_id, base_url=self.sandbox.url, **options,
        )  # fmt: skip

    def send(self, request: Request) -> Reply:
        self.requests.append(request)
        if self.failures:
            failure = self.failures.pop(0)
            if isinstance(failure, Exception):
                raise failure
            reply: Reply = failure
            return reply
        return self.inner.send(request)

    def close(self) -> None:
        self.inner.close()


@pytest.fixture
def bot(sandbox: Sandbox) -> Bot:
    return Bot(sandbox)


def test_it_acts_as_the_bot_in_both_kinds_of_clients(bot: Bot, sandbox: Sandbox) -> None:
    token = bot.token()
    with sandbox.client(token) as client:
        client.list_chats()
        client.list_chats()

    async def main() -> None:
        async with sandbox.async_client(token) as client:
            await asyncio.gather(*(client.list_chats() for _ in range(50)))

    asyncio.run(main())
    assert len(bot.requests) == 1
    assert "Authorization" not in bot.requests[0].headers


def test_it_is_renewed_before_its_day_is_over(bot: Bot) -> None:
    token = bot.token(renew_before=600)
    seconds = 0.0
    token._clock = lambda: seconds
    first = token.token()
    assert first.renew_at == 86_400 - 600
    seconds = 85_799.0
    assert token.token() == first
    seconds = 85_801.0
    second = token.token()
    assert second.renew_at == pytest.approx(85_801 + 86_400 - 600)
    assert len(bot.requests) == 2


def test_one_that_is_refused_is_issued_anew(bot: Bot, sandbox: Sandbox) -> None:
    token = bot.token()
    with sandbox.client(token) as client:
        client.list_chats()
        sandbox.advance(25 * 3600)
        client.list_chats()
    assert len(bot.requests) == 2


def test_while_none_can_be_issued_the_present_one_serves(bot: Bot) -> None:
    token = bot.token(retry=1)
    seconds = 0.0
    token._clock = lambda: seconds
    first = token.token()
    seconds = 86_000.0
    bot.failures = [errors.RequestTimeout("slow")]
    assert token.token() == first
    assert token.token() == first
    assert len(bot.requests) == 2
    seconds += 11
    assert token.token().renew_at == pytest.approx(86_011 + 86_400 - 1800)
    bot.failures = [errors.RequestTimeout("slow")]
    with pytest.raises(errors.RequestTimeout):
        token.token(token.token())


def test_a_wrong_secret_is_explained_without_it(bot: Bot) -> None:
    token = bot.token(bot_secret="not-the-secret-of-it")
    with pytest.raises(errors.APIError) as caught:
        token.token()
    assert "not-the-secret" not in str(caught.value) + repr(token)
    assert redacted("not-the-secret-of-it") == "…"


def test_it_goes_to_the_region_that_the_server_names(bot: Bot) -> None:
    misdirected = b'{"error":{"type":"misdirected_request","message":"","data":{"region":"fra"}}}'
    bot.failures = [Reply(421, {}, misdirected)]
    assert bot.token(retry=1).token()
    assert [request.headers.get("X-Region") for request in bot.requests] == [None, "fra"]
    bot.failures = [Reply(421, {}, misdirected)] * 2
    with pytest.raises(errors.MisdirectedRequest):
        bot.token(retry=1, region="fra").token()


def test_a_server_that_does_not_respond_is_asked_again(bot: Bot) -> None:
    from frontdesk import Retry

    bot.failures = [errors.RequestTimeout("slow"), Reply(503, {}, b"<html>")]
    assert bot.token(retry=Retry(first_pause=0)).token()
    assert len(bot.requests) == 3


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"bot_secret": ""}, "bot_secret"),
        ({"bot_secret": 7}, "bot_secret"),
        ({"region": "mars"}, "region"),
        ({"renew_before": 86_400}, "renew_before"),
        ({"timeout": -1}, "timeout"),
        ({"transport": 7}, "transport"),
    ],
)
def test_what_does_not_fit_is_refused_at_once(bot: Bot, options: Any, field: str) -> None:
    with pytest.raises(errors.InvalidArgument) as caught:
        bot.token(**options)
    assert caught.value.field == field


def test_it_makes_its_own_connections(served: Sandbox) -> None:
    bot = Bot(served)
    token = bot.token(transport=None, proxy="")
    with AgentClient(token, base_url=served.url) as client:
        client.list_chats()

    async def main() -> None:
        async with AsyncAgentClient(token, base_url=served.url) as client:
            await client.list_chats()

    asyncio.run(main())
    token.close()
