"""Whom a bot acts as: a bot of one organization, or of each organization that installed it."""

import os
from collections.abc import Mapping
from typing import Any, Final, Protocol, runtime_checkable

from msgspec import Struct

from frontdesk.auth.bot_tokens import BotToken
from frontdesk.clients.options import TokenSource
from frontdesk.errors import InvalidArgument, MissingToken
from frontdesk.rendered.agent import AgentClient
from frontdesk.rendered.async_agent import AsyncAgentClient

__all__ = ["Identities", "Identity", "OneBot", "RegisteredIdentities"]


class Identity(Struct, frozen=True):
    """A bot in an organization."""

    bot_id: str
    """Its id."""
    client: AsyncAgentClient
    """A client that acts as it."""
    sync_client: AgentClient
    """The same for handlers that are not async."""
    own_ids: frozenset[str] = frozenset()
    """Other users whose events the bot does not hear, such as the agent that an RTM session listens
    as."""

    def is_own(self, user_id: str | None) -> bool:
        """Tell whether that is the bot itself."""
        return user_id == self.bot_id or user_id in self.own_ids


class Identities(Protocol):
    """Whom a bot acts as, by organization."""

    async def of(self, organization_id: str) -> Identity:
        """Return the bot of an organization.

        Raises:
            FrontdeskError: There is none, or its token cannot be had.
        """
        ...

    async def close(self) -> None:
        """Close all connections."""
        ...


@runtime_checkable
class RegisteredIdentities(Protocol):
    """Identities that also know the webhooks of their organizations, such as ``InstalledBots``."""

    def webhook_secrets(self) -> tuple[str, ...]:
        """Return the secrets that their webhooks come with."""
        ...

    async def serves(self, organization_id: str) -> bool:
        """Tell whether the bot is registered in an organization."""
        ...


class OneBot:
    """One bot for every organization whose webhooks arrive.

    Args:
        token: The token of the bot: a ``BotToken``, or whatever a client takes. Defaults to the
            environment variable ``FRONTDESK_BOT_TOKEN``.
        bot_id: The id of the bot. Defaults to that of a ``BotToken``, else to
            ``FRONTDESK_BOT_ID``.
        options: Further options of the clients, such as ``base_url`` and ``region``.

    Raises:
        MissingToken: There is no token.
        InvalidArgument: There is no id of a bot.
    """

    def __init__(
        self,
        token: TokenSource | None = None,
        bot_id: str | None = None,
        options: Mapping[str, Any] | None = None,
    ) -> None:
        if token is None:
            token = os.environ.get(TOKEN_VARIABLE) or None
        if token is None:
            raise MissingToken(
                f"the bot has no token: pass `token`, such as a BotToken, or set {TOKEN_VARIABLE}"
            )
        if bot_id is None and isinstance(token, BotToken):
            bot_id = token.bot_id
        bot_id = bot_id or os.environ.get(ID_VARIABLE)
        if not bot_id:
            raise InvalidArgument(
                "bot_id", f"is needed, so that the bot does not hear itself; or set {ID_VARIABLE}"
            )
        self._identity = Identity(
            bot_id,
            AsyncAgentClient(token, **dict(options or {})),
            AgentClient(token, **dict(options or {})),
        )

    async def of(self, organization_id: str) -> Identity:
        """Return the bot."""
        del organization_id
        return self._identity

    async def close(self) -> None:
        """Close all connections."""
        self._identity.sync_client.close()
        await self._identity.client.close()


TOKEN_VARIABLE: Final = "FRONTDESK_BOT_TOKEN"  # noqa: S105 - a name
ID_VARIABLE: Final = "FRONTDESK_BOT_ID"
