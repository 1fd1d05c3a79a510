"""A sandbox at a glance: who is there, which chats are active, who is registered for webhooks."""

from collections.abc import Iterable
from itertools import islice
from typing import Any, Final

import msgspec

from frontdesk.sandbox.backend import Backend
from frontdesk.sandbox.world import World
from frontdesk.sandbox.world.chats import views
from frontdesk.sandbox.world.people.names import name_of

__all__ = ["overview"]

MOST_CHATS: Final = 100
"""Chats that are shown: the newest of the active ones."""


def overview(backend: Backend) -> bytes:
    """Return it as JSON; the caller holds the lock.

    Time is not in it, so that it is the same as long as nothing has changed.
    """
    world = backend.world
    company = world.store.company
    connections: dict[str, int] = {}
    for session in world.sessions.values():
        connections[session.requester.id] = connections.get(session.requester.id, 0) + 1
    loads = world.store.chats.loads()
    content = {
        "seed": backend.seed,
        "random_seed": backend.random_seed,
        "organization_id": company.license.organization_id,
        "running": world.clock.running,
        "groups": [{"id": group.id, "name": group.name} for group in company.groups.values()],
        "agents": [
            {
                "id": agent.id,
                "name": agent.name,
                "bot": agent.bot,
                "role": agent.role,
                "status": agent.status,
                "suspended": agent.suspended or agent.awaiting_approval,
                "owner_client_id": agent.owner_client_id,
                "groups": sorted(agent.groups),
                "chats": loads.get(agent.id, 0),
                "max_chats": agent.max_chats,
                "connections": connections.get(agent.id, 0),
            }
            for agent in company.agents.values()
        ],
        "active_chats": world.store.chats.count_active(),
        "chats": [
            chat
            for chat in (
                _chat(world, chat_id)
                for chat_id in islice(world.store.chats.newest_active(), MOST_CHATS)
            )
            if chat is not None
        ],
        "customers_online": len(
            {session.customer.id for session in world.customer_sessions.values()}
        ),
        "webhooks": [_registration(webhook) for webhook in company.webhooks.values()],
        "webhooks_off": company.license.webhooks_off,
        "deliveries": backend.webhooks.counts,
        "faults": list(backend.faults),
        "limits": len(list(backend.limits)),
    }
    return msgspec.json.encode(content)


def _chat(world: World, chat_id: str) -> dict[str, Any] | None:
    chat = world.store.chats.read(chat_id)
    if chat is None or chat.last_thread is None:
        return None
    thread = chat.last_thread
    place = views.show_queue_place(world, thread.num, chat.group_ids)
    return {
        "id": chat.id,
        "thread_id": thread.id,
        "customer_id": chat.customer_id,
        "customer": None if chat.customer_id is None else name_of(world, chat.customer_id),
        "group_ids": chat.group_ids,
        "started_at": thread.created_at,
        "agents": _present(chat.users),
        "queue": None if place is None else place.position,
    }


def _present(users: Iterable[Any]) -> list[str]:
    return [user.id for user in users if user.present and user.type == "agent"]


def _registration(webhook: Any) -> dict[str, Any]:
    return {
        "id": webhook.id,
        "action": webhook.action,
        "url": webhook.url,
        "type": webhook.type,
        "owner_client_id": webhook.owner_client_id,
        "filters": webhook.filters,
    }
