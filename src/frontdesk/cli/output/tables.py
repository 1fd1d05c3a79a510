"""Results as tables that fit a terminal."""

import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from types import NoneType
from typing import Any, Final

import msgspec
from msgspec import Struct

from frontdesk.cli.output.terminal import print_line, printable, say
from frontdesk.codec.decoding import encode
from frontdesk.codec.plain import is_array, is_object
from frontdesk.grammar import listed

__all__ = ["fits", "print_details", "print_table", "shortened"]

WIDTH: Final = 80
"""Columns of a table where the output is no terminal."""
GAP: Final = 2
PAIR: Final = 2
LEAST: Final = 6
"""How narrow a column may become."""
LEAST_TEXT: Final = 10
"""How narrow one may become before others are not shown: the ids of chats have so many signs."""


def print_table(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Print rows below the names of their columns.

    Where they are too wide, the widest column of texts gives way, but for the first, which is what
    a row is called by. Where that is not enough, the last columns are not shown, and said not to
    be: a part of an id or of a date says something else than the whole. Nothing of a row does
    anything to the terminal.
    """
    from rich.cells import cell_len, set_cell_size

    table = [list(row) for row in rows]
    columns = list(names)
    room = _width()
    widths = _widths(columns, table, room)
    while _total(widths) > room:
        if len(columns) > PAIR:
            del columns[-1]
            for cells in table:
                del cells[-1]
            room = _width() - GAP - 1  # for the mark
            widths = _widths(columns, table, room)
            continue
        widest = max(range(len(widths)), key=widths.__getitem__)
        if widths[widest] <= LEAST:
            break
        widths[widest] -= 1
    hidden = names[len(columns) :]
    for number, row in enumerate([columns, *([_cell(value) for value in row] for row in table)]):
        texts = [
            set_cell_size(text, width)
            if cell_len(text) <= width
            else f"{set_cell_size(text, width - 1)}…"
            for text, width in zip(row, widths, strict=True)
        ]
        if hidden and not number:
            texts.append("…")
        print_line((" " * GAP).join(texts).rstrip())
    if hidden:
        say(f"frontdesk: too narrow for {listed(hidden)}; a wider terminal or --json shows all")


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + GAP * (len(widths) - 1)


def _widths(names: Sequence[str], rows: Sequence[Sequence[Any]], room: int) -> list[int]:
    """Return the widths of columns, where those of texts have given way as far as they can."""
    from rich.cells import cell_len

    table = [names, *([_cell(value) for value in row] for row in rows)]
    widths = [max(map(cell_len, column)) for column in zip(*table, strict=True)]
    elastic = [
        position
        for position in range(1, len(names))
        if any(not isinstance(row[position], (datetime, int, NoneType)) for row in rows)
    ]
    while _total(widths) > room:
        widest = max(elastic, key=widths.__getitem__, default=0)
        if not widest or widths[widest] <= LEAST_TEXT:
            break
        widths[widest] -= 1
    return widths


def fits(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> bool:
    """Tell whether ``print_table`` would cut nothing off."""
    from rich.cells import cell_len

    table = [list(names), *([_cell(value) for value in row] for row in rows)]
    widths = [max(map(cell_len, column)) for column in zip(*table, strict=True)]
    return _total(widths) <= _width()


def shortened(values: Sequence[str | None], length: int) -> list[str | None]:
    """Shorten long ids in such a way that different ones still differ; whole where none does."""
    different = {value for value in values if value is not None}
    half = (length - 1) // 2
    ways: tuple[Callable[[str], str], ...] = (
        lambda text: f"{text[: length - 1]}…",
        lambda text: f"…{text[1 - length :]}",
        lambda text: f"{text[:half]}…{text[-half:]}",
    )
    for way in ways:
        short = {value: value if len(value) <= length else way(value) for value in different}
        if len(set(short.values())) == len(different):
            return [None if value is None else short[value] for value in values]
    return list(values)


def print_details(value: Struct | Mapping[str, Any]) -> None:
    """Print the fields of a structure that are set, below each other; nothing is cut off."""
    from textwrap import wrap

    if isinstance(value, Struct):
        value = {name: getattr(value, name) for name in value.__struct_fields__}
    fields = {name: field for name, field in value.items() if field is not None}
    # What it is called by comes first, wherever its class has it.
    fields = {name: fields[name] for name in sorted(fields, key=lambda name: name != "id")}
    width = max(map(len, fields), default=0)
    room = max(_width() - width - GAP, LEAST)
    for name, field in fields.items():
        # An id or a token stays in one piece, however long it is.
        lines = wrap(_cell(field), room, break_long_words=False, break_on_hyphens=False)
        for label, line in zip((name, *[""] * len(lines)), lines or [""], strict=False):
            print_line(f"{label:<{width}}{' ' * GAP}{line}".rstrip())


def _width() -> int:
    if not sys.stdout.isatty() and "COLUMNS" not in os.environ:
        return WIDTH
    from shutil import get_terminal_size

    return max(get_terminal_size((WIDTH, 24)).columns, 1)


def _cell(value: Any) -> str:
    """Return a value as one line."""
    match value:
        case None:
            return ""
        case True | False:
            return "yes" if value else "no"
        case str():
            return printable(value)
        case datetime():
            return f"{value:%Y-%m-%d %H:%M}"
        case _ if is_array(value) and not any(map(_is_nested, value)):
            return ", ".join(map(_cell, value))
        case _ if is_object(value) and not any(map(_is_nested, value.values())):
            return ", ".join(f"{_cell(name)}={_cell(item)}" for name, item in value.items())
        case _ if is_array(value) and value and all(map(_is_pair, value)):
            # As such pairs are given to commands.
            return ", ".join("=".join(map(_cell, msgspec.structs.astuple(pair))) for pair in value)
        case int() | float():
            return str(value)
        case _:
            return printable(json.dumps(msgspec.json.decode(encode(value)), ensure_ascii=False))


def _is_pair(value: Any) -> bool:
    if not isinstance(value, Struct):
        return False
    parts = msgspec.structs.astuple(value)
    return len(parts) == PAIR and not any(part is None or _is_nested(part) for part in parts)


def _is_nested(value: Any) -> bool:
    return isinstance(value, (list, tuple, Mapping, Struct))
