"""What the filters of ``list_archives`` mean: each leaves some threads of a set.

Where LiveChat's docs leave it open: ``exclude_values`` drops what has one of the values and
nothing else (so threads without any stay), all filters must hold, a filter of forms or greetings
must hold for one type of form, and times are included at both ends.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import TypeVar

from msgspec import UNSET, UnsetType

from frontdesk.models import (
    AgentResponseFilter,
    AgentTypesFilter,
    ArchivesFilters,
    EventTypesFilter,
    FormFilter,
    GreetingsFilter,
    IntegerFilter,
    PropertyFilter,
    ValueFilter,
)
from frontdesk.sandbox.store.archive.documents import FORM_TYPES, Location, Terms
from frontdesk.sandbox.store.archive.index import ArchiveIndex
from frontdesk.sandbox.store.archive.postings import ThreadSet
from frontdesk.sandbox.store.archive.tokenizer import Query, words
from frontdesk.sandbox.store.timestamps import to_micros

__all__ = ["Readable", "Search"]

V = TypeVar("V")
Readable = Callable[[str, str], Sequence[Location]]
"""Where the archives are searched for a property: nowhere, if the requester may not read it."""


def _listed(values: Sequence[V] | UnsetType) -> Sequence[V]:
    return () if values is UNSET else values


def _micros(time: datetime | UnsetType) -> int | None:
    return None if time is UNSET else to_micros(time)


class Search:
    """One search: starts with what the requester reaches, and is narrowed by each filter.

    Args:
        index: The archive index, up to date.
        found: The threads to begin with.
        readable: Where a property is searched; one that is searched nowhere counts as not set.
    """

    def __init__(self, index: ArchiveIndex, threads: ThreadSet, readable: Readable) -> None:
        self._index = index
        self._any = index.postings.any_of
        self._all = index.postings.all_of
        self._readable = readable
        self.found: ThreadSet = threads

    def _keep(self, threads: ThreadSet, keep: bool = True) -> None:
        self.found = self.found & threads if keep else self.found & ~threads

    def apply(self, filters: ArchivesFilters) -> None:
        """Narrow by all filters."""
        if filters.thread_ids is not UNSET:
            self._keep(self._index.of_ids(filters.thread_ids))
            return
        self._apply_ids(filters)
        if filters.from_ is not UNSET or filters.to is not UNSET:
            self._keep(self._index.created(_micros(filters.from_), _micros(filters.to)))
        if filters.query:
            self._keep(self._all(Query(filters.query).terms))
        if filters.properties is not UNSET:
            for namespace, names in filters.properties.items():
                for name, condition in names.items():
                    self._property(namespace, name, condition)
        for kind, values in (
            ("agent", filters.agents),
            ("tag", filters.tags),
            ("sale", filters.sales),
            ("goal", filters.goals),
            ("country", filters.customer_countries),
        ):
            if values is not UNSET:
                self._values(kind, values, str.upper if kind == "country" else str)
        self._apply_activity(filters)

    def _apply_ids(self, filters: ArchivesFilters) -> None:
        if filters.chat_ids is not UNSET:
            self._keep(self._index.of_chats(filters.chat_ids))
        if filters.group_ids is not UNSET:
            self._keep(self._groups(filters.group_ids))
        if filters.customer_id is not UNSET:
            self._keep(self._index.of_customer(filters.customer_id))
        if filters.customer_email is not UNSET:
            self._keep(self._index.of_email(filters.customer_email))

    def _apply_activity(self, filters: ArchivesFilters) -> None:
        if filters.event_types is not UNSET:
            self._event_types(filters.event_types)
        if filters.greetings is not UNSET:
            self._greetings(filters.greetings)
        if filters.agent_response is not UNSET:
            self._agent_response(filters.agent_response)
        if filters.agent_types is not UNSET:
            self._agent_types(filters.agent_types)
        for form in _listed(filters.forms):
            self._forms(form)
        for survey in _listed(filters.surveys):
            self._forms(FormFilter(type=survey.type, answer_id=survey.answer_id))

    def _groups(self, group_ids: Iterable[int]) -> ThreadSet:
        return self._any(Terms.value("group", group_id) for group_id in group_ids)

    def _in_groups(self, threads: ThreadSet, groups: IntegerFilter | UnsetType) -> ThreadSet:
        """Return those of the threads that the filter of groups leaves."""
        if groups is UNSET:
            return threads
        if groups.values is not UNSET:
            return threads & self._groups(groups.values)
        return threads & ~self._groups(_listed(groups.exclude_values))

    def _values(self, kind: str, condition: ValueFilter, spell: Callable[[str], str]) -> None:
        if condition.exists is not UNSET:
            self._keep(self._any((Terms.has(kind),)), condition.exists)
            return
        values = condition.exclude_values if condition.values is UNSET else condition.values
        terms = [Terms.value(kind, spell(str(value))) for value in _listed(values)]
        having = self._all(terms) if condition.require_every_value is True else self._any(terms)
        self._keep(having, condition.values is not UNSET)

    def _property(self, namespace: str, name: str, condition: PropertyFilter) -> None:
        places = self._readable(namespace, name)
        if condition.exists is not UNSET:
            terms = [Terms.has_property(place, namespace, name) for place in places]
            self._keep(self._any(terms), condition.exists)
            return
        values = condition.exclude_values if condition.values is UNSET else condition.values
        sets = [self._property_value(places, namespace, name, value) for value in _listed(values)]
        having = sets[0] if sets else 0
        for threads in sets[1:]:
            having = having & threads if condition.require_every_value is True else having | threads
        self._keep(having, condition.values is not UNSET)

    def _property_value(
        self, places: Sequence[Location], namespace: str, name: str, value: str | int | bool
    ) -> ThreadSet:
        having = self._any(Terms.property_is(place, namespace, name, value) for place in places)
        if isinstance(value, str):
            for place in places:
                having |= self._all(
                    Terms.property_word(place, namespace, name, word) for word in words(value)
                )
        return having

    def _event_types(self, condition: EventTypesFilter) -> None:
        values = condition.exclude_values if condition.values is UNSET else condition.values
        terms = {Terms.value("event", value) for value in _listed(values)}
        having = self._all(terms) if condition.require_every_value is True else self._any(terms)
        self._keep(having, condition.values is not UNSET)

    def _greetings(self, condition: GreetingsFilter) -> None:
        values = condition.exclude_values if condition.values is UNSET else condition.values
        terms = (
            [Terms.has("greeting")]
            if values is UNSET
            else [Terms.value("greeting", value) for value in values]
        )
        having = self._index.dated(terms, _micros(condition.from_), _micros(condition.to))
        keep = condition.exclude_values is UNSET and condition.exists is not False
        self._keep(self._in_groups(having, condition.groups), keep)

    def _forms(self, condition: FormFilter) -> None:
        types = FORM_TYPES if condition.type is UNSET else (condition.type,)
        span = _micros(condition.from_), _micros(condition.to)

        def having(kind: str, answers: Sequence[str | None] = (None,)) -> ThreadSet:
            terms = [Terms.form(kind, type_, answer) for type_ in types for answer in answers]
            return self._in_groups(self._index.dated(terms, *span), condition.groups)

        if condition.answer_id is not UNSET:
            self._keep(having("answer", (condition.answer_id,)))
        if condition.exists is not UNSET:
            self._keep(having("survey"), condition.exists)
        elif condition.values is not UNSET:
            self._keep(having("answer", condition.values))
        elif condition.exclude_values is not UNSET:
            self._keep(having("answer", condition.exclude_values), keep=False)
        elif condition.answer_id is UNSET:
            self._keep(having("form"))

    def _agent_response(self, condition: AgentResponseFilter) -> None:
        who = "first" if condition.first is True else "reply"
        replied = self._any((Terms.has("reply"),))
        if condition.exists is not UNSET:
            self._keep(replied, condition.exists)
        if condition.agents is not UNSET:
            values = (
                condition.agents.exclude_values
                if condition.agents.values is UNSET
                else condition.agents.values
            )
            by = self._any(Terms.value(who, agent_id) for agent_id in _listed(values))
            self._keep(by, condition.agents.values is not UNSET)
        if condition.groups is not UNSET:
            self._keep(self._in_groups(replied, condition.groups))

    def _agent_types(self, condition: AgentTypesFilter) -> None:
        def terms(values: Iterable[str]) -> list[str]:
            return [Terms.value("kind", value) for value in values]

        if condition.all_values:
            self._keep(self._all(terms(condition.all_values)))
        if condition.any_values:
            self._keep(self._any(terms(condition.any_values)))
        if condition.exclude_values:
            self._keep(self._any(terms(condition.exclude_values)), keep=False)
