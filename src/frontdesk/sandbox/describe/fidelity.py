"""The table of what the sandbox does as LiveChat documents it, and what it assumes."""

from collections.abc import Iterable
from typing import Any

from frontdesk.actions import ACTIONS, CONFIGURATION_ACTIONS, Action
from frontdesk.sandbox.apis import HANDLERS

__all__ = ["BY_HAND", "fidelity_markdown"]

_HEAD = """\
<!-- Rendered by `make render`; not to be edited by hand. -->

# How close the sandbox is to LiveChat

The sandbox responds to each method below.

- **documented**: every rule it follows is in LiveChat's docs.
- **assumed**: the docs are silent on some rules; the note says which and what was assumed.
- **not emulated**: the method responds, or refuses, without doing the work.

What holds for all methods is assumed too: the HTTP statuses of errors (LiveChat documents error
types only), the texts of error messages, when a rate limit starts and ends, and the days in the
`Legacy` and `Deprecation` headers.
"""

_TABLE = """
## {title}

| Method | Over | Fidelity | Note |
| -- | -- | -- | -- |
"""

_RTM = """
## RTM

Documented are the frames, the log-in within 30 seconds, pings, ten pending requests, the scopes of
the push families, who gets the pushes of a chat, and why `agent_disconnected` comes. Assumed:

- Any message counts as a sign of life, as does a WebSocket ping; 30 real seconds without any end
  the connection. Moving the sandbox's clock ends tokens, but is no silence.
- A ping before the log-in gets no response and is no sign of life. Other methods are refused with
  `authentication`; so is a second log-in, with `validation`.
- A wrong path is refused with HTTP; a wrong organization, version or region opens a connection that
  `agent_disconnected` ends at once. The organization may be missing, as LiveChat's SDKs do.
- Frames that are no requests get a `validation` error; one of more than 1 MB ends the
  connection (1009).
- Responses come before the pushes that their requests caused.
- `agent_disconnected` comes in the version of the connection, whatever the push filter says; the
  connection then ends with code 1000. An unknown name or version in a push filter is `validation`.
- Pushes of the configuration, and those of the session, need no scope.
- Limits on connections are off until they are set. A newer connection evicts the oldest one.
- The end or the revocation of a token, another role, a suspension or an expired license end a
  connection at the next request, or within a quarter of a second.
- An agent whose last connection broke goes offline 30 seconds later, on the sandbox's clock.

The sandbox never causes these pushes, since what causes them is outside the Agent Chat API; they
can be sent by hand, with `sandbox.rtm.push` or `POST /__sandbox__/rtm/push`, and go to whom the API
would send them: {by_hand}.
"""

BY_HAND = (
    "agent_approved",
    "agent_created",
    "agent_deleted",
    "agent_suspended",
    "agent_unsuspended",
    "agent_updated",
    "auto_accesses_updated",
    "bot_created",
    "bot_deleted",
    "bot_updated",
    "canned_response_created",
    "canned_response_deleted",
    "canned_response_updated",
    "chat_deleted",
    "customer_transferred",
    "event_updated",
    "group_created",
    "group_deleted",
    "group_properties_updated",
    "group_updated",
    "license_properties_updated",
    "tag_created",
    "tag_deleted",
    "tag_updated",
    "thread_deleted",
    "threads_deleted",
    "ticket_created",
    "ticket_deleted",
)
"""The pushes that nothing in the sandbox causes."""


def fidelity_markdown() -> str:
    """The page ``docs/sandbox/fidelity.md``."""
    return (
        _HEAD
        + _table("Agent Chat API", ACTIONS.values())
        + _table("Configuration API", CONFIGURATION_ACTIONS.values())
        + _RTM.format(by_hand=", ".join(f"`{name}`" for name in BY_HAND))
    )


def _table(title: str, actions: Iterable[type[Action[Any]]]) -> str:
    rows = [_row(action) for action in sorted(actions, key=lambda action: action.spec.name)]
    return _TABLE.format(title=title) + "".join(rows)


def _row(action: type[Action[Any]]) -> str:
    spec = action.spec
    over = " and ".join("RTM" if name == "rtm" else "Web" for name in spec.transports)
    method = f"[`{spec.name}`]({spec.url})"
    handler = HANDLERS.get(action)
    if handler is None:
        return f"| {method} | {over} | not emulated | The sandbox responds with `not_found`. |\n"
    note = " ".join(handler.note.split()).replace("|", "\\|")
    return f"| {method} | {over} | {handler.fidelity} | {note} |\n"
