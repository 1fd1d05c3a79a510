"""The fixed tokens of the seeds, and making, ending and revoking others.

A sandbox that other machines can reach has random tokens in the place of the fixed ones, which
everybody knows. A database remembers which they are.
"""

import base64
import secrets
from collections.abc import Iterable, Mapping
from typing import Final

import msgspec
from msgspec.structs import replace

from frontdesk.errors import AuthenticationError, InvalidArgument, NotFound
from frontdesk.sandbox.seeds.company import (
    AGENT_SCOPES,
    AGENT_TOKEN,
    ALL_SCOPES,
    BOT_SCOPES,
    BOT_SECRET,
    BOT_TOKEN,
    CLIENT_ID,
    EXPIRED_TOKEN,
    FEW_SCOPES_TOKEN,
    OWNER_TOKEN,
    PAT_ACCOUNT_ID,
    PAT_TOKEN,
)
from frontdesk.sandbox.store import from_micros
from frontdesk.sandbox.store.records import AgentRecord, TokenRecord
from frontdesk.sandbox.world import World
from frontdesk.sandbox.world.accounts import customer_tokens
from frontdesk.sandbox.world.accounts.customer_tokens import CustomerTokenRecord
from frontdesk.sandbox.world.identity import token_id
from frontdesk.sandbox.world.people import customers
from frontdesk.sandbox.world.people.customers import CustomerDetails
from frontdesk.spec.scopes import covers

__all__ = [
    "FIXED",
    "SECONDS",
    "customer_or_new",
    "expire",
    "issue",
    "issue_to_customer",
    "random_ids",
    "rename",
    "revoke",
    "tokens_of",
]

SECONDS: Final = 28800
"""How long an access token lives, by default."""

_LONGEST: Final = 36500 * 86400
_PAT: Final = f"{PAT_ACCOUNT_ID}:{PAT_TOKEN}"
FIXED: Final[Mapping[str, str]] = {
    "owner": OWNER_TOKEN,
    "agent": AGENT_TOKEN,
    "pat": _PAT,
    "bot": BOT_TOKEN,
    "few_scopes": FEW_SCOPES_TOKEN,
    "expired": EXPIRED_TOKEN,
}


_IDS: Final = "token ids"
"""The setting of the database that holds the ids of tokens that are not the fixed ones."""


def tokens_of(world: World) -> dict[str, str]:
    """Name -> ``Authorization`` header of each token of the seeds that the world has."""
    company = world.store.company
    ids = ids_of(world)
    return {name: _header(token) for name, token in ids.items() if token in company.tokens}


def ids_of(world: World) -> dict[str, str]:
    """Name -> id of each token of the seeds."""
    changed = world.store.company.setting(_IDS)
    return {**FIXED, **(msgspec.json.decode(changed, type=dict[str, str]) if changed else {})}


def random_ids(world: World) -> dict[str, str]:
    """Name -> id of random tokens: those that the world has already, new ones for the others."""
    ids = ids_of(world)
    return {
        name: f"{fixed.rpartition(':')[0]}:{secrets.token_hex(16)}"
        if ids[name] == fixed
        else ids[name]
        for name, fixed in FIXED.items()
    }


def rename(world: World, ids: Mapping[str, str]) -> None:
    """Give the tokens of the seeds other ids; those with the old ones end.

    The secret of the bot of the seeds, with which anybody could make a token, changes along.
    """
    company = world.store.company
    if ids["bot"] != BOT_TOKEN:
        for bot in company.agents.values():
            if bot.secret == BOT_SECRET:
                bot.secret = secrets.token_hex(16)
                company.save_agent(bot)
    present = ids_of(world)
    if present == ids:
        return
    for name, new_id in ids.items():
        record = company.tokens.get(present[name])
        if record is not None and new_id != present[name]:
            company.remove_token(record.id)
            company.save_token(replace(record, id=new_id))
    company.save_setting(_IDS, msgspec.json.encode(ids))


def _header(token: str) -> str:
    if token.startswith(f"{PAT_ACCOUNT_ID}:"):
        return f"Basic {base64.b64encode(token.encode()).decode('ascii')}"
    return f"Bearer {token}"


def issue(
    world: World,
    agent_id: str,
    *,
    seconds: float = SECONDS,
    scopes: Iterable[str] | None = None,
) -> str:
    """Make a token for an agent or a bot; by default with all scopes that its role may have.

    Returns it with its scheme. Raises ``NotFound``, and ``InvalidArgument`` for a scope that the
    role may not have, and for a life of no time or of more than a hundred years.
    """
    agent = world.store.company.agents.get(agent_id)
    if agent is None:
        raise NotFound(f"`agent_id`: there is no agent `{agent_id}`")
    if not 0 < seconds <= _LONGEST:
        raise InvalidArgument("seconds", "must be more than 0, and at most a hundred years")
    allowed = list(_scopes_of(agent))
    granted = allowed if scopes is None else _checked(agent, allowed, scopes)
    region = world.store.company.license.region
    token = TokenRecord(
        id=f"{region}:{world.ids.secret()}",
        kind="bot" if agent.bot else "bearer",
        user_id=agent.id,
        client_id=agent.owner_client_id or CLIENT_ID,
        scopes=granted,
        region=region,
        expires_at=from_micros(world.clock.after(seconds)),
        name="issued",
    )
    world.store.company.save_token(token)
    return _header(token.id)


def _scopes_of(agent: AgentRecord) -> Iterable[str]:
    if agent.bot:
        return BOT_SCOPES
    return AGENT_SCOPES if agent.role == "normal" else ALL_SCOPES


def _checked(agent: AgentRecord, allowed: Iterable[str], scopes: Iterable[str]) -> list[str]:
    """The scopes, if each is one of those allowed or less."""
    if isinstance(scopes, str):
        raise InvalidArgument("scopes", f"must be a list of scopes, not {scopes!r}")
    reachable = {name for scope in allowed for name in covers(scope)}
    listed = list(scopes)
    for scope in listed:
        if scope not in reachable:
            who = "a bot" if agent.bot else f"an agent with the role `{agent.role}`"
            raise InvalidArgument("scopes", f"must not hold {scope!r}, which {who} may not have")
    return listed


def customer_or_new(world: World, customer_id: str | None) -> str:
    """Return the id of a customer, of a new one if it is none."""
    if customer_id is None:
        return customers.create(world, CustomerDetails()).id
    return customer_id


def issue_to_customer(world: World, customer_id: str, *, seconds: float = SECONDS) -> str:
    """Make a token of a customer; returns it with its scheme.

    Raises ``NotFound``, and ``InvalidArgument`` for a life of no time or of more than a hundred
    years.
    """
    if not 0 < seconds <= _LONGEST:
        raise InvalidArgument("seconds", "must be more than 0, and at most a hundred years")
    return f"Bearer {customer_tokens.issue(world, customer_id, expires_in=seconds).id}"


def expire(world: World, authorization: str) -> None:
    """End the life of a token now; raises ``NotFound``."""
    record = _find(world, authorization)
    if isinstance(record, CustomerTokenRecord):
        customer_tokens.expire(world, record)
        return
    record.expires_at = world.clock.now()
    world.store.company.save_token(record)


def revoke(world: World, authorization: str) -> None:
    """Take back a token; raises ``NotFound``."""
    record = _find(world, authorization)
    if isinstance(record, CustomerTokenRecord):
        customer_tokens.revoke(world, record.id)
        return
    world.store.company.remove_token(record.id)


def _find(world: World, authorization: str) -> TokenRecord | CustomerTokenRecord:
    """Return a token, of an agent or of a customer."""
    try:
        record_id = token_id(authorization)
    except AuthenticationError:
        raise NotFound(
            "`token` must be the name of a fixed token, or one with its scheme"
        ) from None
    token = world.store.company.tokens.get(record_id) or customer_tokens.find(world, record_id)
    if token is None:
        raise NotFound("`token`: there is no such token")
    return token
