"""The observer that makes spans and metrics of what it hears."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from contextvars import Token
from time import perf_counter
from typing import Any, Final

from opentelemetry import context, metrics, propagate, trace
from opentelemetry.context import Context
from opentelemetry.metrics import Counter, Histogram, MeterProvider
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer, TracerProvider

from frontdesk.core.observation import CallEnd, CallStart, WorkStart
from frontdesk.otel.attributes import (
    ATTEMPT,
    BILLED,
    ERROR_TYPE,
    RESEND_COUNT,
    RESPONSE_SIZE,
    STATUS_CODE,
    Attributes,
    common_attributes,
    error_type,
    span_attributes,
    span_name,
    work_attributes,
)
from frontdesk.version import __version__

__all__ = ["OpenTelemetryObserver"]

NAME: Final = "frontdesk"
ABANDONED: Final = "cancelled"
BOUNDARIES: Final = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10)
"""Seconds; those of the semantic conventions for durations of HTTP."""


class OpenTelemetryObserver:
    """Makes a span of each call and of each run of handlers, and counts them.

    Args:
        tracer_provider: Makes the spans; defaults to the global one.
        meter_provider: Makes the metrics; defaults to the global one.
    """

    def __init__(
        self,
        tracer_provider: TracerProvider | None = None,
        meter_provider: MeterProvider | None = None,
    ) -> None:
        self.tracer: Tracer = trace.get_tracer(NAME, __version__, tracer_provider)
        meter = metrics.get_meter(NAME, __version__, meter_provider)
        self.calls: Counter = meter.create_counter(
            "frontdesk.calls", "{call}", "Calls of the API's methods that have ended"
        )
        self.call_errors: Counter = meter.create_counter(
            "frontdesk.call.errors", "{call}", "Those of them that failed"
        )
        self.requests: Counter = meter.create_counter(
            "frontdesk.requests", "{request}", "Requests that LiveChat bills, retries included"
        )
        self.call_duration: Histogram = meter.create_histogram(
            "frontdesk.call.duration",
            "s",
            "How long calls took, retries and pauses included",
            explicit_bucket_boundaries_advisory=BOUNDARIES,
        )
        self.work: Counter = meter.create_counter(
            "frontdesk.handled", "{message}", "Webhooks, and messages of bots, that were handled"
        )
        self.work_errors: Counter = meter.create_counter(
            "frontdesk.handler.errors", "{error}", "Errors of their handlers"
        )
        self.work_duration: Histogram = meter.create_histogram(
            "frontdesk.handler.duration",
            "s",
            "How long their handlers took",
            explicit_bucket_boundaries_advisory=BOUNDARIES,
        )
        self.reconnects: Counter = meter.create_counter(
            "frontdesk.rtm.reconnects", "{reconnect}", "Sessions that have logged in again"
        )
        self.disconnects: Counter = meter.create_counter(
            "frontdesk.rtm.disconnects", "{disconnect}", "Connections of sessions that were lost"
        )

    def call_started(self, start: CallStart) -> "_CallSpan":
        """Begin the span of a call."""
        return _CallSpan(self, start)

    def reconnected(self, address: str) -> None:
        """Count a session that is back."""
        self.reconnects.add(1)

    def disconnected(self, address: str) -> None:
        """Count a connection that is lost."""
        self.disconnects.add(1)

    @contextmanager
    def incoming(self, headers: Mapping[str, str]) -> Generator[None, None, None]:
        """Make the trace of a request the present one, unless there is one already.

        A web framework that is instrumented itself has done so.
        """
        if trace.get_current_span().get_span_context().is_valid:
            yield
            return
        attached = _Attached(propagate.extract(headers))
        try:
            yield
        finally:
            attached.detach()

    def accepted(self) -> object:
        """Return the present context, in which a webhook was accepted."""
        return context.get_current()

    def work_started(self, start: WorkStart) -> "_WorkSpan":
        """Begin the span of a run of handlers."""
        return _WorkSpan(self, start)


class _Attached:
    """A context that is the present one until it is detached."""

    __slots__ = ("_context", "_token")

    def __init__(self, present: Context) -> None:
        self._context = present
        self._token: Token[Context] | None = context.attach(present)

    def detach(self) -> None:
        token, self._token = self._token, None
        # A task that is thrown away may end elsewhere, where there is nothing to detach.
        if token is not None and context.get_current() is self._context:
            context.detach(token)


class _CallSpan:
    """The span of one call, and its part in the metrics."""

    __slots__ = ("_attached", "_observer", "_span", "_start")

    def __init__(self, observer: OpenTelemetryObserver, start: CallStart) -> None:
        self._observer = observer
        self._start = start
        self._attached: _Attached | None = None
        # What a session does by itself belongs to no caller: it would be part of the trace in which
        # somebody once connected.
        parent = Context() if start.is_own else None
        self._span: Span = observer.tracer.start_span(
            span_name(start), parent, SpanKind.CLIENT, span_attributes(start)
        )
        if start.transport == "web":
            # So what the transport and the function for the token do is part of the call.
            self._attached = _Attached(trace.set_span_in_context(self._span))

    def sending(self, number: int) -> None:
        if self._span.is_recording():
            self._span.add_event("request", {RESEND_COUNT: number - 1})

    def failed(self, error: BaseException) -> None:
        if self._span.is_recording():
            self._span.add_event("request failed", {ERROR_TYPE: error_type(error)})

    def ended(self, end: CallEnd) -> None:
        if self._attached is not None:
            self._attached.detach()
        kind = ABANDONED if end.abandoned else None
        if end.error is not None:
            kind = error_type(end.error)
        span = self._span
        if span.is_recording():
            facts: Attributes = {BILLED: end.billed, RESPONSE_SIZE: end.bytes}
            if end.status:
                facts[STATUS_CODE] = end.status
            if end.attempts > 1:
                facts[RESEND_COUNT] = end.attempts - 1
            span.set_attributes(facts)  # at once, since each time takes a lock
            _mark(span, kind)
        observer, attributes = self._observer, common_attributes(self._start)
        # While the span is the present one, so that exemplars lead to it.
        present = trace.set_span_in_context(span)
        if end.billed:
            observer.requests.add(end.billed, attributes, present)
        if kind:
            attributes[ERROR_TYPE] = kind
            observer.call_errors.add(1, attributes, present)
        if end.status:
            attributes[STATUS_CODE] = end.status
        observer.calls.add(1, attributes, present)
        observer.call_duration.record(end.seconds, attributes, present)
        span.end()


class _WorkSpan:
    """The span of one run of handlers, and its part in the metrics."""

    __slots__ = ("_attached", "_attributes", "_began", "_kind", "_observer", "_span")

    def __init__(self, observer: OpenTelemetryObserver, start: WorkStart) -> None:
        self._observer = observer
        self._began = perf_counter()
        self._kind: str | None = None
        self._attributes: Attributes = work_attributes(start.source, start.action)
        # Without one, whatever was present when the work was begun is not about it.
        parent: Any = start.origin if start.origin is not None else Context()
        self._span: Span = observer.tracer.start_span(
            f"process {start.action}",
            parent,
            SpanKind.CONSUMER,
            {**self._attributes, ATTEMPT: start.attempt},
        )
        self._attached = _Attached(trace.set_span_in_context(self._span, parent))

    def failed(self, error: BaseException) -> None:
        self._kind = error_type(error)
        if self._span.is_recording():
            self._span.add_event("handler failed", {ERROR_TYPE: self._kind})
        self._observer.work_errors.add(1, {**self._attributes, ERROR_TYPE: self._kind})

    def ended(self) -> None:
        self._attached.detach()
        span, attributes = self._span, self._attributes
        present = trace.set_span_in_context(span)
        if span.is_recording():
            _mark(span, self._kind)
        if self._kind:
            attributes = {**attributes, ERROR_TYPE: self._kind}
        self._observer.work.add(1, attributes, present)
        self._observer.work_duration.record(perf_counter() - self._began, attributes, present)
        span.end()


def _mark(span: Span, kind: str | None) -> None:
    """Say that what a span is of has failed; without the error's text, which may name people."""
    if kind:
        span.set_attribute(ERROR_TYPE, kind)
        span.set_status(Status(StatusCode.ERROR))
