"""Structures: what they are for, their fields with types and limits, what else they offer."""

import inspect
import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from textwrap import dedent
from typing import Any, ClassVar, get_origin, get_type_hints

import griffe
import msgspec
from msgspec import NODEFAULT, UNSET, Struct
from tools.reference.public import anchor_of
from tools.reference.types import limits, linked, type_html
from tools.render.annotations import Imports, type_text

from frontdesk.pushes import Push
from frontdesk.spec.fields import description_of

__all__ = ["cell", "prose", "source_of", "structure"]

_BASES = frozenset({"Struct", "Model", "Checked", "Result", "object", "Generic", "Action"})
"""What every structure has, which is described once."""
_OF_ANY_PUSH = frozenset({"version", "request_id", "recovered"})
_HIDDEN = frozenset(
    {"kept_whole", "missing", "never_guessed", "on_the_wire", "placeholder", "release", "spec"}
)
"""What the decoder asks of structures."""


def structure(module: str, name: str, level: int = 3) -> str:
    """Return the section of a public structure."""
    cls = getattr(import_module(module), name)
    anchor = anchor_of(module, name)
    parts = [f"{'#' * level} {name} {{ #{anchor} data-toc-label='{name}' }}", _imported(anchor)]
    parts.append(prose(cls.__doc__))
    parts.append("\n".join(_table(cls, anchor)))
    parts.append("\n".join(_members(cls, anchor)))
    return "\n\n".join(part for part in parts if part) + "\n"


def prose(docstring: str | None) -> str:
    """Return a docstring as Markdown: literal blocks are those of Markdown already."""
    text = inspect.cleandoc(docstring or "")
    return text.replace("\n::\n", "\n").replace("::\n\n", ":\n\n").replace("``", "`")


def cell(text: str) -> str:
    """Return text that fits one cell of a table."""
    return " ".join(text.split()).replace("|", "\\|")


def _imported(anchor: str) -> str:
    module, _, name = anchor.rpartition(".")
    return f"`from {module} import {name}`"


def _table(cls: type[Struct], anchor: str) -> Iterator[str]:
    fields = [
        field
        for field in msgspec.structs.fields(cls)
        if not (cls is not Push and issubclass(cls, Push) and field.name in _OF_ANY_PUSH)
    ]
    hints = get_type_hints(cls, include_extras=True)
    docs = _field_docs(cls)
    rows = []
    for field in fields:
        hint = hints[field.name]
        text = [description_of(hint) or docs.get(field.name, ""), limits(hint)]
        about = "; ".join(part.rstrip(".") for part in text if part)
        mark = f'<span id="{anchor}.{field.name}"></span>'
        rows.append((f"{mark}`{field.name}`", type_html(hint), _default(field), cell(about)))
    if not rows:
        return
    with_text = any(row[3] for row in rows)
    yield "| Field | Type | Default |" + (" What it is |" if with_text else "")
    yield "| -- | -- | -- |" + (" -- |" if with_text else "")
    for row in rows:
        yield f"| {' | '.join(row if with_text else row[:3])} |"


def _default(field: msgspec.structs.FieldInfo) -> str:
    if field.required:
        return "required"
    if field.default_factory is not NODEFAULT:
        value = field.default_factory()
        return f"`{value!r}`" if isinstance(value, (str, int, list, dict, tuple)) else "its own"
    if field.default is UNSET or field.default is None:
        return "`None`"
    value = field.default
    return f"`{value!r}`" if isinstance(value, (str, int, float, bool, tuple)) else "its own"


def _members(cls: type[Struct], anchor: str) -> Iterator[str]:
    """Describe what a structure offers besides its fields."""
    seen: set[str] = set(cls.__struct_fields__)
    for base in cls.__mro__:
        if base.__name__ in _BASES or base.__module__ == "builtins":
            continue
        for name, value in vars(base).items():
            if name.startswith("_") or name in seen or name in _HIDDEN:
                continue
            seen.add(name)
            line = _member(name, value, base, anchor)
            if line:
                yield line


def _member(name: str, value: Any, base: type, anchor: str) -> str:
    mark = f'<span id="{anchor}.{name}"></span>'
    if isinstance(value, property):
        returns = get_type_hints(value.fget)["return"]
        return f"- {mark}`{name}`: {_shown(returns)}. {cell(prose(value.__doc__))}"
    if inspect.isfunction(value) or isinstance(value, classmethod):
        function = value.__func__ if isinstance(value, classmethod) else value
        signature = str(inspect.signature(function)).replace("self, ", "").replace("(self)", "()")
        signature = re.sub(r"(\w+\.)+(?=[A-Z])", "", signature)
        return f"- {mark}{linked(name + signature)}: {cell(prose(function.__doc__))}"
    hint = get_type_hints(base, include_extras=True).get(name)
    if hint is not None and get_origin(hint) is ClassVar:
        return f"- {mark}`{name}`: always `{value!r}`."
    return ""


def _shown(hint: Any) -> str:
    try:
        return linked(type_text(hint, Imports()))
    except AttributeError:
        return linked(str(hint))


def _field_docs(cls: type) -> dict[str, str]:
    """Return the docstrings below the fields of a class, those of its bases included."""
    docs: dict[str, str] = {}
    for base in reversed(cls.__mro__):
        if not base.__module__.startswith("frontdesk"):
            continue
        for name, attribute in source_of(base).attributes.items():
            if attribute.docstring is not None:
                docs[name] = prose(dedent(attribute.docstring.value))
    return docs


def source_of(cls: type) -> griffe.Class:
    """Return a class as it is written, with the docstrings of its attributes."""
    source = _module(cls.__module__)[cls.__qualname__]
    assert isinstance(source, griffe.Class)
    return source


@cache
def _module(name: str) -> griffe.Module:
    """Return a module as it is written; to read the whole package takes ten times as long."""
    path = inspect.getsourcefile(import_module(name))
    assert path is not None
    return griffe.visit(name, filepath=Path(path), code=Path(path).read_text(encoding="utf-8"))
