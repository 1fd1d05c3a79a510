"""What lc-sdk-python calls its parts, and what takes their place here."""

import re
from functools import cache
from typing import Any, Final

from frontdesk.actions import ACTIONS, CONFIGURATION_ACTIONS, Action
from frontdesk.migrate.kinds import NOTHING, Kind, Response, kind_of
from frontdesk.migrate.official_methods import METHODS, NAMES

__all__ = [
    "DISTINCT_METHODS",
    "OURS",
    "PACKAGE",
    "action_of",
    "client_class",
    "is_module",
    "replacement",
    "response_of",
]

PACKAGE: Final = "livechat"

OURS: Final = {
    "agent_web": "AgentClient",
    "agent_rtm": "AgentRTM",
    "configuration": "ConfigurationClient",
}
"""Key of a client of lc-sdk-python -> the client that takes its place."""

MODULES: Final = frozenset(
    f"{PACKAGE} agent web rtm api base v34 v35 v36 v37 configuration customer reports utils "
    "structures helpers http_client ws_client httpx_logger webhooks parser config".split()
)
VERSIONED: Final = re.compile(r"(?P<start>\w+?)(?P<major>\d)(?P<minor>\d)")
DISTINCT_METHODS: Final = frozenset(
    name for key in OURS for name in METHODS[key] if "_" in name and name != "get_headers"
)
"""Names of methods that hardly anything else has."""


def is_module(path: str) -> bool:
    """Whether a dotted path of lc-sdk-python is that of a module."""
    return all(part in MODULES for part in path.split("."))


@cache
def client_class(path: str) -> tuple[str, str | None] | None:
    """Return the key of a client and its version, if a path is that of a class of clients."""
    name = path.rpartition(".")[2]
    match = VERSIONED.fullmatch(name)
    for key, (factory, versioned) in NAMES.items():
        if name == factory:
            return key, None
        if match and match["start"] == versioned:
            return key, f"{match['major']}.{match['minor']}"
    return None


def replacement(path: str) -> str | None:
    """Return the name here of a class there."""
    found = client_class(path)
    if found is not None:
        return OURS.get(found[0])
    return "BearerToken" if path.endswith(".AccessToken") else None


def action_of(key: str, method: str) -> type[Action[Any]] | None:
    """Return the declaration of a method, if its client has it here."""
    if key == "configuration":
        return CONFIGURATION_ACTIONS.get(method)
    action = ACTIONS.get(method)
    transport = "rtm" if key == "agent_rtm" else "web"
    return action if action is not None and transport in action.spec.transports else None


def response_of(action: type[Action[Any]], key: str) -> Response:
    """Return the kind of what a method returns."""
    returns = action.spec.returns
    result: Kind = NOTHING if returns is None else kind_of(returns)
    return Response(result, is_rtm=key == "agent_rtm")
