"""JSON that is well formed but for its letters: what Python cannot hold is replaced first.

A byte order mark is skipped, NaN and Infinity become null, the escape of a lone surrogate becomes
that of U+FFFD, and what is nested too deeply becomes null. The places where it was done are kept.
"""

import re
from collections.abc import Iterator
from typing import Final

import msgspec
from msgspec import Raw, Struct

from frontdesk.codec.damage import Damage, child

__all__ = ["Cleaned", "cleaned", "fault"]

BOM: Final = b"\xef\xbb\xbf"
ESCAPES: Final = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    rb"|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)
"""Escapes in order, as an escaped backslash hides what follows. Group 1: a lone surrogate."""
NUMBERS: Final = re.compile(rb'"(?:[^"\\]|\\.)*+(?:"|\Z)|(-?(?:NaN|Infinity))', re.DOTALL)
"""Texts, as they may hold anything, and group 1: what some servers write for no number."""
BRACKETS: Final = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]', re.DOTALL)
KEY: Final = re.compile(rb'[\s,]*("(?:[^"\\]|\\.)*")\s*:\s*', re.DOTALL)
GAP: Final = re.compile(rb"[\s,]*")
SPACE: Final = re.compile(rb"\s*")
SAMPLE: Final = 256
"""Bytes that are compared to see whether a value is the one that stands at a place."""
DEPTH: Final = 200
"""How deeply values may be nested in JSON that would exhaust the stack otherwise."""
LONGEST_PATH: Final = 200

_raw: Final = msgspec.json.Decoder(Raw).decode
_text: Final = msgspec.json.Decoder(str).decode
_pieces: Final = msgspec.json.Decoder(dict[str, Raw]).decode
_items: Final = msgspec.json.Decoder(list[Raw]).decode


class Cleaned(Struct):
    """JSON, and where something was replaced in it."""

    data: bytes
    numbers: list[int] = []
    surrogates: list[int] = []
    cuts: list[int] = []

    def damage(self) -> list[Damage]:
        """Return what was replaced, with paths."""
        problems = (
            (self.numbers, "not a number that JSON has; null is in its place"),
            (self.surrogates, "a lone surrogate; U+FFFD is in its place"),
            (self.cuts, "nested too deeply; null is in its place"),
        )
        return [
            Damage(path if len(path) <= LONGEST_PATH else f"{path[:LONGEST_PATH]}…", problem)
            for places, problem in problems
            for path in _paths(self.data, places)
        ]


def fault(data: bytes) -> str | None:
    """Return why it is not JSON, ``None`` if it is; what the values are does not matter."""
    try:
        _raw(data)
    except (msgspec.DecodeError, UnicodeError) as error:
        return str(error)
    except RecursionError:
        return "nested too deeply"
    return None


def cleaned(data: bytes, *, cut: bool = True, numbers: bool = True) -> Cleaned:
    """Replace what keeps JSON from being read as such.

    ``cut`` also what is nested too deeply; without ``numbers`` NaN and Infinity stay.
    """
    data, odd_numbers = data.removeprefix(BOM), list[int]()
    if numbers:
        data, odd_numbers = _without_numbers(data)
    surrogates = list(_lone_surrogates(data))
    if surrogates:
        buffer = bytearray(data)
        for place in surrogates:
            buffer[place : place + 6] = b"\\ufffd"
        data = bytes(buffer)
    try:
        if cut:
            _raw(data)
    except RecursionError:
        data, cuts = _shallow(data)
        # What lies behind the first cut is elsewhere now.
        end = cuts[0] if cuts else len(data)
        odd_numbers = [place for place in odd_numbers if place < end]
        surrogates = [place for place in surrogates if place < end]
        return Cleaned(data, odd_numbers, surrogates, cuts)
    except (msgspec.DecodeError, UnicodeError):
        pass
    return Cleaned(data, odd_numbers, surrogates)


def _lone_surrogates(data: bytes) -> Iterator[int]:
    """Yield where the escapes of lone surrogates are."""
    # Looking for a single byte takes a fraction of what the search of a regular expression does.
    place = data.find(b"\\")
    while place >= 0:
        match = ESCAPES.match(data, place)
        if match is None:  # the last byte
            return
        if match[1]:
            yield place
        place = data.find(b"\\", match.end())


def _without_numbers(data: bytes) -> tuple[bytes, list[int]]:
    """Put null in place of NaN and Infinity, which JSON does not have."""
    if b"NaN" not in data and b"Infinity" not in data:
        return data, []
    parts: list[bytes] = []
    places: list[int] = []
    done = size = 0
    for match in NUMBERS.finditer(data):
        if match[1]:
            parts += data[done : match.start()], b"null"
            size += match.start() - done
            places.append(size)
            size += len(b"null")
            done = match.end()
    return b"".join((*parts, data[done:])), places


def _shallow(data: bytes) -> tuple[bytes, list[int]]:
    """Put null in place of what is nested too deeply."""
    parts: list[bytes] = []
    cuts: list[int] = []
    depth = start = done = size = 0
    for match in BRACKETS.finditer(data):
        bracket = match[0]
        if bracket in (b"[", b"{"):
            depth += 1
            if depth == DEPTH + 1:
                start = match.start()
        elif bracket in (b"]", b"}"):
            if depth == DEPTH + 1:
                parts += data[done:start], b"null"
                size += start - done
                cuts.append(size)
                size += len(b"null")
                done = match.end()
            depth -= 1
    return b"".join((*parts, data[done:])), cuts


def _paths(data: bytes, places: list[int]) -> Iterator[str]:
    """Return the path of the value at each place, in order."""
    if places:
        yield from _inside(memoryview(data), 0, places, "$")


def _inside(data: memoryview, start: int, places: list[int], path: str) -> Iterator[str]:
    """Return the paths of places in the value that ``data`` is and that begins at ``start``."""
    lead = _end(SPACE, data, 0)
    first = bytes(data[lead : lead + 1])
    try:
        if first == b"{":
            pieces = [(child(path, name), piece) for name, piece in _pieces(data).items()]
        elif first == b"[":
            pieces = [(f"{path}[{n}]", piece) for n, piece in enumerate(_items(data))]
        else:
            yield from (path for _ in places)
            return
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        yield from (path for _ in places)
        return
    at, rest = lead + 1, places
    for name, piece in pieces:
        match = (KEY if first == b"{" else GAP).match(data, at)
        value = memoryview(piece)
        if match is None or not _stands_at(value, data, match.end()):
            break  # a name that comes twice: nobody can tell them apart by it
        begin, end = match.end(), match.end() + len(value)
        before = [place for place in rest if place - start < begin]
        here = [place for place in rest if begin <= place - start < end]
        yield from (path for _ in before)
        if here:
            yield from _inside(value, start + begin, here, name)
        rest = rest[len(before) + len(here) :]
        if not rest:
            return
        at = end
    yield from (path for _ in rest)


def _stands_at(value: memoryview, data: memoryview, place: int) -> bool:
    """Whether a value stands at a place; of a long one, its two ends are compared."""
    end = place + len(value)
    ends = ((place, min(end, place + SAMPLE)), (max(place, end - SAMPLE), end))
    return all(data[a:b] == value[a - place : b - place] for a, b in ends)


def _end(pattern: re.Pattern[bytes], data: memoryview, start: int) -> int:
    match = pattern.match(data, start)
    return start if match is None else match.end()
