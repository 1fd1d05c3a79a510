"""The interpreters of this machine that the package is to be tried with."""

import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.release.running import clean_environment

# Debian's Python comes without ensurepip until its package python3-venv is installed.
_PROBE = "import ensurepip, sys, venv; print('.'.join(map(str, sys.version_info[:3])))"
_CLASSIFIER = re.compile(r"Programming Language :: Python :: (3\.\d+)")


@dataclass(frozen=True)
class Python:
    """An interpreter that can make environments; ``version`` is its full one, such as 3.12.1."""

    path: Path
    version: str

    @property
    def minor(self) -> str:
        return ".".join(self.version.split(".")[:2])


def supported(project: dict[str, Any]) -> list[str]:
    """Return the versions that the classifiers of the project name, such as 3.11."""
    matches = (_CLASSIFIER.fullmatch(classifier) for classifier in project["classifiers"])
    return [match[1] for match in matches if match]


def probe(path: Path) -> Python | None:
    """Return the interpreter at a path, or None if it does not run or can make no environment.

    A version manager's shim of a version that is not selected is such a path.
    """
    try:
        ended = subprocess.run(
            [path, "-I", "-c", _PROBE],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            env=clean_environment(),
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    version = ended.stdout.strip()
    return Python(path, version) if re.fullmatch(r"3\.\d+\.\d+", version) else None


def candidates(
    minor: str, path: Sequence[Path], managers: Iterable[Path], current: Path | None = None
) -> Iterator[Path]:
    """Yield where the interpreter of a version may be: here, in the path, at version managers."""
    if current is not None:
        yield current
    for folder in path:
        program = folder / f"python{minor}"
        if program.exists():
            yield program
    for manager in managers:
        # Newer bug fixes first.
        yield from sorted(manager.glob(f"*{minor}.*/bin/python{minor}"), reverse=True)


def _base() -> Path:
    # The environment of this run is no place to make others from; its base is.
    return Path(getattr(sys, "_base_executable", sys.executable))


def find(minor: str) -> Python | None:
    """Return an interpreter of a version such as 3.12, or None if this machine has none."""
    home = Path.home()
    managers = [
        Path(os.environ.get("PYENV_ROOT", home / ".pyenv")) / "versions",
        home / ".local" / "share" / "uv" / "python",
    ]
    folders = [Path(folder) for folder in os.get_exec_path()]
    current = _base() if minor == "{}.{}".format(*sys.version_info) else None
    for path in candidates(minor, folders, managers, current):
        python = probe(path)
        if python is not None and python.minor == minor:
            return python
    return None
