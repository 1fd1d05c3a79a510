"""The pages of the documentation, and the Python code in them."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
_BLOCK = re.compile(r"^( *)```python[^\n]*\n(.*?)^ *```", re.DOTALL | re.MULTILINE)

_FILE = re.compile(r"<!-- file: (\w+\.py) -->\n+```python\n(.*?)```", re.DOTALL)


def files_of(page):
    """Return the code of the files that a page has its readers save, by name."""
    return dict(_FILE.findall(page.read_text()))


def without_files(text):
    """Return a page without these files; what is left keeps its lines."""
    return _FILE.sub(lambda file: "\n" * file[0].count("\n"), text)


def code_of(page):
    """Return the Python blocks of a page."""
    blocks = _BLOCK.findall(page.read_text())
    return [re.sub(rf"^{indent}", "", code, flags=re.MULTILINE) for indent, code in blocks]
