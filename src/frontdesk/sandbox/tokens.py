"""The fixed tokens of the seeds, by the names that docs and tests use."""

import base64
from typing import Final

from frontdesk.sandbox.company import (
    AGENT_TOKEN,
    BOT_TOKEN,
    EXPIRED_TOKEN,
    FEW_SCOPES_TOKEN,
    OWNER_TOKEN,
    PAT_ACCOUNT_ID,
    PAT_TOKEN,
)
from frontdesk.sandbox.world import World

__all__ = ["tokens_of"]

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
