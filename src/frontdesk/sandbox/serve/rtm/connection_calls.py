"""Calls over RTM: who calls is who has logged in, and a log-in changes the connection.

Agents and customers log in differently, and may call different methods.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping
from typing import Any, ClassVar, Final, Literal

from msgspec import UNSET, Struct
from msgspec.structs import replace

from frontdesk.actions import Action, Login, Logout, UpdateSession, customer
from frontdesk.errors import (
    APIError,
    AuthenticationError,
    AuthorizationError,
    CustomerBanned,
    LicenseExpired,
    RequesterAlreadyOffline,
    ValidationError,
)
from frontdesk.pushes import PUSHES
from frontdesk.sandbox.backend import Backend
from frontdesk.sandbox.calls.call import IncomingCall
from frontdesk.sandbox.calls.identification import check_region
from frontdesk.sandbox.calls.names import call_name
from frontdesk.sandbox.calls.routes import Route, find_route
from frontdesk.sandbox.calls.versions import parse_version
from frontdesk.sandbox.serve.rtm.connection import Connection, RTMApi
from frontdesk.sandbox.serve.rtm.frames import RequestFrame, error_frame, success_frame
from frontdesk.sandbox.serve.rtm.push_delivery import (
    OLD,
    LoggedIn,
    read_filter,
)
from frontdesk.sandbox.world import Identities, World
from frontdesk.sandbox.world.accounts.organizations import further
from frontdesk.sandbox.world.actor import Actor, CustomerActor
from frontdesk.spec.actions import Version, dotted

__all__ = ["ConnectionCall", "ConnectionCalls"]

MakeRoom = Callable[[Connection, str], bool]
"""Makes room for a connection of a user; false when there must not be one more."""
_SHOWN: Final = 64
_SHOWN_VERSION: Final = 16


class _Standing(Struct, frozen=True, gc=False):
    """What a call may change of its connection."""

    user_id: str | None
    authorization: str
    generation: int
    filter: dict[Version, frozenset[str]] | None


class ConnectionCall(IncomingCall, ABC):
    """A request of a connection, and what is to happen to the connection with the response.

    ``refused`` is why the connection ends instead of getting a response; ``leaves`` is true when it
    ends after the response.

    Args:
        calls: what it belongs to.
        connection: where it came from.
        request: what came.
    """

    transport: ClassVar[Literal["web", "rtm"]] = "rtm"
    api: ClassVar[RTMApi]
    login_action: ClassVar[type[Action[Any]]]
    pushes: ClassVar[Collection[str] | None]
    """The names that a log-in may ask for, besides ``all``."""

    refused: str | None = None
    leaves: bool = False
    _login: Any = None
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
        called = call_name(self.api, request.action[:_SHOWN])
        return called, request.version or dotted(self.connection.version)

    @property
    def caller_id(self) -> str | None:
        """The agent, bot or customer who calls, or who has logged in."""
        return self.connection.user_id if self.requester is None else self.requester.id

    def find_route(self) -> Route:
        """The method of the frame, in its version."""
        version = _version(self.connection, self.request)
        return find_route(self.api, self.request.action, version, "rtm")

    def authenticate(self, world: World, identities: Identities) -> Actor:
        """Who has logged in, or is about to."""
        connection = self.connection
        if self.route is not None and self.route.handler.action is self.login_action:
            # The token is in the request, so that it has to be decoded at this step already.
            login = self._login = super().decode(self.route)
            if connection.user_id is not None:
                raise ValidationError("the connection is logged in already")
            requester = self.identify(world, identities, login.token)
            check_region(world, requester, connection.region)
        elif connection.user_id is None:
            raise AuthenticationError("the connection is not logged in; `login` comes first")
        else:
            requester = self.logged_in(world)
        return replace(requester, request_id=self.request.request_id)

    @abstractmethod
    def identify(self, world: World, identities: Identities, token: str) -> Actor:
        """Whose token a log-in holds; raises ``APIError``."""

    @abstractmethod
    def logged_in(self, world: World) -> Actor:
        """Who has logged in with the connection; raises ``APIError`` after a log-out."""

    @staticmethod
    @abstractmethod
    def generation(world: World) -> int:
        """Another number after something may have changed about tokens, and whose they are."""

    @classmethod
    def standing(cls, world: World, identities: Identities, connection: Connection) -> str | None:
        """Why a logged-in connection must end now; None while it may go on."""
        expires = cls.expires(world, connection)
        if expires is not None and expires <= world.clock.peek():
            return "access_token_expired"
        generation = cls.generation(world)
        if connection.generation == generation:
            return None
        connection.generation = generation
        return cls.change(world, identities, connection)

    @staticmethod
    @abstractmethod
    def expires(world: World, connection: Connection) -> int | None:
        """When the token of the log-in ends; None without an end or a log-in."""

    @staticmethod
    @abstractmethod
    def change(world: World, identities: Identities, connection: Connection) -> str | None:
        """Take over what has changed about who has logged in, or return why that must end."""

    @property
    def author(self) -> tuple[str, str] | None:
        """Nobody else."""
        return None

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
        if connection.user_id is not None and before.user_id is None:
            self._calls.logged_in[self.api].remove(connection)
        connection.user_id = before.user_id
        connection.authorization = before.authorization
        connection.generation = before.generation
        connection.filter = before.filter

    def note_standing(self) -> None:
        """Note what the connection is, for ``undo``."""
        connection = self.connection
        self._before = _Standing(
            connection.user_id,
            connection.authorization,
            connection.generation,
            connection.filter,
        )

    def perform(self, world: World, route: Route, requester: Actor, action: Any) -> Any:
        """Do what is asked; a log-in changes the connection too."""
        if self._login is None:
            return super().perform(world, route, requester, action)
        self.note_standing()
        connection, calls = self.connection, self._calls
        pushes = None if action.pushes is UNSET else read_filter(action.pushes, self.pushes)
        # What happened until now is in the response; later on, it must not come as a push.
        world.commit()
        limited = isinstance(requester, CustomerActor) or not requester.bot
        if limited and not calls.make_room(connection, requester.id):
            self.refused = "too_many_connections"
            return None
        result = super().perform(world, route, requester, action)
        connection.user_id = requester.id
        connection.authorization = action.token
        connection.generation = self.generation(world)
        connection.filter = pushes
        calls.logged_in[self.api].add(requester.id, connection)
        return result


class AgentConnectionCall(ConnectionCall):
    """A request of an agent or bot."""

    api: ClassVar[RTMApi] = "agent"
    login_action: ClassVar[type[Action[Any]]] = Login
    pushes: ClassVar[Collection[str] | None] = frozenset((*PUSHES, *OLD))

    def identify(self, world: World, identities: Identities, token: str) -> Actor:
        """The agent or bot whose token a log-in holds."""
        return identities.requester(token, self.connection.id)

    def logged_in(self, world: World) -> Actor:
        """Who has logged in with the connection."""
        session = world.sessions.get(self.connection.id)
        if session is None:
            raise RequesterAlreadyOffline("the connection is logged out")
        return session.requester

    @staticmethod
    def generation(world: World) -> int:
        """Another number after the configuration has changed."""
        return world.store.company.generation

    @staticmethod
    def expires(world: World, connection: Connection) -> int | None:
        """When the token of the log-in ends."""
        session = world.sessions.get(connection.id)
        return None if session is None else session.requester.expires

    @staticmethod
    def change(world: World, identities: Identities, connection: Connection) -> str | None:
        """Take over what has changed about the agent, but for the role."""
        session = world.sessions.get(connection.id)
        if session is None:
            return None
        try:
            fresh = identities.requester(connection.authorization, connection.id)
        except LicenseExpired:
            return "license_expired"
        except AuthenticationError:
            exists = session.requester.token_id in world.store.company.tokens
            return "access_token_expired" if exists else "access_token_revoked"
        except APIError:
            return "agent_disconnected_by_server"
        if fresh.role != session.requester.role:
            return "role_permissions_changed"
        session.requester = fresh
        return None

    @property
    def author(self) -> tuple[str, str] | None:
        """The bot that ``author_id`` names; nobody logs in as somebody else."""
        bot_id = self.request.author_id
        return ("author_id", bot_id) if bot_id and self._login is None else None

    def perform(self, world: World, route: Route, requester: Actor, action: Any) -> Any:
        """Do what is asked; a new token and a log-out change the connection, as a log-in does."""
        if isinstance(action, UpdateSession):
            self.note_standing()
        result = super().perform(world, route, requester, action)
        if isinstance(action, UpdateSession):
            self.connection.authorization = action.token
        elif isinstance(action, Logout):
            self.leaves: bool = self.connection.id not in world.sessions
        return result


class CustomerConnectionCall(ConnectionCall):
    """A request of a customer."""

    api: ClassVar[RTMApi] = "customer"
    login_action: ClassVar[type[Action[Any]]] = customer.Login
    # Each version of LiveChat's customer-sdk asks for pushes of its time; it must not fail.
    pushes: ClassVar[Collection[str] | None] = None

    def identify(self, world: World, identities: Identities, token: str) -> Actor:
        """The customer whose token a log-in holds, who must be of the connection's organization."""
        actor = identities.customer(token, self.connection.id, address=self.connection.ip)
        if actor.organization_id != further(world, self.connection.organization_id or ""):
            raise AuthorizationError("`organization_id`: the token is of another organization")
        return replace(actor, ip=self.connection.ip, user_agent=self.connection.user_agent)

    def logged_in(self, world: World) -> Actor:
        """Who has logged in with the connection."""
        session = world.customer_sessions.get(self.connection.id)
        if session is None:
            raise AuthenticationError("the connection has ended")
        return session.customer

    @staticmethod
    def generation(world: World) -> int:
        """Another number after a ban, or after tokens were taken back."""
        return world.store.company.generation + world.store.customer_credentials.generation

    @classmethod
    def standing(cls, world: World, identities: Identities, connection: Connection) -> str | None:
        """Why a logged-in connection must end now: also after a ban or the end of the visit."""
        session = world.customer_sessions.get(connection.id)
        if session is not None and session.ends is not None:
            return session.ends
        return super().standing(world, identities, connection)

    @staticmethod
    def expires(world: World, connection: Connection) -> int | None:
        """When the token of the log-in ends."""
        session = world.customer_sessions.get(connection.id)
        return None if session is None else session.customer.expires

    @staticmethod
    def change(world: World, identities: Identities, connection: Connection) -> str | None:
        """See whether the customer's token still counts."""
        if connection.id not in world.customer_sessions:
            return None
        try:
            identities.customer(connection.authorization, address=connection.ip)
        except LicenseExpired:
            return "license_expired"
        except CustomerBanned:
            return "customer_banned"
        except AuthenticationError:
            return "access_token_revoked"
        return None


_KINDS: Final[dict[RTMApi, type[ConnectionCall]]] = {
    "agent": AgentConnectionCall,
    "customer": CustomerConnectionCall,
}


class ConnectionCalls:
    """Carries out requests; its caller holds the world's lock, and commits before responses leave.

    Args:
        backend: whose world it is.
        logged_in: where connections go when they log in, by API.
        make_room: called before a connection of an agent or customer is added.
    """

    def __init__(
        self, backend: Backend, logged_in: Mapping[RTMApi, LoggedIn], make_room: MakeRoom
    ) -> None:
        self._pipeline = backend.pipeline
        self.logged_in = logged_in
        self.make_room = make_room

    def carry_out(self, connection: Connection, request: RequestFrame) -> ConnectionCall:
        """Do what a request asks. Never raises."""
        call = _KINDS[connection.api](self, connection, request)
        self._pipeline.carry_out(call)
        return call

    def standing(self, connection: Connection) -> str | None:
        """Why a logged-in connection must end now; None while it may go on.

        Takes over what has changed about its agent.
        """
        pipeline = self._pipeline
        return _KINDS[connection.api].standing(pipeline.world, pipeline.identities, connection)


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
