"""Roles: who may change whom, and what a token may do.

The API reports four: ``owner``, ``viceowner``, ``administrator`` and ``normal``. They are made of
the roles of the organization (Accounts) and of the product. The API does not say who may change
whom; what is here follows from what the roles are for.
"""

from typing import Final

from frontdesk.errors import AuthorizationError
from frontdesk.sandbox.store.records import AgentRecord
from frontdesk.sandbox.world.actor import Requester
from frontdesk.sandbox.world.world import World
from frontdesk.spec.scopes import covers

__all__ = [
    "ALL_SCOPES",
    "NORMAL_SCOPES",
    "RANKS",
    "check_may_change",
    "check_may_give",
    "limit_tokens",
]

RANKS: Final = {"normal": 0, "administrator": 1, "viceowner": 2, "owner": 3}
"""Role -> how far above the others it is."""

NORMAL_SCOPES: Final = (
    "chats--access:rw", "chats--my:rw", "customers:rw", "customers.ban:rw", "multicast:rw",
    "multicast:ro", "agents--my:rw", "agents--all:ro", "agents-bot--all:ro", "groups--all:ro",
    "tags--groups:ro", "canned_responses--groups:ro", "accounts--my:rw", "accounts--all:rc",
)  # fmt: skip
"""What a token of an agent with the role ``normal`` may have."""

ALL_SCOPES: Final = (
    *NORMAL_SCOPES, "chats--all:rw", "customers:own", "agents--all:rw", "agents-bot--all:rw",
    "bots.templates:rw",
    "groups--all:rw", "tags--all:rw", "access_rules:rw", "webhooks.configuration:rw",
    "webhooks.state:rw", "webhooks--all:rw", "properties.configuration:rw", "properties--all:ro",
    "properties.license.value--all:rw", "properties.group.value--all:rw",
    "canned_responses--all:rw", "greetings:rw", "banlist_read", "banlist_write",
    "canned_responses_write", "domain_manage", "languages_read",
    "languages_write", "organization--my:rw", "accounts--all:rw", "accounts.roles.lc--all:rw",
    "sessions--all:rw", "subscription.lc:rw",
)  # fmt: skip
"""Every scope that an administrator's token may have.

LiveChat gives the last two to its own application only.
"""


def check_may_change(requester: Requester, agent: AgentRecord) -> None:
    """Check that the requester's role lets it change, suspend or delete an agent.

    Nobody changes the owner but the owner, and only the owner and vice owners a vice owner.

    Raises:
        AuthorizationError: It does not.
    """
    if requester.id == agent.id:
        return
    if agent.role == "owner":
        raise AuthorizationError(f"`id`: `{agent.id}` is the owner, whom nobody else may change")
    if agent.role == "viceowner" and RANKS[requester.role] < RANKS["viceowner"]:
        raise AuthorizationError(
            f"`id`: `{agent.id}` is a vice owner, whom only the owner and vice owners may change"
        )


def check_may_give(requester: Requester, role: str) -> None:
    """Check that the requester may give somebody a role: none above its own.

    Raises:
        AuthorizationError: It may not.
    """
    if RANKS[role] > RANKS[requester.role]:
        raise AuthorizationError(f"`role`: `{role}` is above your own, `{requester.role}`")


def limit_tokens(world: World, agent: AgentRecord) -> None:
    """Take from the tokens of an agent what the role does not allow any more."""
    if agent.role != "normal":
        return
    company = world.store.company
    allowed = frozenset(name for scope in NORMAL_SCOPES for name in covers(scope))
    for token in list(company.tokens.values()):
        if token.user_id == agent.id:
            granted = {name for scope in token.scopes for name in covers(scope)}
            if not granted <= allowed:
                token.scopes = sorted(granted & allowed)
                company.save_token(token)
