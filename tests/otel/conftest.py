"""An SDK that keeps spans and metrics in memory."""

from collections.abc import Iterator
from typing import Any

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from frontdesk.otel import instrument

PRIVATE = "what-only-a-customer-knows"
"""What customers write, and never leaves with a span."""


class Telemetry:
    """What was exported, and how to have more of it."""

    def __init__(self) -> None:
        self._exporter = InMemorySpanExporter()
        self.tracer_provider = TracerProvider()
        self.tracer_provider.add_span_processor(SimpleSpanProcessor(self._exporter))
        self.tracer = self.tracer_provider.get_tracer("test")
        self._reader = InMemoryMetricReader()
        self.meter_provider = MeterProvider([self._reader])

    def watch(self, *targets: Any) -> Any:
        """Instrument targets; returns the first."""
        instrument(
            *targets, tracer_provider=self.tracer_provider, meter_provider=self.meter_provider
        )
        return targets[0] if targets else None

    def spans(self, name: str = "") -> list[ReadableSpan]:
        """Those that have ended, of frontdesk's alone."""
        return [
            span
            for span in self._exporter.get_finished_spans()
            if span.instrumentation_scope.name == "frontdesk" and name in span.name
        ]

    def span(self, name: str = "") -> ReadableSpan:
        (span,) = self.spans(name)
        return span

    def points(self, name: str) -> list[Any]:
        """The data points of a metric."""
        data = self._reader.get_metrics_data()
        return [
            point
            for resource in (data.resource_metrics if data else ())
            for scope in resource.scope_metrics
            for metric in scope.metrics
            if metric.name == name
            for point in metric.data.data_points
        ]

    def total(self, name: str, **attributes: Any) -> int:
        """The sum of a counter, of the points that have these attributes."""
        given = {key.replace("__", "."): value for key, value in attributes.items()}
        return sum(
            point.value
            for point in self.points(name)
            if given.items() <= dict(point.attributes).items()
        )

    def everything(self) -> str:
        """All that was exported, as text."""
        data = self._reader.get_metrics_data()
        spans = [span.to_json() for span in self._exporter.get_finished_spans()]
        return "\n".join([*spans, data.to_json() if data else ""])

    def close(self) -> None:
        self.tracer_provider.shutdown()
        self.meter_provider.shutdown()


@pytest.fixture
def telemetry() -> Iterator[Telemetry]:
    telemetry = Telemetry()
    yield telemetry
    telemetry.close()


def events(span: ReadableSpan) -> list[tuple[str, dict[str, Any]]]:
    return [(event.name, dict(event.attributes or {})) for event in span.events]
