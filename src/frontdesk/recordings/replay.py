"""Which recorded response a call gets, and what else happens at its place."""

import threading
from collections.abc import Iterable, Iterator
from typing import Any, Final, Literal, TypeAlias

from msgspec import UNSET, Struct

from frontdesk.codec.plain import is_array, is_object
from frontdesk.errors import FrontdeskError
from frontdesk.grammar import counted, listed
from frontdesk.recordings.corpus import Corpus
from frontdesk.recordings.declared import declared
from frontdesk.recordings.entries import (
    CloseEntry,
    OpenEntry,
    PushEntry,
    RequestEntry,
    ResponseEntry,
    WebhookEntry,
)
from frontdesk.recordings.scrubbing import FREE

__all__ = ["Happening", "RecordedConnection", "RecordedExchange", "Replay", "UnrecordedCall"]

Happening: TypeAlias = PushEntry | WebhookEntry | CloseEntry

NO_FIELDS: Final[frozenset[Any]] = frozenset()
LISTED: Final = 12
"""Recorded calls that an error lists."""


class UnrecordedCall(FrontdeskError):
    """A call that is not in the recording, or not as often."""


class RecordedExchange(Struct, kw_only=True):
    """A request and its response, and what came before and after the response."""

    request: RequestEntry
    response: ResponseEntry
    before: list[Happening] = []
    after: list[Happening] = []
    replayed: int = 0


class RecordedConnection(Struct, kw_only=True):
    """An RTM connection, and what came as soon as it was made."""

    opening: OpenEntry
    after: list[Happening] = []
    replayed: bool = False


class Replay:
    """Finds the recorded responses, each once, in their order.

    A call gets the first response that was recorded for a request of the same method and shape: the
    same documented fields with values of the same types, and the same words where the docs list
    words. Of several, the one whose request has most values in common comes first.

    Args:
        corpus: The recording.
        repeat: Give the last response again when all were given; raises otherwise.
    """

    def __init__(self, corpus: Corpus, *, repeat: bool = False) -> None:
        self.exchanges: list[RecordedExchange] = []
        self.connections: list[RecordedConnection] = []
        self._by_shape: dict[tuple[str, str, str, Any], list[RecordedExchange]] = {}
        self._repeat = repeat
        self._lock = threading.Lock()
        self._take_apart(corpus)

    @property
    def left(self) -> list[RecordedExchange]:
        """The calls that were not replayed yet."""
        return [exchange for exchange in self.exchanges if not exchange.replayed]

    def exchange(
        self,
        method: str,
        body: Any,
        *,
        api: str = "agent",
        via: Literal["web", "rtm"] = "web",
        connection: int | None = None,
    ) -> RecordedExchange:
        """Return what was recorded for a call.

        Args:
            method: Its name.
            body: Its parsed payload.
            api: ``agent``, ``configuration`` or ``customer``.
            via: How it came.
            connection: The number of its RTM connection in the recording.

        Raises:
            UnrecordedCall: There is no such call, or all of them were replayed.
        """
        form = shape_of(body)
        with self._lock:
            of_shape = self._by_shape.get((api, method, via, form), [])
            left = [exchange for exchange in of_shape if not exchange.replayed]
            if not left and not (of_shape and self._repeat):
                raise UnrecordedCall(self._explained(method, body, of_shape))
            values = set(_leaves(body))
            chosen = max(
                left or of_shape[-1:],
                # The first of equals is the earliest one.
                key=lambda exchange: (
                    exchange.request.connection == connection,
                    len(values & set(_leaves(exchange.request.body))),
                ),
            )
            chosen.replayed += 1
            return chosen

    def connect(self, api: str) -> RecordedConnection:
        """Return the next RTM connection that was recorded.

        Raises:
            UnrecordedCall: There were no more.
        """
        with self._lock:
            of_api = [made for made in self.connections if made.opening.api == api]
            left = [made for made in of_api if not made.replayed]
            if not left and not (of_api and self._repeat):
                number = counted(len(of_api), "RTM connection")
                raise UnrecordedCall(f"{number} of the API `{api}` are recorded, and no more")
            chosen = (left or of_api[-1:])[0]
            chosen.replayed = True
            return chosen

    def _take_apart(self, corpus: Corpus) -> None:
        """Put requests and responses together, and the rest to what it came after."""
        requests: dict[int, RequestEntry] = {}
        made: dict[int, RecordedExchange] = {}
        before: dict[int, list[Happening]] = {}
        place: list[Happening] = []
        for entry in corpus.entries:
            match entry:
                case RequestEntry():
                    requests[entry.number] = entry
                    place = before[entry.number] = []
                case ResponseEntry() if entry.to in requests:
                    exchange = RecordedExchange(
                        request=requests[entry.to], response=entry, before=before[entry.to]
                    )
                    made[entry.to] = exchange
                    place = exchange.after
                case OpenEntry():
                    connection = RecordedConnection(opening=entry)
                    self.connections.append(connection)
                    place = connection.after
                case PushEntry() | WebhookEntry() | CloseEntry():
                    place.append(entry)
                case _:
                    pass
        # In the order of the requests: responses may have overtaken each other.
        self.exchanges = [made[number] for number in requests if number in made]
        for exchange in self.exchanges:
            request = exchange.request
            key = (request.api, request.method, request.via, shape_of(request.body))
            self._by_shape.setdefault(key, []).append(exchange)

    def _explained(self, method: str, body: Any, of_shape: list[RecordedExchange]) -> str:
        if of_shape:
            times = counted(len(of_shape), "time")
            return f"`{method}` with these fields is recorded {times}, and was replayed as often"
        of_method = [one for one in self.exchanges if one.request.method == method]
        given = _described(body)
        if of_method:
            forms = dict.fromkeys(_described(one.request.body) for one in of_method)
            return f"`{method}` is not recorded with {given}, but with {listed(list(forms), 'or')}"
        names = dict.fromkeys(one.request.method for one in self.exchanges)
        more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
        recorded = ", ".join(f"`{name}`" for name in list(names)[:LISTED]) or "no calls"
        return f"`{method}` is not recorded; recorded are {recorded}{more}"


def shape_of(value: Any, name: str = "", parent: str = "") -> Any:
    """Return the shape of a payload: fields, types and documented words, without other values."""
    if is_object(value):
        if name in FREE:
            return "object"
        known = declared().names
        return frozenset(
            (key if key in known else "*", shape_of(item, key, name)) for key, item in value.items()
        )
    if is_array(value):
        return ("array", frozenset(shape_of(item, name, parent) for item in value))
    if isinstance(value, str):
        return value if declared().allows(name, parent, value) else "text"
    if isinstance(value, bool) or value is None:
        return str(value)
    # A file's size, and an empty body.
    return NO_FIELDS if value is UNSET else "number"


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if is_object(value):
        for name, item in value.items():
            yield from _leaves(item, f"{path}.{name}")
    elif is_array(value):
        for item in value:
            yield from _leaves(item, f"{path}[]")
    else:
        yield path, repr(value)


def _described(body: Any) -> str:
    """Return the names of the fields of a payload, as an error shows them."""
    return _fields(body) if is_object(body) and body else "no fields"


def _fields(value: dict[str, Any]) -> str:
    known = declared().names
    return "{" + ", ".join(_parts(value.items(), known)) + "}"


def _parts(items: Iterable[tuple[str, Any]], known: frozenset[str]) -> Iterator[str]:
    for name, item in sorted(items):
        shown = name if name in known else "…"
        yield f"{shown} {_fields(item)}" if is_object(item) and name not in FREE else shown
