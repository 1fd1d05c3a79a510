"""A proxy that records what programs of any language send and get."""

from typing import TYPE_CHECKING

from frontdesk.clients.options import DEFAULT_BASE_URL
from frontdesk.recordings.recorder import Recorder

if TYPE_CHECKING:
    from frontdesk.transport.forwarding import ForwardingProxy

__all__ = ["recording_proxy"]


def recording_proxy(
    recorder: Recorder,
    base_url: str = DEFAULT_BASE_URL,
    *,
    webhooks: str | None = None,
    host: str = "127.0.0.1",
    port: int = 0,
) -> "ForwardingProxy":
    """Start a proxy on this machine that records what passes; it runs until it is closed.

    Programs use its ``url`` as their base URL, over HTTP and RTM. Webhooks that are sent to
    ``/__record__/webhooks`` of it go to the application at ``webhooks``.

    Args:
        recorder: What writes; it stays open when the proxy is closed.
        base_url: The service that everything is forwarded to; defaults to LiveChat.
        webhooks: Where webhooks go; without it they are refused.
        host: The address to listen at, one of this machine.
        port: The port; 0 picks a free one.

    Returns:
        The proxy, to be closed, or used in a ``with`` block.

    Raises:
        InvalidArgument: The host is not one of this machine alone.
        ServerError: The port cannot be listened at.
    """
    from frontdesk.transport.forwarding import ForwardingProxy

    return ForwardingProxy(base_url, recorder, webhooks=webhooks, host=host, port=port)
