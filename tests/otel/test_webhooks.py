"""Spans and metrics of handled webhooks, and of the messages of bots."""

import asyncio
import threading
from wsgiref.util import setup_testing_defaults

import pytest
from opentelemetry.trace import SpanKind, StatusCode, get_current_span

from frontdesk.bots import Bot, Context
from frontdesk.bots.testing import BotChat
from frontdesk.otel import uninstrument
from frontdesk.webhooks import HandlerRetry, IncomingEvent, Receiver
from frontdesk.webhooks.adapters.asgi import asgi_app
from frontdesk.webhooks.adapters.wsgi import wsgi_app

from ..webhooks._bodies import SECRET, message
from .conftest import PRIVATE, events

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = "00f067aa0ba902b7"
HEADERS = {"traceparent": f"00-{TRACE}-{PARENT}-01"}


def receiver_with(telemetry, handler, **options):
    receiver = Receiver(SECRET, **options)
    receiver.on(IncomingEvent)(handler)
    return telemetry.watch(receiver)


def handled(receiver, *bodies, headers=None):
    async def main():
        for body in bodies:
            assert (await receiver.handle(body, headers=headers)).status == 200
        assert await receiver.close(20) == 0

    asyncio.run(main())


class TestWebhooks:
    @pytest.mark.parametrize("kind", ["sync", "async"])
    def test_a_handled_webhook_is_a_span_around_its_handlers(self, telemetry, kind):
        inside = []

        async def handle(webhook):
            inside.append(get_current_span().get_span_context().span_id)

        def handle_in_a_thread(webhook):
            inside.append(get_current_span().get_span_context().span_id)
            assert threading.current_thread() is not threading.main_thread()

        handler = handle if kind == "async" else handle_in_a_thread
        handled(receiver_with(telemetry, handler), message())
        span = telemetry.span()
        assert inside == [span.context.span_id]
        assert span.name == "process incoming_event"
        assert span.kind is SpanKind.CONSUMER
        assert span.parent is None
        assert dict(span.attributes) == {
            "messaging.system": "livechat",
            "messaging.operation.type": "process",
            "messaging.operation.name": "process",
            "messaging.destination.name": "incoming_event",
            "frontdesk.source": "webhook",
            "frontdesk.attempt": 1,
        }

    def test_calls_of_a_handler_are_part_of_it(self, telemetry, async_agent_client):
        telemetry.watch(async_agent_client)

        async def handle(webhook):
            await async_agent_client.list_chats(limit=1)

        handled(receiver_with(telemetry, handle), message())
        webhook = telemetry.span("process")
        assert telemetry.span("list_chats").parent.span_id == webhook.context.span_id

    def test_errors_and_retries(self, telemetry):
        failures = [ValueError(PRIVATE), ValueError(PRIVATE)]

        async def handle(webhook):
            if failures:
                raise failures.pop()

        retry = HandlerRetry(first_pause=0)
        handled(receiver_with(telemetry, handle, retry=retry), message())
        spans = telemetry.spans()
        assert [span.attributes["frontdesk.attempt"] for span in spans] == [1, 2, 3]
        assert [span.attributes.get("error.type") for span in spans] == [
            "ValueError",
            "ValueError",
            None,
        ]
        assert spans[0].status.status_code is StatusCode.ERROR
        assert events(spans[0]) == [("handler failed", {"error.type": "ValueError"})]
        assert telemetry.total("frontdesk.handled") == 3
        assert telemetry.total("frontdesk.handler.errors", error__type="ValueError") == 2
        assert sum(point.count for point in telemetry.points("frontdesk.handler.duration")) == 3

    def test_webhooks_at_the_same_time_keep_their_own_parents(self, telemetry):
        async def handle(webhook):
            await asyncio.sleep(0)

        receiver = receiver_with(telemetry, handle)

        async def one(number):
            with telemetry.tracer.start_as_current_span("request") as request:
                await receiver.handle(message(number, chat=f"CHAT{number}"))
            return request.get_span_context().span_id

        async def main():
            parents = await asyncio.gather(*map(one, range(20)))
            await receiver.close(20)
            return parents

        parents = asyncio.run(main())
        assert sorted(span.parent.span_id for span in telemetry.spans()) == sorted(parents)

    def test_the_trace_of_a_header_goes_on(self, telemetry):
        async def handle(webhook):
            pass

        handled(receiver_with(telemetry, handle), message(), headers=HEADERS)
        span = telemetry.span()
        assert f"{span.context.trace_id:032x}" == TRACE
        assert f"{span.parent.span_id:016x}" == PARENT

    @pytest.mark.parametrize("headers", [{}, {"traceparent": "nonsense"}, {"traceparent": ""}])
    def test_a_header_that_says_nothing_is_none(self, telemetry, headers):
        async def handle(webhook):
            pass

        handled(receiver_with(telemetry, handle), message(), headers=headers)
        assert telemetry.span().parent is None

    def test_a_span_of_the_framework_goes_before_the_header(self, telemetry):
        async def handle(webhook):
            pass

        receiver = receiver_with(telemetry, handle)
        with telemetry.tracer.start_as_current_span("request") as request:
            handled(receiver, message(), headers=HEADERS)
        assert telemetry.span().parent.span_id == request.get_span_context().span_id

    @pytest.mark.parametrize("fails_at", ["incoming", "enter", "exit"])
    def test_an_observer_that_fails_refuses_no_webhook(self, caplog, fails_at):
        class Failing:
            def incoming(self, headers):
                self.fail("incoming")
                return self

            def __enter__(self):
                self.fail("enter")

            def __exit__(self, kind, error, traceback):
                self.fail("exit")

            def accepted(self):
                return None

            def work_started(self, start):
                return None

            def fail(self, place):
                if place == fails_at:
                    raise RuntimeError(f"broken at {place}")

        receiver, texts = Receiver(SECRET), []
        receiver.on(IncomingEvent)(lambda webhook: texts.append(webhook.payload.event.text))
        receiver.observe(Failing())
        handled(receiver, message(), headers=HEADERS)
        assert len(texts) == 1
        assert caplog.text.count("an observer failed") == 1
        assert f"broken at {fails_at}" in caplog.text

    def test_the_adapter_for_asgi_passes_the_header_on(self, telemetry):
        async def handle(webhook):
            pass

        receiver = receiver_with(telemetry, handle)
        app = asgi_app(receiver)
        scope = {
            "type": "http",
            "method": "POST",
            "path": "/",
            "headers": [
                (b"content-type", b"application/json"),
                (b"traceparent", HEADERS["traceparent"].encode()),
            ],
        }
        sent = []

        async def receive():
            return {"type": "http.request", "body": message()}

        async def send(event):
            sent.append(event)

        async def main():
            await app(scope, receive, send)
            await receiver.close(20)

        asyncio.run(main())
        assert sent[0]["status"] == 200
        assert f"{telemetry.span().context.trace_id:032x}" == TRACE

    def test_the_adapter_for_wsgi_passes_it_on_to_its_thread(self, telemetry):
        import io

        async def handle(webhook):
            pass

        receiver = receiver_with(telemetry, handle)
        environ = {}
        setup_testing_defaults(environ)
        body = message()
        environ |= {
            "REQUEST_METHOD": "POST",
            "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_TRACEPARENT": HEADERS["traceparent"],
            "wsgi.input": io.BytesIO(body),
        }
        assert list(wsgi_app(receiver)(environ, lambda status, headers: None))
        assert receiver.close_sync(20) == 0
        assert f"{telemetry.span().context.trace_id:032x}" == TRACE

    def test_what_was_left_in_the_journal_begins_a_trace_of_its_own(self, telemetry, tmp_path):
        async def handle(webhook):
            pass

        async def first():
            receiver = Receiver(SECRET, journal=tmp_path)

            @receiver.on(IncomingEvent)
            async def stuck(webhook):
                await asyncio.get_running_loop().create_future()

            await receiver.handle(message())
            await receiver.close(0)

        asyncio.run(first())

        async def second():
            receiver = receiver_with(telemetry, handle, journal=tmp_path)
            with telemetry.tracer.start_as_current_span("outer"):
                await receiver.start()
            await receiver.close(20)

        asyncio.run(second())
        assert len(telemetry.spans("process")) == 1

    def test_it_can_be_ended(self, telemetry):
        async def handle(webhook):
            pass

        receiver = receiver_with(telemetry, handle)
        uninstrument(receiver)
        handled(receiver, message())
        assert telemetry.spans() == []

    def test_no_text_no_id_and_no_secret_is_in_what_is_exported(self, telemetry):
        async def handle(webhook):
            raise ValueError(webhook.payload.event.text)

        handled(receiver_with(telemetry, handle), message(text=PRIVATE, chat="CHAT77"))
        exported = telemetry.everything()
        for secret in (PRIVATE, "CHAT77", SECRET):
            assert secret not in exported


class TestBots:
    def test_a_message_is_a_span_around_its_handler(self, telemetry):
        bot = Bot()
        inside = []

        @bot.message
        async def reply(ctx: Context[None]) -> None:
            inside.append(get_current_span().get_span_context().span_id)
            await ctx.reply("Good day!")

        telemetry.watch(bot)
        with BotChat(bot) as chat:
            assert chat.say("hello") == ["Good day!"]
        spans = [s for s in telemetry.spans("process") if s.context.span_id in inside]
        assert len(spans) == len(inside) == 1
        assert spans[0].attributes["frontdesk.source"] == "bot"
        assert spans[0].parent is None
        assert "error.type" not in spans[0].attributes

    def test_with_everything_watched_its_replies_are_part_of_it(self, telemetry):
        telemetry.watch()
        try:
            bot = Bot()

            @bot.message
            async def reply(ctx: Context[None]) -> None:
                await ctx.reply("Good day!")

            with BotChat(bot) as chat:
                assert chat.say("hello") == ["Good day!"]
        finally:
            uninstrument()
        (sent,) = telemetry.spans("send_event")
        parents = {span.context.span_id for span in telemetry.spans("process")}
        assert sent.parent.span_id in parents
