"""Calls over RTM: who calls is who has logged in, and a log-in changes the connection."""

from collections.abc import Callable
from typing import Any, ClassVar, Final, Literal

from msgspec import UNSET, Struct
from msgspec.structs import replace

from frontdesk.actions import Login, Logout, UpdateSession
from frontdesk.errors import (
    APIError,
    AuthenticationError,
    LicenseExpired,
    RequesterAlreadyOffline,
    ValidationError,
)
from frontdesk.sandbox.backend import Backend
from frontdesk.sandbox.calls.call import IncomingCall
from frontdesk.sandbox.calls.identification import check_region
from frontdesk.sandbox.calls.routes import Route, find_route
from frontdesk.sandbox.calls.versions import parse_version
from frontdesk.sandbox.serve.rtm.connection import Connection
from frontdesk.sandbox.serve.rtm.frames import RequestFrame, error_frame, success_frame
from frontdesk.sandbox.serve.rtm.push_delivery import LoggedIn, read_filter
from frontdesk.sandbox.world import Identities, Requester, World
from frontdesk.spec.actions import Version, dotted

__all__ = ["ConnectionCall", "ConnectionCalls"]

MakeRoom = Callable[[str], bool]
"""Makes room for one more connection of an agent; false when there must not be one."""
_SHOWN: Final = 64
_SHOWN_VERSION: Final = 16


class _Standing(Struct, frozen=True, gc=False):
    """What a call may change of its connection."""

    agent_id: str | None
    authorization: str
    generation: int
    filter: dict[Version, frozenset[str]] | None


class ConnectionCall(IncomingCall):
    """A request of a connection, and what is to happen to the connection with the response.

    ``refused`` is why the connection ends instead of getting a response; ``leaves`` is true when it
    ends after the response.

    Args:
        calls: what it belongs to.
        connection: where it came from.
        request: what came.
    """

    transport: ClassVar[Literal["web", "rtm"]] = "rtm"

    refused: str | None = None
    leaves: bool = False
    _login: Login | None = None
    _before: _Standing | None = None

    def __init__(
        self, calls: "ConnectionCalls", connection: Connection, request: RequestFrame
    ) -> None:
        super().__init__(request.body)
        self._calls = calls
        self.connection = connection
        self.request = request

    @property
    def frame(self) -> bytes:
        """The frame of the response."""
        if self.error is not None:
            return error_frame(self.request, self.error)
        return success_frame(self.request, self.response)

    @property
    def asked(self) -> tuple[str, str]:
        """The action and the version of the frame."""
        request = self.request
        return request.action[:_SHOWN], request.version or dotted(self.connection.version)

    @property
    def caller_id(self) -> str | None:
        """The agent or bot who calls, or who has logged in."""
        return self.connection.agent_id if self.requester is None else self.requester.id

    def find_route(self) -> Route:
        """The method of the frame, in its version."""
        version = _version(self.connection, self.request)
        return find_route("agent", self.request.action, version, "rtm")

    def authenticate(self, world: World, identities: Identities) -> Requester:
        """Who has logged in, or is about to."""
        connection = self.connection
        if self.route is not None and self.route.handler.action is Login:
            # The token is in the request, so that it has to be decoded at this step already.
            login = self._login = super().decode(self.route)
            if connection.agent_id is not None:
                raise ValidationError("the connection is logged in already")
            requester = identities.requester(login.token, connection.id)
            check_region(world, requester, connection.region)
        elif connection.agent_id is None:
            raise AuthenticationError("the connection is not logged in; `login` comes first")
        else:
            session = world.sessions.get(connection.id)
            if session is None:
                raise RequesterAlreadyOffline("the connection is logged out")
            requester = session.requester
        return replace(requester, request_id=self.request.request_id)

    @property
    def author(self) -> tuple[str, str] | None:
        """The bot that ``author_id`` names; nobody logs in as somebody else."""
        bot_id = self.request.author_id
        return ("author_id", bot_id) if bot_id and self._login is None else None

    def decode(self, route: Route) -> Any:
        """The action that the payload asks for."""
        return super().decode(route) if self._login is None else self._login

    def undo(self, error: APIError) -> None:
        """Make an error the response, after the world has taken back what was done.

        The connection is again what it was before the call.
        """
        self.fail(error)
        self.leaves, self.refused = False, None
        connection, before = self.connection, self._before
        if before is None:
            return
        if connection.agent_id is not None and before.agent_id is None:
            self._calls.logged_in.remove(connection)
        connection.agent_id = before.agent_id
        connection.authorization = before.authorization
        connection.generation = before.generation
        connection.filter = before.filter

    def perform(self, world: World, route: Route, requester: Requester, action: Any) -> Any:
        """Do what is asked; a log-in, a new token and a log-out change the connection too."""
        connection = self.connection
        if isinstance(action, (Login, UpdateSession)):
            self._before = _Standing(
                connection.agent_id,
                connection.authorization,
                connection.generation,
                connection.filter,
            )
        if isinstance(action, Login):
            return self._log_in(world, route, requester, action)
        result = super().perform(world, route, requester, action)
        if isinstance(action, UpdateSession):
            self.connection.authorization = action.token
        elif isinstance(action, Logout):
            self.leaves = self.connection.id not in world.sessions
        return result

    def _log_in(self, world: World, route: Route, requester: Requester, login: Login) -> Any:
        connection, calls = self.connection, self._calls
        pushes = None if login.pushes is UNSET else read_filter(login.pushes)
        # What happened until now is in the response; later on, it must not come as a push.
        world.commit()
        if not requester.bot and not calls.make_room(requester.id):
            self.refused = "too_many_connections"
            return None
        result = super().perform(world, route, requester, login)
        connection.agent_id = requester.id
        connection.authorization = login.token
        connection.generation = world.store.company.generation
        connection.filter = pushes
        calls.logged_in.add(requester.id, connection)
        return result


class ConnectionCalls:
    """Carries out requests; its caller holds the world's lock, and commits before responses leave.

    Args:
        backend: whose world it is.
        logged_in: where connections go when they log in.
        make_room: called before a connection of an agent is added.
    """

    def __init__(self, backend: Backend, logged_in: LoggedIn, make_room: MakeRoom) -> None:
        self._pipeline = backend.pipeline
        self.logged_in = logged_in
        self.make_room = make_room

    def carry_out(self, connection: Connection, request: RequestFrame) -> ConnectionCall:
        """Do what a request asks. Never raises."""
        call = ConnectionCall(self, connection, request)
        self._pipeline.carry_out(call)
        return call

    def standing(self, connection: Connection) -> str | None:
        """Why a logged-in connection must end now; None while it may go on.

        Takes over what has changed about its agent.
        """
        world = self._pipeline.world
        company = world.store.company
        session = world.sessions.get(connection.id)
        if session is None:
            return None
        expires = session.requester.expires
        if expires is not None and expires <= world.clock.peek():
            return "access_token_expired"
        if connection.generation == company.generation:
            return None
        connection.generation = company.generation
        try:
            fresh = self._pipeline.identities.requester(connection.authorization, connection.id)
        except LicenseExpired:
            return "license_expired"
        except AuthenticationError:
            exists = session.requester.token_id in company.tokens
            return "access_token_expired" if exists else "access_token_revoked"
        except APIError:
            return "agent_disconnected_by_server"
        if fresh.role != session.requester.role:
            return "role_permissions_changed"
        session.requester = fresh
        return None


def _version(connection: Connection, request: RequestFrame) -> Version:
    """The version a request is made in: the connection's, or a higher one."""
    if request.version is None:
        return connection.version
    version = parse_version(request.version)
    if version is None:
        shown = request.version[:_SHOWN_VERSION]
        raise ValidationError(f"`version` must look like 3.6, not {shown!r}")
    if version < connection.version:
        raise ValidationError(
            f"`version` must not be lower than the connection's, {dotted(connection.version)}"
        )
    return version
