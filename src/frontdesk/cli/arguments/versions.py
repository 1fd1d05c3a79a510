"""Which version of the API a command calls."""

from typing import Final

from frontdesk.errors import InvalidArgument
from frontdesk.spec.actions import Spec, Version, dotted

__all__ = ["read_version", "usual_version"]

USUAL: Final = (3, 6)


def usual_version(spec: Spec) -> str:
    """Return the version to call a method of: the usual one, unless it lacks the method."""
    if spec.since > USUAL:
        return dotted(spec.since)
    if spec.until is not None and spec.until < USUAL:
        return dotted(spec.until)
    return dotted(USUAL)


def read_version(option: str, text: str) -> Version:
    """Return a version that was given.

    Raises:
        InvalidArgument: It is none; ``field`` is the option.
    """
    major, _, minor = text.removeprefix("v").partition(".")
    if not (major.isdecimal() and minor.isdecimal() and text.isascii()):
        raise InvalidArgument(option, f'must look like "3.6", not {text[:60]!r}')
    return int(major), int(minor)
