"""JSON that is well formed but for its letters: what no decoder takes is replaced first.

A byte order mark is skipped, NaN and Infinity become null, the escape of a lone surrogate becomes
that of U+FFFD, a raw control character in a text becomes its escape, and what is nested too deeply
becomes null. The places where it was done are kept.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from typing import Final, TypeAlias

import msgspec
from msgspec import Raw, Struct

from frontdesk.codec.damage import Damage, child

__all__ = ["Cleaned", "cleaned", "fault", "patched"]

Edit: TypeAlias = tuple[int, int, bytes, str]
"""Where something begins and ends, what is put in its place, and the problem."""

BOM: Final = b"\xef\xbb\xbf"
NO_NUMBER: Final = "not a number that JSON has; null is in its place"
SURROGATE: Final = "a lone surrogate; U+FFFD is in its place"
CONTROL: Final = "a control character that is not escaped; the text keeps it"
TOO_DEEP: Final = "nested too deeply; null is in its place"

SURROGATES: Final = re.compile(
    rb"\\u[dD](?:[89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|([89a-fA-F][0-9a-fA-F]{2}))"
)
"""A pair, or group 1: a lone one."""
CONTROLS: Final = re.compile(rb"[\x00-\x1f]")
NO_CONTROLS: Final = bytes(range(0x20, 0x100))
NUMBERS: Final = (b"NaN", b"Infinity")
AT_BYTE: Final = re.compile(r"invalid character \(byte (\d+)\)")
MARKS: Final = re.compile(rb'"[^"]*(?:"|\Z)|[\[{]|[\]}]')
TEXTS: Final = re.compile(rb'"[^"]*(?:"|\Z)')
NO_MARKS: Final = bytes(set(range(0x100)) - set(b'"[]{}'))
CHUNK: Final = 8 * 1024
"""Bytes whose brackets are counted at once: so few that they seldom nest deeply by themselves."""
SHORTEST: Final = 128
KEY: Final = re.compile(rb'[\s,]*("(?:[^"\\]|\\.)*")\s*:\s*', re.DOTALL)
GAP: Final = re.compile(rb"[\s,]*")
SPACE: Final = re.compile(rb"\s*")
SAMPLE: Final = 256
"""Bytes that are compared to see whether a value is the one that stands at a place."""
DEPTH: Final = 200
"""How deeply values may be nested in JSON that would exhaust the stack otherwise."""
LONGEST_PATH: Final = 200

_raw: Final = msgspec.json.Decoder(Raw).decode
_pieces: Final = msgspec.json.Decoder(dict[str, Raw]).decode
_items: Final = msgspec.json.Decoder(list[Raw]).decode


class Cleaned(Struct):
    """JSON, and where something was replaced in it."""

    data: bytes
    places: list[int] = []
    """In order."""
    problems: list[str] = []
    """The problem at each place."""

    def damage(self) -> list[Damage]:
        """Return what was replaced, with the path of each value."""
        paths: list[str] = []
        if self.places:
            _add_paths(paths, memoryview(self.data), 0, "$", self.places, len(self.places))
        # Once for each value, however many characters of it were replaced.
        return [
            Damage(path if len(path) <= LONGEST_PATH else f"{path[:LONGEST_PATH]}…", problem)
            for path, problem in dict.fromkeys(zip(paths, self.problems, strict=True))
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


def patched(data: bytes, problem: str) -> Cleaned:
    """Replace what a decoder stopped at, as its ``problem`` tells, and lone surrogates.

    Most damage stands alone: then nothing has to be looked for, and what precedes it is sound.
    """
    if data.startswith(BOM):
        return Cleaned(data.removeprefix(BOM))
    at = AT_BYTE.search(problem)
    if at is None:
        return _edited(data, list(_lone_surrogates(data)))
    place = int(at[1])
    if data[place : place + 1] < b" ":
        return _edited(data, [_escaped(data, place)])
    for name in NUMBERS:
        if data.startswith(name, place):
            return _edited(data, [_no_number(data, place, name)])
    return Cleaned(data)


def cleaned(data: bytes, *, cut: bool = True) -> Cleaned:
    """Replace what keeps JSON from being read as such; if ``cut``, what is nested too deeply."""
    data = data.removeprefix(BOM)
    edits = sorted((*_lone_surrogates(data), *_odd_bytes(data)))
    whole = _edited(data, edits)
    if not cut:
        return whole
    try:
        _raw(whole.data)
    except RecursionError:
        cuts = _too_deep(data)
        starts = [start for start, *_ in cuts]
        kept = [edit for edit in edits if not _within(edit, cuts, starts)]
        return _edited(data, sorted((*kept, *cuts)))
    except (msgspec.DecodeError, UnicodeError):
        pass
    return whole


def _edited(data: bytes, edits: list[Edit]) -> Cleaned:
    """Make edits, which are in order."""
    if not edits:
        return Cleaned(data)
    view = memoryview(data)
    parts: list[bytes | memoryview] = []
    places: list[int] = []
    done = size = 0
    for start, end, replacement, _ in edits:
        parts += view[done:start], replacement
        size += start - done
        places.append(size)
        size += len(replacement)
        done = end
    parts.append(view[done:])
    return Cleaned(b"".join(parts), places, [problem for *_, problem in edits])


def _within(edit: Edit, cuts: list[Edit], starts: list[int]) -> bool:
    last = bisect_right(starts, edit[0]) - 1
    return last >= 0 and edit[0] < cuts[last][1]


def _lone_surrogates(data: bytes) -> Iterator[Edit]:
    """Find the escapes of lone surrogates."""
    # Looking for one byte takes a fraction of what longer texts and regular expressions take.
    if b"\\" not in data or (first := data.find(b"\\u")) < 0:
        return
    done = len(data[:first].rstrip(b"\\"))
    while match := SURROGATES.search(data, done):
        start = match.start()
        between = data[done:start]
        if (len(between) - len(between.rstrip(b"\\"))) % 2:
            # The backslash is escaped by the one before it.
            done = start + 1
            continue
        done = match.end()
        if match[1]:
            yield start, done, rb"\ufffd", SURROGATE


def _odd_bytes(data: bytes) -> Iterator[Edit]:
    """Find NaN and Infinity outside of texts, and control characters in texts."""
    suspects = [(place, name) for name in NUMBERS for place in _occurrences(data, name)]
    if data.translate(None, NO_CONTROLS):
        suspects += [(match.start(), b"") for match in CONTROLS.finditer(data)]
    if not suspects:
        return
    text = _without_escapes(data)
    in_text, done = False, 0
    for place, name in sorted(suspects):
        # Counting quotes is what takes least to tell where a text ends.
        in_text ^= text.count(b'"', done, place) % 2 == 1
        done = place
        if name and not in_text:
            yield _no_number(data, place, name)
        elif in_text and not name:
            yield _escaped(data, place)


def _occurrences(data: bytes, name: bytes) -> Iterator[int]:
    place = data.find(name)
    while place >= 0:
        yield place
        place = data.find(name, place + len(name))


def _no_number(data: bytes, place: int, name: bytes) -> Edit:
    signed = place > 0 and data[place - 1 : place] == b"-"
    return place - signed, place + len(name), b"null", NO_NUMBER


def _escaped(data: bytes, place: int) -> Edit:
    return place, place + 1, rb"\u%04x" % data[place], CONTROL


def _without_escapes(data: bytes) -> bytes:
    """Blank escaped backslashes and quotes, so that each quote begins or ends a text."""
    if b"\\" not in data:
        return data
    return data.replace(rb"\\", b"  ").replace(rb"\"", b"  ")


def _too_deep(data: bytes) -> list[Edit]:
    """Find what is nested too deeply.

    Of most parts it is enough to count the brackets: those that stay above the limit, or below.
    Others are halved, and gone through bracket by bracket in the end.
    """
    text = _without_escapes(data)
    cuts: list[Edit] = []
    depth = start = 0
    lead = b""
    parts = [(begin, begin + CHUNK) for begin in range(0, len(text), CHUNK)][::-1]
    while parts:
        begin, end = parts.pop()
        part = lead + text[begin:end]
        marks = part.translate(None, NO_MARKS)
        # Two quotes in a row are a text without brackets, or between two texts that have some.
        brackets = TEXTS.sub(b"", marks.replace(b'""', b""))
        opening = brackets.count(b"[") + brackets.count(b"{")
        closing = len(brackets) - opening
        if depth + opening <= DEPTH or depth - closing > DEPTH:
            depth += opening - closing
        elif end - begin > SHORTEST:
            middle = (begin + end) // 2
            parts += (middle, end), (begin, middle)
            continue
        else:
            for match in MARKS.finditer(part):
                place, mark = begin - len(lead) + match.start(), match[0]
                if mark in b"[{":
                    depth += 1
                    if depth == DEPTH + 1:
                        start = place
                elif mark in b"]}":
                    if depth == DEPTH + 1:
                        cuts.append((start, place + 1, b"null", TOO_DEEP))
                    depth -= 1
        lead = b'"' if marks.count(b'"') % 2 else b""
    return cuts


def _add_paths(
    paths: list[str], data: memoryview, start: int, path: str, places: list[int], last: int
) -> None:
    """Add the paths of the places up to the ``last``, all of which are in one value.

    ``data`` is that value, and begins at ``start``. There is a path for each place before it, so
    that their number tells which place comes next: no place is looked at for every value.
    """
    # What comes below a path that is cut does not show.
    pieces = _split(data) if len(path) <= LONGEST_PATH else ()
    at = _end(SPACE, data, 0) + 1
    for name, piece in pieces:
        match = (KEY if isinstance(name, str) else GAP).match(data, at)
        value = memoryview(piece)
        if match is None or not _stands_at(value, data, match.end()):
            break  # a name that comes twice: nobody can tell them apart by it
        at = match.end() + len(value)
        if places[len(paths)] >= start + at:
            continue
        first = bisect_left(places, start + match.end(), len(paths), last)
        beyond = bisect_left(places, start + at, first, last)
        paths += [path] * (first - len(paths))
        if first < beyond:
            inner = child(path, name) if isinstance(name, str) else f"{path}[{name}]"
            _add_paths(paths, value, start + match.end(), inner, places, beyond)
        if len(paths) == last:
            return
    paths += [path] * (last - len(paths))


def _split(data: memoryview) -> Iterator[tuple[str | int, Raw]]:
    """Yield the values in an object or a list with their names or numbers; of others, nothing."""
    try:
        match bytes(data[(lead := _end(SPACE, data, 0)) : lead + 1]):
            case b"{":
                yield from _pieces(data).items()
            case b"[":
                yield from enumerate(_items(data))
            case _:
                pass
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return


def _stands_at(value: memoryview, data: memoryview, place: int) -> bool:
    """Whether a value stands at a place; of a long one, its two ends are compared."""
    end = place + len(value)
    ends = ((place, min(end, place + SAMPLE)), (max(place, end - SAMPLE), end))
    return all(data[a:b] == value[a - place : b - place] for a, b in ends)


def _end(pattern: re.Pattern[bytes], data: memoryview, start: int) -> int:
    match = pattern.match(data, start)
    return start if match is None else match.end()
