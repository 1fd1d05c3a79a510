"""Registrations of webhooks: what is sent to make one, and what the API tells of them.

Source: https://platform.text.com/docs/management/configuration-api#webhooks
"""

from collections.abc import Sequence
from typing import Annotated, ClassVar, Final, Literal, TypeAlias

from msgspec import UNSET, Meta, Struct

from frontdesk.errors import InvalidArgument
from frontdesk.models.base import Model
from frontdesk.spec.checks import Checked, Id
from frontdesk.spec.fields import NOT_SENT, Dict, Maybe, MaybeFrom

__all__ = [
    "OLD_WEBHOOK_FILTERS",
    "WEBHOOK_ADDITIONAL_DATA",
    "WEBHOOK_FILTERS",
    "ChatPresenceFilter",
    "LicenseWebhooksState",
    "RegisteredChatPresence",
    "RegisteredFilters",
    "RegisteredUserIds",
    "RegisteredWebhook",
    "UserIdsFilter",
    "WebhookAction",
    "WebhookFilters",
    "WebhookName",
    "WebhookRegistration",
]

WebhookAction: TypeAlias = Literal[
    "incoming_chat",
    "chat_deactivated",
    "chat_access_updated",
    "chat_transferred",
    "user_added_to_chat",
    "user_removed_from_chat",
    "incoming_event",
    "event_deleted",
    "event_updated",
    "incoming_rich_message_postback",
    "chat_properties_updated",
    "chat_properties_deleted",
    "thread_properties_updated",
    "thread_properties_deleted",
    "event_properties_updated",
    "event_properties_deleted",
    "thread_tagged",
    "thread_untagged",
    "routing_status_set",
    "customer_session_fields_updated",
    "events_marked_as_seen",
    "thread_summary_set",
    "agent_created",
    "agent_approved",
    "agent_updated",
    "agent_suspended",
    "agent_unsuspended",
    "agent_deleted",
    "auto_accesses_updated",
    "bot_created",
    "bot_updated",
    "bot_deleted",
    "group_created",
    "group_deleted",
    "group_updated",
    "tag_created",
    "tag_deleted",
    "tag_updated",
    "incoming_customer",
    "auto_access_added",
    "auto_access_updated",
    "auto_access_deleted",
]
"""What a webhook tells of.

Up to 3.5 there is ``incoming_customer``, and in 3.4 ``auto_access_added``, ``auto_access_updated``
and ``auto_access_deleted`` in place of ``auto_accesses_updated``.
"""

_OF_CHATS: Final = ("chat_presence", "only_my_chats", "source_type")
_OF_EVENTS: Final = ("chat_presence", "author_type", "only_my_chats", "source_type")
_OF_CONFIGURATION: Final = ("source_type",)

WEBHOOK_FILTERS: Final[dict[WebhookAction, tuple[str, ...]]] = {
    "incoming_chat": _OF_CHATS,
    "chat_deactivated": _OF_CHATS,
    "chat_access_updated": _OF_CHATS,
    "chat_transferred": _OF_CHATS,
    "user_added_to_chat": _OF_CHATS,
    "user_removed_from_chat": _OF_CHATS,
    "incoming_event": _OF_EVENTS,
    "event_deleted": _OF_CHATS,
    "event_updated": _OF_EVENTS,
    "incoming_rich_message_postback": _OF_CHATS,
    "chat_properties_updated": _OF_CHATS,
    "chat_properties_deleted": _OF_CHATS,
    "thread_properties_updated": _OF_CHATS,
    "thread_properties_deleted": _OF_CHATS,
    "event_properties_updated": _OF_CHATS,
    "event_properties_deleted": _OF_CHATS,
    "thread_tagged": _OF_CHATS,
    "thread_untagged": _OF_CHATS,
    "routing_status_set": ("agent_ids", "source_type"),
    "customer_session_fields_updated": ("chat_presence", "source_type"),
    "events_marked_as_seen": _OF_CHATS,
    "thread_summary_set": _OF_CHATS,
    "agent_created": _OF_CONFIGURATION,
    "agent_approved": _OF_CONFIGURATION,
    "agent_updated": _OF_CONFIGURATION,
    "agent_suspended": _OF_CONFIGURATION,
    "agent_unsuspended": _OF_CONFIGURATION,
    "agent_deleted": _OF_CONFIGURATION,
    "auto_accesses_updated": _OF_CONFIGURATION,
    "bot_created": _OF_CONFIGURATION,
    "bot_updated": _OF_CONFIGURATION,
    "bot_deleted": _OF_CONFIGURATION,
    "group_created": _OF_CONFIGURATION,
    "group_deleted": _OF_CONFIGURATION,
    "group_updated": _OF_CONFIGURATION,
    "tag_created": _OF_CONFIGURATION,
    "tag_deleted": _OF_CONFIGURATION,
    "tag_updated": _OF_CONFIGURATION,
}
"""The filters that each webhook takes."""

OLD_WEBHOOK_FILTERS: Final = _OF_CONFIGURATION
"""The filters that webhooks of older versions take which 3.6 does not have."""

WEBHOOK_ADDITIONAL_DATA: Final = ("chat_properties", "chat_presence_user_ids")
"""What can be asked for beside the payload, for every webhook but ``agent_deleted``."""


class RegisteredUserIds(Model, kw_only=True):
    """As ``UserIdsFilter``."""

    values: list[str] | None = None
    exclude_values: list[str] | None = None


class RegisteredChatPresence(Model, kw_only=True):
    """As ``ChatPresenceFilter``."""

    user_ids: RegisteredUserIds | None = None
    my_bots: bool | None = None


class RegisteredFilters(Model, kw_only=True):
    """As ``WebhookFilters``."""

    author_type: str | None = None
    only_my_chats: bool | None = None
    chat_presence: RegisteredChatPresence | None = None
    source_type: list[str] | None = None
    agent_ids: list[str] | None = None


class UserIdsFilter(Checked, frozen=True, kw_only=True):
    """Agents, bots or customers who must be in the chat, or must not; one of the two.

    ``values``: send if one of them is in the chat. ``exclude_values``: send if none of them is.
    """

    received_as: ClassVar[type[Struct]] = RegisteredUserIds
    values: MaybeFrom[Annotated[list[Id], Meta(min_length=1)], Sequence[str]] = NOT_SENT
    exclude_values: MaybeFrom[Annotated[list[Id], Meta(min_length=1)], Sequence[str]] = NOT_SENT

    def _rules(self) -> None:
        if (self.values is UNSET) == (self.exclude_values is UNSET):
            raise InvalidArgument("user_ids", "takes either `values` or `exclude_values`")


class ChatPresenceFilter(Checked, frozen=True, kw_only=True):
    """Who must be in the chat. ``my_bots``: send if a bot of ``owner_client_id`` is."""

    received_as: ClassVar[type[Struct]] = RegisteredChatPresence
    user_ids: MaybeFrom[UserIdsFilter, UserIdsFilter | RegisteredUserIds | Dict] = NOT_SENT
    my_bots: Maybe[bool] = NOT_SENT


class WebhookFilters(Checked, frozen=True, kw_only=True):
    """When to send a webhook; every filter given must agree.

    - ``author_type``: who wrote the event (``incoming_event`` and ``event_updated`` only).
    - ``only_my_chats``: only chats whose property ``source.client_id`` is the owner's.
    - ``chat_presence``: who must be in the chat.
    - ``source_type``: whose client id caused it: the owner's, another, or none.
    - ``agent_ids``: these agents only (``routing_status_set``); LiveChat names this filter without
      describing it.
    """

    received_as: ClassVar[type[Struct]] = RegisteredFilters
    author_type: Maybe[Literal["customer", "agent"]] = NOT_SENT
    only_my_chats: Maybe[bool] = NOT_SENT
    chat_presence: MaybeFrom[
        ChatPresenceFilter, ChatPresenceFilter | RegisteredChatPresence | Dict
    ] = NOT_SENT
    source_type: MaybeFrom[
        Annotated[list[Literal["my_client", "other_clients", "system"]], Meta(min_length=1)],
        Sequence[str],
    ] = NOT_SENT
    agent_ids: MaybeFrom[Annotated[list[Id], Meta(min_length=1)], Sequence[str]] = NOT_SENT

    def check_for(self, action: WebhookAction) -> None:
        """Raise ``InvalidArgument`` if the webhook does not take one of the filters."""
        allowed = WEBHOOK_FILTERS.get(action, OLD_WEBHOOK_FILTERS)
        for name in self.__struct_fields__:
            if getattr(self, name) is not UNSET and name not in allowed:
                raise InvalidArgument(
                    f"filters.{name}",
                    f"cannot be used with `{action}`, which takes {', '.join(allowed)}",
                )


class RegisteredWebhook(Model, kw_only=True):
    """The webhook is registered; ``id`` is the ``webhook_id`` of what it sends."""

    id: str


class WebhookRegistration(Model, kw_only=True):
    """A registered webhook, without its secret. ``type`` is ``license`` or ``bot``."""

    id: str
    url: str
    action: str
    owner_client_id: str
    type: str
    description: str | None = None
    filters: RegisteredFilters | None = None
    additional_data: list[str] | None = None


class WebhookName(Model, kw_only=True):
    """A webhook that can be registered, and the filters and additional data that it takes."""

    action: str
    filters: list[str] | None = None
    additional_data: list[str] | None = None


class LicenseWebhooksState(Model, kw_only=True):
    """Whether the license webhooks of the client id are sent for this license."""

    license_webhooks_enabled: bool
