"""The fixed tokens of the seeds, and making, ending and revoking others."""

import base64
from collections.abc import Iterable
from typing import Final

from frontdesk.errors import AuthenticationError, InvalidArgument, NotFound
from frontdesk.sandbox.seeds.company import (
    AGENT_SCOPES,
    AGENT_TOKEN,
    ALL_SCOPES,
    BOT_SCOPES,
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
from frontdesk.sandbox.world.identity import token_id

__all__ = ["SECONDS", "expire", "issue", "revoke", "tokens_of"]

SECONDS: Final = 28800
"""How long an access token lives, by default."""

_LONGEST: Final = 36500 * 86400
_PAT: Final = f"{PAT_ACCOUNT_ID}:{PAT_TOKEN}"
_NAMES: Final = {
    "owner": OWNER_TOKEN,
    "agent": AGENT_TOKEN,
    "pat": _PAT,
    "bot": BOT_TOKEN,
    "few_scopes": FEW_SCOPES_TOKEN,
    "expired": EXPIRED_TOKEN,
}


def tokens_of(world: World) -> dict[str, str]:
    """Name -> ``Authorization`` header of each fixed token that the world has."""
    known = world.store.company.tokens
    return {name: _header(token) for name, token in _NAMES.items() if token in known}


def _header(token: str) -> str:
    if token == _PAT:
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

    Returns it with its scheme. Raises ``NotFound``, and ``InvalidArgument`` for a life of no time
    or of more than a hundred years.
    """
    agent = world.store.company.agents.get(agent_id)
    if agent is None:
        raise NotFound(f"`agent_id`: there is no agent `{agent_id}`")
    if not 0 < seconds <= _LONGEST:
        raise InvalidArgument("seconds", "must be more than 0, and at most a hundred years")
    region = world.store.company.license.region
    token = TokenRecord(
        id=f"{region}:{world.ids.hex32()}",
        kind="bot" if agent.bot else "bearer",
        user_id=agent.id,
        client_id=agent.owner_client_id or CLIENT_ID,
        scopes=list(_scopes_of(agent) if scopes is None else scopes),
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


def expire(world: World, authorization: str) -> None:
    """End the life of a token now; raises ``NotFound``."""
    token = _find(world, authorization)
    token.expires_at = world.clock.now()
    world.store.company.save_token(token)


def revoke(world: World, authorization: str) -> None:
    """Take back a token; raises ``NotFound``."""
    world.store.company.remove_token(_find(world, authorization).id)


def _find(world: World, authorization: str) -> TokenRecord:
    try:
        record_id = token_id(authorization)
    except AuthenticationError:
        raise NotFound(
            "`token` must be the name of a fixed token, or one with its scheme"
        ) from None
    token = world.store.company.tokens.get(record_id)
    if token is None:
        raise NotFound("`token`: there is no such token")
    return token
