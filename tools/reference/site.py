"""Every page of the reference that is rendered while the documentation is built."""

import re

from tools.reference import command_line, errors, methods, structures, tables
from tools.reference.fields import structure

__all__ = ["rendered_pages", "with_structures"]

_FIELDS = re.compile(r"^<!-- fields: (frontdesk[\w.]*)\.(\w+)(?: level=(\d))? -->$", re.MULTILINE)


def rendered_pages() -> dict[str, str]:
    """Return the text of each page by its path below ``reference``."""
    return {
        **{f"methods/{path}": text for path, text in methods.pages().items()},
        **{f"models/{path}": text for path, text in structures.model_pages().items()},
        **structures.push_pages(),
        **errors.pages(),
        **command_line.pages(),
        **tables.pages(),
    }


def with_structures(page: str) -> str:
    """Put the section of a structure wherever a page says ``<!-- fields: module.Name -->``."""
    return _FIELDS.sub(lambda mark: structure(mark[1], mark[2], int(mark[3] or 3)), page)
