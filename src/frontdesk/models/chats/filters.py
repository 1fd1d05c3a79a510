"""Filters of ``list_chats``, ``list_threads`` and ``list_archives``, checked when they are built.

Source: https://platform.text.com/docs/messaging/agent-chat-api#list-archives
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Literal, TypeAlias

from msgspec import UNSET, Meta, UnsetType, field

from frontdesk.errors import InvalidArgument
from frontdesk.spec.checks import Checked, Id, given
from frontdesk.spec.fields import NOT_SENT, Dict, Maybe, MaybeFrom

__all__ = [
    "AgentResponseFilter",
    "AgentTypesFilter",
    "ArchivesFilters",
    "ChatsFilters",
    "CustomersFilters",
    "DateRangeFilter",
    "EventTypesFilter",
    "FormFilter",
    "GreetingsFilter",
    "IntegerFilter",
    "PropertiesFilters",
    "PropertyFilter",
    "RangeFilter",
    "StringFilter",
    "SurveyFilter",
    "ThreadsFilters",
    "ValueFilter",
]

Timestamp = Annotated[datetime, Meta(tz=True)]
GroupIds = Annotated[list[int], Meta(max_length=200)]
EventType = Literal[
    "message",
    "file",
    "form",
    "filled_form",
    "rich_message",
    "custom",
    "system_message",
    "system",
]
AgentType = Literal["human", "chatbot", "ai_agent"]


def _one_of(**conditions: object) -> None:
    """Refuse anything but exactly one of the conditions."""
    names = given(**conditions)
    if len(names) == 1:
        return
    listed = ", ".join(f"`{name}`" for name in conditions)
    if names:
        raise InvalidArgument(names[1], f"cannot be given together with `{names[0]}`")
    raise InvalidArgument("", f"must have exactly one of {listed}")


def _at_most_one_of(**conditions: object) -> None:
    names = given(**conditions)
    if len(names) > 1:
        raise InvalidArgument(names[1], f"cannot be given together with `{names[0]}`")


class ValueFilter(Checked, frozen=True, kw_only=True):
    """Match by existence, by values, or by values to leave out: exactly one of the three.

    ``require_every_value`` matches only what has all the values listed.
    """

    exists: Maybe[bool] = NOT_SENT
    values: MaybeFrom[list[str | int | bool], Sequence[str | int | bool]] = NOT_SENT
    exclude_values: MaybeFrom[list[str | int | bool], Sequence[str | int | bool]] = NOT_SENT
    require_every_value: Maybe[bool] = NOT_SENT

    def _rules(self) -> None:
        _one_of(exists=self.exists, values=self.values, exclude_values=self.exclude_values)


class PropertyFilter(ValueFilter, frozen=True, kw_only=True):
    """Match one property by existence, by values, or by values to leave out: exactly one."""

    # mypy knows of an inherited field what it takes, and of an own one what it holds too.
    exists: Maybe[bool] = NOT_SENT
    values: MaybeFrom[list[str | int | bool], Sequence[str | int | bool]] = NOT_SENT
    exclude_values: MaybeFrom[list[str | int | bool], Sequence[str | int | bool]] = NOT_SENT


PropertiesFilters: TypeAlias = dict[str, dict[str, PropertyFilter]]
"""Namespace -> property name -> filter."""


class IntegerFilter(Checked, frozen=True, kw_only=True):
    """Match the integers listed, or leave them out: exactly one of the two."""

    values: MaybeFrom[list[int], Sequence[int]] = NOT_SENT
    exclude_values: MaybeFrom[list[int], Sequence[int]] = NOT_SENT

    def _rules(self) -> None:
        _one_of(values=self.values, exclude_values=self.exclude_values)


class StringFilter(Checked, frozen=True, kw_only=True):
    """Match the texts listed, or leave them out: exactly one of the two."""

    values: MaybeFrom[list[str], Sequence[str]] = NOT_SENT
    exclude_values: MaybeFrom[list[str], Sequence[str]] = NOT_SENT

    def _rules(self) -> None:
        _one_of(values=self.values, exclude_values=self.exclude_values)


class EventTypesFilter(Checked, frozen=True, kw_only=True):
    """Match threads with events of these types, or without: exactly one of the two.

    ``require_every_value`` matches only threads that have all the types listed.
    """

    values: MaybeFrom[list[EventType], Sequence[EventType]] = NOT_SENT
    exclude_values: MaybeFrom[list[EventType], Sequence[EventType]] = NOT_SENT
    require_every_value: Maybe[bool] = NOT_SENT

    def _rules(self) -> None:
        _one_of(values=self.values, exclude_values=self.exclude_values)


class FormFilter(Checked, frozen=True, kw_only=True):
    """Match forms by time, type, groups, and answers.

    ``exists`` true matches only forms with a survey id; ``values`` and ``exclude_values`` are ids
    of answers. The RTM docs know ``type`` and ``answer_id`` only.
    """

    from_: Maybe[Timestamp] = field(name="from", default=NOT_SENT)
    to: Maybe[Timestamp] = NOT_SENT
    exists: Maybe[bool] = NOT_SENT
    type: Maybe[Literal["pre_chat", "post_chat"]] = NOT_SENT
    values: MaybeFrom[list[str], Sequence[str]] = NOT_SENT
    exclude_values: MaybeFrom[list[str], Sequence[str]] = NOT_SENT
    groups: MaybeFrom[IntegerFilter, IntegerFilter | Dict] = NOT_SENT
    answer_id: Maybe[str] = NOT_SENT

    def _rules(self) -> None:
        _at_most_one_of(exists=self.exists, values=self.values, exclude_values=self.exclude_values)


class SurveyFilter(Checked, frozen=True, kw_only=True):
    """Match one answer of a survey; older versions know it instead of ``FormFilter``."""

    type: Literal["pre_chat", "post_chat"]
    answer_id: Id


class GreetingsFilter(Checked, frozen=True, kw_only=True):
    """Match greetings by time, groups, and existence or ids."""

    from_: Maybe[Timestamp] = field(name="from", default=NOT_SENT)
    to: Maybe[Timestamp] = NOT_SENT
    exists: Maybe[bool] = NOT_SENT
    values: MaybeFrom[list[int], Sequence[int]] = NOT_SENT
    exclude_values: MaybeFrom[list[int], Sequence[int]] = NOT_SENT
    groups: MaybeFrom[IntegerFilter, IntegerFilter | Dict] = NOT_SENT

    def _rules(self) -> None:
        _at_most_one_of(exists=self.exists, values=self.values, exclude_values=self.exclude_values)


class AgentResponseFilter(Checked, frozen=True, kw_only=True):
    """Match responses of agents; ``first`` looks at the first response only."""

    exists: Maybe[bool] = NOT_SENT
    first: Maybe[bool] = NOT_SENT
    agents: MaybeFrom[StringFilter, StringFilter | Dict] = NOT_SENT
    groups: MaybeFrom[IntegerFilter, IntegerFilter | Dict] = NOT_SENT


class AgentTypesFilter(Checked, frozen=True, kw_only=True):
    """Match who took part: ``human``, ``chatbot``, ``ai_agent``.

    The three lists may be combined, but each type may be named only once.
    """

    all_values: MaybeFrom[list[AgentType], Sequence[AgentType]] = NOT_SENT
    any_values: MaybeFrom[list[AgentType], Sequence[AgentType]] = NOT_SENT
    exclude_values: MaybeFrom[list[AgentType], Sequence[AgentType]] = NOT_SENT

    def _rules(self) -> None:
        seen: set[str] = set()
        for name in ("all_values", "any_values", "exclude_values"):
            values: list[AgentType] | UnsetType = getattr(self, name)
            for value in values or ():
                if value in seen:
                    raise InvalidArgument(name, f"must not name `{value}` again")
                seen.add(value)


class ChatsFilters(Checked, frozen=True, kw_only=True):
    """Which chats ``list_chats`` lists.

    ``active``: true for active chats, false for inactive ones, ``None`` for both (default).
    ``include_chats_without_threads`` is true by default. ``group_ids`` are at most 200. Versions up
    to 3.5 know ``include_active`` instead of ``active``: true for both, false for inactive ones.
    """

    active: Maybe[bool | None] = NOT_SENT
    include_active: Maybe[bool] = NOT_SENT
    include_chats_without_threads: Maybe[bool] = NOT_SENT
    group_ids: MaybeFrom[GroupIds, Sequence[int]] = NOT_SENT
    properties: MaybeFrom[PropertiesFilters, Mapping[str, Mapping[str, PropertyFilter | Dict]]] = (
        NOT_SENT
    )


class ThreadsFilters(Checked, frozen=True, kw_only=True):
    """Which threads ``list_threads`` lists: those created from one time to another."""

    from_: Maybe[Timestamp] = field(name="from", default=NOT_SENT)
    to: Maybe[Timestamp] = NOT_SENT


class ArchivesFilters(Checked, frozen=True, kw_only=True):
    """Which threads ``list_archives`` lists.

    ``query`` searches the full text. At most 1000 ``chat_ids``, 200 ``group_ids`` and 20
    ``thread_ids``, which exclude all other filters. ``customer_countries`` are ISO 3166-1 alpha-2
    codes. ``agents`` with ``exists`` false matches unassigned chats. Older versions know
    ``surveys`` instead of ``forms``.
    """

    query: Maybe[str] = NOT_SENT
    from_: Maybe[Timestamp] = field(name="from", default=NOT_SENT)
    to: Maybe[Timestamp] = NOT_SENT
    chat_ids: MaybeFrom[Annotated[list[Id], Meta(max_length=1000)], Sequence[str]] = NOT_SENT
    thread_ids: MaybeFrom[Annotated[list[Id], Meta(max_length=20)], Sequence[str]] = NOT_SENT
    group_ids: MaybeFrom[GroupIds, Sequence[int]] = NOT_SENT
    properties: MaybeFrom[PropertiesFilters, Mapping[str, Mapping[str, PropertyFilter | Dict]]] = (
        NOT_SENT
    )
    agents: MaybeFrom[ValueFilter, ValueFilter | Dict] = NOT_SENT
    tags: MaybeFrom[ValueFilter, ValueFilter | Dict] = NOT_SENT
    sales: MaybeFrom[ValueFilter, ValueFilter | Dict] = NOT_SENT
    goals: MaybeFrom[ValueFilter, ValueFilter | Dict] = NOT_SENT
    customer_countries: MaybeFrom[ValueFilter, ValueFilter | Dict] = NOT_SENT
    forms: MaybeFrom[list[FormFilter], Sequence[FormFilter | Dict]] = NOT_SENT
    surveys: MaybeFrom[list[SurveyFilter], Sequence[SurveyFilter | Dict]] = NOT_SENT
    event_types: MaybeFrom[EventTypesFilter, EventTypesFilter | Dict] = NOT_SENT
    greetings: MaybeFrom[GreetingsFilter, GreetingsFilter | Dict] = NOT_SENT
    agent_response: MaybeFrom[AgentResponseFilter, AgentResponseFilter | Dict] = NOT_SENT
    agent_types: MaybeFrom[AgentTypesFilter, AgentTypesFilter | Dict] = NOT_SENT
    customer_id: Maybe[Id] = NOT_SENT
    customer_email: Maybe[Id] = NOT_SENT

    def _rules(self) -> None:
        if self.thread_ids is UNSET:
            return
        names = zip(self.__struct_fields__, self.__struct_encode_fields__, strict=True)
        for name, wire_name in names:
            if name != "thread_ids" and getattr(self, name) is not UNSET:
                raise InvalidArgument(wire_name, "cannot be given together with `thread_ids`")


class RangeFilter(Checked, frozen=True, kw_only=True):
    """Match numbers by comparison (``gte``: greater than or equal); all that are given hold."""

    lt: Maybe[int] = NOT_SENT
    lte: Maybe[int] = NOT_SENT
    gt: Maybe[int] = NOT_SENT
    gte: Maybe[int] = NOT_SENT
    eq: Maybe[int] = NOT_SENT


class DateRangeFilter(Checked, frozen=True, kw_only=True):
    """Match times by comparison (``gte``: at that time or later); all that are given hold."""

    lt: Maybe[Timestamp] = NOT_SENT
    lte: Maybe[Timestamp] = NOT_SENT
    gt: Maybe[Timestamp] = NOT_SENT
    gte: Maybe[Timestamp] = NOT_SENT
    eq: Maybe[Timestamp] = NOT_SENT


class CustomersFilters(Checked, frozen=True, kw_only=True):
    """Which customers ``list_customers`` lists (versions 3.2 to 3.5).

    LiveChat's docs no longer show these filters; the fields are those of the official SDKs of these
    versions. Customers without chats are listed unless ``include_customers_without_chats`` is
    false.
    """

    country: MaybeFrom[StringFilter, StringFilter | Dict] = NOT_SENT
    email: MaybeFrom[StringFilter, StringFilter | Dict] = NOT_SENT
    name: MaybeFrom[StringFilter, StringFilter | Dict] = NOT_SENT
    customer_id: MaybeFrom[StringFilter, StringFilter | Dict] = NOT_SENT
    chat_group_ids: MaybeFrom[IntegerFilter, IntegerFilter | Dict] = NOT_SENT
    chats_count: MaybeFrom[RangeFilter, RangeFilter | Dict] = NOT_SENT
    threads_count: MaybeFrom[RangeFilter, RangeFilter | Dict] = NOT_SENT
    visits_count: MaybeFrom[RangeFilter, RangeFilter | Dict] = NOT_SENT
    created_at: MaybeFrom[DateRangeFilter, DateRangeFilter | Dict] = NOT_SENT
    agent_last_event_created_at: MaybeFrom[DateRangeFilter, DateRangeFilter | Dict] = NOT_SENT
    customer_last_event_created_at: MaybeFrom[DateRangeFilter, DateRangeFilter | Dict] = NOT_SENT
    include_customers_without_chats: Maybe[bool] = NOT_SENT
