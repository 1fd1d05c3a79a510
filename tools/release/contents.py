"""What the distributions must hold, and what they must not."""

import re
import tarfile
import zipfile
from collections.abc import Collection, Iterable, Mapping
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import EmailPolicy
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath
from typing import Any, Final

from readme_renderer import markdown

PACKAGE: Final = "frontdesk"
_JUNK: Final = re.compile(r"(^|/)(__pycache__|tests?|\.[^/]*cache)/|\.(pyc|pyo|so|orig|rej|swp)$")
_MAX_WHEEL: Final = 5_000_000
"""Bytes; a wheel of twice the size has taken something along."""


def package_files(source: Path) -> dict[str, bytes]:
    """Return the files of the package, as a wheel names them."""
    return {
        path.relative_to(source).as_posix(): path.read_bytes()
        for path in (source / PACKAGE).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def wheel_files(wheel: Path) -> dict[str, bytes]:
    """Return the files of a wheel by their names."""
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def sdist_files(sdist: Path) -> dict[str, bytes]:
    """Return the files of a source distribution by their names within its one folder."""
    files: dict[str, bytes] = {}
    with tarfile.open(sdist) as archive:
        for member in archive:
            content = archive.extractfile(member) if member.isfile() else None
            if content is not None:
                files[PurePosixPath(*PurePosixPath(member.name).parts[1:]).as_posix()] = (
                    content.read()
                )
    return files


def wheel_problems(files: Mapping[str, bytes], expected: Mapping[str, bytes]) -> list[str]:
    """Return what is wrong with the files of a wheel, compared with those of the package."""
    info = {name for name in files if name.partition("/")[0].endswith(".dist-info")}
    modules = files.keys() - info
    problems = [f"the wheel lacks {name}" for name in sorted(expected.keys() - modules)]
    problems += [f"the wheel has {name} in excess" for name in sorted(modules - expected.keys())]
    problems += [
        f"{name} of the wheel is another than that of the package"
        for name in sorted(modules & expected.keys())
        if files[name] != expected[name]
    ]
    problems += [f"{name} is no file for users" for name in sorted(files) if _JUNK.search(name)]
    if f"{PACKAGE}/py.typed" not in files:
        problems.append("the wheel has no py.typed: type checkers would ignore its types")
    needed = ("METADATA", "RECORD", "entry_points.txt", "licenses/LICENSE")
    problems += [
        f"the wheel has no {name}"
        for name in needed
        if not any(path.endswith(f".dist-info/{name}") for path in info)
    ]
    size = sum(map(len, files.values()))
    if size > _MAX_WHEEL * 2:
        problems.append(f"the wheel unpacks to {size / 1e6:.0f} MB")
    return problems


def data_files(files: Iterable[str]) -> dict[str, int]:
    """Count the files of the package that are no Python, by their suffixes."""
    counts: dict[str, int] = {}
    for name in files:
        path = PurePosixPath(name)
        if path.parts[0] == PACKAGE and path.suffix != ".py":
            suffix = path.suffix or path.name
            counts[suffix] = counts.get(suffix, 0) + 1
    return dict(sorted(counts.items()))


def sdist_problems(files: Collection[str], tracked: Collection[str] | None) -> list[str]:
    """Return what is wrong with a source distribution.

    Args:
        files: the names of its files.
        tracked: the files that git tracks, all of which and nothing else it should have; None
            where there is no repository.
    """
    needed = ("LICENSE", "README.md", "CHANGELOG.md", "pyproject.toml", "PKG-INFO")
    problems = [f"the source distribution has no {name}" for name in needed if name not in files]
    if tracked is not None:
        found = set(files) - {"PKG-INFO"}
        problems += [
            f"the source distribution has {name}, which git does not track"
            for name in sorted(found.difference(tracked))
        ]
        problems += [
            f"the source distribution lacks {name}" for name in sorted(set(tracked) - found)
        ]
    return problems


def metadata_of(files: Mapping[str, bytes]) -> EmailMessage:
    """Return the metadata among the files of a wheel or a source distribution."""
    (content,) = (
        text
        for name, text in files.items()
        if name == "PKG-INFO" or name.endswith(".dist-info/METADATA")
    )
    message = BytesParser(policy=EmailPolicy(utf8=True)).parsebytes(content)
    assert isinstance(message, EmailMessage)
    return message


def description_of(metadata: EmailMessage) -> str:
    """Return the README that metadata contain."""
    # They name no character set, without which `get_content` reads no UTF-8.
    payload = metadata.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload.decode()


def metadata_problems(metadata: EmailMessage, project: Mapping[str, Any]) -> list[str]:
    """Return where metadata differ from the project's table in pyproject.toml."""
    expected = {
        "Name": project["name"],
        "Version": project["version"],
        "Summary": project["description"],
        "Requires-Python": project["requires-python"],
        "License-Expression": project["license"],
        "License-File": "LICENSE",
        "Description-Content-Type": "text/markdown",
    }
    problems = [
        f"{name} of the metadata is {metadata[name]!r}, not {value!r}"
        for name, value in expected.items()
        if metadata[name] != value
    ]
    extras = set(metadata.get_all("Provides-Extra", []))
    if extras != set(project["optional-dependencies"]):
        problems.append(f"the metadata have the extras {', '.join(sorted(extras))}")
    return problems


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.targets: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.targets += [value for name, value in attrs if name in {"href", "src"} and value]


def readme_problems(description: str, version: str, repository: str) -> list[str]:
    """Return what a package index would show badly of the README.

    Its links are to lead somewhere from any page, and those to the repository to the tag of the
    version. The index's own renderer is used, which removes what is not safe.
    """
    rendered = markdown.render(description)
    if not rendered:
        return ["the README cannot be rendered by a package index"]
    links = _Links()
    links.feed(rendered)
    problems = [
        f"the README links to {target}, which leads nowhere on a package index"
        for target in links.targets
        if not target.startswith(("https://", "http://", "#", "mailto:"))
    ]
    for target in links.targets:
        below = re.match(rf"{re.escape(repository)}/(?:blob|raw|tree)/([^/]+)/", target)
        if below and below[1] != f"v{version}":
            problems.append(f"the README links to {target}, which is not of v{version}")
    if re.search(r"^\| *-{2,}", description, re.MULTILINE) and "table" not in links.tags:
        problems.append("the tables of the README are not rendered")
    if "pre" not in links.tags:
        problems.append("the README shows no code")
    return problems
