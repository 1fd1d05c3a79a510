"""Spans and metrics of calls over Web, sync and async."""

import asyncio
import logging
import threading
from contextlib import suppress
from contextvars import copy_context

import pytest
from opentelemetry import context
from opentelemetry.trace import SpanKind, StatusCode, get_current_span

from frontdesk import AgentClient, AsyncAgentClient, AsyncConfigurationClient, BudgetExceeded, Retry
from frontdesk.core.observation import default_observer
from frontdesk.errors import (
    APIError,
    ConnectError,
    InvalidArgument,
    NotFound,
    ServiceUnavailable,
    TransportError,
)
from frontdesk.otel import instrument, uninstrument

from ..canary import CANARY, TOKEN
from .conftest import PRIVATE, events

QUICK = Retry(first_pause=0, longest_pause=0.01)


@pytest.fixture(params=["sync", "async"])
def call(request, sandbox, telemetry):
    """Make a call on a watched client of either kind."""
    clients = []

    def call(method, *, options=None, **arguments):
        made = {"retry": QUICK, **(options or {})}
        if request.param == "sync":
            client = telemetry.watch(sandbox.client(**made))
            clients.append(client)
            return getattr(client, method)(**arguments)

        async def main():
            async with sandbox.async_client(**made) as client:
                telemetry.watch(client)
                return await getattr(client, method)(**arguments)

        return asyncio.run(main())

    yield call
    for client in clients:
        client.close()


class TestSpans:
    def test_a_call_is_a_span_with_the_names_of_the_conventions(self, call, telemetry):
        call("list_chats", limit=1)
        span = telemetry.span()
        assert span.name == "POST /v3.6/agent/action/list_chats"
        assert span.kind is SpanKind.CLIENT
        assert span.status.status_code is StatusCode.UNSET
        size = span.attributes["http.response.body.size"]
        assert size > 100
        assert dict(span.attributes) == {
            "http.request.method": "POST",
            "http.response.status_code": 200,
            "http.response.body.size": size,
            "url.full": "http://frontdesk.sandbox/v3.6/agent/action/list_chats",
            "url.template": "/v3.6/agent/action/list_chats",
            "server.address": "frontdesk.sandbox",
            "server.port": 80,
            "frontdesk.action": "list_chats",
            "frontdesk.api": "agent",
            "frontdesk.transport": "web",
            "frontdesk.requests.billed": 1,
        }
        assert events(span) == [("request", {"http.request.resend_count": 0})]

    def test_a_refusal_has_the_type_of_the_api(self, call, telemetry):
        with pytest.raises(NotFound):
            call("get_chat", chat_id="NOSUCHCHAT")
        span = telemetry.span()
        assert span.status.status_code is StatusCode.ERROR
        assert span.status.description is None
        assert span.attributes["error.type"] == "not_found"
        assert span.attributes["http.response.status_code"] == 404
        assert events(span)[-1] == ("request failed", {"error.type": "not_found"})

    def test_attempts_are_events(self, call, telemetry, sandbox):
        sandbox.fault("service_unavailable", times=2)
        call("list_chats")
        span = telemetry.span()
        assert events(span) == [
            ("request", {"http.request.resend_count": 0}),
            ("request failed", {"error.type": "service_unavailable"}),
            ("request", {"http.request.resend_count": 1}),
            ("request failed", {"error.type": "service_unavailable"}),
            ("request", {"http.request.resend_count": 2}),
        ]
        assert span.attributes["http.request.resend_count"] == 2
        assert span.attributes["frontdesk.requests.billed"] == 3
        assert "error.type" not in span.attributes

    def test_a_call_that_never_arrived_is_not_billed(self, telemetry):
        with AgentClient(TOKEN, base_url="http://127.0.0.1:9", retry=QUICK) as client:
            telemetry.watch(client)
            with pytest.raises(ConnectError):
                client.list_chats()
        span = telemetry.span()
        assert span.attributes["error.type"] == "ConnectError"
        assert span.attributes["frontdesk.requests.billed"] == 0
        assert "http.response.status_code" not in span.attributes
        assert span.attributes["server.port"] == 9
        assert telemetry.total("frontdesk.requests") == 0
        assert client.meter.requests == 0

    def test_a_call_over_budget_is_a_span_of_an_error(self, call, telemetry):
        with pytest.raises(BudgetExceeded):
            call("list_chats", options={"budget": 0})
        span = telemetry.span()
        assert span.attributes["error.type"] == "BudgetExceeded"
        assert events(span) == []

    def test_wrong_arguments_make_no_call(self, call, telemetry):
        with pytest.raises(InvalidArgument):
            call("list_chats", limit=1000)
        assert telemetry.spans() == []

    def test_the_configuration_api_too(self, sandbox, telemetry):
        telemetry.watch(client := sandbox.configuration_client())
        client.list_groups()
        span = telemetry.span("list_groups")
        assert span.attributes["frontdesk.api"] == "configuration"
        assert span.name == "POST /v3.6/configuration/action/list_groups"

    def test_each_page_of_an_iterator_is_a_span(self, sandbox, telemetry):
        telemetry.watch(client := sandbox.client())
        list(client.iter_chats(limit=20))
        assert len(telemetry.spans("list_chats")) == client.meter.requests > 1

    def test_a_cancelled_call_ends_its_span(self, sandbox, telemetry):
        sandbox.fault("latency", seconds=3600)

        async def main():
            async with sandbox.async_client() as client:
                telemetry.watch(client)
                task = asyncio.ensure_future(client.list_chats())
                await asyncio.sleep(0)
                await asyncio.sleep(0)
                task.cancel()
                await asyncio.wait([task])

        asyncio.run(main())
        assert telemetry.span().attributes["error.type"] == "CancelledError"


class TestParents:
    def test_a_call_is_part_of_the_span_around_it(self, call, telemetry):
        with telemetry.tracer.start_as_current_span("outer") as outer:
            call("list_chats", limit=1)
            assert get_current_span() is outer
        assert telemetry.span().parent.span_id == outer.get_span_context().span_id

    def test_tasks_at_the_same_time_keep_their_own_parents(self, sandbox, telemetry):
        async def one(client, number):
            with telemetry.tracer.start_as_current_span(f"outer {number}") as outer:
                await client.list_chats(limit=1)
                await asyncio.sleep(0)
                await client.list_archives(limit=1)
                assert get_current_span() is outer
            return outer.get_span_context().span_id

        async def main():
            async with sandbox.async_client() as client:
                telemetry.watch(client)
                return await asyncio.gather(*(one(client, number) for number in range(20)))

        parents = asyncio.run(main())
        for name in ("list_chats", "list_archives"):
            assert sorted(span.parent.span_id for span in telemetry.spans(name)) == sorted(parents)

    def test_threads_at_the_same_time_keep_their_own_parents(self, sandbox, telemetry):
        telemetry.watch(client := sandbox.client())
        barrier = threading.Barrier(8)
        parents = []

        def one():
            barrier.wait()
            with telemetry.tracer.start_as_current_span("outer") as outer:
                client.list_chats(limit=1)
                parents.append(outer.get_span_context().span_id)

        threads = [threading.Thread(target=one) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(span.parent.span_id for span in telemetry.spans()) == sorted(parents)

    def test_what_a_token_function_calls_is_part_of_the_call(self, sandbox, telemetry):
        seen = []

        def token():
            seen.append(get_current_span().get_span_context().span_id)
            return sandbox.tokens["owner"]

        telemetry.watch(client := sandbox.client(token))
        client.list_chats(limit=1)
        assert seen == [telemetry.span().context.span_id]

    def test_a_call_that_is_thrown_away_elsewhere_leaves_no_context(self, telemetry, caplog):
        class Never:
            def __await__(self):
                yield

        class Stuck:
            async def send(self, request):
                await Never()

            async def close(self):
                pass

        async def main():
            client = telemetry.watch(AsyncAgentClient(TOKEN, transport=Stuck()))
            call = client.list_chats()
            # As the garbage collector does: begun in one context, closed in another.
            copy_context().run(call.send, None)
            before = context.get_current()
            call.close()
            assert context.get_current() == before

        caplog.set_level(logging.ERROR)
        asyncio.run(main())
        assert "detach" not in caplog.text
        assert telemetry.span().attributes["error.type"] == "GeneratorExit"


class TestMetrics:
    def test_calls_errors_requests_and_durations_are_counted(self, call, telemetry, sandbox):
        sandbox.fault("service_unavailable", "list_chats", times=1)
        call("list_chats")
        call("list_chats")
        with pytest.raises(NotFound):
            call("get_chat", chat_id="NOSUCHCHAT")
        assert telemetry.total("frontdesk.calls") == 3
        assert telemetry.total("frontdesk.calls", frontdesk__action="list_chats") == 2
        assert telemetry.total("frontdesk.requests") == 4
        assert telemetry.total("frontdesk.call.errors") == 1
        assert telemetry.total("frontdesk.call.errors", error__type="not_found") == 1
        durations = telemetry.points("frontdesk.call.duration")
        assert sum(point.count for point in durations) == 3
        assert all(0 < point.sum < 60 for point in durations)
        assert durations[0].explicit_bounds[0] == 0.005

    def test_what_is_spent_is_what_the_meter_counts(self, sandbox, telemetry):
        telemetry.watch(client := sandbox.client(retry=QUICK))
        sandbox.fault("internal", rate=0.5)
        for _ in range(30):
            with suppress(APIError):
                client.list_chats(limit=1)
        sandbox.clear_faults()
        sandbox.fault("reset_before", times=1)
        client.list_routing_statuses()
        assert telemetry.total("frontdesk.requests") == client.meter.requests > 30

    def test_metrics_have_few_attributes(self, call, telemetry):
        call("list_chats")
        for name in ("frontdesk.calls", "frontdesk.requests", "frontdesk.call.duration"):
            for point in telemetry.points(name):
                assert set(point.attributes) <= {
                    "frontdesk.action",
                    "frontdesk.api",
                    "frontdesk.transport",
                    "http.response.status_code",
                    "error.type",
                }


class TestSecrets:
    def test_no_token_no_text_and_no_id_is_in_what_is_exported(self, sandbox, telemetry, customer):
        customer.say(f"my password is {PRIVATE}")
        with sandbox.client() as client:
            telemetry.watch(client)
            client.get_chat(chat_id=customer.chat_id)
            client.get_customer(id=customer.id)
            with pytest.raises(APIError):
                client.get_chat(chat_id=PRIVATE)
        with sandbox.client(TOKEN) as client:
            telemetry.watch(client)
            with pytest.raises(APIError):
                client.list_chats()
        exported = telemetry.everything()
        assert "get_customer" in exported
        for secret in (PRIVATE, CANARY, customer.chat_id, customer.id, sandbox.tokens["owner"]):
            assert secret not in exported

    def test_a_password_in_the_address_is_refused_before(self):
        with pytest.raises(InvalidArgument):
            AgentClient(TOKEN, base_url=f"http://user:{PRIVATE}@127.0.0.1:9")


class TestInstrumenting:
    def test_nothing_is_watched_before(self, sandbox, telemetry):
        client = sandbox.client()
        client.list_chats(limit=1)
        assert telemetry.spans() == []

    def test_copies_made_afterwards_are_watched(self, sandbox, telemetry):
        client = sandbox.async_client()
        earlier = client.with_options(timeout=5)
        telemetry.watch(client)

        async def main():
            await earlier.list_chats(limit=1)
            assert telemetry.spans() == []
            await client.with_options(timeout=5).list_chats(limit=1)
            await AsyncConfigurationClient.from_client(client).list_groups()

        asyncio.run(main())
        assert [span.attributes["frontdesk.action"] for span in telemetry.spans()] == [
            "list_chats",
            "list_groups",
        ]

    def test_twice_is_once(self, sandbox, telemetry):
        client = sandbox.client()
        telemetry.watch(client)
        telemetry.watch(client)
        client.list_chats(limit=1)
        assert len(telemetry.spans()) == 1

    def test_it_can_be_ended(self, sandbox, telemetry):
        telemetry.watch(client := sandbox.client())
        uninstrument(client)
        client.list_chats(limit=1)
        assert telemetry.spans() == []

    def test_without_targets_it_is_whatever_is_made_from_now_on(self, sandbox, telemetry):
        before = sandbox.client()
        telemetry.watch()
        try:
            later = sandbox.client()
        finally:
            uninstrument()
        before.list_chats(limit=1)
        later.list_archives(limit=1)
        sandbox.client().list_routing_statuses()
        assert [span.attributes["frontdesk.action"] for span in telemetry.spans()] == [
            "list_archives"
        ]
        assert default_observer() is None

    @pytest.mark.parametrize("target", [None, "client", AgentClient, object()])
    def test_what_cannot_be_watched_is_refused(self, target):
        with pytest.raises(InvalidArgument, match="must be clients, receivers or bots"):
            instrument(target)

    def test_without_an_sdk_nothing_happens(self, sandbox):
        client = sandbox.client()
        instrument(client)
        assert client.list_chats(limit=1).chats_summary

    def test_other_hooks_stay(self, sandbox, telemetry):
        calls = []
        telemetry.watch(client := sandbox.client(on_call=calls.append))
        client.list_chats(limit=1)
        assert [call.action for call in calls] == ["list_chats"]
        assert len(telemetry.spans()) == 1

    def test_an_observer_that_fails_costs_no_call(self, sandbox, caplog):
        class Broken:
            def call_started(self, start):
                raise RuntimeError("broken")

        class Half:
            def call_started(self, start):
                return self

            def sending(self, number):
                raise RuntimeError("sending")

            def ended(self, end):
                raise RuntimeError("ended")

        from frontdesk.clients.base import observe_client

        for observer in (Broken(), Half()):
            client = sandbox.client()
            observe_client(client, observer)
            assert client.list_chats(limit=1).chats_summary
        assert caplog.text.count("an observer failed") == 3


def test_errors_of_transports_have_the_names_of_their_classes(sandbox, telemetry):
    sandbox.fault("reset_after", times=1)
    telemetry.watch(client := sandbox.client(retry=None))
    with pytest.raises(TransportError) as raised:
        client.list_chats()
    assert telemetry.span().attributes["error.type"] == type(raised.value).__name__
    assert telemetry.total("frontdesk.requests") == 1


def test_a_busy_server_that_stays_busy(sandbox, telemetry):
    sandbox.fault("service_unavailable")
    telemetry.watch(client := sandbox.client(retry=QUICK))
    with pytest.raises(ServiceUnavailable):
        client.list_chats()
    assert telemetry.span().attributes["http.request.resend_count"] == 2
    assert [name for name, _ in events(telemetry.span())].count("request failed") == 3
