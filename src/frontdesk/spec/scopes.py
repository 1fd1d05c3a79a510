"""What scopes contain other scopes."""

from collections.abc import Iterable
from functools import cache

from frontdesk.spec.actions import Scopes

__all__ = ["allows", "covers"]

_CONTAINED = {"all": ("all", "access", "my"), "access": ("access", "my"), "my": ("my",)}
_RIGHTS = {"rw": ("rw", "rc", "ro"), "rc": ("rc", "ro")}
_OF_GROUPS = frozenset({"tags", "canned_responses"})


@cache
def covers(granted: str) -> frozenset[str]:
    """Return the scopes that a scope contains, itself included.

    ``rw`` contains ``ro`` and, of accounts, ``rc``: to read and create. ``--all`` contains
    ``--access`` contains ``--my``; of tags and canned responses it contains ``--groups``.
    Source: https://platform.text.com/docs/authorization/scopes
    """
    name, colon, right = granted.rpartition(":")
    if not colon:
        # Some of the older scopes have no right: `banlist_write`.
        return frozenset({granted})
    rights = _RIGHTS.get(right, (right,))
    resource, dashes, level = name.partition("--")
    if resource != "accounts" and right == "rw":
        rights = ("rw", "ro")
    levels = _CONTAINED.get(level, (level,)) if dashes else ("",)
    if level == "all" and resource in _OF_GROUPS:
        levels = ("all", "groups")
    return frozenset(
        f"{resource}--{lower}:{right}" if dashes else f"{resource}:{right}"
        for lower in levels
        for right in rights
    )


def allows(granted: Iterable[str], scopes: Scopes) -> bool:
    """Return whether a token with these scopes may call a method that asks for those."""
    reach = {name for scope in granted for name in covers(scope)}
    if scopes.every:
        return reach.issuperset(scopes.names)
    return not scopes.names or not reach.isdisjoint(scopes.names)
