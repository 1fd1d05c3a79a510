"""The page that says how close the sandbox is to LiveChat."""

from pathlib import Path

from tools.render.files import DOCS

from frontdesk.sandbox.describe.fidelity import fidelity_markdown

__all__ = ["files"]


def files() -> dict[Path, str]:
    """Return the text of the page."""
    return {DOCS / "sandbox" / "fidelity.md": fidelity_markdown()}
