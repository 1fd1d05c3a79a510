"""The RTM session: log in, swap the token, log out, away status."""

from collections.abc import Mapping, Sequence
from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from frontdesk.models import Application, LoginResponse
from frontdesk.spec.actions import Action, Spec, all_of, any_of, no_scope
from frontdesk.spec.checks import Id
from frontdesk.spec.fields import NOT_SENT, Dict, Maybe, MaybeFrom

__all__ = ["Login", "Logout", "SetAwayStatus", "UpdateSession"]


class Login(Action[LoginResponse], frozen=True, kw_only=True):
    """Log in an RTM connection, within 30 seconds of opening it.

    Each scope switches on a family of pushes: chats of the agent's groups, customers, multicast,
    agents, bots.
    """

    not_shown: ClassVar[frozenset[str]] = frozenset({"token"})
    spec: ClassVar[Spec] = Spec(
        name="login",
        errors=(
            "AuthenticationError",
            "SeatsLimitExceeded",
            "RequesterSuspended",
            "RequesterAwaitingApproval",
        ),
        group="session",
        returns=LoginResponse,
        scopes=all_of(
            "chats--access:ro",
            "customers:ro",
            "multicast:ro",
            "agents--all:ro",
            "agents-bot--all:ro",
        ),
        transports=("rtm",),
        push=("incoming_customers",),
    )
    token: Annotated[Id, Meta(description="Access token with its scheme: `Bearer dal:…`.")]
    timezone: Annotated[Maybe[str], Meta(description="Name of the agent's time zone.")] = NOT_SENT
    reconnect: Annotated[
        Maybe[bool],
        Meta(description="True: keep the last status instead of the default one."),
    ] = NOT_SENT
    application: Annotated[
        MaybeFrom[Application, Application | Dict],
        Meta(description="Name and version of the application."),
    ] = NOT_SENT
    away: Annotated[Maybe[bool], Meta(description="True: the connection starts as away.")] = (
        NOT_SENT
    )
    customer_monitoring_level: Annotated[
        Maybe[Literal["my", "chatting", "invited", "online", "highest_available"]],
        Meta(description="Of which customers pushes come; `my` on the first session."),
    ] = NOT_SENT
    pushes: Annotated[
        MaybeFrom[dict[str, list[str]], Mapping[str, Sequence[str]]],
        Meta(
            description="Version (without v) -> names of the pushes to send, or `all`; defaults "
            "to all of the connection's version."
        ),
    ] = NOT_SENT

    def __repr__(self) -> str:
        return "Login(token='…')"


class UpdateSession(Action[None], frozen=True, kw_only=True):
    """Tie the RTM connection to a new token before the old one ends."""

    not_shown: ClassVar[frozenset[str]] = frozenset({"token"})
    spec: ClassVar[Spec] = Spec(
        name="update_session",
        group="session",
        scopes=no_scope,
        transports=("rtm",),
        since=(3, 6),
        repeatable=True,
    )
    token: Annotated[Id, Meta(description="New access token with its scheme: `Bearer dal:…`.")]

    def __repr__(self) -> str:
        return "UpdateSession(token='…')"


class Logout(Action[None], frozen=True, kw_only=True):
    """Log out the agent.

    LiveChat documents it for RTM only and without arguments; older clients call it over Web too.
    """

    spec: ClassVar[Spec] = Spec(
        name="logout",
        errors=("RequesterAlreadyOffline",),
        group="session",
        scopes=no_scope,
        repeatable=True,
    )
    agent_id: Annotated[
        Maybe[Id],
        Meta(description="The agent to log out (not documented); defaults to the requester."),
    ] = NOT_SENT


class SetAwayStatus(Action[None], frozen=True, kw_only=True):
    """Mark this RTM connection as away or back.

    When all connections of the agent are away, the agent stops accepting chats.
    """

    spec: ClassVar[Spec] = Spec(
        name="set_away_status",
        group="session",
        scopes=any_of("agents--my:rw"),
        transports=("rtm",),
        repeatable=True,
    )
    away: Annotated[bool, Meta(description="True: away; false: back.")]
