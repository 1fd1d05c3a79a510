"""Say whether a tag may become a release, and write its notes: ``check_release.py v0.2.0``.

Needs nothing but Python, so that a workflow can run it before anything is installed.
"""

import argparse
import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UNRELEASED = "There is no release yet"
"""What the README, and pages on which one installs, say until there is one."""


def notes_of(changelog: str, version: str) -> str | None:
    """Return what the changelog says of a version; its heading has the date."""
    heading = rf"^## {re.escape(version)} - \d{{4}}-\d\d-\d\d$"
    match = re.search(rf"{heading}\n(.*?)(?=^## |\Z)", changelog, re.MULTILINE | re.DOTALL)
    return match[1].strip() if match else None


def problems(tag: str, root: Path) -> list[str]:
    """Return what keeps a tag from being a release."""
    version = tag.removeprefix("v")
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    module = (root / "src" / "frontdesk" / "version.py").read_text()
    found: list[str] = []
    if not re.fullmatch(r"v\d+\.\d+\.\d+((a|b|rc)\d+)?", tag):
        found.append(f"the tag must look like v0.2.0, not {tag}")
    if project["version"] != version:
        found.append(f"pyproject.toml has the version {project['version']}")
    if f'__version__ = "{version}"' not in module:
        found.append("src/frontdesk/version.py has another version")
    if not notes_of((root / "CHANGELOG.md").read_text(), version):
        found.append(f"CHANGELOG.md has no section `## {version} - YYYY-MM-DD`, or an empty one")
    if not (root / "docs" / "releases" / f"{version}.md").is_file():
        found.append(f"docs/releases/{version}.md is missing")
    # The page on releasing quotes it.
    pages = [path for path in sorted((root / "docs").rglob("*.md")) if path.stem != "releasing"]
    found += [
        f"{page.relative_to(root).as_posix()} says: {UNRELEASED}"
        for page in (root / "README.md", *pages)
        if UNRELEASED in page.read_text(encoding="utf-8")
    ]
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tag", help="such as v0.2.0")
    parser.add_argument("--notes", type=Path, help="where to write the notes of the release")
    arguments = parser.parse_args()
    found = problems(arguments.tag, ROOT)
    for problem in found:
        print(problem)
    if arguments.notes and not found:
        version = arguments.tag.removeprefix("v")
        arguments.notes.write_text(f"{notes_of((ROOT / 'CHANGELOG.md').read_text(), version)}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
