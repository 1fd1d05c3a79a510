"""What a model writes: indicator, previews while it grows, one message at the end."""

import asyncio
import logging
from collections.abc import AsyncIterator
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest
from tests.bots.models._context import FakeContext
from tests.bots.models._virtual_time import run

from frontdesk.bots.models import FakeModel, StreamedReply, stream
from frontdesk.errors import ChatInactive, InvalidArgument

BOT = FakeContext.bot_id


async def chunks_of(*chunks: Any) -> AsyncIterator[Any]:
    for chunk in chunks:
        if isinstance(chunk, Exception):
            raise chunk
        yield chunk


async def timed(*chunks: tuple[float, str]) -> AsyncIterator[str]:
    for seconds, chunk in chunks:
        await asyncio.sleep(seconds)
        yield chunk


class RecordingClient:
    """Records what is sent and when; ``takes`` seconds for each preview."""

    def __init__(self, takes: float = 0.0, error: Exception | None = None) -> None:
        self.takes, self.error = takes, error
        self.previews: list[tuple[float, str, str]] = []
        self.options: dict[str, Any] = {}
        self.under_way = 0

    def with_options(self, **options: Any) -> "RecordingClient":
        self.options = options
        return self

    async def send_event_preview(self, *, chat_id: str, event: Any) -> None:
        assert chat_id == "C1"
        self.previews.append((asyncio.get_running_loop().time(), event.text, event.custom_id))
        if self.error is not None:
            raise self.error
        self.under_way += 1
        try:
            await asyncio.sleep(self.takes)
        finally:
            self.under_way -= 1


class RecordingContext:
    chat_id = "C1"
    custom_id = "reply-1"

    def __init__(self, client: RecordingClient) -> None:
        self.client: Any = client
        self.replies: list[tuple[float, str]] = []
        self.thoughts: list[str | None] = []

    async def thinking(self, title: str | None = None, description: str | None = None) -> None:
        self.thoughts.append(title)

    async def reply(self, content: Any, *, long: str = "refuse") -> str:
        assert self.client.under_way == 0, "a preview would arrive after the message"
        self.replies.append((asyncio.get_running_loop().time(), content))
        return f"E{len(self.replies)}"


@pytest.fixture
def client():
    return RecordingClient()


@pytest.fixture
def ctx(client):
    return RecordingContext(client)


class TestAgainstTheSandbox:
    @pytest.fixture
    def ctx(self, sandbox, customer):
        customer.say("hello")
        client = sandbox.async_client("bot")
        asyncio.run(
            client.add_user_to_chat(
                chat_id=customer.chat_id,
                user_id=BOT,
                user_type="agent",
                visibility="all",
                ignore_requester_presence=True,
            )
        )
        return FakeContext(client, customer.chat_id)

    def said(self, customer):
        return [
            event
            for event in customer.transcript()
            if event.type == "message" and event.author_id == BOT
        ]

    def test_there_is_one_message(self, ctx, customer):
        reply = asyncio.run(stream(ctx, FakeModel(["It ", "works", "."]).stream([])))
        (event,) = self.said(customer)
        assert (event.text, event.custom_id) == ("It works.", "reply-1")
        assert reply == StreamedReply(text="It works.", event_id=event.id, previews=reply.previews)

    def test_indicator_previews_and_message_come_in_this_order(self, ctx, sandbox):
        asyncio.run(stream(ctx, chunks_of("It ", "works"), every=0, thinking="Searching"))
        calls = [call for call in sandbox.calls() if call.action.startswith("send_")]
        assert [call.action for call in calls] == [
            "send_thinking_indicator",
            *["send_event_preview"] * (len(calls) - 2),
            "send_event",
        ]
        assert len(calls) > 2
        assert calls[0].request["title"] == "Searching"
        assert {call.request["event"]["custom_id"] for call in calls[1:]} == {"reply-1"}

    def test_an_error_in_the_middle_sends_no_half_message(self, ctx, customer):
        with pytest.raises(TimeoutError, match="too slow"):
            asyncio.run(stream(ctx, chunks_of("It ", TimeoutError("too slow"))))
        assert self.said(customer) == []

    def test_a_long_text_is_split_when_asked(self, ctx, customer):
        reply = asyncio.run(stream(ctx, chunks_of("x" * 20_000), long="split"))
        assert [len(event.text) for event in self.said(customer)] == [16_384, 3_616]
        assert reply.event_id == self.said(customer)[-1].id

    def test_a_chat_that_was_closed_raises_before_the_model_writes(self, ctx, customer):
        customer.close_chat()
        model = FakeModel("Hello")
        with pytest.raises(ChatInactive):
            asyncio.run(stream(ctx, model.stream([])))
        assert model.requests == []


class TestPreviews:
    def texts(self, client):
        return [text for _, text, _ in client.previews]

    def test_they_are_sent_at_once_and_then_not_too_often(self, ctx, client):
        run(stream(ctx, timed(*((0.1, f"{number} ") for number in range(20)))))
        times = [at for at, _, _ in client.previews]
        assert times[0] == pytest.approx(0.1)
        assert all(later - at >= 0.7 - 1e-9 for at, later in pairwise(times))
        assert len(times) == 3

    def test_each_has_all_of_the_text_so_far(self, ctx, client):
        run(stream(ctx, timed((1, "a"), (1, " b"), (1, " c"), (1, "."))))
        assert self.texts(client) == ["a", "a b", "a b c"]

    def test_the_text_of_a_model_that_pauses_is_shown_meanwhile(self, ctx, client):
        run(stream(ctx, timed((0, "a"), (0.1, "b"), (60, "c"), (1, "."))))
        assert [(round(at, 6), text) for at, text, _ in client.previews] == [
            (0, "a"),
            (0.7, "ab"),
            (60.1, "abc"),
        ]

    def test_a_slow_api_does_not_hold_the_model_up(self, ctx, client):
        client.takes = 5
        run(stream(ctx, timed(*((0.1, "x") for _ in range(50)))))
        ((at, _),) = ctx.replies
        assert at == pytest.approx(5.1, abs=0.2)
        assert len(client.previews) == 1

    def test_the_message_waits_for_a_preview_that_is_under_way(self, ctx, client):
        client.takes = 3
        run(stream(ctx, timed((0, "a"), (0.1, "b"))))
        assert ctx.replies == [(pytest.approx(3), "ab")]

    def test_the_message_waits_for_no_preview_that_is_due(self, ctx, client):
        run(stream(ctx, timed((0, "a"), (0.1, "b"))))
        assert ctx.replies == [(pytest.approx(0.1), "ab")]
        assert self.texts(client) == ["a"]

    def test_a_model_that_never_waits_has_one(self, ctx, client):
        reply = run(stream(ctx, chunks_of("a", "b", "c")))
        assert (len(client.previews), reply.previews) == (1, 1)

    def test_they_can_be_off(self, ctx, client):
        reply = run(stream(ctx, timed((1, "a"), (1, "b")), previews=False))
        assert client.previews == []
        assert reply.previews == 0
        assert [text for _, text in ctx.replies] == ["ab"]

    @pytest.mark.parametrize("error", [ChatInactive("closed"), RuntimeError("broken")])
    def test_one_that_fails_costs_no_message_and_there_are_no_more(self, ctx, client, error):
        client.error = error
        reply = run(stream(ctx, timed((1, "a"), (1, "b"), (1, "c"))))
        assert len(client.previews) == 1
        assert reply.previews == 0
        assert [text for _, text in ctx.replies] == ["abc"]

    def test_they_are_not_tried_again(self, ctx, client):
        run(stream(ctx, chunks_of("a")))
        assert client.options == {"retry": None, "timeout": 5.0}

    def test_nothing_is_shown_of_spaces(self, ctx, client):
        run(stream(ctx, timed((1, " \n"), (1, " a "), (1, "b"))))
        assert self.texts(client) == ["a"]

    def test_none_is_longer_than_a_message(self, ctx, client):
        run(stream(ctx, timed((1, "a"), (1, "x" * 16_384), (1, "b")), long="split"))
        assert self.texts(client) == ["a"]

    def test_all_have_the_custom_id_of_the_reply(self, ctx, client):
        run(stream(ctx, timed((1, "a"), (1, "b"))))
        assert {custom_id for _, _, custom_id in client.previews} == {"reply-1"}

    def test_a_cancelled_stream_leaves_nothing_under_way(self, ctx, client):
        client.takes = 60

        async def main() -> float:
            task = asyncio.create_task(stream(ctx, timed((0, "a"), (100, "b"))))
            await asyncio.sleep(1)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            return asyncio.get_running_loop().time()

        assert run(main()) == pytest.approx(1)
        assert client.under_way == 0
        assert ctx.replies == []


class TestTexts:
    @pytest.mark.parametrize("chunks", [(), ("",), (" ", "\n"), ("\u0007",)])
    def test_an_empty_one_is_no_message(self, ctx, chunks):
        reply = run(stream(ctx, chunks_of(*chunks)))
        assert reply == StreamedReply(text="", event_id=None, previews=0)
        assert ctx.replies == []

    def test_none_is_no_text(self, ctx):
        run(stream(ctx, chunks_of(None, "a", None, "b", None)))
        assert [text for _, text in ctx.replies] == ["ab"]

    def test_what_nobody_sees_is_not_sent(self, ctx):
        run(stream(ctx, chunks_of("a\x00", "b\x1b", " ")))
        assert [text for _, text in ctx.replies] == ["ab"]

    def test_one_that_is_too_long_is_refused_as_soon_as_it_is(self, ctx):
        read = []

        async def endless() -> AsyncIterator[str]:
            while True:
                read.append(1)
                yield "ż" * 1_000

        with pytest.raises(InvalidArgument, match=r'16384 bytes.*long="split"'):
            run(stream(ctx, endless()))
        assert len(read) == 9
        assert ctx.replies == []

    def test_one_that_never_ends_is_refused_even_where_it_may_be_split(self, ctx):
        async def endless() -> AsyncIterator[str]:
            while True:
                yield "x" * 1_000

        with pytest.raises(InvalidArgument, match="65536 bytes"):
            run(stream(ctx, endless(), long="split"))
        assert ctx.replies == []

    @pytest.mark.parametrize("chunk", [b"bytes", 5, SimpleNamespace(text="a")])
    def test_a_chunk_that_is_no_text_is_refused(self, ctx, chunk):
        with pytest.raises(
            InvalidArgument, match=f"`chunks` must be texts, not {type(chunk).__name__};"
        ):
            run(stream(ctx, chunks_of("a", chunk)))
        assert ctx.replies == []


class TestModels:
    @pytest.mark.parametrize("end", ["error", "too long", "whole"])
    def test_the_stream_is_closed_in_any_case(self, ctx, end):
        closed = []

        class Chunks:
            def __aiter__(self) -> AsyncIterator[str]:
                return chunks_of(
                    *{"error": ("a", OSError()), "too long": ("x" * 20_000,)}.get(end, ("a",))
                )

            async def aclose(self) -> None:
                closed.append(True)

        try:
            run(stream(ctx, Chunks()))
        except (OSError, InvalidArgument):
            assert end != "whole"
        assert closed == [True]

    def test_an_indicator_is_sent_first_unless_it_is_off(self, ctx):
        run(stream(ctx, chunks_of("a")))
        run(stream(ctx, chunks_of("a"), thinking="Looking that up"))
        run(stream(ctx, chunks_of("a"), thinking=False))
        assert ctx.thoughts == [None, "Looking that up"]

    def test_no_log_has_what_a_failed_preview_showed(self, ctx, client, caplog):
        client.error = RuntimeError("Authorization: Bearer dal:abcdefgh")
        with caplog.at_level(logging.DEBUG, "frontdesk"):
            run(stream(ctx, chunks_of("a")))
        assert "no more previews" in caplog.text
        assert "abcdefgh" not in caplog.text

    @pytest.mark.parametrize(
        ("chunks", "options", "field"),
        [
            (["a", "b"], {}, "chunks"),
            ("text", {}, "chunks"),
            (None, {}, "chunks"),
            (chunks_of(), {"every": -1}, "every"),
            (chunks_of(), {"every": float("nan")}, "every"),
            (chunks_of(), {"long": "cut"}, "long"),
            (chunks_of(), {"previews": "no"}, "previews"),
        ],
    )
    def test_arguments_that_do_not_fit_are_refused(self, ctx, chunks, options, field):
        with pytest.raises(InvalidArgument, match=field):
            run(stream(ctx, chunks, **options))
        assert ctx.thoughts == ctx.replies == []
