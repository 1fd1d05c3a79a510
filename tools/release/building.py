"""The source distribution and, from it, the wheel: built twice, to the same bytes."""

import hashlib
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path

from tools.release.running import Failure, run

# Whatever may leak into files when one builds elsewhere: time zone, order of sets, permissions.
_ELSEWHERE = {"TZ": "Pacific/Kiritimati", "PYTHONHASHSEED": "4", "LC_ALL": "C"}
_PRIVATE = 0o077


@dataclass(frozen=True)
class Distributions:
    """What was built from a folder."""

    sdist: Path
    wheel: Path


def build(source: Path, target: Path, *, elsewhere: bool = False) -> Distributions:
    """Build the source distribution of a folder, and the wheel from what it contains.

    The build's requirements are those of this environment, which constraints.txt fixes, so that
    two runs have the same ones.
    """
    run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", target, source],
        cwd=target.parent,
        variables=_ELSEWHERE if elsewhere else {},
        umask=_PRIVATE if elsewhere else -1,
    )
    sdists, wheels = list(target.glob("*.tar.gz")), list(target.glob("*.whl"))
    if len(sdists) != 1 or len(wheels) != 1:
        raise Failure(f"the build made {len(sdists)} source distributions and {len(wheels)} wheels")
    return Distributions(sdists[0], wheels[0])


def build_again(first: Distributions, folder: Path) -> Distributions:
    """Build both from the source distribution, in another folder and under other settings."""
    with tarfile.open(first.sdist) as archive:
        archive.extractall(folder, filter="data")
    (source,) = folder.iterdir()
    target = folder / "again"
    target.mkdir()
    return build(source, target, elsewhere=True)


def differences(first: Distributions, second: Distributions) -> list[str]:
    """Return which of the files are not the same, byte for byte."""
    pairs = [(first.sdist, second.sdist), (first.wheel, second.wheel)]
    return [
        f"{one.name} differs when it is built again from the source distribution"
        for one, other in pairs
        if one.read_bytes() != other.read_bytes()
    ]


def digest(path: Path) -> str:
    """Return the SHA-256 of a file, as package indexes and ``sha256sum`` show it."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
