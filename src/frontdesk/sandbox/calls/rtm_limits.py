"""The rules that connections live by; the numbers are LiveChat's where it publishes them."""

from typing import Annotated, Literal

from msgspec import Meta

from frontdesk.spec.checks import Checked

__all__ = ["RTMLimits"]

Seconds = Annotated[float, Meta(gt=0, le=366 * 86400)]
Count = Annotated[int, Meta(ge=1)]


class RTMLimits(Checked, frozen=True, kw_only=True):
    """How long connections live and how many there may be; times are real seconds, up to a year.

    ``login_seconds``: for logging in. ``silence_seconds``: how long a logged-in connection may say
    nothing, not even a ping; clients of customers get WebSocket pings to respond to after half of
    it. ``pending_requests``: at a time, for each connection.
    ``request_seconds``: after which a delayed request fails with ``request_timeout``.

    LiveChat limits the connections of an agent, those of a customer, and those that have not logged
    in, but publishes no numbers; ``connections_per_agent``, ``connections_per_customer`` and
    ``unauthorized_connections`` are off (None) until they are set. ``when_full`` says what a
    further connection of an agent or customer does: ``evict`` the oldest, or be ``refuse``-d.
    """

    login_seconds: Seconds = 30.0
    silence_seconds: Seconds = 30.0
    pending_requests: Count = 10
    request_seconds: Seconds = 15.0
    connections_per_agent: Count | None = None
    connections_per_customer: Count | None = None
    unauthorized_connections: Count | None = None
    when_full: Literal["evict", "refuse"] = "evict"
