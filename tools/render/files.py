"""Where rendered files lie, and how they are made from templates."""

import subprocess
import sys
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

__all__ = ["DOCS", "ROOT", "SRC", "python_text"]

ROOT = Path(__file__).resolve().parents[2]
SRC = ROOT / "src" / "frontdesk"
DOCS = ROOT / "docs"

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("templates")),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
    autoescape=False,  # Python source, not HTML
)


def python_text(template: str, **values: Any) -> str:
    """Fill in a template of Python source, sort its imports and format it."""
    text = _TEMPLATES.get_template(template).render(**values)
    ruff = [str(Path(sys.executable).with_name("ruff"))]
    config = ["--config", str(ROOT / "pyproject.toml"), "--stdin-filename", "rendered.py", "-"]
    for command in (
        ["check", "--fix", "--quiet", "--select", "I,F401,Q,RUF022"],
        ["format", "--quiet"],
    ):
        text = subprocess.run(
            [*ruff, *command, *config],
            input=text,
            capture_output=True,
            text=True,
            check=True,
            cwd=ROOT,
        ).stdout
    return text
