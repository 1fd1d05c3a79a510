"""The table of all methods, which readers of the repository have too."""

from pathlib import Path

from tools.reference.methods import table
from tools.render.files import DOCS

__all__ = ["files"]


def files() -> dict[Path, str]:
    """Return the text of the page."""
    return {DOCS / "reference" / "methods" / "index.md": table()}
