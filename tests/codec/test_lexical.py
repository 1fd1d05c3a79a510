"""JSON whose letters no decoder takes: what is replaced, and at which path."""

import gc
import json
import sys
from typing import Any

import pytest

from frontdesk import Damage, DecodeError, decode
from frontdesk.codec.lexical import cleaned
from frontdesk.models import ArchivesPage, Properties

TOO_DEEP = 100_000
"""Levels that no Python has the stack for: 3.11 reads 1,000 of them, 3.13 reads 10,000."""

SURROGATE = "a lone surrogate; U+FFFD is in its place"
CONTROL = "a control character that is not escaped; the text keeps it"


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


ODD_VALUES = {
    "surrogates": rb'"\ud83d"',
    "no numbers": b"NaN",
    "control characters": b'"a\tb"',
    "too deep": b"[" * TOO_DEEP + b"]" * TOO_DEEP,
}


@pytest.mark.parametrize("odd", ODD_VALUES.values(), ids=ODD_VALUES)
@pytest.mark.parametrize("shape", [b'{"n": {"x": [%b]}}', b'{"n": {"x": {%b}}}'])
def test_work_grows_with_the_number_of_repairs_and_not_with_its_square(
    odd: bytes, shape: bytes
) -> None:
    def work(count: int) -> int:
        names = (b'"k%d": ' % n if b"{%b}" in shape else b"" for n in range(count))
        data = shape % b", ".join(name + odd for name in names)
        steps = 0

        def trace(frame: Any, event: str, argument: Any) -> Any:
            nonlocal steps
            frame.f_trace_opcodes = True
            steps += event == "opcode"
            return trace

        before = sys.gettrace()
        sys.settrace(trace)
        try:
            damage = cleaned(data).damage()
        finally:
            sys.settrace(before)
        assert len(damage) == count
        return steps

    work(2)
    assert work(40) < 5 * work(10)


@pytest.mark.parametrize("control", [b"\t", b"\n", b"\r", b"\x00", b"\x1f"])
def test_a_text_keeps_a_raw_control_character(control: bytes) -> None:
    text = b'{\n\t"a": "x%by", "b": ["\\\\", "\\"%b", 1]\n}' % (control, control)
    value, damage = replaced(text)
    letter = control.decode()
    assert value == {"a": f"x{letter}y", "b": ["\\", f'"{letter}', 1]}
    assert [(one.path, one.problem) for one in damage] == [("$.a", CONTROL), ("$.b[1]", CONTROL)]


def test_a_control_character_outside_of_texts_is_no_json() -> None:
    for text in (b'{"n": {"a": \x01}}', b'{"n": \x00{}}', b'{"n": {"a": "b"}}\x02'):
        with pytest.raises(DecodeError, match="not valid JSON"):
            decode(text, Properties)


def test_what_was_replaced_behind_a_cut_keeps_its_path() -> None:
    deep = b"[" * TOO_DEEP + b'NaN, "\\ud83d"' + b"]" * TOO_DEEP
    text = b'{"a": NaN, "b": %b, "c": "]\\ud83d", "d": %b, "e": [0, NaN]}' % (deep, deep)
    value, damage = replaced(text)
    assert value["a"] is None
    assert value["c"] == "]\ufffd"
    assert value["e"] == [0, None]
    assert [one.path for one in damage if "deep" not in one.problem] == ["$.a", "$.c", "$.e[1]"]
    assert sum("deep" in one.problem for one in damage) == 2


@pytest.mark.parametrize("brackets", ["[", "]", "{[", '\\"[', "\\\\"])
def test_brackets_in_texts_nest_nothing(brackets: str) -> None:
    texts = json.dumps([brackets] * 3000).encode()
    deep = b'{"a":' * TOO_DEEP + b"1" + b"}" * TOO_DEEP
    value, damage = replaced(b'{"a": %b, "b": [%b, 5], "c": %b}' % (texts, deep, texts))
    assert value["a"] == value["c"] == [brackets] * 3000
    assert value["b"][1] == 5
    assert ["deep" in one.problem for one in damage] == [True]


def test_a_value_is_reported_once_for_each_problem() -> None:
    damage = replaced(b'{"a": "\\ud83d\\ud83d\t\t", "b": "\\ud83d"}')[1]
    assert [(one.path, one.problem) for one in damage] == [
        ("$.a", SURROGATE), ("$.a", CONTROL), ("$.b", SURROGATE),
    ]  # fmt: skip
