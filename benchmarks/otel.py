"""What traces and metrics cost a call: watched beside not watched, against the embedded sandbox.

The embedded sandbox answers in the same thread, so that its work is in the figures of all: the
difference in microseconds says more than the ratio.
"""

import asyncio
from collections.abc import Callable
from contextlib import ExitStack

from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from benchmarks._measure import Samples, Work, side_by_side, table
from frontdesk import AgentClient, AsyncAgentClient
from frontdesk.otel import instrument
from frontdesk.sandbox import Sandbox

PLAIN = "not watched"
API_ONLY = "watched, OpenTelemetry's interface without an SDK"
SIMPLE = "watched, SDK, spans exported to memory one by one"
BATCHED = "watched, SDK, spans exported to memory in batches"


def run(calls: int = 300) -> str:
    with ExitStack() as stack:
        sandbox = stack.enter_context(Sandbox("demo"))
        tables = []
        for kind, make in (("sync", _sync), ("async", _async)):
            exporters: list[InMemorySpanExporter] = []
            contenders = {
                PLAIN: make(sandbox, None),
                API_ONLY: make(sandbox, instrument),
                SIMPLE: make(sandbox, _watching(SimpleSpanProcessor, exporters, stack)),
                BATCHED: make(sandbox, _watching(BatchSpanProcessor, exporters, stack)),
            }
            samples = side_by_side(
                {name: _clearing(work, exporters) for name, work in contenders.items()}, calls
            )
            tables.append(_table(f"`list_routing_statuses`, {kind}, watched or not", samples))
    return "\n".join(tables)


def _watching(
    processor: type, exporters: list[InMemorySpanExporter], stack: ExitStack
) -> Callable[[object], None]:
    exporter = InMemorySpanExporter()
    exporters.append(exporter)
    tracers = TracerProvider()
    tracers.add_span_processor(processor(exporter))
    meters = MeterProvider([InMemoryMetricReader()])
    stack.callback(tracers.shutdown)
    stack.callback(meters.shutdown)
    return lambda client: instrument(client, tracer_provider=tracers, meter_provider=meters)


def _clearing(work: Work, exporters: list[InMemorySpanExporter]) -> Work:
    """Let no contender pay for the spans that the one before has left behind."""

    def cleared(calls: int) -> None:
        for exporter in exporters:
            exporter.clear()
        work(calls)

    return cleared


def _sync(sandbox: Sandbox, watch: Callable[[AgentClient], None] | None) -> Work:
    client = sandbox.client()
    if watch is not None:
        watch(client)

    def work(calls: int) -> None:
        for _ in range(calls):
            client.list_routing_statuses()

    return work


def _async(sandbox: Sandbox, watch: Callable[[AsyncAgentClient], None] | None) -> Work:
    client = sandbox.async_client()
    if watch is not None:
        watch(client)

    async def main(calls: int) -> None:
        for _ in range(calls):
            await client.list_routing_statuses()

    return lambda calls: asyncio.run(main(calls))


def _table(title: str, samples: dict[str, Samples]) -> str:
    plain = samples[PLAIN]
    rows = [(title, "CPU a call", "of one that is not watched", "more")]
    rows.append((PLAIN, f"{plain.median:.0f} µs", "", ""))
    for name, figure in samples.items():
        if name != PLAIN:
            more = Samples(ours - theirs for ours, theirs in zip(figure, plain, strict=True))
            rows.append(
                (
                    name,
                    f"{figure.median:.0f} µs",
                    figure.beside(plain).times(),
                    f"{more.median:.0f} µs",
                )
            )
    return table(title, rows)
