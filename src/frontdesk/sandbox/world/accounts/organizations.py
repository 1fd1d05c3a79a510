"""Organizations and the accounts in them.

The agents of the sandbox have accounts in the license's own organization. Further organizations
have accounts of their own for the same agents; all of them share the license: its chats, its
agents, its settings.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from msgspec import Struct

from frontdesk.errors import InvalidArgument, NotFound
from frontdesk.sandbox.store.records import AgentRecord, OrganizationRecord
from frontdesk.sandbox.world.accounts.errors import IdentityError
from frontdesk.sandbox.world.world import World

__all__ = [
    "Account",
    "accounts_of",
    "add",
    "all_ids",
    "find_account",
    "further",
    "may_log_in",
    "name_of",
]

_ID: Final = re.compile(r"[A-Za-z0-9-]{1,64}")


class Account(Struct, frozen=True):
    """Somebody who can log in: an agent in an organization."""

    id: str
    organization_id: str
    agent: AgentRecord


def add(
    world: World,
    name: str,
    *,
    organization_id: str | None = None,
    agent_ids: Iterable[str] | None = None,
) -> OrganizationRecord:
    """Add an organization.

    Args:
        world: Where it is added.
        name: What people read where they log in.
        organization_id: Defaults to a new one.
        agent_ids: The agents with an account in it; defaults to all there are.

    Raises:
        InvalidArgument: The id is taken, or is none.
        NotFound: There is no such agent.
    """
    if organization_id is not None and not _ID.fullmatch(organization_id):
        raise InvalidArgument("organization_id", "must be 1 to 64 letters, digits and `-`")
    if organization_id in all_ids(world):
        raise InvalidArgument("organization_id", "must be one that no organization has yet")
    agents = _agents(world)
    members = list(agents) if agent_ids is None else list(dict.fromkeys(agent_ids))
    for agent_id in members:
        if agent_id not in agents:
            raise NotFound(f"there is no agent `{agent_id[:64]}`")
    organization = OrganizationRecord(
        id=organization_id or world.ids.uuid4(),
        name=name or "Organization",
        accounts={agent_id: world.ids.uuid4() for agent_id in members},
    )
    world.store.accounts.organizations.save(organization)
    return organization


def further(world: World, organization_id: str) -> str:
    """Return the id of an organization, empty for the license's own."""
    own = world.store.company.license.organization_id
    return "" if organization_id == own else organization_id


def all_ids(world: World) -> list[str]:
    """Return the ids of all organizations; the first is the license's own."""
    further = [organization.id for organization in world.store.accounts.organizations]
    return [world.store.company.license.organization_id, *further]


def name_of(world: World, organization_id: str) -> str:
    """Return the name of an organization."""
    organization = world.store.accounts.organizations.get(organization_id)
    if organization is not None:
        return organization.name
    return world.store.company.license.company.company or "Organization"


def accounts_of(world: World, organization_id: str) -> Iterator[Account]:
    """Yield the accounts of an organization, in the order in which the agents were made."""
    organization = world.store.accounts.organizations.get(organization_id)
    for agent in _agents(world).values():
        account_id = (
            agent.account_id if organization is None else organization.accounts.get(agent.id)
        )
        if account_id is not None:
            yield Account(account_id, organization_id, agent)


def find_account(world: World, agent_id: str, organization_id: str) -> Account:
    """Return the account of an agent in an organization.

    Raises:
        IdentityError: There is none.
    """
    if organization_id in all_ids(world):
        for account in accounts_of(world, organization_id):
            if account.agent.id == agent_id:
                return account
    raise IdentityError("identity_lost")


def may_log_in(account: Account) -> bool:
    """Return whether an account works: its agent is neither suspended nor waits for approval."""
    return not (account.agent.suspended or account.agent.awaiting_approval)


def _agents(world: World) -> dict[str, AgentRecord]:
    agents = [agent for agent in world.store.company.agents.values() if not agent.bot]
    return {agent.id: agent for agent in sorted(agents, key=lambda agent: agent.number)}
