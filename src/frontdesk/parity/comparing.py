"""Differences between what two services say, field by field.

What differs from one organization to the next is compared by its kind alone: ids by their shape and
by what else they stand for, timestamps by their form, names and texts by being there. What the docs
list as words, booleans, and texts that a story has sent are compared as they are.
"""

import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final, Literal, TypeAlias

from msgspec import UNSET, Struct
from msgspec.structs import replace

from frontdesk.codec.plain import is_array, is_object
from frontdesk.parity.marks import holds_mark, is_marked, is_named, own_members
from frontdesk.parity.observing import Exchange, PushSeen
from frontdesk.recordings.declared import Declared, declared
from frontdesk.recordings.scrubbing import FREE, ID_NAME

__all__ = ["Comparison", "Difference", "Kind", "error_type_of"]

Kind: TypeAlias = Literal[
    "missing field",
    "extra field",
    "type",
    "format",
    "value",
    "id",
    "length",
    "order",
    "status",
    "success",
    "error type",
    "missing call",
    "extra call",
    "missing push",
    "extra push",
    "push order",
]

OWN_LISTS: Final = frozenset(("events", "threads", "users", "user_ids", "event_ids"))
"""Lists that hold what a story has made, in a response about its chat."""
WORD_LISTS: Final = frozenset(("actions", "filters", "additional_data"))
"""Lists of words that are the same for all, and say nothing of anybody."""
CODES: Final = frozenset(("language_code", "type", "url"))
"""Texts that are compared as they are in what a story has made."""
OF_OTHERS: Final = frozenset(("agent_priorities", "routing_status"))
"""Fields of a group whose value depends on others: bots that are in every group enter a new one."""
BY_NUMBER: Final = frozenset((("list_chats", "next_page_id"),))
"""Methods, and fields that are there or not by how many things the licence has."""
SAME_FOR_ALL: Final = frozenset(("list_webhook_names",))
"""Methods whose responses are the same for every licence."""
MAPS_BY_NAME: Final = frozenset(("list_properties",))
"""Methods that return a map by names which somebody has chosen."""
FORMS: Final = {
    "a timestamp with microseconds in UTC": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z",
    "a timestamp with milliseconds in UTC": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z",
    "a timestamp in seconds in UTC": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ",
    "a timestamp in UTC": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)Z",
    "a timestamp with an offset": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?[+-]\d\d:?\d\d",
    "an id of ten letters and digits": r"[A-Z0-9]{10,11}",
    "an id of an event": r"[A-Z0-9]{10,11}_\d+",
    "a UUID": r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    "an id of 32 hex digits": r"[0-9a-f]{32}",
    "an e-mail address": r"[^\s@]+@[^\s@]+",
    "a number in a text": r"\d+",
    "an address of a page": r"https?://\S+",
}
PATTERNS: Final = {name: re.compile(pattern) for name, pattern in FORMS.items()}
NEW_FIELD: Final = re.compile(r"[a-z][a-z_]{1,40}")
DATES: Final = tuple(name for name in FORMS if name.startswith("a timestamp"))


class Difference(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something in which the sandbox differs from the service."""

    kind: Kind
    method: str
    """The method, or the push, that showed it."""
    path: str = ""
    """The field; ``*`` stands for names that somebody has chosen, and ``[]`` for items."""
    service: str = ""
    """What the service has, in words."""
    sandbox: str = ""
    """What the sandbox has, in words."""
    story: str = ""
    via: str = ""

    def __str__(self) -> str:
        where = f"{self.method}{' ' + self.path if self.path else ''}"
        sides = [("service", self.service), ("sandbox", self.sandbox)]
        what = ", ".join(f"{name}: {text}" for name, text in sides if text)
        return f"{where}: {self.kind}" + (f" ({what})" if what else "")


class Comparison:
    """Compares what the service said with what the sandbox said, and collects the differences.

    Args:
        texts: Whether texts of stories are compared too; not for recordings, which have none.
        own: Ids of what the story has made: those of the service, and those of the sandbox.
        run: What the names end with that the story has given.
    """

    def __init__(
        self,
        *,
        texts: bool = True,
        own: tuple[Collection[Any], Collection[Any]] = ((), ()),
        run: str = "",
    ) -> None:
        self.differences: list[Difference] = []
        self.ids: dict[str, str] = {}
        """Ids of the service, and what stands for them in the sandbox."""
        self._back: dict[str, str] = {}
        self._texts = texts
        self._own = own
        self._run = run
        self._exact = False
        """Whether it is in something that the story has made, and that has its name."""
        self._foreign = False
        """Whether it is in something that the story has not made."""
        self._known: Declared = declared()
        self._method = ""

    def exchanges(self, service: Sequence[Exchange], sandbox: Sequence[Exchange]) -> None:
        """Compare calls, one by one."""
        for one, other in zip(service, sandbox, strict=False):
            if one.method != other.method:
                self._method = one.method
                self._add("extra call", "", one.method, other.method)
                return
            self.exchange(one, other)
        for one in service[len(sandbox) :]:
            self._method = one.method
            self._add("missing call", "", "called", "not called")
        for other in sandbox[len(service) :]:
            self._method = other.method
            self._add("extra call", "", "not called", "called")

    def exchange(self, service: Exchange, sandbox: Exchange) -> None:
        """Compare the responses to a call."""
        self._method = service.method
        if service.status != sandbox.status:
            self._add("status", "", str(service.status), str(sandbox.status))
        if service.success != sandbox.success:
            one, other = _outcome(service), _outcome(sandbox)
            self._add("success", "", one, other)
            return
        if not service.success:
            one, other = error_type_of(service.body), error_type_of(sandbox.body)
            if one != other:
                self._add("error type", "error.type", one, other)
            self._value("", "", "", _without_type(service.body), _without_type(sandbox.body))
            return
        bodies = [service.body, sandbox.body]
        if self._texts and service.method in MAPS_BY_NAME:
            bodies = [own_members(body, self._run) for body in bodies]
        self._value("", "", "", *bodies)

    def pushes(self, service: Sequence[PushSeen], sandbox: Sequence[PushSeen]) -> None:
        """Compare pushes: which came, in which order, and what was in them."""
        names = [push.action for push in service]
        others = [push.action for push in sandbox]
        if Counter(names) == Counter(others) and names != others:
            self._method = next(
                one for one, other in zip(names, others, strict=True) if one != other
            )
            self._add("push order", "", " ".join(names), " ".join(others))
        for name in dict.fromkeys((*names, *others)):
            ours = [push for push in sandbox if push.action == name]
            theirs = [push for push in service if push.action == name]
            for _ in theirs[len(ours) :]:
                self.missing_push(name)
            for _ in ours[len(theirs) :]:
                self.extra_push(name)
            for one, other in zip(theirs, ours, strict=False):
                self._method = name
                self._value("", "", "", one.payload, other.payload)

    def structure(self, method: str, service: Any, sandbox: Any) -> None:
        """Compare two payloads of the same method or push."""
        self._method = method
        self._value("", "", "", service, sandbox)

    def missing_push(self, action: str) -> None:
        """Note that the sandbox has not sent a push which the service sends."""
        self._method = action
        self._add("missing push", "", "pushed", "not pushed")

    def extra_push(self, action: str) -> None:
        """Note that the sandbox has sent a push which the service does not send."""
        self._method = action
        self._add("extra push", "", "not pushed", "pushed")

    def differences_of(self, story: str, via: str, first: int = 0) -> tuple[Difference, ...]:
        """Return the differences from a number on, as those of a story over a transport."""
        return tuple(replace(found, story=story, via=via) for found in self.differences[first:])

    def _add(self, kind: Kind, path: str, service: str, sandbox: str) -> None:
        difference = Difference(
            kind=kind, method=self._method, path=path, service=service, sandbox=sandbox
        )
        if difference not in self.differences:
            self.differences.append(difference)

    def _value(self, path: str, name: str, parent: str, service: Any, sandbox: Any) -> None:
        if service is UNSET and sandbox is UNSET:
            return
        one, other = _type(service), _type(sandbox)
        if one != other:
            # A whole number may be written either way in JSON.
            if {one, other} != {"a number", "a whole number"}:
                self._add("type", path, one, other)
            return
        if name in OF_OTHERS and self._texts:
            return
        if is_object(service):
            self._object(path, name, service, sandbox)
        elif is_array(service):
            self._array(path, name, parent, service, sandbox)
        elif isinstance(service, str):
            self._text(path, name, parent, service, sandbox)
        elif service != sandbox:
            self._other(path, name, service, sandbox)

    def _other(self, path: str, name: str, service: Any, sandbox: Any) -> None:
        """Compare booleans, and numbers in what the story has made."""
        is_bool = isinstance(service, bool)
        if self._foreign if is_bool else not self._exact or ID_NAME.fullmatch(name):
            return
        self._add("value", path, *(json.dumps(side) for side in (service, sandbox)))

    def _object(
        self, path: str, name: str, service: dict[str, Any], sandbox: dict[str, Any]
    ) -> None:
        before = self._exact
        self._exact = before or (
            self._texts and is_named(service, self._run) and is_named(sandbox, self._run)
        )
        self._members(path, name, service, sandbox)
        self._exact = before

    def _members(
        self, path: str, name: str, service: dict[str, Any], sandbox: dict[str, Any]
    ) -> None:
        names = self._known.names
        for key, item in service.items():
            if key not in names:
                continue
            place = f"{path}.{key}" if path else key
            if key in sandbox:
                self._value(place, key, name, item, sandbox[key])
            elif not self._is_by_number(key):
                self._add("missing field", place, _type(item), "")
        for key, item in sandbox.items():
            if key in names and key not in service and not self._is_by_number(key):
                self._add("extra field", f"{path}.{key}" if path else key, "", _type(item))
        own = [[key for key in side if key not in names] for side in (service, sandbox)]
        if name in FREE or path.endswith("properties"):
            sides = zip(own, (service, sandbox), strict=True)
            own = [
                [key for key in keys if is_marked(key) or holds_mark(side[key])]
                for keys, side in sides
            ]
        self._own_names(path, name, service, sandbox, own)

    def _is_by_number(self, name: str) -> bool:
        return self._texts and (self._method, name) in BY_NUMBER

    def _own_names(
        self,
        path: str,
        name: str,
        service: dict[str, Any],
        sandbox: dict[str, Any],
        own: list[list[str]],
    ) -> None:
        """Compare members whose names are no fields: those of a map, or fields that are new."""
        place = f"{path}.*" if path else "*"
        theirs, ours = own
        if theirs and ours:
            self._value(place, "", name, service[theirs[0]], sandbox[ours[0]])
            return
        if self._foreign:
            # How many members a map of others has says nothing; a field that is new does.
            theirs, ours = ([key for key in keys if NEW_FIELD.fullmatch(key)] for keys in own)
        for key in theirs:
            field = self._shown(path, key)
            self._add("missing field", field, _type(service[key]), "")
        for key in ours:
            field = self._shown(path, key)
            self._add("extra field", field, "", _type(sandbox[key]))

    def _shown(self, path: str, name: str) -> str:
        """Return the path of a field that nobody knows, which may be somebody's own word."""
        shown = name if self._texts and NEW_FIELD.fullmatch(name) else "*"
        return f"{path}.{shown}" if path else shown

    def _array(
        self, path: str, name: str, parent: str, service: list[Any], sandbox: list[Any]
    ) -> None:
        place = f"{path}[]"
        own = not self._foreign and (name in OWN_LISTS or self._exact)
        if self._texts and not self._foreign:
            if not own:
                service, sandbox = self._without_own(place, name, parent, service, sandbox)
            elif not self._same_items(place, service, sandbox):
                return
        if not service or not sandbox:
            return
        if own and len(service) == len(sandbox):
            for one, other in zip(service, sandbox, strict=True):
                self._value(place, name, parent, one, other)
        elif is_object(service[0]):
            before, self._foreign = self._foreign, self._texts
            self._others(place, name, parent, service, sandbox)
            self._foreign = before
        elif isinstance(service[0], str) and name in {*WORD_LISTS, *self._known.words}:
            self._same_words(place, name, service, sandbox)
        else:
            self._value(place, name, parent, service[0], sandbox[0])

    def _others(
        self, place: str, name: str, parent: str, service: list[Any], sandbox: list[Any]
    ) -> None:
        """Compare what others have made: once for each type of items that both have."""
        if self._method in SAME_FOR_ALL:
            actions = [
                [item.get("action") for item in side if is_object(item)]
                for side in (service, sandbox)
            ]
            self._same_words(f"{place}.action", "actions", *actions)
        theirs, ours = (self._by_kind(side) for side in (service, sandbox))
        pairs = [(theirs[kind], ours[kind]) for kind in theirs if kind in ours]
        # Of a type that both have, ids that have a form on one side alone are compared.
        pairs += [
            (theirs[one], ours[two])
            for one in theirs
            for two in ours
            if one not in ours and two not in theirs and one[0] == two[0]
        ]
        for one, two in pairs or [(service[0], sandbox[0])]:
            self._value(place, name, parent, one, two)

    def _by_kind(self, items: list[Any]) -> dict[tuple[str, str], Any]:
        """Return an item of each type; in a run of stories with all fields that any has."""
        kinds: dict[tuple[str, str], Any] = {}
        for item in items:
            kind = _item_type(item), _id_form(item) if self._texts else ""
            known: Any = kinds.get(kind)
            is_both = self._texts and is_object(known) and is_object(item)
            kinds[kind] = {**item, **known} if is_both else item
        return kinds

    def _without_own(
        self, place: str, name: str, parent: str, *sides: list[Any]
    ) -> tuple[list[Any], list[Any]]:
        """Compare the items that the story has made, and return the others."""
        service, sandbox = (
            [item for item in side if self._is_own(item, ids)]
            for side, ids in zip(sides, self._own, strict=True)
        )
        if self._same_items(place, service, sandbox) and len(service) == len(sandbox):
            # Lists in the order of ids have another order on each side.
            by_id = {str(item.get("id")): item for item in sandbox}
            for one, other in zip(service, sandbox, strict=True):
                known = by_id.get(self.ids.get(str(one.get("id")), ""), other)
                self._value(place, name, parent, one, known)
        theirs, ours = (
            [item for item in side if item not in own]
            for side, own in zip(sides, (service, sandbox), strict=True)
        )
        return theirs, ours

    def _is_own(self, item: Any, ids: Collection[Any]) -> bool:
        if not is_object(item):
            return False
        own = (item.get("id"), item.get("agent_id"))
        return is_named(item, self._run) or any(
            isinstance(one, str | int) and one in ids for one in own
        )

    def _same_words(
        self, place: str, name: str, service: Iterable[Any], sandbox: Iterable[Any]
    ) -> None:
        """Compare lists of words; in what others have made, words that the docs list are alike."""
        sides = [
            {str(word) for word in side if self._is_word(name, word)} for side in (service, sandbox)
        ]
        if sides[0] != sides[1] and not (self._foreign and name not in WORD_LISTS):
            self._add("value", place, *(" ".join(sorted(side)) for side in sides))

    def _is_word(self, name: str, word: Any) -> bool:
        if name in WORD_LISTS:
            return NEW_FIELD.fullmatch(str(word)) is not None
        return self._known.allows(name, "", str(word))

    def _same_items(self, place: str, service: list[Any], sandbox: list[Any]) -> bool:
        """Compare how many items of a story there are, and their order; false for another one."""
        if len(service) != len(sandbox):
            self._add("length", place, str(len(service)), str(len(sandbox)))
        marks, others = ([self._mark(item) for item in side] for side in (service, sandbox))
        if marks != others and Counter(marks) == Counter(others):
            self._add("order", place, "in another order", "")
            return False
        return True

    def _mark(self, item: Any) -> str:
        """Return what tells the items of a story apart, on both sides alike."""
        if not is_object(item):
            return _type(item)
        text = item.get("text")
        shown = text if is_marked(text) else item.get("name") if is_named(item, self._run) else ""
        return f"{item.get('type')} {item.get('system_message_type')} {shown} {item.get('active')}"

    def _text(self, path: str, name: str, parent: str, service: str, sandbox: str) -> None:
        if self._texts and (is_marked(service) or is_marked(sandbox)):
            # That of an earlier run, which could not take it away, is somebody else's.
            if service != sandbox and not self._foreign:
                self._add("value", path, "the text of the story", "another text")
            return
        known = [self._known.allows(name, parent, text) for text in (service, sandbox)]
        if name in self._known.words and any(known):
            if service != sandbox and not (self._foreign and all(known)):
                words = (
                    text if known[at] else "an unknown word"
                    for at, text in enumerate((service, sandbox))
                )
                self._add("value", path, *words)
            return
        if self._exact and name in CODES:
            if service != sandbox:
                self._add("value", path, service, sandbox)
        elif bool(service) != bool(sandbox):
            if not self._foreign:
                words = ("a text" if text else "an empty text" for text in (service, sandbox))
                self._add("value", path, *words)
        elif name in self._known.dates or ID_NAME.fullmatch(name) or name in OWN_LISTS:
            self._formed(path, service, sandbox)

    def _formed(self, path: str, service: str, sandbox: str) -> None:
        """Compare the forms of ids and timestamps, and what ids stand for."""
        one, other = _form(service), _form(sandbox)
        if one != other:
            both_dates = one in DATES and other in DATES
            if self._texts or not both_dates:
                self._add("format", path, one, other)
            return
        if one in DATES or one == "an address of a page" or self._foreign:
            return
        if self.ids.setdefault(service, sandbox) != sandbox or (
            self._back.setdefault(sandbox, service) != service
        ):
            self._add("id", path, "an id that stands for something else", "")


def _form(text: str) -> str:
    for name, pattern in PATTERNS.items():
        if pattern.fullmatch(text):
            return name
    return "another form"


def _type(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int():
            return "a whole number"
        case float():
            return "a number"
        case str():
            return "a text"
        case list():
            return "a list"
        case dict():
            return "an object"
        case _:
            return "nothing"


def _item_type(item: Any) -> str:
    return f"{item.get('type')} {item.get('action')}" if is_object(item) else _type(item)


def _id_form(item: Any) -> str:
    """Return the form of the id in an item: it tells agents from bots where both are listed."""
    known = (item.get("agent_id") or item.get("id")) if is_object(item) else None
    return _form(known) if isinstance(known, str) else _type(known)


def error_type_of(body: Any) -> str:
    """Return the type of the error in a response; `none` without one."""
    error = body.get("error") if is_object(body) else None
    kind = error.get("type") if is_object(error) else None
    return kind if isinstance(kind, str) and re.fullmatch(r"[a-z_]{1,60}", kind) else "none"


def _without_type(body: Any) -> Any:
    """Return the envelope of an error without what is compared by itself."""
    if not is_object(body) or not is_object(body.get("error")):
        return body
    return {**body, "error": {**body["error"], "type": "not_found"}}


def _outcome(exchange: Exchange) -> str:
    return "done" if exchange.success else f"refused: {error_type_of(exchange.body)}"
