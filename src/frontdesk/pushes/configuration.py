"""Pushes about agents, bots, groups, tags, auto access and properties of the license."""

from datetime import datetime
from typing import ClassVar

from msgspec import UNSET, UnsetType

from frontdesk.models import (
    AgentConfig,
    AutoAccessChange,
    BotConfig,
    GroupConfig,
    GroupPriority,
    Properties,
    TagConfig,
    WorkScheduler,
)
from frontdesk.models.base import Model, in_utc
from frontdesk.pushes.base import Push, PushSpec

__all__ = [
    "AgentApproved",
    "AgentCreated",
    "AgentDeleted",
    "AgentSuspended",
    "AgentUnsuspended",
    "AgentUpdated",
    "AutoAccessesUpdated",
    "BotCreated",
    "BotDeleted",
    "BotUpdated",
    "CannedResponseCreated",
    "CannedResponseDeleted",
    "CannedResponseUpdated",
    "GroupCreated",
    "GroupDeleted",
    "GroupPropertiesUpdated",
    "GroupStatus",
    "GroupUpdated",
    "GroupsStatusUpdated",
    "LicensePropertiesUpdated",
    "TagCreated",
    "TagDeleted",
    "TagUpdated",
]


class AgentCreated(Push, kw_only=True):
    """An agent was created."""

    spec: ClassVar[PushSpec] = PushSpec(
        "agent_created", "configuration", "agents", webhook=True, since=(3, 4), root="agent"
    )
    agent: AgentConfig


class AgentApproved(Push, kw_only=True):
    """An agent was approved and is active now."""

    spec: ClassVar[PushSpec] = PushSpec(
        "agent_approved", "configuration", "agents", webhook=True, since=(3, 4)
    )
    id: str


class AgentUpdated(Push, kw_only=True):
    """The configuration of an agent changed; what did not is ``UNSET``."""

    spec: ClassVar[PushSpec] = PushSpec(
        "agent_updated", "configuration", "agents", webhook=True, since=(3, 4)
    )
    id: str
    name: str | UnsetType | None = UNSET
    role: str | UnsetType | None = UNSET
    login_status: str | UnsetType | None = UNSET
    job_title: str | UnsetType | None = UNSET
    mobile: str | UnsetType | None = UNSET
    max_chats_count: int | UnsetType | None = UNSET
    awaiting_approval: bool | UnsetType | None = UNSET
    groups: list[GroupPriority] | UnsetType | None = UNSET
    notifications: list[str] | UnsetType | None = UNSET
    email_subscriptions: list[str] | UnsetType | None = UNSET
    work_scheduler: WorkScheduler | UnsetType | None = UNSET


class AgentSuspended(Push, kw_only=True):
    """An agent was suspended."""

    spec: ClassVar[PushSpec] = PushSpec(
        "agent_suspended", "configuration", "agents", webhook=True, since=(3, 4)
    )
    id: str


class AgentUnsuspended(Push, kw_only=True):
    """An agent is no longer suspended."""

    spec: ClassVar[PushSpec] = PushSpec(
        "agent_unsuspended", "configuration", "agents", webhook=True, since=(3, 4)
    )
    id: str


class AgentDeleted(Push, kw_only=True):
    """An agent was deleted."""

    spec: ClassVar[PushSpec] = PushSpec(
        "agent_deleted", "configuration", "agents", webhook=True, since=(3, 4)
    )
    id: str


class AutoAccessesUpdated(Push, kw_only=True):
    """Auto access rules were added, updated or deleted; one entry for each rule touched."""

    spec: ClassVar[PushSpec] = PushSpec(
        "auto_accesses_updated",
        "configuration",
        "configuration",
        webhook=True,
        since=(3, 5),
        root="changes",
    )
    changes: list[AutoAccessChange]


class BotCreated(Push, kw_only=True):
    """A bot was created."""

    spec: ClassVar[PushSpec] = PushSpec(
        "bot_created", "configuration", "bots", webhook=True, since=(3, 4), root="bot"
    )
    bot: BotConfig


class BotUpdated(Push, kw_only=True):
    """The configuration of a bot changed; what did not is ``UNSET``."""

    spec: ClassVar[PushSpec] = PushSpec(
        "bot_updated", "configuration", "bots", webhook=True, since=(3, 4)
    )
    id: str
    name: str | UnsetType | None = UNSET
    avatar: str | UnsetType | None = UNSET
    default_group_priority: str | UnsetType | None = UNSET
    groups: list[GroupPriority] | UnsetType | None = UNSET
    max_chats_count: int | UnsetType | None = UNSET
    job_title: str | UnsetType | None = UNSET
    work_scheduler: WorkScheduler | UnsetType | None = UNSET
    owner_client_id: str | UnsetType | None = UNSET
    type: str | UnsetType | None = UNSET


class BotDeleted(Push, kw_only=True):
    """A bot was deleted."""

    spec: ClassVar[PushSpec] = PushSpec(
        "bot_deleted", "configuration", "bots", webhook=True, since=(3, 4)
    )
    id: str


class CannedResponseCreated(Push, kw_only=True):
    """A canned response was created (3.7, a developer preview)."""

    spec: ClassVar[PushSpec] = PushSpec(
        "canned_response_created", "configuration", "configuration", since=(3, 7)
    )
    id: int | str
    text: str | None = None
    tags: list[str] | None = None
    group_id: int | None = None
    is_private: bool | None = None
    author_id: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None

    def __post_init__(self) -> None:
        self.created_at = in_utc(self.created_at)
        self.updated_at = in_utc(self.updated_at)


class CannedResponseUpdated(Push, kw_only=True):
    """A canned response changed (3.7, a developer preview); what did not is ``UNSET``."""

    spec: ClassVar[PushSpec] = PushSpec(
        "canned_response_updated", "configuration", "configuration", since=(3, 7)
    )
    id: int | str
    text: str | UnsetType | None = UNSET
    tags: list[str] | UnsetType | None = UNSET
    group_id: int | UnsetType | None = UNSET
    is_private: bool | UnsetType | None = UNSET
    author_id: str | UnsetType | None = UNSET
    created_at: datetime | UnsetType | None = UNSET
    updated_at: datetime | UnsetType | None = UNSET

    def __post_init__(self) -> None:
        if isinstance(self.created_at, datetime):
            self.created_at = in_utc(self.created_at)
        if isinstance(self.updated_at, datetime):
            self.updated_at = in_utc(self.updated_at)


class CannedResponseDeleted(Push, kw_only=True):
    """A canned response was deleted (3.7, a developer preview)."""

    spec: ClassVar[PushSpec] = PushSpec(
        "canned_response_deleted", "configuration", "configuration", since=(3, 7)
    )
    id: int | str


class GroupCreated(Push, kw_only=True):
    """A group was created."""

    spec: ClassVar[PushSpec] = PushSpec(
        "group_created", "configuration", "configuration", webhook=True, since=(3, 4), root="group"
    )
    group: GroupConfig


class GroupUpdated(Push, kw_only=True):
    """A group changed; what did not is ``UNSET``."""

    spec: ClassVar[PushSpec] = PushSpec(
        "group_updated", "configuration", "configuration", webhook=True, since=(3, 4)
    )
    id: int
    name: str | UnsetType | None = UNSET
    language_code: str | UnsetType | None = UNSET
    agent_priorities: dict[str, str] | UnsetType | None = UNSET


class GroupDeleted(Push, kw_only=True):
    """A group was deleted."""

    spec: ClassVar[PushSpec] = PushSpec(
        "group_deleted", "configuration", "configuration", webhook=True, since=(3, 4)
    )
    id: int


class TagCreated(Push, kw_only=True):
    """A tag was created."""

    spec: ClassVar[PushSpec] = PushSpec(
        "tag_created", "configuration", "configuration", webhook=True, since=(3, 5), root="tag"
    )
    tag: TagConfig


class TagDeleted(Push, kw_only=True):
    """A tag was deleted."""

    spec: ClassVar[PushSpec] = PushSpec(
        "tag_deleted", "configuration", "configuration", webhook=True, since=(3, 5)
    )
    name: str


class TagUpdated(Push, kw_only=True):
    """The groups of a tag changed."""

    spec: ClassVar[PushSpec] = PushSpec(
        "tag_updated", "configuration", "configuration", webhook=True, since=(3, 5)
    )
    name: str
    group_ids: list[int]


class GroupStatus(Model, kw_only=True):
    """``status`` is ``accepting_chats``, ``not_accepting_chats`` or ``offline``.

    Customers get ``online``, ``online_for_queue`` or ``offline``.
    """

    id: int
    status: str


class GroupsStatusUpdated(Push, kw_only=True):
    """The status of groups changed; these alone."""

    spec: ClassVar[PushSpec] = PushSpec(
        "groups_status_updated", "configuration", "configuration", since=(3, 5)
    )
    groups: list[GroupStatus]


class LicensePropertiesUpdated(Push, kw_only=True):
    """Properties of the license were set; these alone."""

    spec: ClassVar[PushSpec] = PushSpec(
        "license_properties_updated", "configuration", "configuration", since=(3, 6)
    )
    properties: Properties


class GroupPropertiesUpdated(Push, kw_only=True):
    """Properties of a group were set; these alone."""

    spec: ClassVar[PushSpec] = PushSpec(
        "group_properties_updated", "configuration", "configuration", since=(3, 6)
    )
    group_id: int
    properties: Properties
