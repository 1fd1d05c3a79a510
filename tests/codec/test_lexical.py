"""JSON whose letters no decoder takes: what is replaced, and at which path."""

import gc
import json
from typing import Any

import pytest

from frontdesk import Damage, decode
from frontdesk.codec.lexical import cleaned
from frontdesk.models import ArchivesPage, Properties

SURROGATE = "a lone surrogate; U+FFFD is in its place"


def replaced(text: bytes) -> tuple[Any, list[Damage]]:
    whole = cleaned(text)
    return json.loads(whole.data), whole.damage()


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (rb'"\ud83d"', "\ufffd"),
        (rb'"\ude00\ud83d"', "\ufffd\ufffd"),
        (rb'"\ud83d\ude00"', "😀"),
        (rb'"\uD83D\uDE00\uD83D"', "😀\ufffd"),
        (rb'"\\ud83d"', r"\ud83d"),
        (rb'"\\\ud83d\\"', "\\\ufffd\\"),
        (rb'"\n\u0041\ud83d\t"', "\nA\ufffd\t"),
    ],
)
def test_a_lone_surrogate_is_found_among_other_escapes(text: bytes, left: str) -> None:
    assert replaced(text)[0] == left


def test_a_backslash_at_the_very_end_ends_the_search() -> None:
    assert cleaned(b'"\\ud83d\\').data == b'"\\ufffd\\'


def test_the_path_of_each_is_named() -> None:
    text = rb' {"a": [1, "\ud83d", {"b c": "x\ud83d"}], "d": "\\ud83d", "e": "\udfff"} '
    value, damage = replaced(text)
    assert value["d"] == r"\ud83d"
    assert [one.path for one in damage] == ["$.a[1]", '$.a[2]["b c"]', "$.e"]
    assert {one.problem for one in damage} == {SURROGATE}


def test_of_a_long_value_both_ends_are_compared_to_find_its_place() -> None:
    # The value of a name that comes twice is the last one, and stands elsewhere.
    long = b'"' + b"x" * 1000 + b'"'
    text = rb'{"a": %b, "a": %b, "b": "\ud83d"}' % (long, long.replace(b'x"', b'y"'))
    assert [one.path for one in replaced(text)[1]] == ["$"]
    text = rb'{"a": %b, "b": "\ud83d"}' % long
    assert [one.path for one in replaced(text)[1]] == ["$.b"]


@pytest.mark.parametrize("number", [b"NaN", b"Infinity", b"-Infinity"])
@pytest.mark.parametrize("first", ["surrogate", "number"])
def test_a_surrogate_and_what_is_no_number_in_one_page(number: bytes, first: str) -> None:
    values = [rb'"\ud83d"', number]
    values = values if first == "surrogate" else values[::-1]
    seen: list[Damage] = []
    text = b'{"n": {"a": %b, "b": %b}}' % tuple(values)
    properties = decode(text, Properties, on_damage=seen.append)
    left = ["\ufffd", None] if first == "surrogate" else [None, "\ufffd"]
    assert list(properties["n"].values()) == left
    assert {one.path for one in seen} == {"$.n.a", "$.n.b"}


def test_every_damaged_item_of_a_list_costs_itself_alone() -> None:
    chat = {"id": "C", "users": [], "thread": {"id": "T", "active": True, "user_ids": [],
                                               "created_at": "2026-02-03T10:11:12Z"}}  # fmt: skip
    chats = [chat | {"id": f"C{n}"} for n in range(9)]
    for odd in (0, 4, 8):
        del chats[odd]["users"]
    page = decode(json.dumps({"chats": chats, "found_chats": 9}), ArchivesPage)
    assert [item.id for item in page.chats] == [f"C{n}" for n in range(9)]
    assert [one.path for one in page.damage if "is missing" in one.problem] == [
        "$.chats[0].users", "$.chats[4].users", "$.chats[8].users",
    ]  # fmt: skip


def test_a_large_page_does_not_set_off_the_collector() -> None:
    chat = {"id": "C", "users": [], "properties": {f"n{n}": {"a": 1} for n in range(40)}}
    data = json.dumps({"chats": [chat] * 400, "found_chats": 400}).encode()
    runs: list[str] = []

    def note(phase: str, info: dict[str, int]) -> None:
        runs.append(phase)

    gc.collect()
    gc.callbacks.append(note)
    try:
        page = decode(data, ArchivesPage)
    finally:
        gc.callbacks.remove(note)
    assert gc.isenabled()
    assert len(page.chats) == 400
    # 16,000 dicts would set it off twenty times; once it may go, when it is on again.
    assert runs.count("start") <= 2
