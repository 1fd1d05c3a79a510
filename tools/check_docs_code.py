"""Check the Python code of README, docs and examples with mypy and pyright, both strict.

The blocks of a page build on each other, so each page becomes one module, with every block on the
lines where the page has it: what a checker reports is where the reader looks. Blocks may repeat
their imports, so that readers can copy one block. A block that follows
``<!-- alone -->`` is a module of its own, and one that follows ``<!-- file: name.py -->`` is the
file of that name, which others import.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
EXAMPLES = sorted((ROOT / "examples").rglob("*.py"))
FENCE = re.compile(r"(?:<!-- (alone|file: \w+\.py) -->\n+)?```python\n(.*?)```", re.DOTALL)

CONFIG = """\
{
  "typeCheckingMode": "strict",
  "reportDuplicateImport": false,
  "pythonVersion": "3.11",
  "venvPath": "%(root)s",
  "venv": ".venv",
  "extraPaths": ["%(root)s/src"]
}
"""


def modules(page: str) -> list[tuple[str, str]]:
    """Return the code of a page: all blocks that build on each other, then those that stand alone.

    Each with the name of its file, empty for those without. Every line of code keeps its number.
    """
    together: list[str] = []
    alone: list[tuple[str, str]] = []
    for block in FENCE.finditer(page):
        if block[1]:
            name = block[1].partition("file: ")[2]
            alone.append((name, "\n" * page.count("\n", 0, block.start(2)) + block[2]))
        else:
            gap = page.count("\n", 0, block.start(2)) - sum(each.count("\n") for each in together)
            together.append("\n" * gap + block[2])
    return [(name, code) for name, code in (("", "".join(together)), *alone) if code]


def write_modules(folder: Path) -> dict[str, str]:
    """Write a module for each unit of code; return their names and where they come from."""
    sources: dict[str, str] = {}
    for page in PAGES:
        shown = str(page.relative_to(ROOT))
        for number, (file, code) in enumerate(modules(page.read_text())):
            name = file or re.sub(r"\W", "_", f"{shown}_{number}") + ".py"
            if name in sources:
                raise ValueError(f"{shown}: {sources[name]} has a file {name} too")
            (folder / name).write_text(code)
            sources[name] = shown
    for example in EXAMPLES:
        # Methods have names that modules of the standard library may have.
        name = f"sample_{example.name}" if example.parent.name == "methods" else example.name
        (folder / name).write_text(example.read_text())
        sources[name] = str(example.relative_to(ROOT))
    return sources


def run(command: list[str], folder: Path, sources: dict[str, str]) -> bool:
    """Run a checker; print what it finds, by page and line. Return whether it found nothing."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    output = done.stdout + done.stderr
    for name, shown in sources.items():
        output = re.sub(
            rf"(?m)^(\s*)({re.escape(str(folder))}/)?{re.escape(name)}(?=:|$)",
            rf"\1{shown}",
            output,
        )
    if done.returncode:
        print(output.strip())
    return done.returncode == 0


def main() -> int:
    tools = Path(sys.executable).parent
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        sources = write_modules(folder)
        (folder / "pyrightconfig.json").write_text(CONFIG % {"root": ROOT})
        mypy = [
            str(tools / "mypy"),
            "--strict",
            "--config-file=",
            f"--cache-dir={ROOT / '.mypy_cache' / 'docs'}",
            *sources,
        ]
        passed = [
            run(mypy, folder, sources),
            run([str(tools / "pyright")], folder, sources),
        ]
    print(f"{len(sources)} units of code in README, docs and examples checked")
    return 0 if all(passed) else 1


if __name__ == "__main__":
    sys.exit(main())
