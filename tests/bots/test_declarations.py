"""What is told at the declaration, before anything runs."""

import re
from collections.abc import Callable

import pytest
from msgspec import Struct

from frontdesk.bots import Bot, Context, Router, SyncContext
from frontdesk.errors import InvalidArgument
from frontdesk.pushes import ChatTransferred, IncomingEvent


class State(Struct):
    count: int = 0


class NeedsCount(Struct):
    count: int


async def no_annotation(ctx) -> None: ...
async def wrong_annotation(ctx: Context, text: str) -> None: ...
async def another_payload(payload: ChatTransferred) -> None: ...
async def state_of_nobody(ctx: Context, state: State) -> None: ...
async def sync_in_async(ctx: SyncContext) -> None: ...
def async_in_sync(ctx: Context) -> None: ...
def generator(ctx: SyncContext):
    yield


async def takes_anything(ctx: Context, *arguments: object) -> None: ...
async def another_state(ctx: Context[State]) -> None: ...
async def match_of_nothing(ctx: Context, match: re.Match[str]) -> None: ...
async def undefined(ctx: "Contxt") -> None: ...  # noqa: F821


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (no_annotation, "does not say what `ctx` is: annotate it, such as `ctx: Context`"),
        (wrong_annotation, "cannot get `text: str` (the text is `ctx.text`): @message has Context"),
        (another_payload, "cannot get `payload: ChatTransferred`: @message has"),
        (state_of_nobody, "cannot get `state: State`"),
        (sync_in_async, "is async: `ctx` must be a Context, not a SyncContext"),
        (async_in_sync, "is not async: `ctx` must be a SyncContext, not a Context"),
        (generator, "must not be a generator"),
        (undefined, "not defined where it is declared: `Contxt`"),
        (5, "must be a function, not 5"),
        (State, "is a class, and a handler is a function"),
        (takes_anything, "takes `*arguments`, which would get nothing"),
        (another_state, "takes `ctx: Context[State]`, where no state is kept"),
        (match_of_nothing, "cannot get `match: Match`"),
    ],
)
def test_handlers_with_wrong_annotations(function, message):
    with pytest.raises(InvalidArgument) as caught:
        Bot().message()(function)
    assert message in str(caught.value)


async def takes_all(ctx: Context) -> None: ...
async def second(ctx: Context) -> None: ...


UNREACHABLE: list[Callable[[Router], object]] = [
    lambda router: (router.message(takes_all), router.message(contains="a")(second)),
    lambda router: (
        router.message(contains="Re")(takes_all),
        router.message(contains="REFUND")(second),
    ),
    lambda router: (router.message(matches="a+")(takes_all), router.message(matches="a+")(second)),
    lambda router: (router.chat_started(takes_all), router.chat_started(second)),
    lambda router: (router.postback("a", "b")(takes_all), router.postback("b")(second)),
    lambda router: (router.postback(takes_all), router.postback("b")(second)),
    lambda router: (router.form(takes_all), router.form(second)),
    lambda router: (router.fallback(takes_all), router.fallback(second)),
    lambda router: (
        router.on(ChatTransferred, IncomingEvent)(takes_all),
        router.on(ChatTransferred)(second),
    ),
]


@pytest.mark.parametrize("declare", UNREACHABLE)
def test_handlers_that_are_never_called(declare):
    bot = Bot()
    with pytest.raises(InvalidArgument, match="`takes_all`, declared before it, takes everything"):
        declare(bot)
    assert [route.plan.name for route in bot.declared.routes()] == ["takes_all"]


@pytest.mark.parametrize("declare", UNREACHABLE)
def test_handlers_that_are_never_called_since_a_router_takes_all(declare):
    bot, first = Bot(), Router()
    with pytest.raises(InvalidArgument):
        declare(first)  # only the first of the two is there now
    bot.include(first)
    other = Router()
    with pytest.raises(InvalidArgument):
        declare(other)
    with pytest.raises(InvalidArgument, match="can never be called"):
        bot.include(other)
    assert len(list(bot.declared.routes())) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"contains": ""}, "`contains` must be a text that is not empty"),
        ({"contains": 5}, "`contains` must be a text"),
        ({"matches": "("}, "`matches` must be a regular expression"),
        ({"matches": 5}, "`matches` must be a regular expression"),
        ({"matches": re.compile(b"a")}, "`matches` must be a pattern for texts"),
        ({"contains": "a", "matches": "b"}, "`matches` cannot be given beside `contains`"),
        ({"when": 5}, "`when` must be a function"),
        ({"when": takes_all}, "`when` must not be an async function"),
    ],
)
def test_conditions(arguments, message):
    with pytest.raises(InvalidArgument) as caught:
        Bot().message(**arguments)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("declare", "message"),
    [
        (lambda bot: bot.on(), "`payloads` must be payloads of webhooks or pushes, not nothing"),
        (lambda bot: bot.on(str), "`payloads` must be payloads"),
        (lambda bot: bot.postback(""), "`ids` must be ids of buttons"),
        (lambda bot: bot.error(int), "`kinds` must be classes of errors"),
        (lambda bot: bot.every(), "`seconds` must make at least 1 second"),
        (lambda bot: bot.every(minutes="5"), "`seconds` must be a number"),
        (lambda bot: bot.every(minutes=float("nan")), "`seconds` must make at least 1 second"),
        (lambda bot: bot.middleware(lambda ctx, call_next: None), "`middleware` must be an async"),
        (lambda bot: bot.middleware(takes_all), "`middleware` must take two arguments"),
        (
            lambda bot: (bot.error(takes_all), bot.error(KeyError)(second)),
            "declared before it, takes every error",
        ),
        (
            lambda bot: Bot(stat=State),
            "`stat` is no option of a bot or of its clients; did you mean `state`",
        ),
        (lambda bot: bot.include(bot), "`router` must not be included in itself"),
        (lambda bot: bot.include("x"), "`router` must be a Router"),
        (lambda bot: bot.include(Router(state=State)), "declare this one with `state=State`"),
        (lambda bot: Bot(state=dict), "`state` must be a class derived from msgspec.Struct"),
        (lambda bot: Bot(state=NeedsCount), "`state` must have a default for `count`"),
        (lambda bot: Bot(joins="yes"), "`joins` must be true or false"),
        (lambda bot: Bot(retry=3), "`retry` must be a HandlerRetry"),
        (lambda bot: Bot(store={}), "`store` must be a StateStore"),
        (lambda bot: Bot(patience=0), "`patience` must be above 0"),
        (lambda bot: Bot(threads=0), "`threads` must be 1 or more"),
    ],
)
def test_other_arguments(declare, message):
    with pytest.raises(InvalidArgument) as caught:
        declare(Bot())
    assert message in str(caught.value)


def test_routers_that_include_each_other():
    first, second_router = Router(), Router()
    first.include(second_router)
    with pytest.raises(InvalidArgument, match="included in itself"):
        second_router.include(first)
    with pytest.raises(InvalidArgument, match="included already"):
        first.include(second_router)


def test_steps_of_one_name():
    bot = Bot()

    def make():
        @bot.step
        async def name(ctx: Context) -> None: ...

    make()
    make()
    with pytest.raises(InvalidArgument, match="is the name of two handlers"):
        bot.service()


def test_a_bot_needs_a_secret_to_receive():
    with pytest.raises(InvalidArgument, match="FRONTDESK_WEBHOOK_SECRET"):
        Bot().asgi_app()
