"""The page of an export's tables, out of their declarations."""

from collections.abc import Iterator

from tools.reference.fields import cell

from frontdesk.archives import SCHEMA_VERSION, TABLES, Table

__all__ = ["pages"]

_HEAD = f"""\
---
title: Tables of an export
description: Every table and column of exported archives, with types and keys
---

# Tables of an export

What `frontdesk export` and [`frontdesk.archives`](archives.md) write, schema version {SCHEMA_VERSION}. Every column may be empty but those of the key.
Times are in UTC, with microseconds. `date` is in all tables: the UTC day on which the thread was created, by which exports are divided. New columns
leave the version as it is; it grows when one is renamed, removed or means something else.
"""


def pages() -> dict[str, str]:
    """Return the text of the page."""
    return {"archive-tables.md": "\n".join([_HEAD, *map(_section, TABLES.values())])}


def _section(table: Table) -> str:
    return "\n".join([f"## {table.name}", "", *_lines(table), ""])


def _lines(table: Table) -> Iterator[str]:
    yield table.text
    yield ""
    yield f"Key: {', '.join(f'`{name}`' for name in table.key)}"
    yield ""
    yield "| Column | Type | Meaning |"
    yield "| -- | -- | -- |"
    for column in table.columns:
        yield f"| `{column.name}` | {_type(str(column.type))} | {cell(column.text)} |"


def _type(arrow: str) -> str:
    return {
        "string": "text",
        "timestamp[us, tz=UTC]": "time",
        "int64": "integer",
        "double": "number",
        "bool": "boolean",
        "date32[day]": "day",
        "list<item: int64>": "integers",
    }[arrow]
