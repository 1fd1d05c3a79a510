"""Agents, bots, groups, tags and access rules, as the Configuration API and its pushes have them.

Methods return what is asked for, ``…_created`` carries everything, ``…_updated`` the id and what
changed.
"""

from datetime import datetime
from typing import Any

from msgspec import NODEFAULT

from frontdesk.models.base import Model, in_utc

__all__ = [
    "AgentConfig",
    "AutoAccess",
    "AutoAccessChange",
    "AutoAccessConditions",
    "AutoAccessGroups",
    "BotConfig",
    "GeolocationCondition",
    "GeolocationMatch",
    "GroupConfig",
    "GroupPriority",
    "TagConfig",
    "TextCondition",
    "TextMatch",
    "WorkScheduler",
    "WorkShift",
]


class GroupPriority(Model, kw_only=True):
    """A group; ``priority`` is ``first``, ``normal``, ``last`` or ``supervisor``."""

    id: int
    priority: str


class WorkShift(Model, kw_only=True):
    """Working hours of one day (``monday`` …), ``HH:MM``; a day may have several."""

    day: str
    enabled: bool
    start: str
    end: str


class WorkScheduler(Model, kw_only=True):
    """When an agent works; ``timezone`` is an IANA name.

    Up to 3.4 there was one field for each day instead, kept as it came:
    ``{"monday": {"start": "08:30", "end": "14:30", "enabled": true}}``.
    """

    timezone: str | None = None
    schedule: list[WorkShift] | None = None
    monday: Any = None
    tuesday: Any = None
    wednesday: Any = None
    thursday: Any = None
    friday: Any = None
    saturday: Any = None
    sunday: Any = None


class AgentConfig(Model, kw_only=True):
    """An agent; ``role`` is ``owner``, ``viceowner``, ``administrator`` or ``normal``.

    ``id`` is an e-mail address. ``login_status`` is ``accepting chats`` or
    ``not accepting chats``: what the agent does right after logging in.
    """

    id: str
    account_id: str | None = None
    name: str
    role: str | None = None
    avatar: str | None = None
    login_status: str | None = None
    job_title: str | None = None
    mobile: str | None = None
    max_chats_count: int | None = None
    groups: list[GroupPriority] | None = None
    work_scheduler: WorkScheduler | None = None
    notifications: list[str] | None = None
    email_subscriptions: list[str] | None = None
    suspended: bool | None = None
    awaiting_approval: bool | None = None
    last_logout: datetime | None = None
    avatar_path: str | None = None
    """``avatar`` in some responses; read as ``avatar``."""
    summaries: list[str] | None = None
    """``email_subscriptions`` in some responses; read as ``email_subscriptions``."""

    @classmethod
    def placeholder(cls, name: str, fields: dict[str, Any]) -> Any:
        """Take an empty text for a name: all else is of use without it."""
        return "" if name == "name" else NODEFAULT

    def __post_init__(self) -> None:
        self.last_logout = in_utc(self.last_logout)
        self.avatar, self.avatar_path = self.avatar or self.avatar_path, None
        if self.email_subscriptions is None:
            self.email_subscriptions = self.summaries
        self.summaries = None


class BotConfig(Model, kw_only=True):
    """A bot. ``id`` are 32 hex digits; ``type`` is free, ``chatbot`` by default (since 3.6)."""

    id: str
    name: str
    avatar: str | None = None
    default_group_priority: str | None = None
    groups: list[GroupPriority] | None = None
    max_chats_count: int | None = None
    job_title: str | None = None
    work_scheduler: WorkScheduler | None = None
    timezone: str | None = None
    owner_client_id: str | None = None
    type: str | None = None
    avatar_path: str | None = None
    """``avatar`` in some responses; read as ``avatar``."""

    @classmethod
    def placeholder(cls, name: str, fields: dict[str, Any]) -> Any:
        """Take an empty text for a name: all else is of use without it."""
        return "" if name == "name" else NODEFAULT

    def __post_init__(self) -> None:
        self.avatar, self.avatar_path = self.avatar or self.avatar_path, None


class GroupConfig(Model, kw_only=True):
    """A group; ``agent_priorities`` maps ids of agents and bots to priorities.

    ``routing_status``: ``accepting_chats`` if one of its agents does, ``not_accepting_chats`` if
    one is logged in, else ``offline``.
    """

    id: int
    name: str
    language_code: str | None = None
    agent_priorities: dict[str, str] | None = None
    routing_status: str | None = None

    @classmethod
    def placeholder(cls, name: str, fields: dict[str, Any]) -> Any:
        """Take an empty text for a name: all else is of use without it."""
        return "" if name == "name" else NODEFAULT


class TagConfig(Model, kw_only=True):
    """A tag and its groups. ``author_id`` may be empty."""

    name: str
    group_ids: list[int]
    created_at: datetime | None = None
    author_id: str | None = None

    @classmethod
    def placeholder(cls, name: str, fields: dict[str, Any]) -> Any:
        """Take no groups: the tag has a name all the same."""
        return [] if name == "group_ids" else NODEFAULT

    def __post_init__(self) -> None:
        self.created_at = in_utc(self.created_at)


class AutoAccessGroups(Model, kw_only=True):
    """The groups that a chat gets."""

    groups: list[int]


class TextMatch(Model, kw_only=True):
    """A text to find in a URL or domain."""

    value: str
    exact_match: bool | None = None


class TextCondition(Model, kw_only=True):
    """Any of these texts, or none of the excluded ones."""

    values: list[TextMatch] | None = None
    exclude_values: list[TextMatch] | None = None


class GeolocationMatch(Model, kw_only=True):
    """A place to match."""

    country: str | None = None
    country_code: str | None = None
    region: str | None = None
    city: str | None = None


class GeolocationCondition(Model, kw_only=True):
    """Any of these places."""

    values: list[GeolocationMatch]


class AutoAccessConditions(Model, kw_only=True):
    """When the rule applies."""

    url: TextCondition | None = None
    domain: TextCondition | None = None
    geolocation: GeolocationCondition | None = None


class AutoAccess(Model, kw_only=True, omit_defaults=False):
    """A rule that gives chats access by where they come from; ``next_id`` is empty for the last."""

    id: str
    access: AutoAccessGroups
    conditions: AutoAccessConditions
    description: str = ""
    next_id: str = ""


class AutoAccessChange(Model, kw_only=True):
    """A rule that gives chats access by where they come from.

    ``status`` is ``added``, ``updated`` or ``deleted``; ``next_id`` is empty for the last rule.
    """

    id: str
    status: str | None = None
    description: str | None = None
    access: AutoAccessGroups | None = None
    conditions: AutoAccessConditions | None = None
    next_id: str | None = None
