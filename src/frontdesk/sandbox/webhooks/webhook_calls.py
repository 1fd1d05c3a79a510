"""Which webhooks an effect causes.

A registration gets an effect of its action when its filters agree: all of those it has.
"""

from collections.abc import Iterator
from typing import Final

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType
from msgspec.structs import replace

from frontdesk.actions.customer import RequestEmailVerification
from frontdesk.codec.decoding import encode
from frontdesk.models import Properties, RegisteredFilters
from frontdesk.pushes import PUSHES, IncomingChat
from frontdesk.sandbox.store.records import ChatRecord, WebhookRecord
from frontdesk.sandbox.versions.content import CURRENT, converted
from frontdesk.sandbox.world import properties
from frontdesk.sandbox.world.actor import CustomerActor, Requester
from frontdesk.sandbox.world.effects import Effect
from frontdesk.sandbox.world.world import World
from frontdesk.spec.actions import Version

__all__ = ["CONFIGURATION_WEBHOOKS", "WebhookCall", "callback_call", "webhook_calls"]

CONFIGURATION_WEBHOOKS: Final = frozenset(
    name
    for name, push in PUSHES.items()
    if push.spec.webhook and push.spec.group == "configuration"
)
"""The webhooks whose envelope says who changed something."""
_encode = msgspec.json.Encoder().encode


class WebhookCall(Struct, frozen=True, gc=False):
    """One webhook to be sent; those of one owner, URL and ``ordering_key`` keep their order.

    ``once``: it is not sent again, whatever becomes of it.
    """

    webhook_id: str
    action: str
    url: str
    owner_client_id: str
    ordering_key: str
    body: bytes
    once: bool = False


class _Requester(Struct, frozen=True, gc=False):
    user_id: str
    account_id: str
    client_id: str


class _AdditionalData(Struct, frozen=True, gc=False):
    chat_properties: Properties | UnsetType = UNSET
    chat_presence_user_ids: list[str] | UnsetType = UNSET


class _WebhookEnvelope(Struct, frozen=True, gc=False):
    webhook_id: str
    secret_key: str
    action: str
    organization_id: str
    payload: Raw
    additional_data: _AdditionalData
    requester: _Requester | UnsetType = UNSET


def webhook_calls(world: World, effect: Effect) -> Iterator[WebhookCall]:
    """Make the webhooks that an effect causes, as the world is now."""
    action = effect.webhook
    registrations = [
        webhook for webhook in world.store.company.webhooks.values() if webhook.action == action
    ]
    if action is None or not registrations:
        return
    chat = world.store.chats.read(effect.chat_id) if effect.chat_id else None
    own_organization = world.store.company.license.organization_id
    payloads: dict[Version, bytes | None] = {}
    for webhook in registrations:
        if not _is_on(world, webhook) or not _agrees(world, webhook, effect, chat):
            continue
        if webhook.version not in payloads:
            current = _payload(world, action, effect, chat)
            payloads[webhook.version] = converted(webhook.version, current, action)
        payload = payloads[webhook.version]
        if payload is None:
            continue
        names_requester = action in CONFIGURATION_WEBHOOKS and webhook.version >= CURRENT
        envelope = _WebhookEnvelope(
            webhook_id=webhook.id,
            secret_key=webhook.secret_key,
            action=action,
            organization_id=webhook.organization_id or own_organization,
            payload=Raw(payload),
            additional_data=_additional_data(world, webhook, chat),
            requester=_requester(world, effect) if names_requester else UNSET,
        )
        yield WebhookCall(
            webhook.id,
            action,
            webhook.url,
            webhook.owner_client_id,
            effect.chat_id or action,
            _encode(envelope),
        )


def callback_call(effect: Effect, url: str) -> WebhookCall:
    """Make the callback that an effect is: its payload, for the URL that a request has named."""
    action = RequestEmailVerification.spec.name
    return WebhookCall("", action, url, "", action, effect.json, once=True)


def _payload(world: World, action: str, effect: Effect, chat: ChatRecord | None) -> bytes:
    """Return the payload in 3.6, which is that of the push with some exceptions."""
    content = effect.payload
    match action:
        case "routing_status_set":
            status = content.status.replace("_", " ")
            return encode({"agent_id": content.agent_id, "status": status})
        case "incoming_chat":
            return encode(IncomingChat(chat=content.chat))
        case "user_added_to_chat":
            return encode(replace(content, user_type=content.user.type))
        case "user_removed_from_chat":
            return encode(replace(content, user_type=_user_type(world, chat, content.user_id)))
        case _:
            return effect.json


def _user_type(world: World, chat: ChatRecord | None, user_id: str) -> str:
    """Return what a user is; the chat knows it of agents and bots who are deleted since."""
    user = None if chat is None else chat.user(user_id)
    if user is not None:
        return user.type
    return "agent" if user_id in world.store.company.agents else "customer"


def _is_on(world: World, webhook: WebhookRecord) -> bool:
    company = world.store.company
    if webhook.type == "license":
        return webhook.owner_client_id not in company.license.webhooks_off
    return any(
        agent.bot and agent.owner_client_id == webhook.owner_client_id and agent.status != "offline"
        for agent in company.agents.values()
    )


def _agrees(world: World, webhook: WebhookRecord, effect: Effect, chat: ChatRecord | None) -> bool:
    filters = webhook.filters
    if filters is None:
        return True
    if filters.author_type is not None and effect.author_type != filters.author_type:
        return False
    if filters.source_type is not None and (
        _source_type(webhook, effect) not in filters.source_type
    ):
        return False
    if filters.agent_ids is not None and effect.payload.agent_id not in filters.agent_ids:
        return False
    if filters.only_my_chats and _client_of(chat) != webhook.owner_client_id:
        return False
    return _presence_agrees(world, webhook, filters, chat)


def _presence_agrees(
    world: World, webhook: WebhookRecord, filters: RegisteredFilters, chat: ChatRecord | None
) -> bool:
    presence = filters.chat_presence
    if presence is None:
        return True
    present = set(_present(chat))
    if presence.user_ids is not None:
        if presence.user_ids.values is not None and present.isdisjoint(presence.user_ids.values):
            return False
        if not present.isdisjoint(presence.user_ids.exclude_values or ()):
            return False
    if not presence.my_bots:
        return True
    agents = world.store.company.agents
    return any(
        user_id in agents
        and agents[user_id].bot
        and agents[user_id].owner_client_id == webhook.owner_client_id
        for user_id in present
    )


def _source_type(webhook: WebhookRecord, effect: Effect) -> str:
    """Whose client id is behind an effect; customers use an application of LiveChat's."""
    match effect.actor:
        case Requester(client_id=client_id) if client_id:
            return "my_client" if client_id == webhook.owner_client_id else "other_clients"
        case CustomerActor():
            return "other_clients"
        case _:
            return "system"


def _client_of(chat: ChatRecord | None) -> str | None:
    return None if chat is None else chat.properties.get("source", {}).get("client_id")


def _present(chat: ChatRecord | None) -> list[str]:
    return [] if chat is None else [user.id for user in chat.users if user.present]


def _additional_data(
    world: World, webhook: WebhookRecord, chat: ChatRecord | None
) -> _AdditionalData:
    if chat is None or not webhook.additional_data:
        return _AdditionalData()
    asked = webhook.additional_data
    return _AdditionalData(
        chat_properties=_properties(world, webhook, chat) if "chat_properties" in asked else UNSET,
        chat_presence_user_ids=_present(chat) if "chat_presence_user_ids" in asked else UNSET,
    )


def _properties(world: World, webhook: WebhookRecord, chat: ChatRecord) -> Properties:
    """Return the properties of a chat that the client id of a webhook may read."""
    owner = webhook.owner_client_id
    return properties.readable(world, chat.properties, "chat", "agent", owner) or {}


def _requester(world: World, effect: Effect) -> _Requester | UnsetType:
    if not isinstance(effect.actor, Requester):
        return UNSET
    agent = world.store.company.agents.get(effect.actor.id)
    # Agents can delete themselves: then only the actor knows the account.
    account_id = effect.actor.account_id if agent is None else agent.account_id
    return _Requester(effect.actor.id, account_id, effect.actor.client_id)
