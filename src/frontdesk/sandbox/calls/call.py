"""A call: what its transport knows of it, and how far the pipeline has come with it."""

from abc import ABC, abstractmethod
from http import HTTPStatus
from typing import Any, ClassVar

from frontdesk.errors import APIError
from frontdesk.sandbox.apis.batches import BatchHandler, Requests
from frontdesk.sandbox.calls.decoding import decode_request, decode_requests
from frontdesk.sandbox.calls.event_limits import MOST_KEYS, check_keys
from frontdesk.sandbox.calls.faults import Fault
from frontdesk.sandbox.calls.owners import with_owner
from frontdesk.sandbox.calls.responses import EMPTY, error_body, status_of
from frontdesk.sandbox.calls.routes import Route
from frontdesk.sandbox.calls.versions import request_of
from frontdesk.sandbox.world import Identities, Requester, World
from frontdesk.sandbox.world.actor import Actor
from frontdesk.spec.actions import Transport

__all__ = ["IncomingCall"]


class IncomingCall(ABC):
    """A call of one method; each transport has a class of its own.

    The methods are the steps that differ between transports; ``Pipeline.carry_out`` calls them in
    their order. ``route``, ``fault``, ``requester``, ``error`` and ``response`` are set on the way:
    they are None, and the response is empty, as long as the call has not come that far.
    """

    transport: ClassVar[Transport]

    # Defaults of the class, since most calls change only a few of them.
    route: Route | None = None
    fault: Fault | None = None
    requester: Actor | None = None
    error: APIError | None = None
    status: int = HTTPStatus.OK
    response: bytes = EMPTY

    def __init__(self, body: bytes) -> None:
        self.body = body

    @property
    @abstractmethod
    def asked(self) -> tuple[str, str]:
        """The method and version that were asked for, for the record of a call without a route."""

    @abstractmethod
    def find_route(self) -> Route:
        """Which method the call is for; raises ``APIError``."""

    @abstractmethod
    def authenticate(self, world: World, identities: Identities) -> Actor:
        """Who calls, in the right region; raises ``APIError``."""

    @property
    @abstractmethod
    def author(self) -> tuple[str, str] | None:
        """The field that names a bot to act as, up to version 3.5, and its value."""

    def decode(self, route: Route) -> Any:
        """The action that the body asks for; raises ``ValidationError``."""
        # Each key has a colon behind it, so most requests need no second look.
        if self.body.count(b":") > MOST_KEYS:
            check_keys(route.name, self.body)
        body = request_of(route.version, route.name, self.body)
        handler = route.handler
        if isinstance(handler, BatchHandler):
            return Requests(decode_requests(handler.single.action, body))
        if isinstance(self.requester, Requester):
            body = with_owner(handler.action, body, self.requester)
        return decode_request(handler.action, body)

    def perform(self, world: World, route: Route, requester: Actor, action: Any) -> Any:
        """Do what is asked, and return the result; raises ``APIError``."""
        return route.handler.perform(world, requester, action)

    def fail(self, error: APIError) -> None:
        """Make an error the response."""
        # Its traceback leads to this call and to what was decoded of it: all of that, however long,
        # would stay until the collector of such cycles comes by.
        error.__traceback__ = error.__context__ = error.__cause__ = None
        self.error = error
        self.status = status_of(error)
        self.response = error_body(error)

    @property
    def recorded_body(self) -> bytes:
        """The body as far as it is to be recorded."""
        return self.body

    @property
    def caller_id(self) -> str | None:
        """The agent, bot or customer who calls, for the record."""
        return None if self.requester is None else self.requester.id
