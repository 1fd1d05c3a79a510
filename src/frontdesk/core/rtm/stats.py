"""What has happened to a client's sessions so far, in numbers."""

from msgspec import Struct

__all__ = ["Counters", "SessionStats"]


class SessionStats(Struct, frozen=True, kw_only=True):
    """What has happened to an RTM client since it was made, all of its sessions together."""

    logins: int
    """Successful log-ins, the first one included."""
    reconnects: int
    """Log-ins after a connection was lost or the server had ended the session."""
    drops: int
    """Connections that were lost, or ended by the server, after the log-in."""
    failed_attempts: int
    """Attempts to come back that did not get as far as the log-in."""
    pushes: int
    """Pushes received."""
    dropped: int
    """Pushes that did not fit a subscriber's or handler's queue; each queue counts on its own."""
    recovered: int
    """Pushes that were read back after interruptions; they are not among ``pushes``."""
    recovery_requests: int
    """Requests that reading back has cost, those that failed included."""
    handled: int
    """Calls of handlers that have ended, well or not."""
    handler_errors: int
    """Calls of handlers that raised an error."""


class Counters:
    """The numbers as they grow."""

    __slots__ = SessionStats.__struct_fields__

    def __init__(self) -> None:
        self.logins = self.reconnects = self.drops = self.failed_attempts = 0
        self.pushes = self.dropped = self.recovered = self.recovery_requests = 0
        self.handled = self.handler_errors = 0

    def snapshot(self) -> SessionStats:
        """Return the numbers of now."""
        return SessionStats(**{name: getattr(self, name) for name in self.__slots__})
