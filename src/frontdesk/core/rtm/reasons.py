"""What to do when the server ends the session, by its reason.

Source: https://platform.text.com/docs/messaging/agent-chat-api/rtm-pushes#agent_disconnected
"""

from enum import Enum, auto
from typing import Final

__all__ = ["VERDICTS", "Verdict", "verdict_on"]


class Verdict(Enum):
    """What to do after the connection ended."""

    RECONNECT = auto()
    """Connect again, after a pause."""
    RENEW = auto()
    """Get a new token, then connect again."""
    HOP = auto()
    """Connect to the data centre that the server named."""
    STOP = auto()
    """Do not connect again."""


VERDICTS: Final = {
    "access_token_expired": Verdict.RENEW,
    "connection_timeout": Verdict.RECONNECT,
    "internal_error": Verdict.RECONNECT,
    "too_many_unauthorized_connections": Verdict.RECONNECT,
    "role_permissions_changed": Verdict.RECONNECT,
    "access_token_revoked": Verdict.STOP,
    "agent_disconnected_by_server": Verdict.STOP,
    "agent_logged_out_remotely": Verdict.STOP,
    "connection_evicted": Verdict.STOP,
    "license_expired": Verdict.STOP,
    "license_not_found": Verdict.STOP,
    "misdirected_connection": Verdict.HOP,
    "misdirected_request": Verdict.HOP,
    "too_many_connections": Verdict.STOP,
    "unsupported_version": Verdict.STOP,
}
"""``misdirected_request`` is how the docs' sample writes ``misdirected_connection``."""


def verdict_on(reason: str) -> Verdict:
    """Judge a reason; a new one is taken for a passing fault, as a lost connection is."""
    return VERDICTS.get(reason, Verdict.RECONNECT)
