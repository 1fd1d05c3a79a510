"""What the Configuration API takes to make and change agents, bots and access rules.

Source: https://platform.text.com/docs/management/configuration-api
"""

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal, TypeAlias

from msgspec import UNSET, Meta, Struct

from frontdesk.errors import InvalidArgument
from frontdesk.models.configuration.objects import (
    AutoAccessConditions,
    AutoAccessGroups,
    GeolocationCondition,
    GeolocationMatch,
    GroupPriority,
    TextCondition,
    TextMatch,
    WorkScheduler,
    WorkShift,
)
from frontdesk.spec.checks import Checked, GroupId, given
from frontdesk.spec.fields import NOT_SENT, Dict, From, Maybe, MaybeFrom

__all__ = [
    "AgentsFilters",
    "GroupMembership",
    "LoginStatus",
    "NewAutoAccessConditions",
    "NewAutoAccessGroups",
    "NewGeolocationCondition",
    "NewGeolocationMatch",
    "NewTextCondition",
    "NewTextMatch",
    "NewWorkScheduler",
    "NewWorkShift",
    "NotificationType",
    "Priority",
    "TagsFilters",
]

Priority: TypeAlias = Literal["first", "normal", "last", "supervisor"]
"""When an agent of a group gets its chats: before all others, next, last, or only by hand."""

LoginStatus: TypeAlias = Literal["accepting chats", "not accepting chats"]
"""What an agent does right after logging in. With blanks, unlike routing statuses."""

NotificationType: TypeAlias = Literal[
    "new_visitor",
    "incoming_chat",
    "returning_visitor",
    "queued_visitor",
    "visitor_is_typing",
    "new_goal",
    "unassigned_chats",
    "unassigned_chat_messages",
    "ticket",
    "inactive_notifications",
    "mute_all_sounds",
    "repeat_sound_notifications",
    "ticket_notifications",
    "incoming_message_for_focused_chat",
]
"""What LiveChat's application notifies an agent of."""

Day: TypeAlias = Literal[
    "sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"
]
TimeOfDay: TypeAlias = Annotated[str, Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$")]
Text: TypeAlias = Annotated[str, Meta(min_length=1)]


class GroupMembership(Checked, frozen=True, kw_only=True):
    """A group to be in; ``priority`` says when the group's chats come."""

    received_as: ClassVar[type[Struct]] = GroupPriority
    id: GroupId
    priority: Priority


class NewWorkShift(Checked, frozen=True, kw_only=True):
    """Working hours of one day, from ``start`` to ``end`` (``HH:MM``); a day may have several."""

    received_as: ClassVar[type[Struct]] = WorkShift
    day: Day
    enabled: bool
    start: TimeOfDay
    end: TimeOfDay


class NewWorkScheduler(Checked, frozen=True, kw_only=True):
    """When somebody works. ``timezone`` is an IANA name such as ``Europe/Warsaw``.

    A bot always needs ``timezone``, an agent with a schedule that is not empty; an empty text
    stands for the agent's own.
    """

    received_as: ClassVar[type[Struct]] = WorkScheduler
    schedule: From[list[NewWorkShift], Sequence[NewWorkShift | WorkShift | Dict]]
    timezone: Maybe[str] = NOT_SENT

    def _rules(self) -> None:
        if self.schedule and self.timezone is UNSET:
            raise InvalidArgument("timezone", "is required with a schedule")


class AgentsFilters(Checked, frozen=True, kw_only=True):
    """Which agents to list: those of any of the groups, suspended ones or all others."""

    group_ids: MaybeFrom[list[GroupId], Sequence[int]] = NOT_SENT
    suspended: Maybe[bool] = NOT_SENT


class TagsFilters(Checked, frozen=True, kw_only=True):
    """Which tags to list: those of any of the groups."""

    group_ids: From[list[GroupId], Sequence[int]]


class NewAutoAccessGroups(Checked, frozen=True, kw_only=True):
    """The groups that a chat gets."""

    received_as: ClassVar[type[Struct]] = AutoAccessGroups
    groups: From[Annotated[list[GroupId], Meta(min_length=1)], Sequence[int]]


class NewTextMatch(Checked, frozen=True, kw_only=True):
    """A text to find in a URL or domain; ``exact_match`` true: the whole of it is the text."""

    received_as: ClassVar[type[Struct]] = TextMatch
    value: Text
    exact_match: Maybe[bool] = NOT_SENT


class NewTextCondition(Checked, frozen=True, kw_only=True):
    """Any of the texts, or none of the excluded ones: one of the two."""

    received_as: ClassVar[type[Struct]] = TextCondition
    values: MaybeFrom[
        Annotated[list[NewTextMatch], Meta(min_length=1)], Sequence[NewTextMatch | TextMatch | Dict]
    ] = NOT_SENT
    exclude_values: MaybeFrom[
        Annotated[list[NewTextMatch], Meta(min_length=1)], Sequence[NewTextMatch | TextMatch | Dict]
    ] = NOT_SENT

    def _rules(self) -> None:
        if (self.values is UNSET) == (self.exclude_values is UNSET):
            raise InvalidArgument("values", "either this or `exclude_values` must be given")


class NewGeolocationMatch(Checked, frozen=True, kw_only=True):
    """A place: all fields given must match, at least one is needed."""

    received_as: ClassVar[type[Struct]] = GeolocationMatch
    country: Maybe[Text] = NOT_SENT
    country_code: Maybe[Text] = NOT_SENT
    region: Maybe[Text] = NOT_SENT
    city: Maybe[Text] = NOT_SENT

    def _rules(self) -> None:
        if not given(**{name: getattr(self, name) for name in self.__struct_fields__}):
            raise InvalidArgument("", "must have at least one field")


class NewGeolocationCondition(Checked, frozen=True, kw_only=True):
    """Any of these places."""

    received_as: ClassVar[type[Struct]] = GeolocationCondition
    values: From[
        Annotated[list[NewGeolocationMatch], Meta(min_length=1)],
        Sequence[NewGeolocationMatch | GeolocationMatch | Dict],
    ]


class NewAutoAccessConditions(Checked, frozen=True, kw_only=True):
    """When an access rule applies: all conditions given must hold, at least one is needed.

    ``url`` is the address of the page the customer is on, ``domain`` its host.
    """

    received_as: ClassVar[type[Struct]] = AutoAccessConditions
    url: MaybeFrom[NewTextCondition, NewTextCondition | TextCondition | Dict] = NOT_SENT
    domain: MaybeFrom[NewTextCondition, NewTextCondition | TextCondition | Dict] = NOT_SENT
    geolocation: MaybeFrom[
        NewGeolocationCondition, NewGeolocationCondition | GeolocationCondition | Dict
    ] = NOT_SENT

    def _rules(self) -> None:
        if not given(url=self.url, domain=self.domain, geolocation=self.geolocation):
            raise InvalidArgument("", "must have at least one of `url`, `domain`, `geolocation`")
