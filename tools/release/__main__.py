"""Build what a release publishes, look at it, and try it on every Python of this machine.

``make release`` leaves the source distribution and the wheel in ``dist/`` if all of it works.
Nothing is published: docs/design/releasing.md says how a person does that.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tools import check_release
from tools.release import building, contents, pythons
from tools.release.building import Distributions
from tools.release.report import Report
from tools.release.running import Failure, run
from tools.release.trials import TRIALS, Environment

ROOT = Path(__file__).resolve().parents[2]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="tools.release", description=__doc__)
    parser.add_argument(
        "--python",
        action="append",
        metavar="VERSION",
        help="a version such as 3.12 that must be tried; defaults to those of the classifiers "
        "that this machine has",
    )
    parser.add_argument(
        "--extras",
        nargs="*",
        default=["sandbox", "all"],
        choices=[extra for extra in TRIALS if extra],
        help="what to try besides the base; defaults to all of it",
    )
    parser.add_argument("--dist", type=Path, default=ROOT / "dist", help="where the files go")
    options = parser.parse_args(arguments)
    report = Report()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    with tempfile.TemporaryDirectory(prefix="frontdesk-release-") as folder:
        try:
            built = build(report, Path(folder))
        except Failure as failure:
            report.failed(str(failure), failure.output)
            return report.end()
        look_into(report, built, project)
        try_out(report, built, project, options.python, options.extras, Path(folder))
        if not report.failures:
            keep(built, options.dist)
    before_the_tag(report, project["version"])
    if not report.failures:
        report.heading(f"{options.dist.resolve()}")
        for path in sorted(options.dist.iterdir()):
            report.ok(f"{path.name} {building.digest(path)}")
    return report.end()


def build(report: Report, folder: Path) -> Distributions:
    """Build both distributions twice, and compare them."""
    report.heading("Build")
    first, second = folder / "first", folder / "second"
    first.mkdir()
    second.mkdir()
    built = building.build(ROOT, first)
    again = building.build_again(built, second)
    for path in (built.sdist, built.wheel):
        report.ok(f"{path.name} {path.stat().st_size / 1e6:.1f} MB")
    report.check(
        "the same bytes when built again from the source distribution",
        building.differences(built, again),
    )
    return built


def tracked_files() -> list[str] | None:
    """Return the files that git tracks and that are there, or None without a repository."""
    try:
        ended = subprocess.run(
            ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return [name for name in ended.stdout.split("\0") if name and (ROOT / name).exists()]


def look_into(report: Report, built: Distributions, project: dict[str, Any]) -> None:
    """Check what is in the distributions."""
    report.heading("Contents")
    wheel, sdist = contents.wheel_files(built.wheel), contents.sdist_files(built.sdist)
    data = ", ".join(f"{count} {suffix}" for suffix, count in contents.data_files(wheel).items())
    report.check(
        f"the wheel is the package and nothing else: {len(wheel)} files ({data})",
        contents.wheel_problems(wheel, contents.package_files(ROOT / "src")),
    )
    tracked = tracked_files()
    report.check(
        f"the source distribution has {len(sdist)} files"
        + (", those that git tracks" if tracked is not None else ""),
        contents.sdist_problems(sdist, tracked),
    )
    if tracked is None:
        report.skip("The source distribution was not compared with a repository.")
    for name, files in (("wheel", wheel), ("sdist", sdist)):
        metadata = contents.metadata_of(files)
        report.check(
            f"{name} metadata: {metadata['Version']}, {metadata['License-Expression']}, "
            f"Python {metadata['Requires-Python']}",
            contents.metadata_problems(metadata, project),
        )
    # The wheel's; both have the same text.
    description = contents.description_of(contents.metadata_of(wheel))
    report.check(
        "the README renders as a package index shows it, and its links lead somewhere",
        contents.readme_problems(description, project["version"], project["urls"]["Source"]),
    )
    try:
        run(
            [sys.executable, "-m", "twine", "check", "--strict", built.wheel, built.sdist],
            cwd=ROOT,
        )
        report.ok("twine check --strict")
    except Failure as failure:
        report.failed(str(failure), failure.output)


def try_out(
    report: Report,
    built: Distributions,
    project: dict[str, Any],
    required: Sequence[str] | None,
    extras: Sequence[str],
    folder: Path,
) -> None:
    """Install both distributions on each Python, and use them."""
    for minor in required or pythons.supported(project):
        python = pythons.find(minor)
        if python is None:
            text = f"Python {minor}: this machine has none that can make environments."
            (report.failed if required else report.skip)(text)
            continue
        report.heading(f"Python {python.version}  {python.path}")
        for name, distribution in (("wheel", built.wheel), ("sdist", built.sdist)):
            place = folder / f"{minor}-{name}"
            chosen = ["", *(extra for extra in TRIALS if extra in extras)]
            if name == "sdist" and "all" in chosen:
                # pip makes the same wheel of it, so that a second gigabyte would show nothing new.
                chosen.remove("all")
            try_distribution(report, python.path, place, name, distribution, chosen, project)
            shutil.rmtree(place, ignore_errors=True)
    for extra in TRIALS:
        if extra and extra not in extras:
            report.skip(f"The extra [{extra}].")
    report.skip("Windows and macOS, and anything that needs LiveChat itself.")


def try_distribution(
    report: Report,
    python: Path,
    place: Path,
    name: str,
    distribution: Path,
    extras: Sequence[str],
    project: dict[str, Any],
) -> None:
    """Try a distribution with one set of extras after the other, until one fails."""
    for extra in extras:
        label = f"{name}[{extra}]" if extra else name
        try:
            if not place.exists():
                Environment.make(python, place)
            done = TRIALS[extra](Environment(place), distribution, project["version"])
        except Failure as failure:
            report.failed(f"{label}: {failure}", failure.output)
            return
        report.ok(f"{label}: {done}")


def keep(built: Distributions, dist: Path) -> None:
    """Put the distributions where they are published from, alone."""
    dist.mkdir(parents=True, exist_ok=True)
    for pattern in ("*.whl", "*.tar.gz"):
        for old in dist.glob(pattern):
            old.unlink()
    for path in (built.sdist, built.wheel):
        shutil.copy2(path, dist)


def before_the_tag(report: Report, version: str) -> None:
    """Say what a person still has to do; a build may well come before it."""
    report.heading(f"Before the tag v{version}")
    problems = check_release.problems(f"v{version}", ROOT)
    for problem in problems:
        report.note(problem)
    if not problems:
        report.ok("nothing is missing")


if __name__ == "__main__":
    sys.exit(main())
