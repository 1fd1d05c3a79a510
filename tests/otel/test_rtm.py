"""Spans and metrics of calls over RTM, and of sessions that come back."""

import asyncio

import pytest
from opentelemetry.trace import SpanKind, StatusCode

from frontdesk import Reconnected
from frontdesk.errors import NotFound
from frontdesk.otel import uninstrument

from .conftest import PRIVATE, events


def watched(telemetry, served, **options):
    client = served.async_rtm_client(**options)
    telemetry.watch(client)
    return client


class TestSpans:
    def test_an_async_call_is_part_of_the_span_around_it(self, served, telemetry):
        async def main():
            async with watched(telemetry, served) as rtm:
                with telemetry.tracer.start_as_current_span("outer") as outer:
                    await rtm.list_chats(limit=1)
                return outer.get_span_context().span_id

        outer = asyncio.run(main())
        span = telemetry.span("list_chats")
        assert span.name == "agent/list_chats"
        assert span.kind is SpanKind.CLIENT
        assert span.parent.span_id == outer
        assert span.attributes["rpc.system"] == "livechat"
        assert span.attributes["rpc.service"] == "agent"
        assert span.attributes["rpc.method"] == "list_chats"
        assert span.attributes["server.address"] == "127.0.0.1"
        assert span.attributes["server.port"] == int(served.url.rpartition(":")[2])
        assert span.attributes["frontdesk.transport"] == "rtm"
        assert span.attributes["frontdesk.requests.billed"] == 1
        assert "http.response.status_code" not in span.attributes
        assert events(span) == [("request", {"http.request.resend_count": 0})]

    def test_a_sync_call_too(self, served, telemetry):
        with served.rtm_client() as rtm:
            telemetry.watch(rtm)
            with telemetry.tracer.start_as_current_span("outer") as outer:
                rtm.list_chats(limit=1)
        assert telemetry.span("list_chats").parent.span_id == outer.get_span_context().span_id

    def test_a_refusal(self, served, telemetry):
        with telemetry.watch(served.rtm_client()) as rtm, pytest.raises(NotFound):
            rtm.get_chat(chat_id="NOSUCHCHAT")
        span = telemetry.span("get_chat")
        assert span.status.status_code is StatusCode.ERROR
        assert span.attributes["error.type"] == "not_found"

    def test_what_a_session_does_by_itself_belongs_to_no_caller(self, served, telemetry):
        async def main():
            with telemetry.tracer.start_as_current_span("outer"):
                async with watched(telemetry, served):
                    pass

        asyncio.run(main())
        login = telemetry.span("agent/login")
        assert login.parent is None
        assert login.attributes["frontdesk.requests.billed"] == 1

    def test_a_cancelled_call_ends_its_span(self, served, telemetry):
        async def main():
            async with watched(telemetry, served) as rtm:
                task = asyncio.ensure_future(rtm.list_chats())
                await asyncio.sleep(0)
                task.cancel()
                await asyncio.wait([task])

        asyncio.run(main())
        assert telemetry.span("list_chats").attributes["error.type"] == "cancelled"


class TestMetrics:
    def test_all_that_is_billed_is_counted(self, served, telemetry):
        with telemetry.watch(served.rtm_client()) as rtm:
            rtm.list_chats(limit=1)
            list(rtm.iter_chats(limit=20))
        assert telemetry.total("frontdesk.requests") == rtm.meter.requests > 3
        assert telemetry.total("frontdesk.calls", frontdesk__action="login") == 1

    def test_sessions_that_come_back_are_counted(self, served, telemetry):
        async def main():
            async with watched(telemetry, served) as rtm:
                back = rtm.pushes(Reconnected)
                for _ in range(2):
                    served.rtm.cut()
                    await anext(back)
                await rtm.list_chats(limit=1)
                return rtm.stats, rtm.meter.requests

        stats, requests = asyncio.run(main())
        assert telemetry.total("frontdesk.rtm.reconnects") == stats.reconnects == 2
        assert telemetry.total("frontdesk.rtm.disconnects") == stats.drops == 2
        assert telemetry.total("frontdesk.requests") == telemetry.total("frontdesk.calls")
        # A log-out at the end may follow.
        assert telemetry.total("frontdesk.requests") - requests in (0, 1)

    def test_it_can_be_ended(self, served, telemetry):
        with telemetry.watch(served.rtm_client()) as rtm:
            uninstrument(rtm)
            rtm.list_chats(limit=1)
        assert telemetry.spans("list_chats") == []


def test_no_text_no_id_and_no_token_is_in_what_is_exported(served, telemetry):
    customer = served.customer()
    customer.say(f"my password is {PRIVATE}")
    with telemetry.watch(served.rtm_client()) as rtm:
        rtm.get_chat(chat_id=customer.chat_id)
        with pytest.raises(NotFound):
            rtm.get_chat(chat_id=PRIVATE)
    exported = telemetry.everything()
    assert "agent/get_chat" in exported
    for secret in (PRIVATE, customer.chat_id, customer.id, served.tokens["owner"]):
        assert secret not in exported
