"""Results as JSON for a language model: without what only agents see, and of bounded size."""

import json
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from frontdesk.codec.plain import is_array, is_object
from frontdesk.grammar import counted
from frontdesk.readable import clean_text

__all__ = ["BoundedJSON", "bounded", "bounded_json", "for_customers"]

CUTS: Final = ((4_000, 100), (1_000, 40), (400, 20), (150, 10), (80, 5), (40, 2), (20, 1))
"""How long a text, and how many items a list or an object may be, in one attempt after another."""
DROPPED: Final[Any] = object()
"""Stands for what only agents see, until its place is removed with it."""


def for_customers(data: Any) -> Any:
    """Return data without whatever has a visibility other than ``all``: notes, hidden agents."""
    kept = _visible(data)
    return {} if kept is DROPPED else kept


class BoundedJSON(NamedTuple):
    """Data as JSON of bounded size."""

    text: str
    is_cut: bool
    """Whether something of the data is missing in it."""


def bounded_json(data: Any, most: int) -> str:
    """Return data as JSON of at most ``most`` characters; see ``bounded``."""
    return bounded(data, most).text


def bounded(data: Any, most: int, measure: Callable[[str], int] = len) -> BoundedJSON:
    """Return data as JSON of bounded size, without invisible characters.

    What is too long has its longest texts and lists cut, as little as is needed. A list of events
    keeps its newest, which stand at its end; any other list its first items.

    Args:
        data: What JSON can hold.
        most: The largest size.
        measure: Returns the size of a text; defaults to its characters.
    """
    whole = _json(data)
    if measure(whole) <= most:
        return BoundedJSON(whole, is_cut=False)
    for letters, items in CUTS:
        text = _json(_cut(data, letters, items))
        if measure(text) <= most:
            return BoundedJSON(text, is_cut=True)
    # Hundreds of short fields: what is left is its beginning, as a text. Quotes and other letters
    # may take several times the room there.
    letters = most // 3
    while measure(text := _json({"cut": True, "beginning": whole[:letters]})) > most:
        letters //= 2
    return BoundedJSON(text, is_cut=True)


def _json(data: Any) -> str:
    return clean_text(json.dumps(data, ensure_ascii=False, separators=(",", ":")))


def _visible(data: Any) -> Any:
    if is_array(data):
        items = [_visible(item) for item in data]
        return [item for item in items if item is not DROPPED]
    if not is_object(data):
        return data
    if data.get("visibility", "all") not in ("all", None):
        return DROPPED
    members = {name: _visible(member) for name, member in data.items()}
    return {name: member for name, member in members.items() if member is not DROPPED}


def _cut(data: Any, letters: int, most: int, name: str = "") -> Any:
    if isinstance(data, str) and len(data) > letters:
        return f"{data[:letters]}… ({counted(len(data) - letters, 'character')} cut)"
    if is_array(data):
        cut = len(data) - most
        if cut <= 0:
            return [_cut(item, letters, most) for item in data]
        mark = f"({counted(cut, 'item')} cut)"
        newest_last = name == "events"
        items = [
            _cut(item, letters, most) for item in (data[-most:] if newest_last else data[:most])
        ]
        return [mark, *items] if newest_last else [*items, mark]
    if is_object(data):
        # Objects of the API have a few dozen fields; longer ones are maps, such as of properties.
        members = list(data.items())[: max(most, 30)]
        return {key: _cut(member, letters, most, key) for key, member in members}
    return data
