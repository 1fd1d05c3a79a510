"""A bot on RTM: an agent's session hears for it, and it replies over Web.

Bots cannot log in to RTM since 3.6.
"""

import asyncio
import logging
import os
from collections.abc import Callable
from typing import Any, Final

import msgspec

from frontdesk.bots.identity import Identities, Identity
from frontdesk.bots.service import BotService
from frontdesk.clients.options import TokenSource
from frontdesk.core.rtm.notices import PushesLost
from frontdesk.errors import FrontdeskError
from frontdesk.pushes import Push, UnknownPush
from frontdesk.redaction import log_failure
from frontdesk.rendered.async_agent_rtm import AsyncAgentRTM
from frontdesk.webhooks.parsing import Webhook

__all__ = ["ListeningIdentities", "listen"]

logger: Final = logging.getLogger("frontdesk.bots")
ORGANIZATION_VARIABLE: Final = "FRONTDESK_ORGANIZATION_ID"


class ListeningIdentities:
    """Whom the bot acts as, which does not hear the agent that listens for it either.

    Args:
        identities: Whom the bot acts as.
        own_ids: The agents that listen.
    """

    def __init__(self, identities: Identities, own_ids: set[str]) -> None:
        self._identities = identities
        self._own_ids = own_ids

    async def of(self, organization_id: str) -> Identity:
        """Return the bot of an organization."""
        identity = await self._identities.of(organization_id)
        return msgspec.structs.replace(identity, own_ids=identity.own_ids | self._own_ids)

    async def close(self) -> None:
        """Close all connections."""
        await self._identities.close()


async def listen(
    make_service: Callable[[set[str]], BotService],
    token: TokenSource,
    options: dict[str, Any],
    close_timeout: float | None,
    on_ready: Callable[[], object] | None = None,
) -> None:
    """Run a bot on an agent's RTM session until this is cancelled or the session ends.

    Args:
        make_service: Makes what runs the bot, given the ids of the agents that listen.
        token: The token of the agent.
        options: Those of ``AsyncAgentRTM``.
        close_timeout: Seconds to finish what was heard, at the end.
        on_ready: Called when the session has begun.

    Raises:
        FrontdeskError: The session or the bot cannot be started, or the session ended.
    """
    own_ids: set[str] = set()
    service = make_service(own_ids)
    organization_id = options.get("organization_id") or os.environ.get(ORGANIZATION_VARIABLE) or ""
    rtm = AsyncAgentRTM(token, **options)

    @rtm.on(Push)
    async def hear(push: Push) -> None:
        name = push.action if isinstance(push, UnknownPush) else push.spec.name
        webhook: Webhook[Any] = Webhook(
            webhook_id="", action=name, organization_id=organization_id, payload=push
        )
        try:
            await service.publish(webhook, "")
        except FrontdeskError as error:
            # Nobody sends a push again.
            log_failure(logger, "a push `%s` is lost to the bot", name, error=error)

    @rtm.on(PushesLost)
    def lost(notice: PushesLost) -> None:
        logger.warning("the bot may have missed pushes: %r", notice)

    await service.start()
    try:
        async with rtm:
            own_ids.add(rtm.login_response.my_profile.id)
            if on_ready is not None:
                on_ready()
            await _first_end(rtm.wait_closed(), service.wait())
    finally:
        await service.close(close_timeout)


async def _first_end(*works: Any) -> None:
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
