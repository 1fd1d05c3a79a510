"""Docstrings as Markdown: a ``::`` that announces a literal block is not shown."""

from typing import Any

import griffe
from tools.reference.fields import prose

__all__ = ["LiteralBlocks"]


class LiteralBlocks(griffe.Extension):
    """An extension of the parser that mkdocstrings uses."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Rewrite the docstring of whatever was read."""
        if obj.docstring is not None:
            obj.docstring.value = prose(obj.docstring.value)
