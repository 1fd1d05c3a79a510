"""What calls of stories are about, what they make, and how it is taken away again."""

from collections.abc import Iterable
from typing import Any, Final, TypeAlias

from msgspec import UNSET, Struct, UnsetType

from frontdesk.actions import (
    Action,
    AddUserToChat,
    CreateBot,
    CreateGroup,
    CreateTag,
    DeactivateChat,
    DeleteBot,
    DeleteGroup,
    DeleteGroupProperties,
    DeleteTag,
    GetAgent,
    GetBot,
    GetGroup,
    ListAgents,
    ListArchives,
    ListBots,
    ListChannels,
    ListChats,
    ListGroups,
    ListGroupsProperties,
    ListLicenseProperties,
    ListProperties,
    ListRoutingStatuses,
    ListTags,
    ListWebhookNames,
    ListWebhooks,
    RegisterProperty,
    RegisterWebhook,
    RemoveUserFromChat,
    ResumeChat,
    StartChat,
    TransferChat,
    UnregisterProperty,
    UnregisterWebhook,
    UpdateBot,
    UpdateGroup,
    UpdateGroupProperties,
    UpdateTag,
)
from frontdesk.models import InitialChat

__all__ = [
    "NOWHERE",
    "NO_AGENT",
    "NO_BOT",
    "NO_CHAT",
    "NO_GROUP",
    "NO_HOST",
    "NO_URL",
    "READING",
    "Made",
    "Thing",
    "made_by",
    "taken_by",
    "things_of",
]

Thing: TypeAlias = tuple[str, Any]
"""What kind of thing it is, and its id or its name."""

NO_CHAT: Final = "PARITY0000"
NO_GROUP: Final = 987_654
NO_BOT: Final = "0" * 32
NO_HOST: Final = "frontdesk-parity.invalid"
"""A host that no name server may ever know; a sandbox has to allow it for webhooks."""
NO_AGENT: Final = f"nobody@{NO_HOST}"
NO_URL: Final = f"https://{NO_HOST}/webhooks"
NOWHERE: Final[frozenset[Thing]] = frozenset(
    (
        ("chat", NO_CHAT),
        ("group", NO_GROUP),
        ("bot", NO_BOT),
        ("agent", NO_AGENT),
        ("address", NO_URL),
    )
)
"""Ids of what is nowhere, and an address that leads there."""
READING: Final = frozenset(
    (
        ListAgents,
        ListArchives,
        ListBots,
        ListChannels,
        ListChats,
        ListGroups,
        ListLicenseProperties,
        ListProperties,
        ListRoutingStatuses,
        ListTags,
        ListWebhookNames,
        ListWebhooks,
    )
)
"""Methods that name no thing, and only read."""


class Made(Struct, frozen=True):
    """Something that a call makes; ``undo`` is the call that takes it away again."""

    thing: Thing
    undo: Action[Any]
    shown: str
    """What people know it by."""


def made_by(action: Action[Any], result: Any = None) -> Made | None:
    """Return what a call makes.

    Args:
        action: The call.
        result: What it has returned; without it, only what is known by a name can be told.
    """
    match action:
        case CreateTag(name=name):
            return Made(("name", name), DeleteTag(name=name), f"the tag `{name}`")
        case RegisterProperty(name=name, owner_client_id=owner):
            unregister = UnregisterProperty(name=name, owner_client_id=owner)
            return Made(("name", name), unregister, f"the property `{name}`")
        case _ if result is None:
            return None
        case StartChat():
            deactivate = DeactivateChat(id=result.chat_id, ignore_requester_presence=True)
            return Made(("chat", result.chat_id), deactivate, f"the chat {result.chat_id}")
        case CreateGroup():
            group_id = result.id
            return Made(("group", group_id), DeleteGroup(id=group_id), f"the group {group_id}")
        case CreateBot():
            return Made(("bot", result.id), DeleteBot(id=result.id), f"the bot {result.id}")
        case RegisterWebhook(owner_client_id=owner):
            unregister_webhook = UnregisterWebhook(id=result.id, owner_client_id=owner)
            return Made(("webhook", result.id), unregister_webhook, f"the webhook {result.id}")
        case _:
            return None


def taken_by(action: Action[Any]) -> Thing | None:
    """Return what a call takes away for good."""
    match action:
        case DeleteTag(name=name) | UnregisterProperty(name=name):
            return ("name", name)
        case DeleteGroup(id=group_id):
            return ("group", group_id)
        case DeleteBot(id=bot_id):
            return ("bot", bot_id)
        case UnregisterWebhook(id=webhook_id):
            return ("webhook", webhook_id)
        case _:
            return None


def things_of(action: Action[Any]) -> list[Thing]:
    """Return all that a call names, or makes under a name.

    It is empty for a call that stories must not make at all, such as one that would make a bot that
    gets chats; and for a chat of the requester alone.
    """
    match action:
        case CreateGroup(name=name, agent_priorities=members):
            return [("name", name), *(("bot", bot_id) for bot_id in members)]
        case UpdateGroup(id=group_id, name=name, agent_priorities=members):
            bots = () if members is UNSET else members
            names = [] if name is UNSET else [("name", name)]
            return [("group", group_id), *names, *(("bot", bot_id) for bot_id in bots)]
        case GetGroup(id=group_id) | DeleteGroup(id=group_id):
            return [("group", group_id)]
        case CreateTag(name=name, group_ids=groups) | UpdateTag(name=name, group_ids=groups):
            return [("name", name), *_groups(groups)]
        case DeleteTag(name=name):
            return [("name", name)]
        case CreateBot() | UpdateBot():
            return _of_bot(action)
        case GetBot(id=bot_id) | DeleteBot(id=bot_id):
            return [("bot", bot_id)]
        case GetAgent(id=agent_id):
            # To ask for a bot as for an agent is an error that is compared.
            return [("bot" if "@" not in agent_id else "agent", agent_id)]
        case _:
            return _of_client_id(action)


def _of_client_id(action: Action[Any]) -> list[Thing]:
    match action:
        case (
            RegisterProperty(name=name, owner_client_id=owner)
            | UnregisterProperty(name=name, owner_client_id=owner)
        ):
            return [("name", name), ("client id", owner)]
        case RegisterWebhook(url=url, owner_client_id=owner, description=text):
            return [("address", url), ("client id", owner), ("name", "" if text is UNSET else text)]
        case UnregisterWebhook(id=webhook_id, owner_client_id=owner):
            return [("webhook", webhook_id), ("client id", owner)]
        case UpdateGroupProperties(group_id=group_id) | DeleteGroupProperties(id=group_id):
            named = [
                thing
                for namespace, names in action.properties.items()
                for thing in (("client id", namespace), *(("name", name) for name in names))
            ]
            return [("group", group_id), *named]
        case ListGroupsProperties(group_ids=groups):
            return _groups(groups)
        case _:
            return _of_chat(action)


def _of_chat(action: Action[Any]) -> list[Thing]:
    # Customers have methods of the same names, whose declarations are subclasses.
    if action.spec.api != "agent":
        return []
    match action:
        case StartChat(chat=chat):
            return [] if chat is UNSET else _beside_requester(chat)
        case ResumeChat(chat=chat):
            return [("chat", chat.id), *_beside_requester(chat)]
        case TransferChat(id=transferred, target=target):
            # Without a target it would go to another agent.
            if target is UNSET:
                return []
            return [("chat", transferred), *((target.type, one) for one in target.ids)]
        case AddUserToChat() | RemoveUserFromChat():
            return [("chat", action.chat_id), ("user", action.user_id)]
        case _:
            chat_id = getattr(action, "chat_id", None) or getattr(action, "id", None)
            return [("chat", chat_id)] if chat_id else []


def _beside_requester(chat: InitialChat) -> list[Thing]:
    users = [] if chat.users is UNSET else chat.users
    groups = [] if chat.access is UNSET else chat.access.group_ids
    return [*(("user", user.id) for user in users), *_groups(groups)]


def _of_bot(action: CreateBot | UpdateBot) -> list[Thing]:
    chats = (0,) if isinstance(action, CreateBot) else (0, UNSET)
    if action.default_group_priority is not UNSET or action.max_chats_count not in chats:
        return []
    groups = () if action.groups is UNSET else action.groups
    things: list[Thing] = [("group", membership.id) for membership in groups]
    if isinstance(action, UpdateBot):
        things.append(("bot", action.id))
    if action.name is not UNSET:
        things.append(("name", action.name))
    return things


def _groups(group_ids: Iterable[int] | UnsetType) -> list[Thing]:
    return [] if group_ids is UNSET else [("group", group_id) for group_id in group_ids]
