"""Traces and metrics over OpenTelemetry: of calls, of sessions, of handled webhooks, of bots.

Only OpenTelemetry's interface is needed here; what becomes of spans and metrics is up to the
program, which sets up an SDK and exporters. Nothing is loaded before this package is imported.
"""

from frontdesk.extras import importing_extra

with importing_extra("otel", "frontdesk.otel"):
    from frontdesk.otel.instrumentation import instrument, uninstrument

__all__ = ["instrument", "uninstrument"]
