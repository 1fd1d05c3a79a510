"""Tokens: who is behind an ``Authorization`` header.

Source: https://platform.text.com/docs/authorization
"""

import base64
import binascii
from typing import Final
from urllib.parse import unquote

from msgspec.structs import replace

from frontdesk.errors import (
    AuthenticationError,
    AuthorizationError,
    LicenseExpired,
    RequesterAwaitingApproval,
    RequesterSuspended,
)
from frontdesk.sandbox.store import to_micros
from frontdesk.sandbox.store.records import AgentRecord, TokenRecord
from frontdesk.sandbox.world.accounts import customer_tokens
from frontdesk.sandbox.world.accounts.organizations import further
from frontdesk.sandbox.world.actor import CustomerActor, Requester, Role
from frontdesk.sandbox.world.ban_list import refuse_address, refuse_banned
from frontdesk.sandbox.world.world import World
from frontdesk.spec.scopes import covers

__all__ = ["EXPIRED", "Identities", "renewed", "token_id"]

EXPIRED: Final = "the access token has expired"
_UNKNOWN: Final = "the access token is not valid"
_OF_AN_AGENT: Final = (
    "this is the token of an agent; the Customer Chat API takes the token of a customer"
)
_OF_A_CUSTOMER: Final = (
    "this is the token of a customer, for the Customer Chat API alone; here the token of an agent "
    "is needed"
)

_MOST_KNOWN = 10_000

_ROLES: dict[str, Role] = {
    "owner": "owner",
    "viceowner": "viceowner",
    "administrator": "administrator",
    "normal": "normal",
}


class Identities:
    """Looks up requesters, remembering them until the configuration changes."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._known: dict[str, Requester] = {}
        self._generation = -1
        self._license_expires = 0

    def requester(self, authorization: str, connection_id: str | None = None) -> Requester:
        """Return the agent or bot behind a header such as ``Bearer dal:…`` or ``Basic …``.

        Raises:
            AuthenticationError: The token is unknown, or has expired.
            LicenseExpired: The license has expired.
            RequesterSuspended: The agent cannot work any more.
            RequesterAwaitingApproval: The agent cannot work yet.
        """
        company = self._world.store.company
        if self._generation != company.generation:
            self._known.clear()
            self._generation = company.generation
            self._license_expires = to_micros(company.license.expires_at)
        requester = self._known.get(authorization)
        if requester is None:
            requester = self._look_up(authorization)
            if len(self._known) < _MOST_KNOWN:
                self._known[authorization] = requester
        now = self._world.clock.peek()
        if requester.expires is not None and requester.expires <= now:
            raise AuthenticationError(EXPIRED)
        if self._license_expires <= now:
            raise LicenseExpired("License expired")
        if connection_id is None:
            return requester
        return replace(requester, connection_id=connection_id)

    def customer(
        self, authorization: str, connection_id: str | None = None, *, address: str = ""
    ) -> CustomerActor:
        """Return the customer behind a header such as ``Bearer dal:…``.

        Args:
            authorization: The header.
            connection_id: The connection, if it is one.
            address: Where the customer calls from; empty where there is no socket.

        Raises:
            AuthenticationError: The token is unknown, or has expired.
            CustomerBanned: The customer is banned, the address of the last visit, or ``address``.
            LicenseExpired: The license has expired.
        """
        world = self._world
        id = token_id(authorization)
        token = customer_tokens.find(world, id)
        record = None if token is None else world.store.customers.read(token.customer_id)
        if token is None or record is None:
            is_agents = id in world.store.company.tokens
            raise AuthenticationError(_OF_AN_AGENT if is_agents else _UNKNOWN)
        now, expires = world.clock.peek(), to_micros(token.expires_at)
        if expires <= now:
            raise AuthenticationError(EXPIRED)
        if to_micros(world.store.company.license.expires_at) <= now:
            raise LicenseExpired("License expired")
        refuse_banned(world, record)
        if address:
            # The visit does not know it: calls over HTTP make none, and further tabs keep it.
            refuse_address(world, address)
        return CustomerActor(
            id=record.id,
            client_id=token.client_id,
            region=token.region,
            connection_id=connection_id,
            token_id=token.id,
            expires=expires,
            organization_id=token.organization_id,
        )

    def suspended(self, authorization: str) -> Requester:
        """Return the suspended agent behind a header, who may ask to be let in again.

        Raises:
            AuthenticationError: The token is unknown, or has expired.
        """
        token, agent = self._find(authorization)
        requester = self._requester(token, agent)
        if requester.expires is not None and requester.expires <= self._world.clock.peek():
            raise AuthenticationError(EXPIRED)
        return requester

    def _look_up(self, authorization: str) -> Requester:
        token, agent = self._find(authorization)
        if agent.suspended:
            raise RequesterSuspended("Requester suspended")
        if agent.awaiting_approval:
            raise RequesterAwaitingApproval("Requester awaiting approval")
        return self._requester(token, agent)

    def _find(self, authorization: str) -> tuple[TokenRecord, AgentRecord]:
        company = self._world.store.company
        id = token_id(authorization)
        token = company.tokens.get(id)
        agent = company.agents.get(token.user_id) if token else None
        if token is None or agent is None:
            is_customers = customer_tokens.find(self._world, id) is not None
            raise AuthenticationError(_OF_A_CUSTOMER if is_customers else _UNKNOWN)
        return token, agent

    def _requester(self, token: TokenRecord, agent: AgentRecord) -> Requester:
        return Requester(
            id=agent.id,
            account_id=token.account_id or agent.account_id,
            bot=agent.bot,
            role=_ROLES.get(agent.role, "normal"),
            scopes=_scopes(token),
            client_id=token.client_id,
            region=token.region,
            token_id=token.id,
            personal=token.kind == "pat",
            organization_id=further(self._world, token.organization_id),
            expires=to_micros(token.expires_at) if token.expires_at else None,
        )


def renewed(world: World, requester: Requester) -> Requester:
    """Return a requester with the role and the scopes that the token has by now.

    For what does several things in one call, the first of which may be about the caller.

    Raises:
        AuthenticationError: The token, or whoever it belonged to, is gone.
        AuthorizationError: The agent is suspended.
    """
    company = world.store.company
    token = company.tokens.get(requester.token_id)
    holder = company.agents.get(token.user_id) if token else None
    # Up to version 3.5 the token of an agent may act as a bot, whose role stays `normal`.
    actor = company.agents.get(requester.id)
    if token is None or holder is None or actor is None:
        raise AuthenticationError("the access token is not valid any more")
    if holder.suspended:
        raise AuthorizationError("the agent is suspended")
    role = _ROLES.get(holder.role, "normal") if actor is holder else requester.role
    return replace(requester, role=role, scopes=_scopes(token))


def _scopes(token: TokenRecord) -> frozenset[str]:
    return frozenset(name for scope in token.scopes for name in covers(scope))


def token_id(authorization: str) -> str:
    """Return the id of the token record that a header stands for.

    Raises:
        AuthenticationError: The header is neither Bearer nor Basic, or no Base64.
    """
    scheme, _, rest = authorization.strip().partition(" ")
    rest = rest.strip()
    match scheme.lower():
        case "bearer":
            return unquote(rest)
        case "basic":
            try:
                return base64.b64decode(rest, validate=True).decode()
            except (binascii.Error, UnicodeDecodeError):
                raise AuthenticationError(
                    "`Authorization`: after `Basic` comes the Base64 of account_id:token"
                ) from None
        case _:
            raise AuthenticationError("`Authorization` must begin with Bearer or Basic")
