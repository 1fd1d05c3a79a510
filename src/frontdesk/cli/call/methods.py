"""Which method a name on the command line means.

``send_event`` is the agents' method where agents have one of that name, else that of the
Configuration API, else that of customers. ``customer.send_event`` and ``--api customer`` say which.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final

from frontdesk.actions import ACTIONS, CONFIGURATION_ACTIONS, CUSTOMER_ACTIONS, Action
from frontdesk.errors import InvalidArgument
from frontdesk.grammar import listed
from frontdesk.suggestions import did_you_mean, snake_case

__all__ = ["APIS", "method_of", "names", "shown_name"]

APIS: Final[Mapping[str, Mapping[str, type[Action[Any]]]]] = {
    "agent": ACTIONS,
    "configuration": CONFIGURATION_ACTIONS,
    "customer": CUSTOMER_ACTIONS,
}
"""The methods of each API; a name without an API means that of the first one that has it."""
LONGEST: Final = 60


def names() -> Iterator[str]:
    """Iterate over the shortest name of each method of all APIs."""
    for api, actions in APIS.items():
        for name in actions:
            yield shown_name(actions[name], api)


@cache
def shown_name(action: type[Action[Any]], api: str = "") -> str:
    """Return the shortest name of a method: with its API only where another comes first."""
    api = api or action.spec.api
    first = next(each for each, actions in APIS.items() if action.spec.name in actions)
    return action.spec.name if first == api else f"{api}.{action.spec.name}"


def method_of(text: str, api: str | None = None) -> type[Action[Any]]:
    """Return the method that a name means.

    Args:
        text: the name on the wire, with or without its API; dashes are as good as underscores, and
            the name of the class, such as ``SendEvent``, is understood as well.
        api: the API, where it is given by itself.

    Raises:
        InvalidArgument: There is no such method, or the two name different APIs.
    """
    prefix, dot, rest = text.partition(".")
    if dot and prefix in APIS:
        if api is not None and api != prefix:
            raise InvalidArgument("--api", f"must be {prefix!r} for `{_shown(text)}`, or not given")
        api, text = prefix, rest
    name = snake_case(text).replace("-", "_")
    if api is not None:
        check_api(api)
    for each in [api] if api else APIS:
        if name in APIS[each]:
            return APIS[each][name]
    raise InvalidArgument("", _no_method(text, name, api))


def check_api(api: str) -> None:
    """Raise ``InvalidArgument`` unless there is such an API."""
    if api not in APIS:
        rule = f"must be one of {listed([f'`{each}`' for each in APIS], 'or')}"
        raise InvalidArgument("--api", f"{rule}, not {_shown(api)!r}{did_you_mean(api, APIS)}")


def _no_method(text: str, name: str, api: str | None) -> str:
    """Return what to say of a name that no method has."""
    from frontdesk.clients.names import OTHER_NAMES

    where = "no API" if api is None else f"the API of {NOUNS[api]}"
    missing = f"{where} has {'a' if api is None else 'no'} method `{_shown(text)}`"
    elsewhere = [each for each, actions in APIS.items() if name in actions]
    if elsewhere:
        return f"{missing}; it is a method of {NOUNS[elsewhere[0]]}: `{elsewhere[0]}.{name}`"
    now = OTHER_NAMES.get(name)
    if now in ACTIONS:
        return f"{missing}; it is called `{now}`"
    hint = did_you_mean(
        name, APIS[api] if api else {each for all_ in APIS.values() for each in all_}
    )
    return f"{missing}{hint or '; `frontdesk call --help` lists them'}"


NOUNS: Final = {"agent": "agents", "configuration": "configuration", "customer": "customers"}


def _shown(text: str) -> str:
    return "".join(char if char.isprintable() else " " for char in text)[:LONGEST]
