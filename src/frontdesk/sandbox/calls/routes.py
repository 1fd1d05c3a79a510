"""Which method a call is for: by API, name, version and transport."""

from functools import cache
from typing import Final

from msgspec import Struct

from frontdesk.errors import NotFound
from frontdesk.sandbox.apis import HANDLERS
from frontdesk.sandbox.apis.handler import MethodHandler
from frontdesk.sandbox.calls.names import call_name
from frontdesk.sandbox.calls.versions import SERVED, check_served
from frontdesk.spec.actions import Transport, Version, dotted
from frontdesk.suggestions import did_you_mean

__all__ = ["Route", "find_route"]

_OTHER: Final[dict[Transport, str]] = {"web": "RTM", "rtm": "Web"}
_SHOWN: Final = 64
_BY_NAME: Final[dict[tuple[str, str], MethodHandler]] = {
    (action.spec.api, action.spec.name): handler for action, handler in HANDLERS.items()
}


class Route(Struct, frozen=True, gc=False):
    """A method at a version; ``headers`` announce the stage of the version over HTTP.

    ``name`` is that of the method, ``call_name`` what its calls are called, see ``names``.
    ``asked`` is the latter and the version as they are written.
    """

    name: str
    call_name: str
    handler: MethodHandler
    version: Version
    headers: tuple[tuple[str, str], ...]
    asked: tuple[str, str]


@cache
def find_route(api: str, name: str, version: Version, transport: Transport) -> Route:
    """The method that a call asks for; raises ``UnsupportedVersion`` and ``NotFound``."""
    check_served(version)
    handler = _BY_NAME.get((api, name))
    if handler is None:
        hint = did_you_mean(name, [other for of, other in _BY_NAME if of == api])
        raise NotFound(f"there is no method `{name[:_SHOWN]}`{hint}")
    spec = handler.action.spec
    if transport not in spec.transports:
        raise NotFound(f"`{name}` exists over {_OTHER[transport]} only")
    if version < spec.since:
        raise NotFound(f"`{name}` exists from version {dotted(spec.since)} on")
    if spec.until is not None and version > spec.until:
        raise NotFound(f"`{name}` exists up to version {dotted(spec.until)}")
    called = call_name(api, name)
    asked = called, dotted(version)
    return Route(name, called, handler, version, SERVED[version], asked)
