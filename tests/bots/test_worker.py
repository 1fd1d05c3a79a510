"""State exactly once, replies at least once, retries and dead letters."""

import asyncio
from typing import Any

import pytest
from msgspec import Struct

from frontdesk.bots import Bot, Context, MemoryStateStore, StoredState, SyncContext
from frontdesk.bots.engines.base import DeadLetter
from frontdesk.bots.engines.replays import replayed_item
from frontdesk.errors import (
    ChatInactive,
    InvalidArgument,
    LoginRequired,
    StateConflict,
    StateStoreError,
    TooManyRequests,
)
from frontdesk.webhooks import HandlerRetry

from ._claims import HandClaim, Story, run


class State(Struct):
    count: int = 0


def counting_bot(**options: Any) -> Bot:
    bot = Bot(state=State, **options)

    @bot.message
    async def count(ctx: Context, state: State) -> None:
        state.count += 1
        await ctx.reply(f"{state.count}: {ctx.text}")

    return bot


def again(claim: HandClaim, **changes: Any) -> HandClaim:
    """The same item, given to a worker once more."""
    other = HandClaim(claim.item.webhook, id=claim.item.id, attempt=claim.attempt + 1)
    other.item = claim.item
    other.sequence, other.stream = claim.sequence, claim.stream
    for name, value in changes.items():
        setattr(other, name, value)
    return other


def test_an_item_whose_acknowledgement_was_lost_is_not_handled_again():
    async def test() -> None:
        story = Story(counting_bot())
        story.customer.say("a")
        claims = story.claims()
        await story.work(claims)
        await story.work([again(claim) for claim in claims])
        # Without positions, such as after a restart on a journal, by its id.
        await story.work([again(claim, stream="") for claim in claims])
        assert story.texts() == ["1: a"]
        assert story.counts.repeated == 2 * story.counts.handled

    run(test)


def test_positions_of_another_stream_say_nothing():
    async def test() -> None:
        story = Story(counting_bot())
        story.customer.say("a")
        await story.handle()
        story.customer.say("b")
        for claim in story.claims(stream="made anew"):
            claim.sequence = 1
            await story.work([claim])
        assert story.texts() == ["1: a", "2: b"]

    run(test)


def test_a_reply_that_was_sent_before_the_worker_was_killed_is_not_sent_again():
    class Killed(MemoryStateStore):
        kills = True

        async def save(self, key: str, data: bytes, revision: int) -> int:
            if self.kills:
                raise asyncio.CancelledError
            return await super().save(key, data, revision)

    async def test() -> None:
        story = Story(counting_bot(), Killed())
        story.customer.say("a")
        claims = story.claims()
        for claim in claims:
            with pytest.raises(asyncio.CancelledError):
                task = asyncio.ensure_future(story.work([claim]))
                await task
        story.store.kills = False  # type: ignore[attr-defined]
        assert story.texts() == ["1: a"]
        await story.work([again(claim) for claim in claims])
        await story.handle()
        assert story.texts() == ["1: a"]

    run(test)


def test_whoever_loses_the_race_for_a_state_does_it_over():
    class Raced(MemoryStateStore):
        races = 1

        async def save(self, key: str, data: bytes, revision: int) -> int:
            if self.races:
                self.races -= 1
                raise StateConflict("somebody else was faster")
            return await super().save(key, data, revision)

    async def test() -> None:
        story = Story(counting_bot(), Raced())
        story.customer.say("a")
        await story.handle()
        assert story.texts() == ["1: a"]

    run(test)


def test_whoever_has_lost_the_claim_stores_nothing():
    async def test() -> None:
        bot = Bot(state=State)
        claims: list[HandClaim] = []

        @bot.message
        async def slow(ctx: Context, state: State) -> None:
            state.count += 1
            claims[-1].is_fresh = False

        story = Story(bot)
        story.customer.say("a")
        for claim in story.claims():
            claims.append(claim)
            await story.work([claim])
        assert await story.store.load(claims[-1].item.key) is None

    run(test)


@pytest.mark.parametrize("method", ["load", "save"])
def test_a_store_that_does_not_respond_is_waited_for(method, monkeypatch):
    class Down(MemoryStateStore):
        failures = 3

        def fail(self) -> None:
            if self.failures:
                self.failures -= 1
                raise StateStoreError("no connection")

        async def load(self, key: str) -> StoredState | None:
            if method == "load":
                self.fail()
            return await super().load(key)

        async def save(self, key: str, data: bytes, revision: int) -> int:
            if method == "save":
                self.fail()
            return await super().save(key, data, revision)

    async def test() -> None:
        monkeypatch.setattr("frontdesk.bots.work.worker.FIRST_WAIT", 0.001)
        story = Story(counting_bot(), Down())
        story.customer.say("a")
        await story.handle()
        assert story.texts() == ["1: a"]
        assert story.counts.failed == story.counts.retried == 0

    run(test)


def test_a_handler_that_fails_is_called_again_and_then_its_item_is_given_up():
    bot = Bot(state=State)
    calls: list[int] = []
    told: list[str] = []

    @bot.message
    async def fails(ctx: Context, state: State) -> None:
        state.count += 1
        calls.append(state.count)
        await ctx.reply("sent once")
        raise RuntimeError("dal:secret-token-value is wrong")

    @bot.error(RuntimeError)
    async def sorry(ctx: Context, error: RuntimeError) -> None:
        told.append(str(error))
        await ctx.reply("Sorry")

    async def test() -> None:
        story = Story(bot, retry=HandlerRetry(attempts=3, first_pause=2.0))
        story.customer.say("a")
        claims = story.claims()
        settled = await story.work(claims)
        assert [entry for entry in settled if entry[0] != "ack"] == [("nak", 2.0)]
        failed = next(claim for claim in claims if claim.settled[0][0] == "nak")
        second = again(failed)
        assert await story.work([second]) == [("nak", 4.0)]
        third = again(second)
        [(outcome, reason)] = await story.work([third])
        assert (outcome, reason) == ("term", "RuntimeError: dal:… is wrong")
        assert calls == [1, 1, 1]
        assert len(told) == 1
        assert story.texts() == ["sent once", "Sorry"]
        assert (story.counts.retried, story.counts.failed) == (2, 1)

    run(test)


@pytest.mark.parametrize(
    "error",
    [
        InvalidArgument("text", "is wrong"),
        ChatInactive("closed"),
        LoginRequired("the token was revoked"),
    ],
)
def test_what_cannot_pass_is_given_up_at_once(error):
    bot = Bot()

    @bot.message
    async def fails(ctx: Context) -> None:
        raise error

    async def test() -> None:
        story = Story(bot)
        story.customer.say("a")
        settled = await story.work(story.claims())
        [(outcome, reason)] = [entry for entry in settled if entry[0] != "ack"]
        assert outcome == "term"
        assert type(error).__name__ in reason

    run(test)


def test_a_busy_server_is_waited_for_longer_than_a_faulty_handler():
    bot = Bot()

    @bot.message
    async def busy(ctx: Context) -> None:
        raise TooManyRequests("wait")

    async def test(patience: float, expected: str) -> None:
        story = Story(bot, patience=patience, retry=HandlerRetry(attempts=1, longest_pause=9.0))
        story.customer.say("a")
        [claim] = [
            claim for claim in story.claims() if claim.item.webhook.action == "incoming_chat"
        ]
        for _ in range(6):
            await story.work([claim])
            claim = again(claim)
        await story.work([claim])
        assert claim.settled[0][0] == expected

    run(lambda: test(300.0, "nak"))
    run(lambda: test(0.000001, "term"))


def test_an_item_that_kills_its_workers_is_given_up():
    async def test() -> None:
        story = Story(counting_bot())
        story.customer.say("a")
        [claim] = [
            claim for claim in story.claims() if claim.item.webhook.action == "incoming_chat"
        ]
        claim.attempt = 3
        claim.is_redelivered = True
        await story.work([claim])
        assert claim.settled == [("ack", None)]
        story.customer.say("b")
        [claim] = [
            claim
            for claim in story.claims()
            if claim.item.webhook.action == "incoming_event"
            and claim.item.webhook.payload.event.type == "message"
            and claim.item.webhook.payload.event.text == "b"
        ]
        claim.attempt = 4
        await story.work([claim])
        [(outcome, reason)] = claim.settled
        assert outcome == "term"
        assert "ended without a word" in reason

    run(test)


def test_a_state_that_cannot_be_read_stops_its_chat_alone():
    async def test() -> None:
        story = Story(counting_bot())
        story.customer.say("a")
        claims = story.claims()
        await story.store.save(claims[0].item.key, b"no JSON", 0)
        settled = await story.work(claims)
        assert {outcome for outcome, _ in settled} == {"term"}
        assert "cannot be read" in settled[0][1]
        assert story.texts() == []

    run(test)


def test_a_state_that_does_not_fit_any_more_is_said():
    class Other(Struct):
        count: str = ""

    async def test() -> None:
        story = Story(counting_bot())
        story.customer.say("a")
        await story.handle()
        bot = Bot(state=Other)

        @bot.message
        async def handler(ctx: Context, state: Other) -> None: ...

        newer = Story(bot, story.store)
        for text in ("known already, by the id of its event", "b"):
            newer.customer.say(text)
        settled = await newer.work(newer.claims(stream="other"))
        reasons = [reason for outcome, reason in settled if outcome == "term"]
        assert reasons
        assert "does not fit Other" in reasons[0]

    run(test)


def test_a_state_that_cannot_be_stored_is_said():
    bot = Bot(state=State)

    @bot.message
    async def handler(ctx: Context, state: State) -> None:
        state.count = float("nan")  # type: ignore[assignment]

    async def test() -> None:
        story = Story(bot)
        story.customer.say("a")
        settled = await story.work(story.claims())
        [reason] = [reason for outcome, reason in settled if outcome == "term"]
        assert "`state` cannot be stored" in reason

    run(test)


@pytest.mark.parametrize(
    "raised", [SystemExit(3), KeyboardInterrupt(), GeneratorExit(), StopIteration()]
)
def test_exceptions_of_every_kind_end_the_handler_and_not_the_worker(raised):
    bot = Bot()

    @bot.message(contains="async")
    async def fails(ctx: Context) -> None:
        raise raised

    @bot.message
    def fails_too(ctx: SyncContext) -> None:
        raise raised

    async def test() -> None:
        if isinstance(raised, KeyboardInterrupt):
            return  # asyncio.run takes care of it
        story = Story(bot, retry=HandlerRetry(attempts=1))
        for text in ("async", "sync"):
            story.customer.say(text)
            settled = await story.work(story.claims())
            assert [outcome for outcome, _ in settled if outcome != "ack"] == ["term"]

    run(test)


def test_repeated_deliveries_are_recognized_by_the_worker_of_a_shared_queue():
    async def test() -> None:
        story = Story(counting_bot(), is_shared=True)
        story.customer.say("a")
        webhooks = story.webhooks()
        for number, webhook in enumerate(webhooks * 2):
            digest = f"{number % len(webhooks):032x}"
            await story.work([HandClaim(webhook, sequence=number + 1, digest=digest)])
        assert story.texts() == ["1: a"]
        assert story.counts.repeated == len(webhooks)

    run(test)


def test_the_bot_asks_the_api_for_nothing_but_what_it_does():
    async def test() -> None:
        story = Story(counting_bot())
        story.customer.say("a")
        await story.handle()
        story.customer.say("b")
        await story.handle()
        assert story.requests() == ["add_user_to_chat", "send_event", "send_event"]

    run(test)


def test_a_dead_letter_that_is_replayed_does_the_rest():
    bot = Bot(state=State)
    faulty = [True]

    @bot.message
    async def count(ctx: Context, state: State) -> None:
        state.count += 1
        await ctx.reply("one")
        if faulty:
            raise InvalidArgument("order", "is unknown")
        await ctx.reply("two")

    async def test() -> None:
        story = Story(bot, is_shared=True)
        story.customer.say("a")
        claims = story.claims(digest="ab" * 16)[:1]
        assert [outcome for outcome, _ in await story.work(claims)] == ["term"]
        assert story.texts() == ["one"]
        faulty.clear()
        letter = DeadLetter(id="7", item=claims[0].item, reason="", attempts=1, failed_at=0.0)
        replayed = HandClaim(claims[0].item.webhook, sequence=99)
        replayed.item = replayed_item(letter, "7")
        assert await story.work([replayed]) == [("ack", None)]
        assert story.texts() == ["one", "two"]

    run(test)


def test_a_chat_that_comes_again_is_not_handled_again():
    async def test() -> None:
        story = Story(counting_bot())
        story.customer.say("a")
        webhooks = story.webhooks()
        for number, webhook in enumerate(webhooks + webhooks):
            await story.work([HandClaim(webhook, sequence=number + 1)])
        story.customer.say("b")
        for number, webhook in enumerate(story.webhooks() + webhooks):
            await story.work([HandClaim(webhook, sequence=number + 100)])
        assert story.texts() == ["1: a", "2: b"]

    run(test)


def test_a_thread_without_its_start_begins_anew_too():
    """As for a bot that is registered for events alone."""

    async def test() -> None:
        story = Story(counting_bot())
        story.customer.say("nobody hears this")
        for text in ("a", "b"):
            if text == "b":
                story.sandbox.client().remove_user_from_chat(
                    chat_id=story.customer.chat_id,
                    user_id=story.sandbox.bot_id,
                    user_type="agent",
                    ignore_requester_presence=True,
                )
                story.customer.close_chat()
                story.customer.start_chat()
            story.webhooks()
            story.customer.say(text)
            await story.work(
                [
                    HandClaim(webhook, sequence=number + 1, stream=text)
                    for number, webhook in enumerate(story.webhooks())
                    if webhook.action == "incoming_event"
                ]
            )
        assert story.texts() == ["2: b"]

    run(test)


def test_what_an_error_handler_says_is_not_taken_for_the_reply_of_a_replay():
    bot = Bot()
    faulty = [True]

    @bot.message
    async def answer(ctx: Context) -> None:
        if faulty:
            raise InvalidArgument("order", "is unknown")
        await ctx.reply("cured")

    @bot.error
    async def sorry(ctx: Context) -> None:
        await ctx.reply("Sorry")

    async def test() -> None:
        story = Story(bot)
        story.customer.say("a")
        claims = story.claims()[:1]
        await story.work(claims)
        faulty.clear()
        letter = DeadLetter(id="7", item=claims[0].item, reason="", attempts=1, failed_at=0.0)
        for sequence in (98, 99):
            replayed = HandClaim(claims[0].item.webhook, sequence=sequence)
            replayed.item = replayed_item(letter, "7")
            await story.work([replayed])
        assert story.texts() == ["Sorry", "cured"]

    run(test)


def test_a_state_that_the_store_does_not_take_is_a_failure_like_others():
    class Large(Struct):
        text: str = ""

    bot = Bot(state=Large)
    told: list[str] = []

    @bot.message(contains="large")
    async def grow(ctx: Context[Large]) -> None:
        ctx.state.text = "x" * 2_000_000

    @bot.message
    async def other(ctx: Context[Large]) -> None:
        await ctx.reply("still here")

    @bot.error
    async def error(ctx: Context[Large], error: Exception) -> None:
        told.append(str(error))

    async def test() -> None:
        story = Story(bot)
        story.customer.say("large")
        settled = await story.work(story.claims())
        assert [outcome for outcome, _ in settled if outcome != "ack"] == ["term"]
        story.customer.say("a")
        await story.handle()
        assert story.texts() == ["still here"]
        assert len(told) == 1
        assert told[0].startswith("`state` has 2000")

    run(test)


def test_a_result_that_nobody_gets_is_said(caplog):
    bot = Bot()

    @bot.message
    async def answer(ctx: Context) -> str:
        return "hello"

    async def test() -> None:
        story = Story(bot)
        story.customer.say("a")
        await story.handle()

    run(test)
    assert "returned a str, which nobody gets: send it with `ctx.reply`" in caplog.text
