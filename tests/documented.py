"""What LiveChat documents: copies of its facts and sample payloads, for the tests to compare with.

``tests/spec`` holds the methods, structures, pushes and webhooks as YAML, and the names of the Go
package; ``tests/samples`` the payloads as the documentation prints them. ``tests/samples/own`` are
payloads of our own, for what the documentation does not print.
"""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

SAMPLES = Path(__file__).with_name("samples")
OWN_SAMPLES = SAMPLES / "own"
SPEC = Path(__file__).with_name("spec")
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""Safe, and ten times as fast where PyYAML comes with its library in C."""


@cache
def spec(name: str) -> dict[str, Any]:
    """The content of one file of the specification; not to be changed by tests."""
    text = (SPEC / f"{name}.yaml").read_text(encoding="utf-8")
    content: dict[str, Any] = yaml.load(text, LOADER)
    return content


def samples(folder: str) -> list[Path]:
    """The documented samples of a folder."""
    return _listed(SAMPLES / folder)


def own_samples(folder: str) -> list[Path]:
    """Our own samples of a folder."""
    return _listed(OWN_SAMPLES / folder)


def _listed(folder: Path) -> list[Path]:
    paths = sorted(folder.glob("*.json"))
    assert paths, f"there are no samples in {folder}"
    return paths
