"""The scopes that clients ask for: never more than the client has, nor the role of the account.

Source: https://platform.text.com/docs/authorization/scopes
"""

from collections.abc import Iterable
from functools import cache
from typing import Final

from frontdesk.errors import InvalidArgument
from frontdesk.sandbox.world.accounts.errors import AuthorizeError
from frontdesk.sandbox.world.staff.roles import ALL_SCOPES, NORMAL_SCOPES
from frontdesk.spec.scopes import covers

__all__ = ["above_role", "check_scopes", "requested", "within_role"]

OWNER_SCOPES: Final = ("organization--my:rw",)
"""What only the owner may have."""


def check_scopes(scopes: Iterable[str]) -> list[str]:
    """Return the scopes that a client is to have, each once.

    Raises:
        InvalidArgument: One does not exist.
    """
    listed = list(dict.fromkeys(scopes))
    for scope in listed:
        if scope not in _reach(ALL_SCOPES):
            raise InvalidArgument("scopes", f"must be scopes that exist, not {scope[:64]!r}")
    return listed


def requested(text: str, own: Iterable[str]) -> list[str]:
    """Return the scopes that an authorization asks for, all of the client's if it names none.

    Args:
        text: Scopes, separated by commas.
        own: What the client has.

    Raises:
        AuthorizeError: The client has not one of them.
    """
    listed = list(dict.fromkeys(scope.strip() for scope in text.split(",") if scope.strip()))
    reachable = _reach(tuple(own))
    for scope in listed:
        if scope not in reachable:
            raise AuthorizeError("invalid_scope", f"`scope`: the client has no `{scope[:64]}`")
    return listed or list(own)


def above_role(role: str, scopes: Iterable[str]) -> list[str]:
    """Return the scopes that an account of a role may not have."""
    within = _within(role)
    return [scope for scope in scopes if scope not in within]


def within_role(role: str, scopes: Iterable[str]) -> list[str]:
    """Return of these scopes what an account of a role may have."""
    granted = {name for scope in scopes for name in covers(scope)}
    if not above_role(role, scopes):
        return list(scopes)
    return sorted(granted & _within(role))


def _within(role: str) -> frozenset[str]:
    if role == "normal":
        return _reach(NORMAL_SCOPES)
    return _reach(ALL_SCOPES) if role == "owner" else _reach(ALL_SCOPES) - _reach(OWNER_SCOPES)


@cache
def _reach(scopes: tuple[str, ...]) -> frozenset[str]:
    return frozenset(name for scope in scopes for name in covers(scope))
