"""Beginning and ending to watch clients, receivers and bots."""

from typing import Any, cast

from opentelemetry.metrics import MeterProvider
from opentelemetry.trace import TracerProvider

from frontdesk.bots.bot import Bot
from frontdesk.clients.base import Driver, observe_client
from frontdesk.clients.rtm.base import RTMDriver, observe_session
from frontdesk.core.observation import Observer, observe_by_default
from frontdesk.errors import InvalidArgument
from frontdesk.otel.observer import OpenTelemetryObserver
from frontdesk.webhooks.receiver import Receiver

__all__ = ["instrument", "uninstrument"]

Target = Driver[Any, Any] | RTMDriver[Any] | Receiver | Bot


def instrument(
    *targets: Target,
    tracer_provider: TracerProvider | None = None,
    meter_provider: MeterProvider | None = None,
) -> None:
    """Make spans and metrics of what clients, receivers and bots do from now on.

    Called again, it replaces what an earlier call has set up.

    Args:
        targets: Clients (sync, async, RTM, of agents or of customers), receivers of webhooks, and
            bots. Copies that are made of a client afterwards (``with_options``, ``from_client``)
            are watched too, earlier ones are not; a bot, from its next start on. Without any: all
            that are made in this process from now on, those of the library's own making too.
        tracer_provider: Makes the spans. Defaults to OpenTelemetry's global provider.
        meter_provider: Makes the metrics. Defaults to OpenTelemetry's global provider.

    Raises:
        InvalidArgument: A target is nothing that can be watched.
    """
    _observe(targets, OpenTelemetryObserver(tracer_provider, meter_provider))


def uninstrument(*targets: Target) -> None:
    """Make no more spans and metrics of clients, receivers and bots.

    Args:
        targets: As for ``instrument``. Without any: those that are made from now on; what was made
            before stays as it is.

    Raises:
        InvalidArgument: A target is nothing that can be watched.
    """
    _observe(targets, None)


def _observe(targets: tuple[Target, ...], observer: Observer | None) -> None:
    for target in targets:
        if not isinstance(cast("object", target), (Driver, RTMDriver, Receiver, Bot)):
            kind = type(target).__name__
            raise InvalidArgument(
                "targets", f"must be clients, receivers or bots, such as AgentClient, not {kind}"
            )
    if not targets:
        observe_by_default(observer)
    for target in targets:
        if isinstance(target, Driver):
            observe_client(target, observer)
        elif isinstance(target, RTMDriver):
            observe_session(target, observer)
        elif isinstance(target, Receiver):
            target.observe(observer)
        else:
            target.observer = observer
