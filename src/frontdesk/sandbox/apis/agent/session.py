"""The RTM session: log in, swap the token, log out, away status."""

from msgspec import UNSET

from frontdesk.actions import Login, Logout, SetAwayStatus, UpdateSession
from frontdesk.errors import AuthenticationError, AuthorizationError, RequesterAlreadyOffline
from frontdesk.models import License, LoginResponse, MyProfile
from frontdesk.sandbox.apis.handler import handles
from frontdesk.sandbox.apis.rules import PYTHON_SDK, RTM, assumed, documented, seen
from frontdesk.sandbox.world import access
from frontdesk.sandbox.world.actor import Requester
from frontdesk.sandbox.world.chats import views
from frontdesk.sandbox.world.identity import Identities
from frontdesk.sandbox.world.staff import sessions
from frontdesk.sandbox.world.world import World

__all__ = ["login", "logout", "set_away_status", "update_session"]

LISTED_CHATS = 100
"""How many chat summaries the response to a log-in has at most."""


@handles(
    Login,
    rules=(
        documented("Each scope switches on a family of pushes; `incoming_customers` follows."),
        assumed("No scope is required."),
        assumed("The newest 100 active chats with access are in the response."),
        assumed("`away` makes an agent who would accept chats not accept them."),
        documented("Bots cannot use RTM."),
        assumed("The error for them is `authorization`."),
    ),
    scopes_needed=False,
)
def login(world: World, requester: Requester, action: Login) -> LoginResponse:
    """Log in the requester's connection: the requester is who the token belongs to."""
    if requester.connection_id is None:
        raise AuthorizationError("`login` is for RTM connections")
    level = action.customer_monitoring_level
    sessions.open(
        world,
        requester,
        reconnect=action.reconnect is True,
        away=action.away is True,
        monitoring_level=None if level is UNSET else level,
        pushes=None if action.pushes is UNSET else action.pushes,
    )
    return LoginResponse(
        license=_license(world, requester),
        my_profile=_profile(world, requester),
        chats_summary=[
            views.show_chat_summary(world, requester, chat)
            for chat in access.newest_active(world, requester, LISTED_CHATS)
        ],
    )


def _license(world: World, requester: Requester) -> License:
    license = world.store.company.license
    statistics = license.properties.get("statistics", {})
    return License(
        id=license.id,
        organization_id=requester.organization_id or license.organization_id,
        plan=license.plan,
        expiration_timestamp=int(license.expires_at.timestamp()),
        creation_timestamp=int(license.created_at.timestamp()),
        in_trial=license.in_trial,
        website_last_activity=statistics.get("website_last_activity"),
    )


def _profile(world: World, requester: Requester) -> MyProfile:
    agent = world.store.company.agents[requester.id]
    return MyProfile(
        id=agent.id,
        name=agent.name,
        email=agent.id,
        present=True,
        avatar=agent.avatar or None,
        permission=agent.role,
        routing_status=agent.status,
    )


@handles(
    UpdateSession,
    rules=(
        documented("The connection lives as long as the new token."),
        assumed("`authentication` is the error for a token of somebody else."),
    ),
)
def update_session(world: World, requester: Requester, action: UpdateSession) -> None:
    """Tie the connection to a new token."""
    session = sessions.of(world, requester)
    new = Identities(world).requester(action.token, requester.connection_id)
    if new.id != requester.id:
        raise AuthenticationError("`token` belongs to another agent")
    before, session.requester = session.requester, new
    world.undo_with(lambda: setattr(session, "requester", before))


@handles(
    Logout,
    rules=(
        documented(
            "For RTM, without arguments.",
            RTM,
        ),
        seen(
            "Over Web and with `agent_id` too.",
            PYTHON_SDK,
        ),
        assumed(
            "Over Web it ends all connections of the agent; `agent_id` of another agent "
            "needs the scope agents--all:rw."
        ),
        assumed("`requester_already_offline` is the error when the agent is offline."),
    ),
)
def logout(world: World, requester: Requester, action: Logout) -> None:
    """Log out an agent: all connections end, and the agent is offline."""
    agent_id = requester.id if action.agent_id is UNSET else action.agent_id
    if requester.bot and agent_id == requester.id:
        raise RequesterAlreadyOffline("bots do not log in")
    if agent_id != requester.id and "agents--all:rw" not in requester.scopes:
        raise AuthorizationError("`agent_id`: other agents need the scope agents--all:rw")
    sessions.log_out(world, requester, agent_id)


@handles(
    SetAwayStatus,
    rules=(
        documented("Only when all connections are away does the agent accept no chats."),
        assumed("An agent to whom that happened accepts chats again when one connection is back."),
    ),
)
def set_away_status(world: World, requester: Requester, action: SetAwayStatus) -> None:
    """Mark the connection as away or back."""
    sessions.away(world, requester, action.away)
