"""Which webhooks a happening causes.

A registration gets a happening of its action when its filters agree: all of those it has.
"""

from collections.abc import Iterator
from typing import Any, Final

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from frontdesk.decoding import encode
from frontdesk.models import Properties, RegisteredFilters
from frontdesk.pushes import PUSHES, IncomingChat
from frontdesk.sandbox.store.records import ChatRecord, WebhookRecord
from frontdesk.sandbox.world.effects import Happening
from frontdesk.sandbox.world.world import World

__all__ = ["CONFIGURATION_WEBHOOKS", "Outgoing", "outgoing"]

CONFIGURATION_WEBHOOKS: Final = frozenset(
    name
    for name, push in PUSHES.items()
    if push.spec.webhook and push.spec.group == "configuration"
)
"""The webhooks whose envelope tells who changed something."""
_encode = msgspec.json.Encoder().encode


class Outgoing(Struct, frozen=True, gc=False):
    """One webhook to be sent; ``lane`` is what keeps its order."""

    webhook_id: str
    action: str
    url: str
    lane: str
    body: bytes


class _Requester(Struct, frozen=True, gc=False):
    user_id: str
    account_id: str
    client_id: str


class _AdditionalData(Struct, frozen=True, gc=False):
    chat_properties: Properties | UnsetType = UNSET
    chat_presence_user_ids: list[str] | UnsetType = UNSET


class _Envelope(Struct, frozen=True, gc=False):
    webhook_id: str
    secret_key: str
    action: str
    organization_id: str
    payload: Raw
    additional_data: _AdditionalData
    requester: _Requester | UnsetType = UNSET


def outgoing(world: World, happening: Happening) -> Iterator[Outgoing]:
    """Make the webhooks that a happening causes, as the world is now."""
    action = happening.webhook
    wanted = [one for one in world.store.company.webhooks.values() if one.action == action]
    if action is None or not wanted:
        return
    chat = world.store.chats.get(happening.chat_id) if happening.chat_id else None
    payload: Raw | None = None
    for webhook in wanted:
        if not _is_on(world, webhook) or not _agrees(world, webhook, happening, chat):
            continue
        if payload is None:
            payload = Raw(encode(_as_webhook(action, happening.payload)))
        envelope = _Envelope(
            webhook_id=webhook.id,
            secret_key=webhook.secret_key,
            action=action,
            organization_id=world.store.company.license.organization_id,
            payload=payload,
            additional_data=_additional_data(webhook, chat),
            requester=_requester(world, happening) if action in CONFIGURATION_WEBHOOKS else UNSET,
        )
        lane = happening.chat_id or action
        yield Outgoing(webhook.id, action, webhook.url, lane, _encode(envelope))


def _as_webhook(action: str, payload: Any) -> Any:
    """The payload where the webhook's differs from the push's."""
    match action:
        case "routing_status_set":
            return {"agent_id": payload.agent_id, "status": payload.status.replace("_", " ")}
        case "incoming_chat":
            return IncomingChat(chat=payload.chat)
        case _:
            return payload


def _is_on(world: World, webhook: WebhookRecord) -> bool:
    company = world.store.company
    if webhook.type == "license":
        return webhook.owner_client_id not in company.license.webhooks_off
    return any(
        agent.bot and agent.owner_client_id == webhook.owner_client_id and agent.status != "offline"
        for agent in company.agents.values()
    )


def _agrees(
    world: World, webhook: WebhookRecord, happening: Happening, chat: ChatRecord | None
) -> bool:
    filters = webhook.filters
    if filters is None:
        return True
    if filters.author_type is not None and happening.author_type != filters.author_type:
        return False
    if filters.source_type is not None and (
        _source_type(webhook, happening) not in filters.source_type
    ):
        return False
    if filters.agent_ids is not None and happening.payload.agent_id not in filters.agent_ids:
        return False
    if filters.only_my_chats and _client_of(chat) != webhook.owner_client_id:
        return False
    return _presence_agrees(world, webhook, filters, chat)


def _presence_agrees(
    world: World, webhook: WebhookRecord, filters: RegisteredFilters, chat: ChatRecord | None
) -> bool:
    wanted = filters.chat_presence
    if wanted is None:
        return True
    present = set(_present(chat))
    if wanted.user_ids is not None:
        if wanted.user_ids.values is not None and present.isdisjoint(wanted.user_ids.values):
            return False
        if not present.isdisjoint(wanted.user_ids.exclude_values or ()):
            return False
    if not wanted.my_bots:
        return True
    agents = world.store.company.agents
    return any(
        user_id in agents
        and agents[user_id].bot
        and agents[user_id].owner_client_id == webhook.owner_client_id
        for user_id in present
    )


def _source_type(webhook: WebhookRecord, happening: Happening) -> str:
    """Whose client id is behind a happening; customers use an application of LiveChat's."""
    if happening.requester_client_id:
        own = happening.requester_client_id == webhook.owner_client_id
        return "my_client" if own else "other_clients"
    return "other_clients" if happening.author_type == "customer" else "system"


def _client_of(chat: ChatRecord | None) -> str | None:
    return None if chat is None else chat.properties.get("source", {}).get("client_id")


def _present(chat: ChatRecord | None) -> list[str]:
    return [] if chat is None else [member.id for member in chat.members if member.present]


def _additional_data(webhook: WebhookRecord, chat: ChatRecord | None) -> _AdditionalData:
    if chat is None or not webhook.additional_data:
        return _AdditionalData()
    asked = webhook.additional_data
    return _AdditionalData(
        chat_properties=chat.properties if "chat_properties" in asked else UNSET,
        chat_presence_user_ids=_present(chat) if "chat_presence_user_ids" in asked else UNSET,
    )


def _requester(world: World, happening: Happening) -> _Requester | UnsetType:
    agent = world.store.company.agents.get(happening.requester_id or "")
    if agent is None:
        return UNSET
    return _Requester(agent.id, agent.account_id, happening.requester_client_id or "")
