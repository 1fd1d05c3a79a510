"""Whatever happens to one value of a sample, everything else is what it was."""

import json
import logging
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from frontdesk import models, pushes, webhooks
from frontdesk.codec.decoding import decode, encode
from frontdesk.errors import DecodeError
from frontdesk.models.base import Result

from .._samples import load
from ..documented import OWN_SAMPLES

Path_ = tuple[Any, ...]
DROP = object()
MIRRORS = {"chats_summary", "last_thread_summary", "last_event_per_type"}
"""The names of 3.6, which are filled from those of 3.7: the same values twice."""
ITEMS = {"events", "users", "chats", "threads", "customers", "chats_summary", "chats_info"}
SINGLE_ITEMS = {"thread", "event", "user", "chat", "last_thread_summary", "last_thread_info"}
SINGLE_ITEMS |= {"license", "my_profile"}
PAGES = {
    "list_archives": models.ArchivesPage,
    "list_archives.unknown_items": models.ArchivesPage,
    "list_chats": models.ChatsPage,
    "list_chats.3_7": models.ChatsPage,
    "list_threads": models.ThreadsPage,
    "login": models.LoginResponse,
    "login.3_7": models.LoginResponse,
}
VALUES = [
    None,
    True,
    7,
    -1,
    12.5,
    "",
    "odd",
    [],
    {},
    [None],
    [{}],
    {"id": None},
    "9999-12-31T23:59:59-05:00",
    "2026-02-30T00:00:00Z",
    "yesterday",
    DROP,
    "@surrogate@",
    "@huge@",
    "@digits@",
    "@latin@",
    "@nan@",
    "@infinity@",
]
RAW = {
    b'"@surrogate@"': (rb'"J\ud83d"', "J\ufffd"),
    b'"@huge@"': (b"1e999", None),
    b'"@digits@"': (b"9" * 6000, None),
    b'"@latin@"': (b'"caf\xe9"', "caf\ufffd"),
    b'"@nan@"': (b"NaN", None),
    b'"@infinity@"': (b"-Infinity", None),
}


class Case:
    """A sample, how it is decoded, and what is encoded again."""

    def __init__(self, name: str, wire: Any, read: Callable[..., Any], old: bool = False) -> None:
        self.name = name
        self.wire = wire
        self.read = read
        self.mirrored = not old
        self.places = list(places(wire))
        self.control = plain(read(json.dumps(wire).encode()), self.mirrored)


def cases() -> Iterator[Case]:
    for name, kind in PAGES.items():
        wire = load(OWN_SAMPLES / "responses" / f"{name}.json")

        def page(data: bytes, kind: Any = kind, **options: Any) -> Any:
            return decode(data, kind, **options)

        yield Case(name, wire, page, old=name.endswith("3_7"))
    for path in sorted((OWN_SAMPLES / "pushes").glob("*.json")):
        action = path.name.partition(".")[0]

        def push(data: bytes, action: str = action, **options: Any) -> Any:
            return pushes.decode(action, data, **options)

        yield Case(path.stem, load(path), push)
    for path in sorted((OWN_SAMPLES / "webhooks").glob("*.json")):
        yield Case(f"webhook {path.stem}", load(path), webhooks.parse)


def places(value: Any, path: Path_ = ()) -> Iterator[Path_]:
    """Every value inside of a sample."""
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    for name, item in inner:
        yield (*path, name)
        if isinstance(item, (dict, list)):
            yield from places(item, (*path, name))


def at(value: Any, path: Path_) -> Any:
    for step in path:
        value = value[step]
    return value


def plain(decoded: Any, mirrored: bool) -> Any:
    if isinstance(decoded, webhooks.UnknownWebhook):
        value = {**decoded.raw, "secret_key": decoded.secret_key}
    else:
        value = json.loads(encode(decoded))
    return normal(value, set() if mirrored else MIRRORS)


def normal(value: Any, without: set[str]) -> Any:
    """Dates are compared as such; null is the same as absent, and so are empty containers."""
    if isinstance(value, dict):
        items = {k: normal(v, without) for k, v in value.items() if k not in without}
        return {name: item for name, item in items.items() if item not in (None, [], {}, "")}
    if isinstance(value, list):
        return [normal(item, without) for item in value]
    if isinstance(value, str):
        try:
            return msgspec.convert(value, datetime).astimezone(UTC)
        except (msgspec.ValidationError, OverflowError):
            return value
    return value


def differences(a: Any, b: Any, path: Path_ = ()) -> Iterator[Path_]:
    if isinstance(a, dict) and isinstance(b, dict):
        for name in a.keys() | b.keys():
            yield from differences(a.get(name), b.get(name), (*path, name))
    elif isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        for n, (one, other) in enumerate(zip(a, b, strict=True)):
            yield from differences(one, other, (*path, n))
    elif a != b:
        yield path


def item_of(path: Path_, wire: Any) -> Path_:
    """The event, user, chat or thread that a place belongs to."""
    for end in range(len(path), 0, -1):
        inside = end < len(path) or isinstance(at(wire, path[:end]), dict)
        if inside and path[end - 1] in SINGLE_ITEMS:
            return path[:end]
        if end > 1 and path[end - 2] in ITEMS and isinstance(path[end - 1], int):
            return path[:end]
    return ()


def odd(case: Case, path: Path_, value: Any) -> tuple[bytes, Any]:
    """The sample with one odd value, as JSON and as what is left of it in Python."""
    wire = json.loads(json.dumps(case.wire))
    holder = at(wire, path[:-1])
    if value is DROP:
        del holder[path[-1]]
    else:
        holder[path[-1]] = value
    data = json.dumps(wire).encode()
    for mark, (raw, left) in RAW.items():
        if value == json.loads(mark):
            data = data.replace(mark, raw)
            holder[path[-1]] = left
    return data, wire


def check(case: Case, path: Path_, value: Any) -> None:
    data, wire = odd(case, path, value)
    try:
        decoded = case.read(data)
    except DecodeError:
        # A page without its list, and without one to follow, has nothing to offer.
        assert case.name in PAGES
        assert len(path) == 1
        assert isinstance(at(case.wire, path), list)
        return
    assert isinstance(decoded, Result)
    result = plain(decoded, case.mirrored)
    found = list(differences(case.control, result))
    item = item_of(path, case.wire)
    field = path[: len(item) + 1]
    if not all(place[: len(field)] == field for place in found) and not dropped(
        case.control, result, path, len(item)
    ):
        # The item, or the whole push or webhook, is kept as it came.
        kept = item
        while not all(place[: len(kept)] == kept for place in found):
            assert kept, f"{case.name} {path}: {found} differ"
            kept = item_of(kept[:-1], case.wire)
        before = normal(wire, set() if case.mirrored else MIRRORS)
        assert not list(differences(at_or_none(before, kept), at_or_none(result, kept))), (
            case.name, path, value, kept,
        )  # fmt: skip
    if decoded.damage:
        with pytest.raises(DecodeError):
            case.read(data, strict=True)
    else:
        assert plain(case.read(data, strict=True), case.mirrored) == result


def dropped(control: Any, result: Any, path: Path_, least: int) -> bool:
    """Whether all that is missing is the odd value, or an item of a list that it belongs to."""
    for end in range(len(path), least, -1):
        if end < len(path) and not isinstance(path[end - 1], int):
            continue
        less = json.loads(json.dumps(control, default=str))
        holder = at_or_none(less, path[: end - 1])
        if at_or_none(control, path[:end]) is None:
            continue
        del holder[path[end - 1]]
        if normal(less, set()) == normal(json.loads(json.dumps(result, default=str)), set()):
            return True
    return False


def at_or_none(value: Any, path: Path_) -> Any:
    try:
        return at(value, path)
    except (KeyError, IndexError, TypeError):
        return None


def run(number: int, seed: int) -> None:
    rng = random.Random(seed)
    all_cases = list(cases())
    logging.getLogger("frontdesk").disabled = True
    try:
        for _ in range(number):
            case = rng.choice(all_cases[: len(PAGES)] if rng.random() < 0.5 else all_cases)
            check(case, rng.choice(case.places), rng.choice(VALUES))
    finally:
        logging.getLogger("frontdesk").disabled = False


def test_one_odd_value_costs_that_value() -> None:
    run(2_000, seed=20260302)


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", range(20))
def test_one_odd_value_costs_that_value_200_000_times(seed: int) -> None:
    # In parts, so that several processes can share them.
    run(10_000, seed=seed)


def test_the_samples_are_there() -> None:
    assert len(list(cases())) > 100
    assert Path(OWN_SAMPLES).exists()
